//! The verification: whether what a plan promises was observed.

use crate::condition::{Condition, Judgement, judge, judge_all};
use crate::hash::ContentHash;
use crate::kubernetes::{ComponentKind, Cordon, Kubernetes};
use crate::name::StepId;
use crate::plan::{Hop, UpgradePlan};
use crate::seen::Unseen;
use crate::snapshot::Snapshot;
use crate::step::StepKind;
use crate::version::KubeVersion;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was observed after a run, against what the plan promises.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Verification {
    /// The version of this format.
    pub api_version: String,
    /// Always `Verification`.
    pub kind: VerificationKind,
    /// The plan.
    pub plan: ContentHash,
    /// When it was observed.
    pub observed_at: jiff::Timestamp,
    /// Each promise, and what was seen.
    pub claims: Vec<Claim>,
}

/// The `kind` of a verification file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum VerificationKind {
    /// The only one.
    #[default]
    Verification,
}

/// One promise, and what was seen of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Claim {
    /// The step that promises it; absent for promises of the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// The promise.
    pub claim: String,
    /// Whether it was seen to hold.
    pub result: ClaimResult,
    /// What was seen.
    pub because: String,
}

/// How a promise stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimResult {
    /// It was seen to hold.
    Holds,
    /// It was seen not to hold.
    Fails,
    /// It could not be seen, which is not success.
    Unseen,
}

/// Holds what was observed after a run of `plan` against what it promises.
///
/// The promises are the ends of the plan's own `verify` steps, and those that
/// every upgrade makes: every API server, every component, every kubelet and
/// every unit at the hop's release, no cordon of ours left behind, and what was
/// served before is served again. `before` is the snapshot that the plan was
/// made from; what was amiss there is not the upgrade's doing.
#[must_use]
pub fn verify(plan: &UpgradePlan, before: &Snapshot, after: &Snapshot) -> Verification {
    let mut claims = Vec::new();
    for (_, step) in plan.steps() {
        if step.kind == StepKind::Verify && !step.reaches.is_empty() {
            let judgement = judge_all(&step.reaches, after);
            claims.push(claim(Some(step.id.clone()), step.title.clone(), judgement));
        }
    }
    // A project's plan promises what its own steps say, and nothing of Kubernetes.
    let hop = plan.spec.goal.kubernetes();
    if let (Some(was), Some(Hop { to, .. })) = (&before.kubernetes, hop) {
        cluster_claims(was, after, to, &mut claims);
    }
    if let (Some(was), Some(Hop { to, .. })) = (&before.juju, hop) {
        for (name, application) in &was.applications.items {
            // The charms that carry Kubernetes; others have releases of their own.
            if matches!(application.charm.as_str(), "k8s" | "k8s-worker") {
                let at = Condition::UnitsAt {
                    application: name.clone(),
                    version: to.clone(),
                };
                let settled = Condition::ApplicationSettled(name.clone());
                claims.push(claim(
                    None,
                    format!("every unit of {name} runs {to} and is at rest"),
                    judge_all(&[at, settled], after),
                ));
            }
        }
    }
    Verification {
        api_version: crate::API_VERSION.to_owned(),
        kind: VerificationKind::Verification,
        plan: plan.content_hash.clone(),
        observed_at: after.taken_at,
        claims,
    }
}

fn claim(step: Option<StepId>, claim: String, judgement: Judgement) -> Claim {
    let (result, because) = match judgement {
        Judgement::Holds(why) => (ClaimResult::Holds, why),
        Judgement::Fails(why) => (ClaimResult::Fails, why),
        Judgement::Unknown(why) => (ClaimResult::Unseen, why),
    };
    Claim {
        step,
        claim,
        result,
        because,
    }
}

fn cluster_claims(was: &Kubernetes, after: &Snapshot, to: &KubeVersion, claims: &mut Vec<Claim>) {
    claims.push(claim(
        None,
        format!("every API server runs {to}"),
        judge(&Condition::ServersAt(to.clone()), after),
    ));
    let hosts: std::collections::BTreeSet<_> = was
        .components
        .items
        .keys()
        .filter(|key| key.kind == ComponentKind::KubeApiserver)
        .map(|key| key.node.clone())
        .collect();
    let components: Vec<_> = hosts
        .into_iter()
        .map(|node| Condition::ComponentsAt {
            node,
            version: to.clone(),
        })
        .collect();
    if !components.is_empty() {
        claims.push(claim(
            None,
            format!("every component of the control plane runs {to}"),
            judge_all(&components, after),
        ));
    }
    claims.push(claim(
        None,
        "every component of the control plane is ready".to_owned(),
        judge(&Condition::ControlPlaneReady, after),
    ));
    let seen = after.kubernetes.as_ref();
    claims.push(claim(
        None,
        format!("every kubelet is {to}"),
        kubelets_at(seen, to),
    ));
    claims.push(claim(
        None,
        "no node is left cordoned by us".to_owned(),
        nothing_cordoned(seen),
    ));
    let except = was
        .nodes
        .items
        .iter()
        .filter(|(_, node)| node.ready.get() == Some(&false))
        .map(|(name, _)| name.clone())
        .collect();
    claims.push(claim(
        None,
        "every node that was ready is ready".to_owned(),
        judge(&Condition::NodesReady { except }, after),
    ));
    claims.push(claim(
        None,
        "every workload that had its pods has them".to_owned(),
        served_again(was, seen),
    ));
}

