//! Runs a plan durably: a pure decision core, an async driver, and the ports it
//! works through.
//!
//! The same core carries out a real run and a rehearsal; there is no second
//! interpreter of plans. What differs is what stands behind the ports.
//!
//! - [`decide`](decide::decide) is the core: `(state, input, now)` to events and
//!   commands, with no clock, no randomness and nothing that waits.
//! - [`RunState`] is a fold of the events ([`fold`]).
//! - [`run`] is the driver: it records what was decided, carries out the
//!   commands through the [`ports`], and asks again.
//! - [`tell`] records what people decide.
//! - [`timeline`](timeline::timeline) is what happened, step by step.

#[cfg(test)]
mod bench;
pub mod decide;
mod driver;
mod event;
mod gather;
mod looks;
mod memory;
mod people;
mod phase;
pub mod ports;
mod sight;
mod state;
mod steps;
mod timeline;

pub use decide::{Word, WordError};
pub use driver::{LEASE_TTL, OnHeld, Ports, RunError, RunOptions, RunOutcome, run};
pub use event::{EventError, FORMAT, OldHolder, RunEvent, stream_of};
pub use gather::gather;
pub use looks::{Look, Looks, LooksChange};
pub use memory::MemoryJournal;
pub use people::{TellError, tell};
pub use phase::{RunPhase, StepPhase};
pub use sight::{Sight, keeps_hold, sight};
pub use state::{Holding, Open, RunState, Started, StepState, fold};
pub use steps::{Steps, StepsError, class_of, is_for_a_person};
pub use timeline::{StepSpan, timeline};
