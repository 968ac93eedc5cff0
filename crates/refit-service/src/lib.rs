//! Every use case of Refit as a function over the ports.
//!
//! The binary parses, calls one of these and prints; a server will do the same.
//! Nothing here knows a command line, an HTTP framework or a terminal.

pub mod announcing;
pub mod approval;
pub mod approving;
pub mod assess;
pub mod baseline;
pub mod bundle;
pub mod bundled;
pub mod codes;
pub mod collaborating;
pub mod demo;
pub mod doctor;
pub mod documents;
pub mod exit;
pub mod facts;
pub mod failure;
pub mod governing;
pub mod input;
pub mod inventory;
pub mod keeping;
pub mod knowing;
pub mod landscape;
pub mod linting;
pub mod looking;
pub mod paths;
mod place;
pub mod planning;
pub mod progress;
pub mod rehearsing;
pub mod report;
pub mod rights;
pub mod running;
pub mod signing;
pub mod speaking;
pub mod waivers;
pub mod wall;
pub mod windows;
