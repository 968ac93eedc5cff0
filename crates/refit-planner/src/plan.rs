//! `plan`: a template made specific to one landscape.

use crate::assemble::{Instance, assemble};
use crate::course::{Course, course, text};
use crate::decide::{Draft, Need, needs};
use crate::error::{PlanError, TemplateProblem};
use crate::facts;
use crate::hop::{CONTROL_PLANE_CHARM, WORKER_CHARM};
use crate::order;
use crate::parameters::parameters;
use crate::placeholder::{Fault, Filling, Fillings, Unread, fill_text, filling};
use crate::roles::{Roles, arguments, deployer, roles};
use crate::step::Filler;
use crate::subjects::{applications, control_plane, subjects};
use refit_knowledge::Knowledge;
use refit_model::command::Word;
use refit_model::fingerprint::Fingerprint;
use refit_model::juju::JujuApplication;
use refit_model::look::Look;
use refit_model::name::{NameError, ObjectName, ParameterName, StageId, StepId};
use refit_model::plan::{AnyHop, Goal, Hop, MadeFrom, PlanBody, UpgradePlan};
use refit_model::query::Query;
use refit_model::report::{LeftOut, PlanReport, PlanStop, Planned};
use refit_model::seen::Unseen;
use refit_model::snapshot::Snapshot;
use refit_model::step::{Step, StepKind, Subject};
use refit_model::template::{OncePer, StageTemplate, StepTemplate, UpgradeTemplate};
use refit_model::version::TargetVersion;
use std::collections::{BTreeMap, BTreeSet};
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
                maker.leave_out(stage, &because, &mut report.left_out);
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
            knowledge: knowledge.version().to_owned(),
            snapshot_taken_at: snapshot.taken_at,
            fingerprint: Fingerprint::of(snapshot).map_err(PlanError::Seal)?,
        },
        goal,
        parameters: maker.parameters,
        pace: 1,
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
    let maker = Maker {
        template,
        snapshot,
        knowledge,
        parameters: parameters(template, &request.parameters)?,
    };
    maker.check_names()?;
    let stage_order = maker.stage_order()?;
    let mut shared = crate::parameters::fillings(&maker.parameters);
    shared.extend(facts::fillings(template, &shared, snapshot)?);
    let Course {
        goal,
        later,
        barrier,
        fillings,
    } = course(template, snapshot, knowledge, request, &shared)?;
    shared.extend(fillings);
    maker.share(&mut shared);
    Ok(Prepared {
        maker,
        stage_order,
        shared,
        goal,
        later,
        barrier,
    })
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

/// What a plan is made of.
struct Maker<'a> {
    template: &'a UpgradeTemplate,
    snapshot: &'a Snapshot,
    knowledge: &'a Knowledge,
    parameters: BTreeMap<ParameterName, String>,
}

/// Whether a stage or a step belongs to this hop at all.
enum Called {
    /// It does.
    For,
    /// It does not, and why.
    Off(String),
    /// What decides it was not seen.
    Unread(String),
}

impl<'a> Maker<'a> {
    /// Whether what is there only `when` something holds belongs to this hop.
    fn is_called_for(
        &self,
        when: &BTreeMap<String, String>,
        fillings: &Fillings,
        at: impl Fn() -> String,
    ) -> Result<Called, PlanError> {
        for (name, wanted) in when {
            match filling(name, fillings) {
                Ok(found) if found.has(wanted) => {}
                Ok(found) => {
                    return Ok(Called::Off(format!(
                        "{name} is {found}, and this is for {wanted}"
                    )));
                }
                Err(Fault::Problem(problem)) => {
                    return Err(self.unsound(format!("{}, when", at()), problem));
                }
                Err(Fault::Unread(unread)) => return Ok(Called::Unread(sentence(&unread))),
            }
        }
        Ok(Called::For)
    }

