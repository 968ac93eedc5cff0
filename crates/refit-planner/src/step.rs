//! One step of a template, filled in and read as what it must be.

use crate::error::{PlanError, TemplateProblem};
use crate::placeholder::{Fault, Fillings, Unread, fill, fill_text};
use refit_model::act::{Act, EffectClass};
use refit_model::condition::Condition;
use refit_model::duration::Seconds;
use refit_model::name::{StageId, StepId};
use refit_model::step::{Step, Subject, WayBack};
use refit_model::template::{Pattern, StageTemplate, StepTemplate, UpgradeTemplate};
use serde::de::DeserializeOwned;

/// The least time between two looks through programs. Each starts a process and
/// asks a provider or a manager over the network; the makers of OSISM look every
/// five seconds in their own tests, and nothing here has to be known sooner.
const PACE_OF_LOOKS: Seconds = Seconds::new(5);

/// Fills one step of a template for one subject.
pub(crate) struct Filler<'m> {
    /// The template, for its name in refusals.
    pub(crate) of: &'m UpgradeTemplate,
    /// The step's stage.
    pub(crate) stage: &'m StageTemplate,
    /// The step.
    pub(crate) template: &'m StepTemplate,
    /// What fills its placeholders.
    pub(crate) fillings: &'m Fillings,
}

/// Something that was filled in, or what was not seen of it.
pub(crate) type Filled<T> = Result<Result<T, Unread>, PlanError>;

/// Takes the value, or returns with what was not seen.
macro_rules! seen {
    ($filled:expr) => {
        match $filled {
            Ok(value) => value,
            Err(unread) => return Ok(Err(unread)),
        }
    };
}

impl Filler<'_> {
    fn unsound(&self, field: &str, problem: impl Into<TemplateProblem>) -> PlanError {
        PlanError::Template {
            template: self.of.metadata.name.clone(),
            at: format!(
                "stage {}, step {}, {field}",
                self.stage.id, self.template.id
            ),
            problem: problem.into(),
        }
    }

    fn filled<T>(&self, field: &str, result: Result<T, Fault>) -> Filled<T> {
        match result {
            Ok(value) => Ok(Ok(value)),
            Err(Fault::Unread(unread)) => Ok(Err(unread)),
            Err(Fault::Problem(problem)) => Err(self.unsound(field, problem)),
        }
    }

    fn text(&self, field: &str, text: &str) -> Filled<String> {
        self.filled(field, fill_text(text, self.fillings))
    }

    fn texts(&self, field: &str, texts: &[String]) -> Filled<Vec<String>> {
        let mut found = Vec::new();
        for text in texts {
            found.push(seen!(self.text(field, text)?));
        }
        Ok(Ok(found))
    }

    fn way_back(&self) -> Filled<WayBack> {
        let text = |text: &str| self.text("wayBack", text);
        Ok(match &self.template.way_back {
            WayBack::NothingToUndo => Ok(WayBack::NothingToUndo),
            WayBack::UndoneBy(how) => text(how)?.map(WayBack::UndoneBy),
            WayBack::ByHand(how) => text(how)?.map(WayBack::ByHand),
            WayBack::RestoreOnly(how) => text(how)?.map(WayBack::RestoreOnly),
        })
    }

    fn read<T: DeserializeOwned>(&self, field: &str, pattern: &Pattern) -> Filled<T> {
        let value = seen!(self.filled(field, fill(&pattern.0, self.fillings))?);
        serde_json::from_value(value)
            .map(Ok)
            .map_err(|error| self.unsound(field, TemplateProblem::Unreadable(error.to_string())))
    }

    fn conditions(&self, field: &str, patterns: &[Pattern]) -> Filled<Vec<Condition>> {
        let mut found = Vec::new();
        for (place, pattern) in patterns.iter().enumerate() {
            found.push(seen!(self.read(&format!("{field}[{place}]"), pattern)?));
        }
        Ok(Ok(found))
    }

    /// The step as a plan would have it, but for what it waits for.
    pub(crate) fn step(&self, stage: &StageId, subject: &Subject) -> Filled<Step> {
        let template = self.template;
        let act: Option<Act> = match &template.act {
            Some(pattern) => Some(seen!(self.read("act", pattern)?)),
            None => None,
        };
        let stall = match &template.stall {
            Some(pattern) => Some(seen!(self.read("stall", pattern)?)),
            None => None,
        };
        let natural = act.as_ref().map_or(EffectClass::Read, Act::class);
        let mut step = Step {
            id: StepId::new(format!("{stage}/{}", template.id))
                .map_err(|error| self.unsound("id", error))?,
            title: seen!(self.text("title", &template.title)?),
            kind: template.kind,
            subject: subject.clone(),
            after: Vec::new(),
            expects: seen!(self.conditions("expects", &template.expects)?),
            keeps: seen!(self.conditions("keeps", &template.keeps)?),
            passes: seen!(self.conditions("passes", &template.passes)?),
            reaches: seen!(self.conditions("reaches", &template.reaches)?),
            effect: template.effect.unwrap_or(natural),
            timeout: seen!(self.read("timeout", &template.timeout)?),
            stall,
            settle: template.settle,
            resend: template.resend,
            way_back: seen!(self.way_back()?),
            assignee: template.assignee.clone(),
            shows: seen!(self.text("shows", &template.shows)?),
            estimate: template.estimate.clone(),
            notes: seen!(self.texts("notes", &template.notes)?),
            act,
        };
        if !step.looks().is_empty() {
            step.settle.every = step.settle.every.max(PACE_OF_LOOKS);
        }
        Ok(Ok(step))
    }
}
