//! `plan`: a template made specific to one landscape.

use crate::assemble::{Instance, assemble};
use crate::course::{Course, course};
use crate::decide::Need;
use crate::error::PlanError;
use crate::facts;
use crate::fillings::share;
use crate::maker::{Called, Maker};
use crate::parameters::parameters;
use crate::placeholder::Fillings;
use crate::roles::Roles;
use crate::soundness::{check_names, stage_order};
use refit_knowledge::Knowledge;
use refit_model::command::Word;
use refit_model::fingerprint::Fingerprint;
use refit_model::governance::Governance;
use refit_model::look::Look;
use refit_model::name::{ParameterName, StepId};
use refit_model::plan::{AnyHop, Goal, Hop, MadeFrom, PlanBody, UpgradePlan};
use refit_model::plan_overlay::OverlayUsed;
use refit_model::report::{LeftOut, PlanReport, PlanStop, Planned};
use refit_model::snapshot::Snapshot;
use refit_model::step::StepKind;
use refit_model::template::{AppliesTo, StageTemplate, UpgradeTemplate};
use refit_model::version::TargetVersion;
use std::collections::BTreeMap;
use std::fmt;

/// What a person asks a plan for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRequest {
    /// What should run in the end.
    pub target: Target,
    /// What they set.
    pub parameters: BTreeMap<ParameterName, String>,
    /// The hop to plan; the next one on the path when absent. Give the hop of
    /// an earlier plan to go on with that plan.
    pub hop: Option<Hop>,
    /// What people laid down for it.
    pub terms: Terms,
}

/// What is laid down for a plan beside its template: it becomes part of the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Who has to say yes, and whom it concerns.
    pub governance: Governance,
    /// The overlays that the template already carries; see [`crate::overlaid`].
    pub overlays: Vec<OverlayUsed>,
}

/// What should run in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A version of Kubernetes.
    Kubernetes(TargetVersion),
    /// A release of a project.
    Release(Word),
}

impl From<TargetVersion> for Target {
    fn from(target: TargetVersion) -> Self {
        Self::Kubernetes(target)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kubernetes(target) => target.fmt(f),
            Self::Release(release) => release.fmt(f),
        }
    }
}

/// Makes `template` specific to the landscape of `snapshot`, for the next hop
/// to the target.
///
/// # Errors
/// [`PlanError`] when there is nothing to make a plan of. A plan that has to
/// stop short because something was not seen is no error: its report says so.
pub fn plan(
    template: &UpgradeTemplate,
    snapshot: &Snapshot,
    knowledge: &Knowledge,
    request: &PlanRequest,
) -> Result<Planned, PlanError> {
    let Prepared {
        maker,
        stage_order,
        shared,
        goal,
        later,
        barrier,
    } = prepare(template, snapshot, knowledge, request)?;
    let mut report = PlanReport {
        later_hops: later,
        ..PlanReport::default()
    };
    let mut instances: Vec<Instance<'_>> = Vec::new();
    'stages: for stage in stage_order {
        match maker.is_called_for(&stage.when, &shared, || format!("stage {}", stage.id))? {
            Called::For => {}
            Called::Off(because) => {
                leave_out(stage, &because, &mut report.left_out);
                continue;
            }
            Called::Unread(because) => {
                report.stops = Some(PlanStop {
                    before: stage.id.to_string(),
                    because,
                });
                break;
            }
        }
        let subjects = match maker.subjects(stage, &shared)? {
            Ok(Roles {
                subjects,
                conflicts,
            }) => {
                for conflict in conflicts {
                    if !report.conflicts.contains(&conflict) {
                        report.conflicts.push(conflict);
                    }
                }
                subjects
            }
            Err(because) => {
                report.stops = Some(PlanStop {
                    before: stage.id.to_string(),
                    because,
                });
                break;
            }
        };
        for subject in subjects {
            match maker.instance(stage, subject, &shared)? {
                Ok(instance) => {
                    let changes =
                        instance
                            .drafts
                            .iter()
                            .zip(&instance.needs)
                            .any(|(draft, need)| {
                                *need == Need::Needed && draft.template.kind.changes_state()
                            });
                    match &barrier {
                        Some(because) if changes => {
                            report.stops = Some(PlanStop {
                                before: instance.id.to_string(),
                                because: because.clone(),
                            });
                            break 'stages;
                        }
                        Some(_) | None => instances.push(instance),
                    }
                }
                Err(stop) => {
                    report.stops = Some(stop);
                    break 'stages;
                }
            }
        }
    }
    spare_preparations(&mut instances);
    let stages = assemble(template, &instances, &mut report.left_out);
    let body = PlanBody {
        cluster: snapshot.cluster.clone(),
        made_from: MadeFrom {
            template: template.metadata.name.clone(),
            revision: template.metadata.revision,
            overlays: request.terms.overlays.clone(),
            knowledge: knowledge.version().to_owned(),
            snapshot_taken_at: snapshot.taken_at,
            fingerprint: Fingerprint::of(snapshot).map_err(PlanError::Seal)?,
        },
        goal,
        parameters: maker.parameters,
        pace: 1,
        governance: request.terms.governance.clone(),
        stages,
    };
    Ok(Planned {
        plan: UpgradePlan::seal(body).map_err(PlanError::Seal)?,
        report,
    })
}