    /// Reports every step of a stage that this hop does not call for.
    fn leave_out(&self, stage: &StageTemplate, because: &str, left_out: &mut Vec<LeftOut>) {
        left_out.extend(stage.steps.iter().filter_map(|step| {
            Some(LeftOut {
                stage: stage.id.clone(),
                step: StepId::new(format!("{}/{}", stage.id, step.id)).ok()?,
                because: because.to_owned(),
            })
        }));
    }

    /// Each thing of a list.
    fn things(
        &self,
        stage: &StageTemplate,
        noun: &ObjectName,
        of: &str,
        fillings: &Fillings,
    ) -> Result<Result<Roles, String>, PlanError> {
        let unsound = |problem: TemplateProblem| {
            self.unsound(format!("stage {}, oncePer", stage.id), problem)
        };
        let names = match filling(of, fillings) {
            Ok(Filling::List(names)) => names,
            Ok(Filling::Text(_) | Filling::Number(_)) => {
                return Err(unsound(TemplateProblem::NoList {
                    name: of.to_owned(),
                }));
            }
            Err(Fault::Unread(unread)) => return Ok(Err(sentence(&unread))),
            Err(Fault::Problem(problem)) => return Err(unsound(problem)),
        };
        let subjects = names
            .iter()
            .map(|name| {
                let (name, value) = match name.split_once('=') {
                    Some((name, value)) => (name, Some(ObjectName::new(value)?)),
                    None => (name.as_str(), None),
                };
                Ok(Subject::Thing {
                    noun: noun.clone(),
                    name: ObjectName::new(name)?,
                    value,
                })
            })
            .collect::<Result<_, NameError>>()
            .map_err(|error| unsound(error.into()))?;
        Ok(Ok(Roles {
            subjects,
            conflicts: Vec::new(),
        }))
    }

    /// The subjects of a stage; the inner error is what was not seen.
    fn subjects(
        &self,
        stage: &StageTemplate,
        fillings: &Fillings,
    ) -> Result<Result<Roles, String>, PlanError> {
        if let OncePer::Each { noun, of } = &stage.once_per {
            return self.things(stage, noun, of, fillings);
        }
        let OncePer::Role {
            profile,
            deployed,
            only,
        } = &stage.once_per
        else {
            return Ok(
                subjects(&stage.once_per, self.snapshot).map(|subjects| Roles {
                    subjects,
                    conflicts: Vec::new(),
                }),
            );
        };
        let mut texts = Vec::new();
        for text in [profile, deployed] {
            match fill_text(text, fillings) {
                Ok(filled) => texts.push(filled),
                Err(Fault::Unread(unread)) => return Ok(Err(sentence(&unread))),
                Err(Fault::Problem(problem)) => {
                    return Err(self.unsound(format!("stage {}, oncePer", stage.id), problem));
                }
            }
        }
        let [profile, deployed] = texts.as_slice() else {
            return Ok(Ok(Roles::default()));
        };
        roles(profile, deployed, *only, self.knowledge)
            .map(Ok)
            .map_err(|problem| self.unsound(format!("stage {}, oncePer", stage.id), problem))
    }

    fn unsound(&self, at: impl Into<String>, problem: impl Into<TemplateProblem>) -> PlanError {
        PlanError::Template {
            template: self.template.metadata.name.clone(),
            at: at.into(),
            problem: problem.into(),
        }
    }

    /// Every name is used once, and every name that is used exists.
    fn check_names(&self) -> Result<(), PlanError> {
        let mut names = BTreeSet::new();
        for parameter in &self.template.parameters {
            if !names.insert(&parameter.name) {
                return Err(self.unsound(
                    format!("parameter {}", parameter.name),
                    TemplateProblem::Twice,
                ));
            }
        }
        let stages: BTreeSet<_> = self.template.stages.iter().map(|stage| &stage.id).collect();
        if stages.len() != self.template.stages.len() {
            return Err(self.unsound("stages", TemplateProblem::Twice));
        }
        for stage in &self.template.stages {
            for after in &stage.after {
                if !stages.contains(after) {
                    return Err(self.unsound(
                        format!("stage {}, after", stage.id),
                        TemplateProblem::NoStage(after.clone()),
                    ));
                }
            }
            self.check_steps(stage, &names)?;
        }
        Ok(())
    }

