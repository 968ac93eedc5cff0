//! What every family of findings looks at: the arguments of an assessment, and
//! what is worked out of them once.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use refit_knowledge::Knowledge;
use refit_knowledge::skew::SkewPolicyOf;
use refit_model::assessment::{Evidence, Finding};
use refit_model::kubernetes::{ComponentKind, Kubernetes, Pod};
use refit_model::name::{Key, Namespace};
use refit_model::object::{ApiUse, EvidenceTier};
use refit_model::seen::{Extent, Unseen};
use refit_model::snapshot::{Area, Gap, Snapshot};
use refit_model::version::{KubeVersion, Minor, TargetVersion};
use std::collections::BTreeMap;

/// What one family has to say.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// What the landscape has.
    pub(crate) findings: Vec<Finding>,
    /// What could not be judged.
    pub(crate) gaps: Vec<Gap>,
}

impl Found {
    /// Takes over what another family has to say.
    pub(crate) fn extend(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.gaps.extend(other.gaps);
    }
}

/// What a snapshot is a snapshot of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extract {
    /// A cluster or a landscape, whether live or dumped: what was not seen of it
    /// is missing.
    Cluster,
    /// Manifests in files: there are no nodes to see.
    Manifests,
}

/// The arguments of an assessment, and what is worked out of them once.
pub(crate) struct Scene<'s> {
    /// What was observed.
    pub(crate) snapshot: &'s Snapshot,
    /// What is known.
    pub(crate) knowledge: &'s Knowledge,
    /// What is aimed at.
    pub(crate) target: &'s TargetVersion,
    /// The day that counts as the present, in UTC.
    pub(crate) today: Date,
    /// The oldest API server, since it decides what the next hop is.
    pub(crate) from: Option<KubeVersion>,
    /// What the snapshot is of.
    pub(crate) extract: Extract,
    places: BTreeMap<(&'s str, &'s str, &'s Key), &'s ApiUse>,
}

/// The kinds that findings other than those about APIs are about, by group.
const PLACED: [(&str, &str); 11] = [
    ("", "Node"),
    ("", "Pod"),
    (
        "admissionregistration.k8s.io",
        "MutatingWebhookConfiguration",
    ),
    (
        "admissionregistration.k8s.io",
        "ValidatingWebhookConfiguration",
    ),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("apiregistration.k8s.io", "APIService"),
    ("apps", "DaemonSet"),
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("policy", "PodDisruptionBudget"),
    ("", "Service"),
];

impl<'s> Scene<'s> {
    /// The scene of one assessment.
    pub(crate) fn new(
        snapshot: &'s Snapshot,
        knowledge: &'s Knowledge,
        target: &'s TargetVersion,
        now: Timestamp,
    ) -> Self {
        let kubernetes = snapshot.kubernetes.as_ref();
        let mut places: BTreeMap<_, &ApiUse> = BTreeMap::new();
        for used in kubernetes.into_iter().flat_map(|side| &side.api_uses) {
            let (group, kind) = (used.api.group.as_str(), used.api.kind.as_str());
            if used.location.is_none() || !PLACED.contains(&(group, kind)) {
                continue;
            }
            places
                .entry((group, kind, &used.object))
                .and_modify(|best| {
                    let rank = |used: &'s ApiUse| (std::cmp::Reverse(used.tier), &used.location);
                    if rank(used) < rank(best) {
                        *best = used;
                    }
                })
                .or_insert(used);
        }
        Self {
            snapshot,
            knowledge,
            target,
            today: now.to_zoned(TimeZone::UTC).date(),
            from: kubernetes.and_then(oldest_api_server),
            extract: extract(snapshot),
            places,
        }
    }

