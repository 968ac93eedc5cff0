//! Writing objections down.

use refit_model::code::CodePage;
use refit_model::name::StepId;
use refit_model::review::{Objection, Weight};

/// The objections so far.
#[derive(Default)]
pub(crate) struct Pen {
    objections: Vec<Objection>,
}

impl Pen {
    /// Something that forbids approval.
    pub(crate) fn fatal(
        &mut self,
        page: &CodePage,
        step: Option<&StepId>,
        what: impl Into<String>,
    ) {
        self.write(Weight::Fatal, page, step, what.into());
    }

    /// Something that a person should know before approving.
    pub(crate) fn caution(
        &mut self,
        page: &CodePage,
        step: Option<&StepId>,
        what: impl Into<String>,
    ) {
        self.write(Weight::Caution, page, step, what.into());
    }

    fn write(&mut self, weight: Weight, page: &CodePage, step: Option<&StepId>, what: String) {
        self.objections.push(Objection {
            weight,
            code: page.code,
            step: step.cloned(),
            what,
            remedy: page.remedy.to_owned(),
        });
    }

    /// The objections, worst first, each once.
    pub(crate) fn into_objections(mut self) -> Vec<Objection> {
        self.objections.sort();
        self.objections.dedup();
        self.objections
    }
}
