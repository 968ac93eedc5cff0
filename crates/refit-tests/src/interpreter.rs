//! That no crate but the executor can make a run event.
//!
//! This would have to compile if another crate could write to a run's record in
//! words of its own:
//!
//! ```compile_fail,E0639
//! use refit_executor::RunEvent;
//! let forged = RunEvent::Succeeded {
//!     step: "a/b".parse().unwrap(),
//!     because: "I say so".to_owned(),
//! };
//! ```
