//! The arguments of `refit lint`.

use super::Delivery;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct LintArgs {
    /// Pages of Markdown, scripts, files of values or texts; `-` is standard input
    #[arg(required = true, value_name = "GUIDE")]
    pub(crate) guides: Vec<PathBuf>,
    /// The form of the result
    #[arg(short, long, value_enum, default_value_t = LintFormat::Human)]
    pub(crate) output: LintFormat,
    #[command(flatten)]
    pub(crate) delivery: Delivery,
    /// What makes the command exit with 3
    #[arg(long, value_enum, default_value_t = LintFailOn::Defect)]
    pub(crate) fail_on: LintFailOn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintFormat {
    Human,
    Json,
    Yaml,
    Sarif,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintFailOn {
    Defect,
    Caution,
    Never,
}
