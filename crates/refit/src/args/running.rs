//! The arguments of what carries a plan out, rehearses it and looks back.

use super::{PlainFormat, PlanSource};
use clap::Args;
use std::path::PathBuf;

/// Who speaks when nobody says who: nobody in particular.
pub(crate) const SOMEBODY: &str = "somebody";

/// The record of approvals and runs, and who speaks.
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    /// The database of approvals and runs
    #[arg(long, value_name = "FILE", env = "REFIT_STORE")]
    pub(crate) store: Option<PathBuf>,
    /// Who you are
    #[arg(
        long = "as",
        value_name = "NAME",
        env = "USER",
        default_value = SOMEBODY
    )]
    pub(crate) actor: String,
}

#[derive(Debug, Args)]
pub(crate) struct RehearseArgs {
    /// The plan file
    pub(crate) plan: PathBuf,
    #[command(flatten)]
    pub(crate) source: PlanSource,
    /// The seed of everything that is drawn by lot
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The form of the result
    #[arg(short, long, value_enum, default_value_t = PlainFormat::Human)]
    pub(crate) output: PlainFormat,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The plan file
    pub(crate) plan: PathBuf,
    #[command(flatten)]
    pub(crate) source: PlanSource,
    /// Run against a twin of what is read with -f, in virtual time, for practice
    #[arg(long, requires = "filename")]
    pub(crate) twin: bool,
    /// Start only in a window of this UpgradePolicy in which the plan fits
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Which step of which plan's run.
#[derive(Debug, Args)]
pub(crate) struct WhichStep {
    /// The plan file
    pub(crate) plan: PathBuf,
    /// The step's id
    pub(crate) step: String,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Which plan's run.
#[derive(Debug, Args)]
pub(crate) struct WhichRun {
    /// The plan file
    pub(crate) plan: PathBuf,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// The plan file
    pub(crate) plan: PathBuf,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// The form of the result
    #[arg(short, long, value_enum, default_value_t = PlainFormat::Human)]
    pub(crate) output: PlainFormat,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The plan file
    pub(crate) plan: PathBuf,
    #[command(flatten)]
    pub(crate) source: PlanSource,
    /// What was read before the upgrade; what the run recorded when absent
    #[arg(long, value_name = "PATH")]
    pub(crate) before: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// The form of the result
    #[arg(short, long, value_enum, default_value_t = PlainFormat::Human)]
    pub(crate) output: PlainFormat,
}
