//! Environments: which rules, overlays and people a plan comes under.

use crate::documents::{read_environment, read_overlay, read_policy};
use crate::failure::{Failure, FailureKind};
use crate::planning::{Terms, templates};
use refit_assessor::near::nearest;
use refit_model::environment::{Environment, TemplatesAllowed};
use refit_model::governance::Governance;
use refit_model::hash::ContentHash;
use refit_model::name::ParameterName;
use refit_model::plan::UpgradePlan;
use refit_model::plan_overlay::{OverlayUsed, PlanOverlay};
use refit_model::policy::UpgradePolicy;
use refit_model::snapshot::ClusterIdentity;
use refit_model::template::UpgradeTemplate;
use refit_planner::overlaid;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What a plan comes under: the files that were named for it, read.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The environment.
    pub environment: Option<Environment>,
    /// The policy.
    pub policy: Option<UpgradePolicy>,
    /// The overlays, the environment's first.
    pub overlays: Vec<PlanOverlay>,
}

/// Reads what a plan comes under. A policy that is named goes before the
/// environment's own.
///
/// # Errors
/// When a file is missing or is not what it must be; a refusal when an overlay is
/// named beside an environment that wants approved templates.
pub fn frame(
    environment: Option<&Path>,
    policy: Option<&Path>,
    overlays: &[PathBuf],
) -> Result<Frame, Failure> {
    let mut frame = Frame::default();
    if let Some(path) = environment {
        let read = read_environment(path)?;
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        if let (Some(name), None) = (&read.policy, policy) {
            frame.policy = Some(read_policy(&folder.join(name))?);
        }
        for name in &read.overlays {
            frame.overlays.push(read_overlay(&folder.join(name))?);
        }
        frame.environment = Some(read);
    }
    if wants_approved(&frame) && !overlays.is_empty() {
        return Err(Failure::new(
            FailureKind::Refused,
            "the environment wants approved templates, and an overlay named by hand is none",
        )
        .hint("`refit template new NAME --from TEMPLATE --overlay FILE` carries it into a template, to be rehearsed and approved")
        .hint("or the environment's own `overlays` name it"));
    }
    if let Some(path) = policy {
        frame.policy = Some(read_policy(path)?);
    }
    for path in overlays {
        frame.overlays.push(read_overlay(path)?);
    }
    Ok(frame)
}

/// Whether the environment lets plans be made from approved templates only.
#[must_use]
pub fn wants_approved(frame: &Frame) -> bool {
    frame
        .environment
        .as_ref()
        .is_some_and(|environment| environment.templates == TemplatesAllowed::Approved)
}

/// Refuses to start a plan without the policy that it was made under: its windows
/// and freezes change after the plan was made, and are read when it starts.
///
/// # Errors
/// The refusal, which names the policy.
pub fn under_policy(plan: &UpgradePlan, policy: Option<&UpgradePolicy>) -> Result<(), Failure> {
    let wanted = &plan.spec.governance.policy;
    match (wanted, policy) {
        (None, _) => Ok(()),
        (Some(wanted), Some(policy)) if policy.name == *wanted => Ok(()),
        (Some(wanted), given) => Err(Failure::new(
            FailureKind::Refused,
            match given {
                None => format!(
                    "the plan was made under policy {wanted}, which has to be there when it starts"
                ),
                Some(other) => format!(
                    "the plan was made under policy {wanted}, and this is {}",
                    other.name
                ),
            },
        )
        .hint("`--policy FILE` names its file: windows and freezes are read anew each time")),
    }
}