/// The looks that decide which steps a plan needs, in order and each once:
/// what has to be asked before [`plan`] can tell what is left to do. The facts
/// of the template have to be there already; see [`crate::looks`].
///
/// # Errors
/// As [`plan`].
pub fn deciding_looks(
    template: &UpgradeTemplate,
    snapshot: &Snapshot,
    knowledge: &Knowledge,
    request: &PlanRequest,
) -> Result<Vec<Look>, PlanError> {
    let Prepared {
        maker,
        stage_order,
        shared,
        ..
    } = prepare(template, snapshot, knowledge, request)?;
    let mut found: Vec<Look> = Vec::new();
    for stage in stage_order {
        let at = || format!("stage {}", stage.id);
        if !matches!(maker.is_called_for(&stage.when, &shared, at)?, Called::For) {
            continue;
        }
        let Ok(Roles { subjects, .. }) = maker.subjects(stage, &shared)? else {
            continue;
        };
        for subject in subjects {
            for look in maker.looks(stage, &subject, &shared)? {
                if !found.contains(&look) {
                    found.push(look);
                }
            }
        }
    }
    Ok(found)
}

/// The looks that show what `template` wants to know before a plan can be made.
///
/// # Errors
/// When the template is not sound, or no plan could be made with any answer.
pub fn looks(
    template: &UpgradeTemplate,
    snapshot: &Snapshot,
    knowledge: &Knowledge,
    request: &PlanRequest,
) -> Result<Vec<Look>, PlanError> {
    let parameters = parameters(template, &request.parameters)?;
    let (known, _) = ground(template, snapshot, knowledge, request, &parameters)?;
    facts::asked(template, &known)
}

/// What is known before the facts of the template are: the parameters, and of a
/// cluster where the plan goes, and what was seen of it. Where a plan for a
/// project goes, its facts tell.
fn ground(
    template: &UpgradeTemplate,
    snapshot: &Snapshot,
    knowledge: &Knowledge,
    request: &PlanRequest,
    parameters: &BTreeMap<ParameterName, String>,
) -> Result<(Fillings, Option<Course>), PlanError> {
    let mut known = crate::parameters::fillings(parameters);
    match &template.applies_to {
        AppliesTo::Project { .. } => Ok((known, None)),
        AppliesTo::Cluster { .. } => {
            let course = course(template, snapshot, knowledge, request, &known)?;
            known.extend(course.fillings.clone());
            share(snapshot, &mut known);
            Ok((known, Some(course)))
        }
    }
}

/// What is known before the first stage is looked at.
struct Prepared<'a> {
    maker: Maker<'a>,
    stage_order: Vec<&'a StageTemplate>,
    shared: Fillings,
    goal: Goal,
    later: Vec<AnyHop>,
    barrier: Option<String>,
}

fn prepare<'a>(
    template: &'a UpgradeTemplate,
    snapshot: &'a Snapshot,
    knowledge: &'a Knowledge,
    request: &PlanRequest,
) -> Result<Prepared<'a>, PlanError> {
    check_names(template)?;
    let stage_order = stage_order(template)?;
    let parameters = parameters(template, &request.parameters)?;
    let (mut shared, known) = ground(template, snapshot, knowledge, request, &parameters)?;
    shared.extend(facts::fillings(template, &shared, snapshot)?);
    let Course {
        goal,
        later,
        barrier,
        ..
    } = if let Some(course) = known {
        course
    } else {
        let course = course(template, snapshot, knowledge, request, &shared)?;
        shared.extend(course.fillings.clone());
        share(snapshot, &mut shared);
        course
    };
    debug_assert!(
        {
            let known = crate::vocabulary::shared(template);
            shared.keys().all(|name| known.contains(name))
        },
        "a placeholder is filled that no template may use: {:?}",
        shared.keys()
    );
    let maker = Maker {
        template,
        snapshot,
        knowledge,
        hop: goal.kubernetes().cloned(),
        parameters,
    };
    Ok(Prepared {
        maker,
        stage_order,
        shared,
        goal,
        later,
        barrier,
    })
}

/// Reports every step of a stage that this hop does not call for.
fn leave_out(stage: &StageTemplate, because: &str, left_out: &mut Vec<LeftOut>) {
    left_out.extend(stage.steps.iter().filter_map(|step| {
        Some(LeftOut {
            stage: stage.id.clone(),
            step: StepId::new(format!("{}/{}", stage.id, step.id)).ok()?,
            because: because.to_owned(),
        })
    }));
}

/// In a plan that changes nothing, there is nothing to prepare: only what looks
/// is left.
fn spare_preparations(instances: &mut [Instance<'_>]) {
    let changes = |instance: &Instance<'_>| {
        instance
            .drafts
            .iter()
            .zip(&instance.needs)
            .any(|(draft, need)| *need == Need::Needed && draft.template.kind.changes_state())
    };
    if instances.iter().any(changes) {
        return;
    }
    for instance in instances {
        for (draft, need) in instance.drafts.iter().zip(&mut instance.needs) {
            match draft.template.kind {
                StepKind::Capture
                | StepKind::Backup
                | StepKind::Approve
                | StepKind::Notify
                | StepKind::Lock
                | StepKind::Manual => {
                    if *need == Need::Needed {
                        *need = Need::Spared("the plan changes nothing".to_owned());
                    }
                }
                StepKind::Check
                | StepKind::Edit
                | StepKind::Act
                | StepKind::Wait
                | StepKind::Verify
                | StepKind::Cleanup => {}
            }
        }
    }
}
