//! Paths and plans: which versions in which order, and a template made specific
//! to one landscape.
//!
//! Everything here is a pure function of its arguments. A plan is never made
//! over what was not seen: where a decision needs a reading that is a gap, the
//! plan stops there and its report says so ([`refit_model::report::PlanStop`]).

mod assemble;
pub mod builtin;
mod charm;
mod course;
mod decide;
pub mod diff;
pub mod error;
mod facts;
mod fillings;
mod hop;
mod maker;
mod order;
mod overlay;
mod parameters;
pub mod path;
mod placeholder;
mod plan;
mod roles;
mod sound;
mod soundness;
mod step;
mod subjects;
mod vocabulary;
pub mod window;

pub use error::{ParameterProblem, PlanError, TemplateProblem};
pub use overlay::{OverlayError, OverlayProblem, overlaid};
pub use parameters::parameters;
pub use path::{PathBlocked, path};
pub use plan::{PlanRequest, Target, Terms, deciding_looks, looks, plan};
pub use sound::sound;