    fn check_steps(
        &self,
        stage: &StageTemplate,
        parameters: &BTreeSet<&ParameterName>,
    ) -> Result<(), PlanError> {
        let steps: BTreeSet<_> = stage.steps.iter().map(|step| &step.id).collect();
        if steps.len() != stage.steps.len() {
            return Err(self.unsound(format!("stage {}", stage.id), TemplateProblem::Twice));
        }
        for step in &stage.steps {
            let at = |field: &str| format!("stage {}, step {}, {field}", stage.id, step.id);
            let named = [
                ("after", step.after.as_slice()),
                ("before", step.before.as_slice()),
                ("serves", step.serves.as_slice()),
                ("undoes", step.undoes.as_slice()),
            ];
            for (field, ids) in named {
                if let Some(missing) = ids.iter().find(|id| !steps.contains(id)) {
                    return Err(self.unsound(at(field), TemplateProblem::NoStep(missing.clone())));
                }
            }
            if step.serves.is_some() && step.undoes.is_some() {
                return Err(self.unsound(at("undoes"), TemplateProblem::ServesAndUndoes));
            }
            if let Some(missing) = step.unless.keys().find(|name| !parameters.contains(name)) {
                return Err(
                    self.unsound(at("unless"), TemplateProblem::NoParameter(missing.clone()))
                );
            }
        }
        Ok(())
    }

