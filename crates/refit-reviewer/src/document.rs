//! Whether the plan is the one that was made, for this landscape, and whether
//! its hop is one that Kubernetes allows.

use crate::codes;
use crate::pen::Pen;
use refit_knowledge::Knowledge;
use refit_knowledge::skew::{Against, Component, SkewVerdict};
use refit_model::fingerprint::Drift;
use refit_model::kubernetes::ComponentKind;
use refit_model::plan::{Goal, Hop, UpgradePlan};
use refit_model::snapshot::Snapshot;
use refit_model::version::{KubeVersion, TargetVersion};

pub(crate) fn look(plan: &UpgradePlan, snapshot: &Snapshot, knowledge: &Knowledge, pen: &mut Pen) {
    if !matches!(plan.is_intact(), Ok(true)) {
        pen.fatal(
            &codes::EDITED,
            None,
            "the content of the plan does not match its hash",
        );
    }
    if plan.spec.cluster.id != snapshot.cluster.id {
        pen.fatal(
            &codes::OTHER_CLUSTER,
            None,
            format!(
                "the plan is for {}, and this is {}",
                plan.spec.cluster, snapshot.cluster
            ),
        );
    }
    match Drift::of(snapshot, &plan.spec.made_from.fingerprint) {
        Ok(drift) => {
            if !drift.moved.is_empty() {
                pen.fatal(
                    &codes::STALE,
                    None,
                    format!(
                        "since the plan was made these have moved: {}",
                        drift.moved.join(", ")
                    ),
                );
            }
            if !drift.unseen.is_empty() {
                pen.fatal(
                    &codes::CANNOT_JUDGE,
                    None,
                    format!(
                        "the plan was made from more than is in view now, which lacks {}",
                        drift.unseen_in_words()
                    ),
                );
            }
        }
        Err(error) => pen.fatal(
            &codes::CANNOT_JUDGE,
            None,
            format!("the snapshot has no fingerprint: {error}"),
        ),
    }
    if plan.spec.made_from.knowledge != knowledge.version() {
        pen.caution(
            &codes::OTHER_KNOWLEDGE,
            None,
            format!(
                "the plan was made with knowledge {}, and is reviewed with {}",
                plan.spec.made_from.knowledge,
                knowledge.version()
            ),
        );
    }
    if let Goal::Kubernetes { hop, target } = &plan.spec.goal {
        allowed(hop, target, knowledge, pen);
        start(hop, snapshot, pen);
    }
}

/// Whether the hop is one that Kubernetes allows, to a release that is known.
fn allowed(hop: &Hop, target: &TargetVersion, knowledge: &Knowledge, pen: &mut Pen) {
    let (from, to) = (hop.from.minor(), hop.to.minor());
    match knowledge
        .skew()
        .judge_against(Against::Previous, from, Component::KubeApiserver, to)
    {
        SkewVerdict::Allowed(_) if hop.to < hop.from => {
            pen.fatal(&codes::DOWNGRADE, None, format!("{hop} goes back"));
        }
        SkewVerdict::Allowed(_) => {}
        SkewVerdict::TooNew { excess, .. } => pen.fatal(
            &codes::SKIPS_MINOR,
            None,
            format!("{hop} skips {excess} minors that have to be passed through"),
        ),
        SkewVerdict::TooOld { .. } => {
            pen.fatal(&codes::DOWNGRADE, None, format!("{hop} goes back"));
        }
        SkewVerdict::NoRule => pen.fatal(
            &codes::SKIPS_MINOR,
            None,
            format!("no policy speaks of going from {from} to {to}"),
        ),
    }
    match knowledge.calendar().release(to) {
        None => pen.fatal(
            &codes::UNKNOWN_RELEASE,
            None,
            format!("Kubernetes {to} is not among the known releases"),
        ),
        Some(release) if hop.to > release.latest => pen.caution(
            &codes::NEWER_THAN_KNOWN,
            None,
            format!(
                "{} is newer than {}, the newest patch known on {}",
                hop.to,
                release.latest,
                knowledge.calendar().as_of()
            ),
        ),
        Some(_) => {}
    }
    let beyond = match target {
        TargetVersion::Minor(minor) => to > *minor,
        TargetVersion::Release(release) => hop.to > *release,
    };
    if beyond {
        pen.fatal(
            &codes::PAST_TARGET,
            None,
            format!("{hop} goes beyond the target {target}"),
        );
    }
}

/// Whether what runs lies within the hop.
fn start(hop: &Hop, snapshot: &Snapshot, pen: &mut Pen) {
    let mut check = |what: String, version: &KubeVersion| {
        if *version < hop.from || *version > hop.to {
            pen.fatal(
                &codes::OTHER_START,
                None,
                format!("{what} is {version}, and the hop is {hop}"),
            );
        }
    };
    for (key, component) in snapshot
        .kubernetes
        .iter()
        .flat_map(|side| &side.components.items)
    {
        if let (ComponentKind::KubeApiserver, Some(version)) = (key.kind, component.version.get()) {
            check(format!("the API server on {}", key.node), version);
        }
    }
    for (name, application) in snapshot
        .juju
        .iter()
        .flat_map(|model| &model.applications.items)
    {
        if application.charm.as_str() == crate::charm::CONTROL_PLANE
            && let Some(Some(version)) = application.claimed_version.get()
        {
            check(format!("what {name} claims to run"), version);
        }
    }
}
