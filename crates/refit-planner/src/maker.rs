//! A stage of a template made specific to its subjects.

use crate::assemble::Instance;
use crate::decide::{Draft, Need, needs};
use crate::error::{PlanError, TemplateProblem};
use crate::fillings::for_subject;
use crate::order;
use crate::placeholder::{Fault, Filling, Fillings, Unread, fill_text, filling};
use crate::roles::{Roles, roles};
use crate::soundness::{step_pairs, unsound};
use crate::step::Filler;
use crate::subjects::subjects;
use refit_knowledge::Knowledge;
use refit_model::command::is_plain;
use refit_model::look::Look;
use refit_model::name::{ObjectName, ParameterName, StageId};
use refit_model::plan::Hop;
use refit_model::query::Query;
use refit_model::report::PlanStop;
use refit_model::snapshot::Snapshot;
use refit_model::step::{Step, Subject};
use refit_model::template::{OncePer, StageTemplate, UpgradeTemplate};
use std::collections::BTreeMap;

/// What a plan is made of.
pub(crate) struct Maker<'a> {
    /// The template.
    pub(crate) template: &'a UpgradeTemplate,
    /// The landscape.
    pub(crate) snapshot: &'a Snapshot,
    /// What is known.
    pub(crate) knowledge: &'a Knowledge,
    /// The hop, where it is one of Kubernetes.
    pub(crate) hop: Option<Hop>,
    /// What is set, defaults included.
    pub(crate) parameters: BTreeMap<ParameterName, String>,
}

/// Whether a stage or a step belongs to this hop at all.
pub(crate) enum Called {
    /// It does.
    For,
    /// It does not, and why.
    Off(String),
    /// What decides it was not seen.
    Unread(String),
}

impl<'a> Maker<'a> {
    /// Whether what is there only `when` something holds belongs to this hop.
    pub(crate) fn is_called_for(
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
                    return Err(unsound(self.template, format!("{}, when", at()), problem));
                }
                Err(Fault::Unread(unread)) => return Ok(Called::Unread(sentence(&unread))),
            }
        }
        Ok(Called::For)
    }

    /// The subjects of a stage; the inner error is what was not seen.
    pub(crate) fn subjects(
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
                    return Err(unsound(
                        self.template,
                        format!("stage {}, oncePer", stage.id),
                        problem,
                    ));
                }
            }
        }
        let [profile, deployed] = texts.as_slice() else {
            return Ok(Ok(Roles::default()));
        };
        roles(profile, deployed, *only, self.knowledge)
            .map(Ok)
            .map_err(|problem| {
                unsound(
                    self.template,
                    format!("stage {}, oncePer", stage.id),
                    problem,
                )
            })
    }

    /// Each thing of a list.
    fn things(
        &self,
        stage: &StageTemplate,
        noun: &ObjectName,
        of: &str,
        fillings: &Fillings,
    ) -> Result<Result<Roles, String>, PlanError> {
        let refuse = |problem: TemplateProblem| {
            unsound(
                self.template,
                format!("stage {}, oncePer", stage.id),
                problem,
            )
        };
        let names = match filling(of, fillings) {
            Ok(Filling::List(names)) => names,
            Ok(Filling::Text(_) | Filling::Number(_)) => {
                return Err(refuse(TemplateProblem::NoList {
                    name: of.to_owned(),
                }));
            }
            Err(Fault::Unread(unread)) => return Ok(Err(sentence(&unread))),
            Err(Fault::Problem(problem)) => return Err(refuse(problem)),
        };
        let subjects = names
            .iter()
            .map(|name| {
                // Some clients hand a line to a shell, and these names come from
                // whoever answered.
                if !is_plain(name) {
                    return Err(TemplateProblem::NoWord(name.chars().take(64).collect()));
                }
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
            .collect::<Result<_, TemplateProblem>>()
            .map_err(refuse)?;
        Ok(Ok(Roles {
            subjects,
            conflicts: Vec::new(),
        }))
    }

    /// A stage for one subject: its steps in order, filled in and decided.
    ///
    /// The inner error is where the plan stops, because something was not seen.
    pub(crate) fn instance(
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
            unsound(
                self.template,
                format!("stage {}, step {step}", stage.id),
                TemplateProblem::Cycle,
            )
        })?;
        let title = match fill_text(&stage.title, &fillings) {
            Ok(title) => title,
            Err(Fault::Problem(problem)) => {
                return Err(unsound(
                    self.template,
                    format!("stage {}, title", stage.id),
                    problem,
                ));
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
    pub(crate) fn looks(
        &self,
        stage: &'a StageTemplate,
        subject: &Subject,
        shared: &Fillings,
    ) -> Result<Vec<Look>, PlanError> {
        let fillings = self.fillings(subject, shared);
        let order: Vec<usize> = (0..stage.steps.len()).collect();
        let drafts = self.drafts(stage, &stage.id, subject, &fillings, &order)?;
        let steps = drafts.unwrap_or_default().into_iter();
        // What a step that changes nothing reaches decides nothing.
        Ok(steps
            .filter_map(|draft| draft.step.ok())
            .filter(Step::changes_state)
            .flat_map(|step| step.reaches)
            .flat_map(|condition| condition.needs())
            .filter_map(Query::into_look)
            .collect())
    }

    fn fillings(&self, subject: &Subject, shared: &Fillings) -> Fillings {
        for_subject(
            subject,
            shared,
            self.hop.as_ref(),
            self.snapshot,
            self.knowledge,
        )
    }

    fn stage_id(&self, stage: &StageTemplate, subject: &str) -> Result<StageId, PlanError> {
        StageId::new(format!("{}/{subject}", stage.id))
            .map_err(|error| unsound(self.template, format!("stage {}, id", stage.id), error))
    }
}

fn sentence(unread: &Unread) -> String {
    format!("{} is not known: {}", unread.what, unread.why)
}
