//! The arguments of `refit template` and `refit plan`.

use super::{Delivery, PlainFormat, PlanSource, StoreArgs};
use clap::{Args, Subcommand, ValueEnum};
use refit_model::name::{Actor, TemplateName};
use refit_model::review::Code;
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
    /// List the built-in templates, and where each template of the record stands
    List {
        #[command(flatten)]
        store: StoreArgs,
        /// The form of the result
        #[arg(short, long, value_enum, default_value_t = PlainFormat::Human)]
        output: PlainFormat,
    },
    /// Show one template
    Show {
        /// Its name, or a file
        name: String,
        /// With this PlanOverlay carried into it; may be given several times
        #[arg(long, value_name = "FILE")]
        overlay: Vec<PathBuf>,
    },
    /// Begin a template of your own from another one
    New {
        /// What it is called
        name: TemplateName,
        /// The template to begin with: a name, or a file
        #[arg(long, value_name = "TEMPLATE")]
        from: String,
        /// With this PlanOverlay carried into it; may be given several times
        #[arg(long, value_name = "FILE")]
        overlay: Vec<PathBuf>,
        #[command(flatten)]
        delivery: Delivery,
    },
    /// Check that a template is sound: names, orders, placeholders, expressions
    Validate {
        /// Its name, or a file
        name: String,
        /// With this PlanOverlay laid over it; may be given several times
        #[arg(long, value_name = "FILE")]
        overlay: Vec<PathBuf>,
    },
    /// Show what changed from one template to another, step by step
    Diff {
        /// The template of before: a name, or a file
        old: String,
        /// The template of now: a name, or a file
        new: String,
    },
    /// Make the plan for a representative landscape, review it and run it on the
    /// twin; a template has to be rehearsed before it can be approved
    Rehearse(TemplateRehearseArgs),
    /// Approve a template that was rehearsed, for use
    Approve {
        /// Its name, or a file
        name: String,
        /// What those who use it should know
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Withdraw a template: no more plans are to be made from it
    Cancel {
        /// Its name, or a file
        name: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        store: StoreArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct TemplateRehearseArgs {
    #[command(flatten)]
    pub(crate) make: MakeArgs,
    /// The seed of everything that is drawn by lot
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// The form of the result
    #[arg(short, long, value_enum, default_value_t = PlainFormat::Human)]
    pub(crate) output: PlainFormat,
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
        #[command(flatten)]
        start: StartArgs,
        #[command(flatten)]
        delivery: Delivery,
        #[command(flatten)]
        store: StoreArgs,
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
    /// Show what changed from one plan to another, step by step
    Diff {
        /// The plan file of before
        old: PathBuf,
        /// The plan file of now
        new: PathBuf,
    },
    /// Ask for a plan's approval
    Request {
        #[command(flatten)]
        speaker: Speaker,
        /// What the approvers should know
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Approve a plan, bound to its hash
    Approve {
        /// The plan file
        plan: PathBuf,
        #[command(flatten)]
        source: PlanSource,
        /// Sign with this SSH key: a private one, or a public one whose private
        /// key an agent holds
        #[arg(long, value_name = "FILE")]
        sign: Option<PathBuf>,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Say no to a plan
    Deny {
        #[command(flatten)]
        speaker: Speaker,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Take your yes or your no back; a run that is not approved any more pauses
    Revoke {
        #[command(flatten)]
        speaker: Speaker,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Answer for going on in spite of an objection, until a day
    Waive {
        /// The plan file
        plan: PathBuf,
        /// The objection's code, such as RFO107
        code: Code,
        /// Only what is held against this step
        #[arg(long, value_name = "STEP")]
        step: Option<String>,
        /// Why it may stand
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Until when, as in 2026-12-01T19:00:00Z
        #[arg(long, value_name = "TIME")]
        until: jiff::Timestamp,
        #[command(flatten)]
        source: PlanSource,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Remark something on a plan or on one of its steps
    Comment {
        #[command(flatten)]
        speaker: Speaker,
        /// What
        text: String,
        /// On this step
        #[arg(long, value_name = "STEP")]
        step: Option<String>,
    },
    /// Make somebody the owner of a plan
    Own {
        #[command(flatten)]
        speaker: Speaker,
        /// Who; yourself when absent
        #[arg(long, value_name = "NAME")]
        owner: Option<Actor>,
    },
    /// Give a step to somebody
    Assign {
        #[command(flatten)]
        speaker: Speaker,
        /// The step's id
        step: String,
        /// To whom
        #[arg(long, value_name = "NAME")]
        to: Actor,
        /// Until when it is due, as in 2026-12-01T19:00:00Z
        #[arg(long, value_name = "TIME")]
        due: Option<jiff::Timestamp>,
    },
    /// Give a plan up that is not being carried out: its owner may, or who asked
    /// for its approval, and its approvers
    Cancel {
        #[command(flatten)]
        speaker: Speaker,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Make a plan that was given up a draft again, without what was said before
    Reopen {
        #[command(flatten)]
        speaker: Speaker,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Show where a plan stands: approvals, owner, assignments, run
    Status {
        #[command(flatten)]
        speaker: Speaker,
        /// The form of the result
        #[arg(short, long, value_enum, default_value_t = PlainFormat::Human)]
        output: PlainFormat,
    },
    /// Show who did what to a plan, and when
    Feed {
        #[command(flatten)]
        speaker: Speaker,
        /// The form of the result
        #[arg(short, long, value_enum, default_value_t = PlainFormat::Human)]
        output: PlainFormat,
    },
    /// Write what the people of a plan's environment are told
    Notices {
        /// The plan file
        plan: PathBuf,
        #[command(flatten)]
        start: StartArgs,
        #[command(flatten)]
        delivery: Delivery,
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// When a plan starts: for what is written down of it.
#[derive(Debug, Args)]
pub(crate) struct StartArgs {
    /// When it starts, as in 2026-12-01T19:00:00Z
    #[arg(long, value_name = "TIME", conflicts_with = "policy")]
    pub(crate) starts: Option<jiff::Timestamp>,
    /// It starts at the first opening of this UpgradePolicy in which it fits
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// The time that counts as now, as in 2026-11-30T00:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<jiff::Timestamp>,
}

/// What is to be made, and of what.
#[derive(Debug, Args)]
pub(crate) struct MakeArgs {
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
}

/// Who speaks about which plan.
#[derive(Debug, Args)]
pub(crate) struct Speaker {
    /// The plan file
    pub(crate) plan: PathBuf,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// What a plan comes under.
#[derive(Debug, Args)]
pub(crate) struct FrameArgs {
    /// The Environment that the landscape belongs to: its policy, overlays,
    /// parameters and stakeholders go into the plan
    #[arg(long, value_name = "FILE")]
    pub(crate) environment: Option<PathBuf>,
    /// The UpgradePolicy whose approvals the plan needs, instead of the
    /// environment's
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// A PlanOverlay: steps that are added, changed or left out; may be given
    /// several times
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct PlanNewArgs {
    #[command(flatten)]
    pub(crate) make: MakeArgs,
    /// Run the programs that the template looks at, although files are read:
    /// without files they are run anyhow, and every one is told
    #[arg(long)]
    pub(crate) look: bool,
    #[command(flatten)]
    pub(crate) frame: FrameArgs,
    /// Show what changed since this plan
    #[arg(long, value_name = "PLAN")]
    pub(crate) since: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) delivery: Delivery,
}
