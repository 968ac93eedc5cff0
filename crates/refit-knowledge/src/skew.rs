//! The version-skew policy of Kubernetes, as data.
//!
//! The rules are upstream's, and those that distributions add. Distributions
//! narrow the policy and never widen it, so a pair has to satisfy both.
//! In a control plane of several API servers a component must satisfy its rule
//! against each of them that it may talk to, so judge against each.

use crate::files::{Family, Files};
use crate::table::{Error, Record, Schema};
use refit_model::version::Minor;
use std::collections::BTreeMap;
use std::fmt;

/// The columns of `kubernetes/skew.csv`.
pub const SCHEMA: Schema = Schema {
    format: "refit-knowledge/skew/1",
    columns: &[
        "component",
        "against",
        "component_from",
        "component_to",
        "max_older",
        "max_newer",
        "source",
        "notes",
    ],
    key: 3,
};

/// Where the rules of distributions are.
pub const DISTRIBUTIONS_FILE: &str = "kubernetes/skew-distributions.csv";

/// The columns of [`DISTRIBUTIONS_FILE`].
pub const DISTRIBUTIONS: Schema = Schema {
    format: "refit-knowledge/skew-distributions/1",
    columns: &[
        "distribution",
        "component",
        "against",
        "against_from",
        "against_to",
        "max_older",
        "max_newer",
        "source",
        "source_version",
        "notes",
    ],
    key: 4,
};

/// The columns of `second-sources/kubeadm-skew.csv`: what the source of kubeadm
/// itself allows, minor by minor. It is not embedded.
pub const KUBEADM: Schema = Schema {
    format: "refit-knowledge/second-source-kubeadm/1",
    columns: &[
        "minor",
        "version",
        "control_plane_older",
        "kubelet_older",
        "upgrade",
        "upgrade_kubelet_older",
    ],
    key: 1,
};

/// What the policy speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Component {
    /// `cloud-controller-manager`.
    CloudControllerManager,
    /// `kube-apiserver`.
    KubeApiserver,
    /// `kube-controller-manager`.
    KubeControllerManager,
    /// `kube-proxy`.
    KubeProxy,
    /// `kube-scheduler`.
    KubeScheduler,
    /// `kubeadm`, against the control plane that it deploys.
    Kubeadm,
    /// `kubectl`.
    Kubectl,
    /// `kubelet`.
    Kubelet,
}

impl Component {
    /// All of them, by name.
    pub const ALL: [Self; 8] = [
        Self::CloudControllerManager,
        Self::KubeApiserver,
        Self::KubeControllerManager,
        Self::KubeProxy,
        Self::KubeScheduler,
        Self::Kubeadm,
        Self::Kubectl,
        Self::Kubelet,
    ];

    /// The name of the program.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CloudControllerManager => "cloud-controller-manager",
            Self::KubeApiserver => "kube-apiserver",
            Self::KubeControllerManager => "kube-controller-manager",
            Self::KubeProxy => "kube-proxy",
            Self::KubeScheduler => "kube-scheduler",
            Self::Kubeadm => "kubeadm",
            Self::Kubectl => "kubectl",
            Self::Kubelet => "kubelet",
        }
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a component is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Against {
    /// An API server that it talks to; for an API server, another one.
    KubeApiserver,
    /// The kubelet on the same node.
    Kubelet,
    /// What it ran before: how far one upgrade may go.
    Previous,
}

impl fmt::Display for Against {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KubeApiserver => "kube-apiserver",
            Self::Kubelet => "kubelet",
            Self::Previous => "previous",
        })
    }
}

/// One rule of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkewRule {
    /// Whose version is judged.
    pub component: Component,
    /// What it is compared with.
    pub against: Against,
    /// The rule is for components from this minor on, where there is a first.
    pub component_from: Option<Minor>,
    /// The rule is for components up to this minor, where there is a last.
    pub component_to: Option<Minor>,
    /// The rule is for what it is compared with from this minor on, where there is
    /// a first.
    pub against_from: Option<Minor>,
    /// The rule is for what it is compared with up to this minor, where there is a
    /// last.
    pub against_to: Option<Minor>,
    /// How many minors older it may be.
    pub max_older: u16,
    /// How many minors newer it may be.
    pub max_newer: u16,
    /// Where that is said.
    pub source: String,
    /// The commit or versions that it was read at; empty where the file's header
    /// has it.
    pub source_version: String,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

/// What the policy says about one component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkewVerdict<'p> {
    /// Supported together.
    Allowed(&'p SkewRule),
    /// The component lags too far behind.
    TooOld {
        /// The rule it breaks.
        rule: &'p SkewRule,
        /// By how many minors too many.
        excess: u32,
    },
    /// The component is too far ahead.
    TooNew {
        /// The rule it breaks.
        rule: &'p SkewRule,
        /// By how many minors too many.
        excess: u32,
    },
    /// The policy does not speak of this pair.
    NoRule,
}

/// The policy.
#[derive(Clone, Debug)]
pub struct SkewPolicy {
    rules: Vec<SkewRule>,
    distributions: BTreeMap<String, Vec<SkewRule>>,
}

/// The policy as it holds for one cluster: upstream's, and what the distribution
/// adds, where it is known which one it is.
#[derive(Clone, Copy, Debug)]
pub struct SkewPolicyOf<'p> {
    policy: &'p SkewPolicy,
    own: &'p [SkewRule],
}

