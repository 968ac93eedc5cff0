//! The moves of the control plane and of the nodes, and everything in its order.

use super::landscape::PathRequest;
use refit_knowledge::Knowledge;
use refit_knowledge::skew::{Against, Component, SkewPolicyOf, SkewVerdict};
use refit_model::kubernetes::Distribution;
use refit_model::path::{Because, Blocker, Companion, Mover, PathHop, Reason, UpgradePath, Whose};
use refit_model::plan::Hop;
use refit_model::version::KubeVersion;

/// How far the makers of the distribution go.
pub(super) fn ends(
    request: &PathRequest,
    knowledge: &Knowledge,
    hops: &[Hop],
) -> Option<(usize, Blocker)> {
    if request.distribution != Some(Distribution::CanonicalK8s) {
        return None;
    }
    let known = knowledge.canonical_k8s();
    hops.iter().enumerate().find_map(|(index, hop)| {
        let no_hop = known.hop(&[hop.from.minor()], hop.to.minor()).err()?;
        let newest = known
            .series()
            .filter(|series| series.charm.is_some())
            .last();
        let source = newest.map_or_else(String::new, |series| {
            format!("{} at {}", series.source, series.source_version)
        });
        let blocker = Blocker {
            subject: Mover::ControlPlane,
            at: hop.from.to_string(),
            before: format!("Kubernetes {}", hop.to.minor()),
            whose: Whose::Upstream,
            facts: vec![Because {
                reason: Reason::NotSupported,
                detail: no_hop.to_string(),
                source,
            }],
            remedy: "Wait for the charm of that series.".to_owned(),
        };
        (hop.from.minor() != hop.to.minor()).then_some((index, blocker))
    })
}

/// The moves in their order: what a project has to do at a stop, then the
/// nodes where they would lag too far, then the control plane.
pub(super) fn assemble(
    request: &PathRequest,
    knowledge: &Knowledge,
    hops: &[Hop],
    mut moves: Vec<(usize, PathHop)>,
    companions: Vec<Vec<Companion>>,
    told: &mut UpgradePath,
) {
    // Stable: the moves of one project keep their order.
    moves.sort_by(|(one, a), (other, b)| (one, &a.subject).cmp(&(other, &b.subject)));
    let mut moves = moves.into_iter().peekable();
    let mut kubelet = request
        .oldest_kubelet
        .clone()
        .unwrap_or_else(|| request.from.clone());
    for ((stop, hop), with) in hops.iter().enumerate().zip(companions) {
        while let Some((_, one)) = moves.next_if(|(at, _)| *at <= stop) {
            told.hops.push(one);
        }
        if kubelet < hop.from
            && let Some(because) = lag(request, knowledge, hop, &kubelet)
        {
            told.hops.push(nodes(&kubelet, &hop.from, because));
            kubelet = hop.from.clone();
        }
        told.hops.push(PathHop {
            subject: Mover::ControlPlane,
            from: hop.from.to_string(),
            to: hop.to.to_string(),
            chart: None,
            data_version: None,
            because: next(request, knowledge, hop),
            with,
        });
        if request.distribution == Some(Distribution::CanonicalK8s) {
            let gates = knowledge
                .canonical_k8s()
                .gates(hop.from.minor(), hop.to.minor());
            told.notes.extend(gates.map(|gate| {
                format!(
                    "{} to {}: {} ({})",
                    hop.from.minor(),
                    hop.to.minor(),
                    gate.what,
                    gate.source
                )
            }));
        }
    }
    told.hops.extend(moves.map(|(_, one)| one));
    if let Some(last) = hops.last()
        && kubelet < last.to
    {
        told.hops.push(nodes(
            &kubelet,
            &last.to,
            Because {
                reason: Reason::NodesFollow,
                detail: "the nodes end where the control plane does".to_owned(),
                source: "kubernetes/website content/en/releases/version-skew-policy.md".to_owned(),
            },
        ));
    }
}

/// The rule that the kubelets would break after the hop.
fn lag(
    request: &PathRequest,
    knowledge: &Knowledge,
    hop: &Hop,
    kubelet: &KubeVersion,
) -> Option<Because> {
    let (next, minor) = (hop.to.minor(), kubelet.minor());
    if request.distribution == Some(Distribution::CanonicalK8s) {
        let charm = knowledge.canonical_k8s();
        let refused = charm.hop(&[hop.from.minor(), minor], next).err()?;
        return (hop.from.minor() != next).then(|| Because {
            reason: Reason::NodeSkew,
            detail: refused.to_string(),
            source: "canonical/k8s-operator charms/worker/k8s/src/literals.py".to_owned(),
        });
    }
    match policy(request, knowledge).judge(next, Component::Kubelet, minor) {
        SkewVerdict::TooOld { rule, .. } => Some(Because {
            reason: Reason::NodeSkew,
            detail: format!(
                "kubelets at {minor} are more than {} minors behind {next}",
                rule.max_older
            ),
            source: rule.source.clone(),
        }),
        SkewVerdict::Allowed(_) | SkewVerdict::TooNew { .. } | SkewVerdict::NoRule => None,
    }
}

fn next(request: &PathRequest, knowledge: &Knowledge, hop: &Hop) -> Vec<Because> {
    let (from, to) = (hop.from.minor(), hop.to.minor());
    let release = knowledge.calendar().release(to);
    if from == to {
        return vec![Because {
            reason: Reason::NewestPatch,
            detail: format!("{} is asked for within {to}", hop.to),
            source: release.map_or_else(String::new, |release| release.source.clone()),
        }];
    }
    match policy(request, knowledge).judge_against(
        Against::Previous,
        from,
        Component::KubeApiserver,
        to,
    ) {
        SkewVerdict::Allowed(rule)
        | SkewVerdict::TooNew { rule, .. }
        | SkewVerdict::TooOld { rule, .. } => vec![Because {
            reason: Reason::NextMinor,
            detail: "a control plane goes one minor at a time, to its newest patch".to_owned(),
            source: rule.source.clone(),
        }],
        SkewVerdict::NoRule => Vec::new(),
    }
}

fn nodes(from: &KubeVersion, to: &KubeVersion, because: Because) -> PathHop {
    PathHop {
        subject: Mover::Nodes,
        from: from.to_string(),
        to: to.to_string(),
        chart: None,
        data_version: None,
        because: vec![because],
        with: Vec::new(),
    }
}

fn policy<'k>(request: &PathRequest, knowledge: &'k Knowledge) -> SkewPolicyOf<'k> {
    let distribution = request.distribution.map(|of| of.to_string());
    knowledge.skew().of(distribution.as_deref())
}
