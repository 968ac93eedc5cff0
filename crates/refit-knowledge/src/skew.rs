//! The version-skew policy of Kubernetes, as data.
//!
//! The rules are upstream's. Distributions narrow them; none widens them.
//! In a control plane of several API servers a component must satisfy its rule
//! against each of them that it may talk to, so judge against each.

use crate::files::{Family, Files};
use crate::table::{Error, Schema};
use refit_model::version::Minor;
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
    /// `kubectl`.
    Kubectl,
    /// `kubelet`.
    Kubelet,
}

impl Component {
    /// All of them, by name.
    pub const ALL: [Self; 7] = [
        Self::CloudControllerManager,
        Self::KubeApiserver,
        Self::KubeControllerManager,
        Self::KubeProxy,
        Self::KubeScheduler,
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
    /// How many minors older it may be.
    pub max_older: u16,
    /// How many minors newer it may be.
    pub max_newer: u16,
    /// Where upstream says so.
    pub source: String,
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
}

impl Family for SkewPolicy {
    fn read_from(files: &Files) -> Result<Self, Error> {
        let table = files.table("kubernetes/skew.csv", &SCHEMA)?;
        let components = Component::ALL.map(|component| (component.name(), component));
        let mut rules = Vec::new();
        for record in table.records() {
            let component = record.choice("component", &components, "a component of Kubernetes")?;
            let against = record.choice(
                "against",
                &[
                    ("kube-apiserver", Against::KubeApiserver),
                    ("kubelet", Against::Kubelet),
                    ("previous", Against::Previous),
                ],
                "kube-apiserver, kubelet or previous",
            )?;
            rules.push(SkewRule {
                component,
                against,
                component_from: record.optional("component_from", "a minor")?,
                component_to: record.optional("component_to", "a minor")?,
                max_older: record.value("max_older", "a number")?,
                max_newer: record.value("max_newer", "a number")?,
                source: record.required("source")?.to_owned(),
                notes: record.text("notes").to_owned(),
            });
        }
        Ok(Self { rules })
    }
}

impl SkewPolicy {
    /// All rules.
    #[must_use]
    pub fn rules(&self) -> &[SkewRule] {
        &self.rules
    }

    /// Whether `component` at `minor` is supported with an API server at `apiserver`.
    #[must_use]
    pub fn judge(&self, apiserver: Minor, component: Component, minor: Minor) -> SkewVerdict<'_> {
        self.judge_against(Against::KubeApiserver, apiserver, component, minor)
    }

    /// Whether `component` at `minor` is supported with what `against` names, at
    /// `reference`.
    #[must_use]
    pub fn judge_against(
        &self,
        against: Against,
        reference: Minor,
        component: Component,
        minor: Minor,
    ) -> SkewVerdict<'_> {
        let rule = self.rules.iter().find(|rule| {
            rule.component == component
                && rule.against == against
                && rule.component_from.is_none_or(|from| minor >= from)
                && rule.component_to.is_none_or(|to| minor <= to)
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Knowledge;

    /// Which minors of `component` go with `reference`, written `oldest..newest`.
    #[track_caller]
    fn check(component: Component, against: Against, reference: u16, expected: &str) {
        let policy = Knowledge::embedded().skew();
        let allowed: Vec<u16> = (10..=45)
            .filter(|minor| {
                let verdict = policy.judge_against(
                    against,
                    Minor::new(1, reference),
                    component,
                    Minor::new(1, *minor),
                );
                assert_ne!(verdict, SkewVerdict::NoRule);
                matches!(verdict, SkewVerdict::Allowed(_))
            })
            .collect();
        let found = format!("{}..{}", allowed[0], allowed[allowed.len() - 1]);
        assert_eq!(
            found, expected,
            "{component} against {against} 1.{reference}"
        );
    }

    #[test]
    fn policy() {
        check(
            Component::KubeApiserver,
            Against::KubeApiserver,
            34,
            "33..35",
        );
        check(Component::KubeApiserver, Against::Previous, 34, "34..35");
        check(
            Component::KubeControllerManager,
            Against::KubeApiserver,
            34,
            "33..34",
        );
        check(
            Component::KubeScheduler,
            Against::KubeApiserver,
            34,
            "33..34",
        );
        check(
            Component::CloudControllerManager,
            Against::KubeApiserver,
            34,
            "33..34",
        );
        check(Component::Kubectl, Against::KubeApiserver, 34, "33..35");
        check(Component::Kubelet, Against::KubeApiserver, 34, "31..34");
        check(Component::KubeProxy, Against::KubeApiserver, 34, "31..34");
        check(Component::KubeProxy, Against::Kubelet, 34, "31..37");
    }

    /// The third minor came with 1.28, for kubelets from 1.25 on.
    #[test]
    fn the_third_minor_is_for_components_from_1_25_on() {
        check(Component::Kubelet, Against::KubeApiserver, 28, "25..28");
        check(Component::Kubelet, Against::KubeApiserver, 27, "25..27");
        check(Component::Kubelet, Against::KubeApiserver, 26, "24..26");
        check(Component::KubeProxy, Against::KubeApiserver, 28, "25..28");
        check(Component::KubeProxy, Against::KubeApiserver, 27, "25..27");
        check(Component::KubeProxy, Against::Kubelet, 27, "25..30");
    }

    #[test]
    fn excess_is_counted_from_the_limit() {
        let policy = Knowledge::embedded().skew();
        let judge =
            |minor| policy.judge(Minor::new(1, 34), Component::Kubelet, Minor::new(1, minor));
        assert!(matches!(judge(29), SkewVerdict::TooOld { excess: 2, .. }));
        assert!(matches!(judge(35), SkewVerdict::TooNew { excess: 1, .. }));
        let other_major = policy.judge(Minor::new(2, 0), Component::Kubelet, Minor::new(1, 34));
        assert_eq!(other_major, SkewVerdict::NoRule);
    }
}