impl Family for SkewPolicy {
    fn read_from(files: &Files) -> Result<Self, Error> {
        let table = files.table("kubernetes/skew.csv", &SCHEMA)?;
        let mut rules = Vec::new();
        for record in table.records() {
            rules.push(rule(&record)?);
        }
        let mut distributions: BTreeMap<String, Vec<SkewRule>> = BTreeMap::new();
        for record in files.table(DISTRIBUTIONS_FILE, &DISTRIBUTIONS)?.records() {
            distributions
                .entry(record.required("distribution")?.to_owned())
                .or_default()
                .push(rule(&record)?);
        }
        Ok(Self {
            rules,
            distributions,
        })
    }
}

/// One rule of either file; a column that the file does not have is empty.
fn rule(record: &Record<'_>) -> Result<SkewRule, Error> {
    let components = Component::ALL.map(|component| (component.name(), component));
    Ok(SkewRule {
        component: record.choice("component", &components, "a component of Kubernetes")?,
        against: record.choice(
            "against",
            &[
                ("kube-apiserver", Against::KubeApiserver),
                ("kubelet", Against::Kubelet),
                ("previous", Against::Previous),
            ],
            "kube-apiserver, kubelet or previous",
        )?,
        component_from: record.optional("component_from", "a minor")?,
        component_to: record.optional("component_to", "a minor")?,
        against_from: record.optional("against_from", "a minor")?,
        against_to: record.optional("against_to", "a minor")?,
        max_older: record.value("max_older", "a number")?,
        max_newer: record.value("max_newer", "a number")?,
        source: record.required("source")?.to_owned(),
        source_version: record.text("source_version").to_owned(),
        notes: record.text("notes").to_owned(),
    })
}

impl SkewPolicy {
    /// All rules of upstream.
    #[must_use]
    pub fn rules(&self) -> &[SkewRule] {
        &self.rules
    }

    /// The distributions that add rules, with these.
    pub fn distributions(&self) -> impl Iterator<Item = (&str, &[SkewRule])> {
        self.distributions
            .iter()
            .map(|(name, rules)| (name.as_str(), rules.as_slice()))
    }

    /// The policy for a cluster of the distribution called `name`, such as `eks`;
    /// upstream's alone where it is not known, or adds nothing.
    #[must_use]
    pub fn of(&self, name: Option<&str>) -> SkewPolicyOf<'_> {
        SkewPolicyOf {
            policy: self,
            own: name
                .and_then(|name| self.distributions.get(name))
                .map_or(&[], Vec::as_slice),
        }
    }

    /// Whether `component` at `minor` is supported by upstream with an API server
    /// at `apiserver`.
    #[must_use]
    pub fn judge(&self, apiserver: Minor, component: Component, minor: Minor) -> SkewVerdict<'_> {
        self.judge_against(Against::KubeApiserver, apiserver, component, minor)
    }

    /// Whether `component` at `minor` is supported by upstream with what `against`
    /// names, at `reference`.
    #[must_use]
    pub fn judge_against(
        &self,
        against: Against,
        reference: Minor,
        component: Component,
        minor: Minor,
    ) -> SkewVerdict<'_> {
        verdict(&self.rules, against, reference, component, minor)
    }
}

impl<'p> SkewPolicyOf<'p> {
    /// Whether `component` at `minor` is supported with an API server at `apiserver`.
    #[must_use]
    pub fn judge(self, apiserver: Minor, component: Component, minor: Minor) -> SkewVerdict<'p> {
        self.judge_against(Against::KubeApiserver, apiserver, component, minor)
    }

    /// Whether `component` at `minor` is supported with what `against` names, at
    /// `reference`. What the distribution refuses comes before what upstream says.
    #[must_use]
    pub fn judge_against(
        self,
        against: Against,
        reference: Minor,
        component: Component,
        minor: Minor,
    ) -> SkewVerdict<'p> {
        let own = verdict(self.own, against, reference, component, minor);
        let upstream = self
            .policy
            .judge_against(against, reference, component, minor);
        match (&own, &upstream) {
            (SkewVerdict::TooOld { .. } | SkewVerdict::TooNew { .. }, _)
            | (SkewVerdict::Allowed(_), SkewVerdict::Allowed(_) | SkewVerdict::NoRule) => own,
            (SkewVerdict::Allowed(_) | SkewVerdict::NoRule, _) => upstream,
        }
    }
}

fn verdict(
    rules: &[SkewRule],
    against: Against,
    reference: Minor,
    component: Component,
    minor: Minor,
) -> SkewVerdict<'_> {
    let within = |minor: Minor, from: Option<Minor>, to: Option<Minor>| {
        from.is_none_or(|from| minor >= from) && to.is_none_or(|to| minor <= to)
    };
    let rule = rules.iter().find(|rule| {
        rule.component == component
            && rule.against == against
            && within(minor, rule.component_from, rule.component_to)
            && within(reference, rule.against_from, rule.against_to)
    });
    let (Some(rule), Some(ahead)) = (rule, minor.ahead_of(reference)) else {
        return SkewVerdict::NoRule;
    };
    let distance = ahead.unsigned_abs();
    if ahead < 0 {
        match distance.checked_sub(u32::from(rule.max_older)) {
            Some(excess) if excess > 0 => SkewVerdict::TooOld { rule, excess },
            Some(_) | None => SkewVerdict::Allowed(rule),
        }
    } else {
        match distance.checked_sub(u32::from(rule.max_newer)) {
            Some(excess) if excess > 0 => SkewVerdict::TooNew { rule, excess },
            Some(_) | None => SkewVerdict::Allowed(rule),
        }
    }
}

#[cfg(test)]
mod tests;