    /// The stages in an order that fulfils every constraint.
    fn stage_order(&self) -> Result<Vec<&'a StageTemplate>, PlanError> {
        let stages = &self.template.stages;
        let mut pairs = Vec::new();
        for (then, stage) in stages.iter().enumerate() {
            for after in &stage.after {
                if let Some(first) = stages.iter().position(|other| other.id == *after) {
                    pairs.push((first, then));
                }
            }
        }
        match order::stable(stages.len(), &pairs) {
            Ok(found) => Ok(found
                .into_iter()
                .filter_map(|index| stages.get(index))
                .collect()),
            Err(index) => {
                let at = stages
                    .get(index)
                    .map_or_else(String::new, |stage| format!("stage {}", stage.id));
                Err(self.unsound(at, TemplateProblem::Cycle))
            }
        }
    }

    /// A stage for one subject: its steps in order, filled in and decided.
    ///
    /// The inner error is where the plan stops, because something was not seen.
    fn instance(
        &self,
        stage: &'a StageTemplate,
        subject: Subject,
        shared: &Fillings,
    ) -> Result<Result<Instance<'a>, PlanStop>, PlanError> {
        let id = match &subject {
            Subject::Cluster => stage.id.clone(),
            Subject::Pool(pool) => self.stage_id(stage, pool.as_str())?,
            Subject::Node(node) => self.stage_id(stage, node.as_str())?,
            Subject::Application(application) => self.stage_id(stage, application.as_str())?,
            Subject::Role(role) => self.stage_id(stage, role.as_str())?,
            Subject::Thing { name, .. } => self.stage_id(stage, name.as_str())?,
        };
        let stop = |because: String| PlanStop {
            before: id.to_string(),
            because,
        };
        let fillings = self.fillings(&subject, shared);
        let pairs = step_pairs(&stage.steps);
        let order = order::stable(stage.steps.len(), &pairs).map_err(|index| {
            let step = stage.steps.get(index).map_or("", |step| step.id.as_str());
            self.unsound(
                format!("stage {}, step {step}", stage.id),
                TemplateProblem::Cycle,
            )
        })?;
        let title = match fill_text(&stage.title, &fillings) {
            Ok(title) => title,
            Err(Fault::Problem(problem)) => {
                return Err(self.unsound(format!("stage {}, title", stage.id), problem));
            }
            Err(Fault::Unread(unread)) => return Ok(Err(stop(sentence(&unread)))),
        };
        let drafts = match self.drafts(stage, &id, &subject, &fillings, &order)? {
            Ok(drafts) => drafts,
            Err(because) => return Ok(Err(stop(because))),
        };
        let needs = needs(&drafts, self.snapshot);
        if let Some(because) = needs.iter().find_map(|need| match need {
            Need::Open(because) => Some(because.clone()),
            Need::Needed | Need::Spared(_) => None,
        }) {
            return Ok(Err(stop(because)));
        }
        Ok(Ok(Instance {
            id,
            title,
            subject,
            stage,
            drafts,
            needs,
        }))
    }

    /// The steps of a stage for one subject, filled in, in order. The inner
    /// error is what was not seen.
    fn drafts(
        &self,
        stage: &'a StageTemplate,
        id: &StageId,
        subject: &Subject,
        fillings: &Fillings,
        order: &[usize],
    ) -> Result<Result<Vec<Draft<'a>>, String>, PlanError> {
        let mut drafts = Vec::new();
        for template in order.iter().filter_map(|index| stage.steps.get(*index)) {
            let at = || format!("stage {}, step {}", stage.id, template.id);
            let spared = match self.is_called_for(&template.when, fillings, at)? {
                Called::For => template.unless.iter().find_map(|(name, value)| {
                    (self.parameters.get(name) == Some(value))
                        .then(|| format!("parameter {name} is {value}"))
                }),
                Called::Off(because) => Some(because),
                Called::Unread(because) => return Ok(Err(because)),
            };
            // A step that a parameter leaves out is read all the same, so that
            // a slip in it does not wait for the parameter.
            let filler = Filler {
                of: self.template,
                stage,
                template,
                fillings,
            };
            let step = match (filler.step(id, subject)?, spared) {
                (_, Some(why)) => Err(why),
                (Ok(step), None) => Ok(step),
                (Err(unread), None) => return Ok(Err(sentence(&unread))),
            };
            drafts.push(Draft { template, step });
        }
        Ok(Ok(drafts))
    }

    /// The looks that decide which steps a stage needs for one subject; none
    /// where something else was not seen.
    fn looks(
        &self,
        stage: &'a StageTemplate,
        subject: &Subject,
        shared: &Fillings,
    ) -> Result<Vec<Look>, PlanError> {
        let fillings = self.fillings(subject, shared);
        let order: Vec<usize> = (0..stage.steps.len()).collect();
        let drafts = self.drafts(stage, &stage.id, subject, &fillings, &order)?;
        let steps = drafts.unwrap_or_default().into_iter();
        Ok(steps
            .filter_map(|draft| draft.step.ok())
            .filter(Step::changes_state)
            .flat_map(|step| step.reaches)
            .flat_map(|condition| condition.needs())
            .filter_map(|query| match query {
                Query::Look(look) => Some(look),
                Query::Everything
                | Query::ControlPlane
                | Query::Nodes
                | Query::Node(_)
                | Query::PodsOn(_)
                | Query::Pods
                | Query::Budgets
                | Query::Workloads
                | Query::EtcdSnapshots
                | Query::JujuModel
                | Query::JujuApplication(_)
                | Query::JujuApplications => None,
            })
            .collect())
    }

    fn stage_id(&self, stage: &StageTemplate, subject: &str) -> Result<StageId, PlanError> {
        StageId::new(format!("{}/{subject}", stage.id))
            .map_err(|error| self.unsound(format!("stage {}, id", stage.id), error))
    }

    /// Adds what the landscape fills in everywhere.
    fn share(&self, fillings: &mut Fillings) {
        let mut put = |name: &str, filling| {
            fillings.insert(name.to_owned(), filling);
        };
        put("takenAt", text(&self.snapshot.taken_at));
        put("cluster", text(&self.snapshot.cluster.name));
        if let Some(kubernetes) = &self.snapshot.kubernetes {
            let first = control_plane(kubernetes)
                .map_err(Unseen::Failed)
                .and_then(|nodes| nodes.into_iter().next().ok_or(Unseen::NotInSource))
                .map(|node| Filling::Text(node.to_string()));
            put(
                "firstControlPlane",
                first.map_err(unread("which node runs the control plane")),
            );
        }
        if self.snapshot.juju.is_some() {
            let by_charm = |charm: &str| {
                ObjectName::new(charm)
                    .map_err(|error| error.to_string())
                    .and_then(|charm| applications(&charm, self.snapshot))
                    .map_err(Unseen::Failed)
            };
            let first = by_charm(CONTROL_PLANE_CHARM)
                .and_then(|names| names.into_iter().next().ok_or(Unseen::NotInSource))
                .map(|name| Filling::Text(name.to_string()));
            put(
                "controlPlaneApplication",
                first.map_err(unread("the application of the control plane")),
            );
            let workers = by_charm(WORKER_CHARM)
                .map(|names| Filling::List(names.iter().map(ToString::to_string).collect()));
            put(
                "workerApplications",
                workers.map_err(unread("the applications of the workers")),
            );
        }
    }

    /// What fills the placeholders of a stage for this subject.
    fn fillings(&self, subject: &Subject, shared: &Fillings) -> Fillings {
        let mut fillings = shared.clone();
        let mut put = |name: &str, filling| {
            fillings.insert(name.to_owned(), filling);
        };
        match subject {
            Subject::Cluster => {}
            Subject::Pool(pool) => put("pool", text(pool)),
            Subject::Node(node) => put("node", text(node)),
            Subject::Thing { name, value, .. } => {
                put("thing", text(name));
                if let Some(value) = value {
                    put("thing.value", text(value));
                }
            }
            Subject::Role(role) => {
                put("role", text(role));
                let arguments = self.knowledge.osism().role(role.as_str()).map_or_else(
                    || {
                        Err(Unread {
                            what: format!("how role {role} is upgraded"),
                            why: Unseen::NotInSource,
                        })
                    },
                    |known| Ok(Filling::List(arguments(known))),
                );
                put("roleArguments", arguments);
                let by = self.knowledge.osism().role(role.as_str()).map(deployer);
                put("role.deployer", text(&by.unwrap_or("other")));
            }
            Subject::Application(name) => {
                put("application", text(name));
                let application = self
                    .snapshot
                    .juju
                    .as_ref()
                    .and_then(|model| model.applications.items.get(name));
                if let Some(application) = application {
                    put("offeredRevision", offered(application, name.as_str()));
                }
            }
        }
        fillings
    }
}