/// All nodes, when none can be missing.
fn all_nodes(
    seen: Option<&Kubernetes>,
) -> Result<&std::collections::BTreeMap<crate::name::NodeName, crate::kubernetes::Node>, Judgement>
{
    seen.ok_or(Unseen::NotAsked)
        .and_then(|seen| seen.nodes.complete())
        .map_err(|why| Judgement::Unknown(format!("the nodes are not known: {why}")))
}

fn kubelets_at(seen: Option<&Kubernetes>, to: &KubeVersion) -> Judgement {
    let nodes = match all_nodes(seen) {
        Ok(nodes) => nodes,
        Err(unknown) => return unknown,
    };
    let mut unknown = None;
    for (name, node) in nodes {
        match node.kubelet.known() {
            Ok(found) if found == to => {}
            Ok(found) => return Judgement::Fails(format!("the kubelet on {name} is {found}")),
            Err(why) => {
                unknown = unknown.or(Some(Judgement::Unknown(format!(
                    "the kubelet version on {name} is not known: {why}"
                ))));
            }
        }
    }
    unknown.unwrap_or_else(|| Judgement::Holds(format!("all {} kubelets are {to}", nodes.len())))
}

fn nothing_cordoned(seen: Option<&Kubernetes>) -> Judgement {
    let nodes = match all_nodes(seen) {
        Ok(nodes) => nodes,
        Err(unknown) => return unknown,
    };
    let mut unknown = None;
    for (name, node) in nodes {
        match node.cordon.known() {
            Ok(Cordon::Open | Cordon::Theirs) => {}
            Ok(Cordon::Ours) => {
                return Judgement::Fails(format!("node {name} is still cordoned by us"));
            }
            Err(why) => {
                unknown = unknown.or(Some(Judgement::Unknown(format!(
                    "the cordon of {name} is not known: {why}"
                ))));
            }
        }
    }
    unknown.unwrap_or_else(|| Judgement::Holds("no cordon of ours is left".to_owned()))
}

/// Whether every workload that had its pods has them again. One that is gone by
/// now was taken away by somebody else; a Deployment's old ReplicaSets come and go.
fn served_again(was: &Kubernetes, seen: Option<&Kubernetes>) -> Judgement {
    let now = match seen
        .ok_or(Unseen::NotAsked)
        .and_then(|seen| seen.workloads.complete())
    {
        Ok(workloads) => workloads,
        Err(why) => return Judgement::Unknown(format!("the workloads are not known: {why}")),
    };
    let (mut checked, mut unknown) = (0_usize, None);
    for (key, before) in &was.workloads.items {
        let (Some(wanted), Some(ready)) = (before.replicas, before.ready.get()) else {
            continue;
        };
        let Some(after) = now.get(key) else {
            continue;
        };
        if *ready < wanted {
            continue;
        }
        // Somebody may have scaled it meanwhile.
        let wanted = after.replicas.unwrap_or(wanted);
        checked += 1;
        match after.ready.known() {
            Ok(ready) if *ready >= wanted => {}
            Ok(ready) => {
                return Judgement::Fails(format!("{key} has {ready} of {wanted} pods ready"));
            }
            Err(why) => {
                unknown = unknown.or(Some(Judgement::Unknown(format!(
                    "how many pods of {key} are ready is not known: {why}"
                ))));
            }
        }
    }
    unknown.unwrap_or_else(|| Judgement::Holds(format!("{checked} workloads have their pods")))
}

impl Verification {
    /// What was not seen to hold, one sentence each: empty exactly when it holds.
    #[must_use]
    pub fn broken(&self) -> Vec<String> {
        if self.claims.is_empty() {
            return vec!["the plan promises nothing that was observed".to_owned()];
        }
        self.claims
            .iter()
            .filter(|claim| claim.result != ClaimResult::Holds)
            .map(|claim| format!("{}: {}", claim.claim, claim.because))
            .collect()
    }

    /// Whether every promise was seen to hold.
    #[must_use]
    pub fn holds(&self) -> bool {
        !self.claims.is_empty()
            && self
                .claims
                .iter()
                .all(|claim| claim.result == ClaimResult::Holds)
    }
}