    /// The Kubernetes side, if anybody looked at it.
    pub(crate) const fn kubernetes(&self) -> Option<&'s Kubernetes> {
        self.snapshot.kubernetes.as_ref()
    }

    /// The name of the distribution, if it was seen who built the cluster.
    pub(crate) fn distribution(&self) -> Option<String> {
        Some(self.kubernetes()?.distribution.get()?.to_string())
    }

    /// The version-skew policy as it holds for this cluster.
    pub(crate) fn skew(&self) -> SkewPolicyOf<'s> {
        self.knowledge.skew().of(self.distribution().as_deref())
    }

    /// The minors after the present one up to the target, in order; only the
    /// target where the present is not known.
    pub(crate) fn hops(&self) -> Vec<Minor> {
        self.from.as_ref().map_or_else(
            || vec![self.target.minor()],
            |from| from.minor().up_to(self.target.minor()).collect(),
        )
    }

    /// The evidence that was read in an object, with its place where there is one.
    pub(crate) fn evidence(&self, group: &str, kind: &str, key: &Key, detail: String) -> Evidence {
        // A manifest may leave its namespace to whoever applies it.
        let as_written = || {
            let namespace = key.namespace.as_ref()?;
            let bare = Key {
                namespace: None,
                name: key.name.clone(),
            };
            (namespace.as_str() == "default").then_some(bare)
        };
        let place = self.places.get(&(group, kind, key)).copied().or_else(|| {
            let bare = as_written()?;
            self.places.get(&(group, kind, &bare)).copied()
        });
        Evidence {
            tier: place.map_or(self.own_tier(), |used| used.tier),
            source: String::new(),
            location: place.and_then(|used| used.location.clone()),
            detail,
        }
    }

    /// Evidence that was read in the landscape and stands in no single object.
    pub(crate) fn seen(&self, detail: String) -> Evidence {
        Evidence {
            tier: self.own_tier(),
            source: String::new(),
            location: None,
            detail,
        }
    }

    const fn own_tier(&self) -> EvidenceTier {
        match self.extract {
            Extract::Cluster => EvidenceTier::LiveObject,
            Extract::Manifests => EvidenceTier::Manifest,
        }
    }
}

/// A pod of the snapshot with its key.
pub(crate) type Named<'s> = (&'s Key, &'s Pod);

/// The pods of the namespaces that these keys are in: one walk over all pods,
/// however many budgets or webhooks ask for theirs.
pub(crate) fn pods_beside<'s>(
    kubernetes: &'s Kubernetes,
    keys: impl Iterator<Item = &'s Key>,
) -> BTreeMap<&'s Namespace, Vec<Named<'s>>> {
    let mut pods: BTreeMap<&Namespace, Vec<Named<'_>>> = keys
        .filter_map(|key| Some((key.namespace.as_ref()?, Vec::new())))
        .collect();
    for (key, pod) in &kubernetes.pods.items {
        if let Some(namespace) = &key.namespace
            && let Some(pods) = pods.get_mut(namespace)
        {
            pods.push((key, pod));
        }
    }
    pods
}

/// A gap of the assessment's own.
pub(crate) fn gap(area: Area, what: impl Into<String>, why: Unseen, command: &str) -> Gap {
    Gap {
        area,
        what: what.into(),
        why,
        command: (!command.is_empty()).then(|| command.to_owned()),
    }
}

/// Every version of an API server that was seen.
pub(crate) fn api_servers(kubernetes: &Kubernetes) -> Vec<&KubeVersion> {
    kubernetes
        .components
        .items
        .iter()
        .filter(|(key, _)| key.kind == ComponentKind::KubeApiserver)
        .filter_map(|(_, component)| component.version.get())
        .chain(kubernetes.server.get())
        .collect()
}

pub(crate) fn oldest_api_server(kubernetes: &Kubernetes) -> Option<KubeVersion> {
    api_servers(kubernetes).into_iter().min().cloned()
}

/// Manifests in files show by what they cannot have: no server answered, no node
/// and no placed pod was seen, nothing was read from a server, and nobody was
/// refused anything. Annotations and managed fields are no sign of a server:
/// whoever exports an object and keeps it as a manifest keeps these.
pub(crate) fn extract(snapshot: &Snapshot) -> Extract {
    let Some(side) = &snapshot.kubernetes else {
        return Extract::Cluster;
    };
    fn untold<By>(extent: &Extent<By>) -> bool {
        matches!(extent, Extent::Part(Unseen::NotInSource | Unseen::NotAsked))
    }
    let manifests = snapshot.juju.is_none()
        && side.server.get().is_none()
        && side.components.items.is_empty()
        && untold(&side.components.extent)
        && side.nodes.items.is_empty()
        && untold(&side.nodes.extent)
        && untold(&side.pods.extent)
        && side.pods.items.values().all(|pod| pod.node.is_none())
        && side.api_uses.iter().all(|used| match used.tier {
            EvidenceTier::LiveObject | EvidenceTier::ServerWarning => false,
            EvidenceTier::Manifest
            | EvidenceTier::HelmManifest
            | EvidenceTier::LastApplied
            | EvidenceTier::ManagedFields
            | EvidenceTier::OvertakenAnnotation => true,
        });
    if manifests {
        Extract::Manifests
    } else {
        Extract::Cluster
    }
}