/// The revision that an application should have: the one that its channel
/// offers, or the present one where nothing newer is offered.
fn offered(application: &JujuApplication, name: &str) -> Result<Filling, Unread> {
    let what = format!("what the channel offers for {name}");
    match application.offered.known() {
        Ok(Some(revision)) => Ok(Filling::Number(*revision)),
        Ok(None) => match application.revision.known() {
            Ok(revision) => Ok(Filling::Number(*revision)),
            Err(why) => Err(unread(&format!("the charm revision of {name}"))(
                why.clone(),
            )),
        },
        Err(why) => Err(unread(&what)(why.clone())),
    }
}

fn unread(what: &str) -> impl FnOnce(Unseen) -> Unread + use<> {
    let what = what.to_owned();
    move |why| Unread { what, why }
}

fn sentence(unread: &Unread) -> String {
    format!("{} is not known: {}", unread.what, unread.why)
}

/// The pairs of steps of which the first comes before the second.
pub(crate) fn step_pairs(steps: &[StepTemplate]) -> Vec<(usize, usize)> {
    let place = |id: &StepId| steps.iter().position(|step| step.id == *id);
    let mut pairs = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        pairs.extend(
            step.after
                .iter()
                .filter_map(place)
                .map(|first| (first, index)),
        );
        pairs.extend(
            step.before
                .iter()
                .filter_map(place)
                .map(|then| (index, then)),
        );
    }
    pairs
}