/// `template` with every overlay of the frame that is for it, and which those
/// were. An environment's overlays may be for other templates; one that was named
/// for this plan may not.
///
/// # Errors
/// A refusal when an overlay changes what is not there.
pub fn laid_over(
    template: &UpgradeTemplate,
    frame: &Frame,
) -> Result<(UpgradeTemplate, Vec<OverlayUsed>), Failure> {
    let mut template = template.clone();
    let mut used = Vec::new();
    let of_environment = frame
        .environment
        .as_ref()
        .map_or(0, |environment| environment.overlays.len());
    for (place, overlay) in frame.overlays.iter().enumerate() {
        let elsewhere = overlay.template != template.metadata.name;
        if elsewhere && place < of_environment {
            continue;
        }
        template = overlaid(&template, overlay).map_err(|error| {
            Failure::new(
                FailureKind::Usage,
                format!("could not lay overlay {} over the template", overlay.name),
            )
            .because(error.problem)
            .hint(match error.change {
                Some(change) => format!("it is change {change} of the overlay, counted from 1"),
                None => "the overlay's `template` says which one it is for".to_owned(),
            })
            .hint(format!(
                "`refit template show {}` shows its stages and steps",
                template.metadata.name
            ))
        })?;
        used.push(OverlayUsed {
            name: overlay.name.clone(),
            content_hash: ContentHash::of(overlay).map_err(crate::failure::defect)?,
        });
    }
    Ok((template, used))
}

/// The parameters of a plan, and what the environment has beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// What was set by hand, and where nothing was, what the environment says.
    pub set: BTreeMap<ParameterName, String>,
    /// What the environment sets and neither this template nor a built-in one has;
    /// a template in a file may have it.
    pub passed_over: Vec<ParameterName>,
}

/// The parameters of a plan: what was set by hand, and where nothing was, what
/// the environment says. What is for other templates is left to them.
///
/// # Errors
/// A refusal when the environment sets what no template has, and one has a
/// parameter that is nearly called so.
pub fn parameters(
    template: &UpgradeTemplate,
    frame: &Frame,
    set: &BTreeMap<ParameterName, String>,
) -> Result<Parameters, Failure> {
    let mut all = Parameters {
        set: set.clone(),
        passed_over: Vec::new(),
    };
    let Some(environment) = &frame.environment else {
        return Ok(all);
    };
    let builtin = templates()?;
    let known: BTreeSet<&ParameterName> = builtin
        .iter()
        .chain([template])
        .flat_map(|template| &template.parameters)
        .map(|parameter| &parameter.name)
        .collect();
    for (name, value) in &environment.parameters {
        let has = template.parameters.iter().any(|it| it.name == *name);
        if has && !all.set.contains_key(name) {
            all.set.insert(name.clone(), value.clone());
        }
        if known.contains(name) {
            continue;
        }
        let names = known.iter().map(|known| known.as_str());
        if let Some(near) = nearest(name.as_str(), names) {
            return Err(Failure::new(
                FailureKind::Usage,
                format!(
                    "environment {} sets parameter {name}, which no template has",
                    environment.name
                ),
            )
            .hint(format!("did you mean {near}?")));
        }
        all.passed_over.push(name.clone());
    }
    Ok(all)
}

/// What is laid down for a plan of `cluster`.
///
/// # Errors
/// A refusal when the cluster does not belong to the environment.
pub fn terms(
    frame: &Frame,
    cluster: &ClusterIdentity,
    overlays: Vec<OverlayUsed>,
) -> Result<Terms, Failure> {
    let policy = frame.policy.as_ref();
    let governance = match &frame.environment {
        Some(environment) => {
            let Some(member) = environment.member(cluster) else {
                let known: Vec<_> = environment
                    .clusters
                    .iter()
                    .map(|member| member.id.as_str())
                    .collect();
                return Err(Failure::new(
                    FailureKind::Refused,
                    format!(
                        "cluster {cluster} does not belong to environment {}",
                        environment.name
                    ),
                )
                .hint(format!(
                    "it is known by {}; the environment has {}",
                    cluster.id,
                    if known.is_empty() {
                        "no clusters".to_owned()
                    } else {
                        known.join(", ")
                    }
                )));
            };
            environment.governance(member, policy)
        }
        None => Governance {
            policy: policy.map(|policy| policy.name.clone()),
            approvals: policy.map_or_else(Default::default, |policy| policy.approvals.clone()),
            ..Governance::default()
        },
    };
    Ok(Terms {
        governance,
        overlays,
    })
}
