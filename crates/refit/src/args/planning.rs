//! The arguments of `refit template` and `refit plan`.

use super::{Delivery, PlainFormat, PlanSource, StoreArgs};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// A runbook that can be carried out by hand
    Markdown,
    /// The same as a page
    Html,
    /// The plan itself
    Json,
    /// An entry for calendars
    Ical,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TemplateCommand {
    /// List the built-in templates
    List,
    /// Show one template
    Show {
        /// Its name, or a file
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PlanCommand {
    /// Make a plan from a template, for the first hop to a target
    New(PlanNewArgs),
    /// Show a plan as a runbook
    Show {
        /// The plan file
        plan: PathBuf,
    },
    /// Get a second opinion on a plan
    Review {
        /// The plan file
        plan: PathBuf,
        #[command(flatten)]
        source: PlanSource,
        /// The form of the result
        #[arg(short, long, value_enum, default_value_t = PlainFormat::Human)]
        output: PlainFormat,
    },
    /// Write a plan down for people: a runbook, or an entry for their calendars
    Export {
        /// The plan file
        plan: PathBuf,
        /// The form
        #[arg(long, value_enum, default_value_t = ExportFormat::Markdown)]
        format: ExportFormat,
        /// When it starts, as in 2026-12-01T19:00:00Z: for a calendar entry
        #[arg(long, value_name = "TIME", conflicts_with = "policy")]
        starts: Option<jiff::Timestamp>,
        /// It starts at the first opening of this UpgradePolicy in which it fits
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
        /// The time that counts as now, as in 2026-11-30T00:00:00Z
        #[arg(long, value_name = "TIME", requires = "policy")]
        now: Option<jiff::Timestamp>,
        #[command(flatten)]
        delivery: Delivery,
    },
    /// Show when a plan can be carried out under a policy
    Windows {
        /// The plan file
        plan: PathBuf,
        /// The windows and freezes, an UpgradePolicy
        #[arg(long, value_name = "FILE")]
        policy: PathBuf,
        /// The time that counts as now, as in 2026-11-30T00:00:00Z
        #[arg(long, value_name = "TIME")]
        now: Option<jiff::Timestamp>,
        /// The form of the result
        #[arg(short, long, value_enum, default_value_t = PlainFormat::Human)]
        output: PlainFormat,
    },
    /// Approve a plan, bound to its hash
    Approve {
        /// The plan file
        plan: PathBuf,
        #[command(flatten)]
        source: PlanSource,
        #[command(flatten)]
        store: StoreArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct PlanNewArgs {
    /// The template's name, or a file; see `refit template list`
    pub(crate) template: String,
    #[command(flatten)]
    pub(crate) source: PlanSource,
    /// The target, such as 1.36 or 1.36.3, or a release of the project that the
    /// template upgrades
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: String,
    /// Set a parameter of the template
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// Run the programs that the template looks at, although files are read:
    /// without files they are run anyhow, and every one is told
    #[arg(long)]
    pub(crate) look: bool,
    #[command(flatten)]
    pub(crate) delivery: Delivery,
}
