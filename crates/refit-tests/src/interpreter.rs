//! That no crate but the executor can make a run event.
//!
//! This would have to compile if another crate could write to a run's record in
//! words of its own:
//!
//! Reading one is allowed, and shows that the fields below are the real ones:
//!
//! ```
//! use refit_executor::RunEvent;
//! fn told(event: &RunEvent) -> Option<&str> {
//!     match event {
//!         RunEvent::Succeeded { step: _, because, .. } => Some(because),
//!         _ => None,
//!     }
//! }
//! ```
//!
//! ```compile_fail,E0639
//! use refit_executor::RunEvent;
//! let forged = RunEvent::Succeeded {
//!     step: "a/b".parse().unwrap(),
//!     because: "I say so".to_owned(),
//! };
//! ```
