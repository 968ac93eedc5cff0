//! Plans for projects: from what programs show to a workflow that people approve.

mod cluedin;
mod commands;
mod osism;
mod support;
