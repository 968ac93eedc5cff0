//! The command line.

mod lint;
mod planning;
mod running;

pub(crate) use lint::{LintArgs, LintFailOn, LintFormat};
pub(crate) use planning::{
    ExportFormat, FrameArgs, PlanCommand, PlanNewArgs, Speaker, StartArgs, TemplateCommand,
    TemplateRehearseArgs,
};
pub(crate) use running::{
    LogArgs, RehearseArgs, RunArgs, SOMEBODY, StoreArgs, VerifyArgs, WhichRun, WhichStep,
};

use crate::output::Destination;
use clap::{Args, Parser, Subcommand, ValueEnum};
use refit_model::assessment::Family;
use refit_model::name::ClusterId;
use refit_model::version::{Minor, TargetVersion};
use std::path::PathBuf;

/// Assess, plan, rehearse, run and verify Kubernetes upgrades.
#[derive(Debug, Parser)]
#[command(
    name = "refit",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
#[command(
    after_help = "Begin with `refit demo`, or `refit assess -f DIR --to 1.36` on files of yours.\nExit codes: 0 fine, 1 our failure, 2 usage, 3 findings or refused, 4 unseen, 5 not proven."
)]
pub(crate) struct Cli {
    /// Facts of yours, laid over what is built in; may be given more than once
    #[arg(long, global = true, value_name = "FILE", help_heading = "Knowledge")]
    pub(crate) knowledge: Vec<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Walk the whole line on the bundled example cluster
    Demo(DemoArgs),
    /// Find what breaks if you upgrade
    Assess(AssessArgs),
    /// List the projects that run, their versions, and whether a target supports them
    Inventory(InventoryArgs),
    /// Find what is wrong with the commands that people paste from a guide
    Lint(LintArgs),
    /// Write down what a cluster boils down to, for every later command
    Snapshot(SnapshotArgs),
    /// Show what moves on the way to a target, in which order, and why
    Path(PathArgs),
    /// List and show upgrade templates
    #[command(subcommand)]
    Template(TemplateCommand),
    /// Make, review, approve and export plans
    #[command(subcommand)]
    Plan(PlanCommand),
    /// Run a plan on a digital twin of the cluster
    Rehearse(RehearseArgs),
    /// Carry an approved plan out, durably; called again, it resumes
    Run(RunArgs),
    /// Say that a step which waits for a person was done by hand
    Done {
        #[command(flatten)]
        which: WhichStep,
        /// What shows it; what can be observed is verified all the same
        #[arg(long)]
        evidence: String,
    },
    /// Try a step that failed again
    Retry {
        #[command(flatten)]
        which: WhichStep,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Go on without a step
    Skip {
        #[command(flatten)]
        which: WhichStep,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Let a run start nothing new
    Pause {
        #[command(flatten)]
        which: WhichRun,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Let a paused run go on; `refit run` then carries it on
    Resume {
        #[command(flatten)]
        which: WhichRun,
    },
    /// Give a run up: nothing more is sent, and nothing is undone
    Abort {
        #[command(flatten)]
        which: WhichRun,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Show what a run recorded
    Log(LogArgs),
    /// Compare what a plan promises with what is observed
    Verify(VerifyArgs),
    /// Explain a finding or an objection by its code
    Explain {
        /// Such as RFA101
        code: String,
    },
    /// Show what is known, since when, and from where
    #[command(subcommand)]
    Knowledge(KnowledgeCommand),
    /// Print the least ClusterRole that an assessment of a live cluster needs
    Rbac {
        /// Allow the reading of Helm's stored releases too, which are Secrets
        #[arg(long)]
        helm_releases: bool,
    },
    /// Tell what works from here: tools, kubeconfig, cluster, rights
    Doctor(DoctorArgs),
    /// Print what a shell needs to complete commands and options
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum KnowledgeCommand {
    /// List the fact files, or the rows of one
    List {
        /// Such as releases
        file: Option<String>,
        /// In which form
        #[arg(long, short, default_value = "human")]
        output: PlainFormat,
    },
    /// Show every fact about a kind, a gate, a project, a component
    Show {
        /// Such as FlowSchema or cert-manager
        subject: String,
        /// In which form
        #[arg(long, short, default_value = "human")]
        output: PlainFormat,
    },
    /// Show every fact that holds a text
    Search {
        /// The text, in any case
        text: String,
        /// In which form
        #[arg(long, short, default_value = "human")]
        output: PlainFormat,
    },
    /// Show what changes from one minor to another, by who must act
    Diff {
        /// The minor that runs, such as 1.33
        from: Minor,
        /// The minor that is aimed at, such as 1.36
        to: Minor,
        /// In which form
        #[arg(long, short, default_value = "human")]
        output: PlainFormat,
    },
    /// Say where the facts come from
    Sources {
        /// In which form
        #[arg(long, short, default_value = "human")]
        output: PlainFormat,
    },
    /// Write what is known as a signed file, for sites without a network
    Export {
        /// The private key, Ed25519 in PEM
        #[arg(long, value_name = "PEM")]
        key: PathBuf,
        #[command(flatten)]
        delivery: Delivery,
    },
    /// Take over what another Refit exported; it is used when it is newer
    Import {
        /// The signed file
        bundle: PathBuf,
        /// The public key that it must be signed with, Ed25519 in PEM
        #[arg(long, value_name = "PEM")]
        trust: PathBuf,
    },
    /// Show how much is known of each project
    Coverage {
        /// In which form
        #[arg(long, short, default_value = "human")]
        output: PlainFormat,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// The folder to write to
    #[arg(long, default_value = "refit-demo", value_name = "DIR")]
    pub(crate) output: PathBuf,
}

/// Where to look for a cluster: in files, or at its API.
#[derive(Debug, Args)]
pub(crate) struct Source {
    /// Files or folders to read (YAML, JSON, `juju status`); `-` is standard input
    #[arg(short = 'f', long = "filename", value_name = "PATH", conflicts_with_all = ["context", "kubeconfig"])]
    pub(crate) filename: Vec<PathBuf>,
    /// Read files that git ignores, too
    #[arg(long, requires = "filename")]
    pub(crate) no_ignore: bool,
    /// What to call a cluster that the files do not identify
    #[arg(long, value_name = "NAME", requires = "filename")]
    pub(crate) cluster_name: Option<String>,
    /// The kubeconfig of a live cluster
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The context within it; the current one when absent
    #[arg(long, value_name = "NAME")]
    pub(crate) context: Option<String>,
}

/// Where to look for what a plan is about, which need not have an API.
#[derive(Debug, Args)]
pub(crate) struct PlanSource {
    #[command(flatten)]
    pub(crate) cluster: Source,
    /// A landscape without a Kubernetes API, known by this name: only the
    /// programs that a template looks at are asked
    #[arg(long, value_name = "NAME", conflicts_with_all = ["filename", "context", "kubeconfig"])]
    pub(crate) landscape: Option<ClusterId>,
}

/// Where the result goes.
#[derive(Debug, Args)]
pub(crate) struct Delivery {
    /// Write the result to this file; `-` is standard output
    #[arg(
        short = 'O',
        long,
        value_name = "FILE",
        default_value = "-",
        hide_default_value = true
    )]
    pub(crate) output_file: Destination,
}

#[derive(Debug, Args)]
pub(crate) struct AssessArgs {
    #[command(flatten)]
    pub(crate) source: Source,
    /// The target, such as 1.36 or 1.36.3
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: Option<TargetVersion>,
    /// The form of the result
    #[arg(short, long, value_enum, default_value_t = AssessFormat::Human)]
    pub(crate) output: AssessFormat,
    #[command(flatten)]
    pub(crate) delivery: Delivery,
    /// Ask a live cluster for Helm's stored releases too: Helm keeps them in
    /// Secrets, and no other Secret is asked for
    #[arg(long, conflicts_with = "filename")]
    pub(crate) helm_releases: bool,
    /// What makes the command exit with 3
    #[arg(long, value_enum, default_value_t = FailOnArg::Blocking)]
    pub(crate) fail_on: FailOnArg,
    /// Exit with 4 on any gap, not only on one that may hide a blocking finding
    #[arg(long)]
    pub(crate) strict: bool,
    /// Only findings of this family: api, versions, nodes, workloads, webhooks,
    /// projects, behaviour, juju or untouched; may be given several times
    #[arg(long, value_name = "FAMILY")]
    pub(crate) only: Vec<Family>,
    /// Findings that somebody accepted: a file of `Waiver` documents
    #[arg(long, value_name = "FILE")]
    pub(crate) waivers: Option<PathBuf>,
    /// An earlier assessment (`-o json` or `-o yaml`): tell what is new since,
    /// and what has cleared; only what is new makes the command exit with 3
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// The time to take as the present, such as 2026-11-01T00:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<jiff::Timestamp>,
}

#[derive(Debug, Args)]
pub(crate) struct InventoryArgs {
    #[command(flatten)]
    pub(crate) source: Source,
    /// The version that the projects have to support, such as 1.36; without it
    /// they are judged against the one that runs
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: Option<TargetVersion>,
    /// The form of the result
    #[arg(short, long, value_enum, default_value_t = InventoryFormat::Human)]
    pub(crate) output: InventoryFormat,
    #[command(flatten)]
    pub(crate) delivery: Delivery,
    /// Ask a live cluster for Helm's stored releases too: Helm keeps them in
    /// Secrets, and no other Secret is asked for
    #[arg(long, conflicts_with = "filename")]
    pub(crate) helm_releases: bool,
    /// Exit with 4 on any gap
    #[arg(long)]
    pub(crate) strict: bool,
    /// The time to take as the present, such as 2026-11-01T00:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<jiff::Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InventoryFormat {
    Human,
    Json,
    Yaml,
    Markdown,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// The kubeconfig of the cluster to ask
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The context within it; the current one when absent
    #[arg(long, value_name = "NAME")]
    pub(crate) context: Option<String>,
    /// The form of the result
    #[arg(short, long, value_enum, default_value_t = PlainFormat::Human)]
    pub(crate) output: PlainFormat,
}

#[derive(Debug, Args)]
pub(crate) struct SnapshotArgs {
    #[command(flatten)]
    pub(crate) source: PlanSource,
    /// Run the programs that this template looks at too, and keep what they show
    #[arg(long = "for", value_name = "TEMPLATE", requires = "to")]
    pub(crate) template: Option<String>,
    /// The target that a plan is to be made for
    #[arg(long, value_name = "VERSION", requires = "template")]
    pub(crate) to: Option<String>,
    /// Set a parameter of the template
    #[arg(long = "set", value_name = "NAME=VALUE", requires = "template")]
    pub(crate) set: Vec<String>,
    /// Write to this file instead of standard output; compressed when it ends in .gz
    #[arg(
        short,
        long = "output-file",
        short_alias = 'O',
        visible_alias = "output",
        value_name = "FILE",
        default_value = "-",
        hide_default_value = true
    )]
    pub(crate) output_file: Destination,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AssessFormat {
    Human,
    Json,
    Yaml,
    Markdown,
    Html,
    Sarif,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOnArg {
    Blocking,
    Warning,
    Never,
}

#[derive(Debug, Args)]
pub(crate) struct PathArgs {
    #[command(flatten)]
    pub(crate) source: Source,
    /// The version to begin from, when no cluster is looked at
    #[arg(long, value_name = "VERSION")]
    pub(crate) from: Option<String>,
    /// The target, such as 1.36 or 1.36.3, or a version of the project
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: String,
    /// The path of one project instead of the cluster's, such as cert-manager,
    /// cluedin or osism
    #[arg(long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// What the project runs on, so that every version on the way goes with it
    #[arg(long, value_name = "MINOR", requires = "project")]
    pub(crate) kubernetes: Option<Minor>,
    /// Keep a project where it is; may be given more than once
    #[arg(long, value_name = "NAME", conflicts_with = "project")]
    pub(crate) keep: Vec<String>,
    /// Bring a project to a version; may be given more than once
    #[arg(long = "move", value_name = "NAME=VERSION", conflicts_with = "project")]
    pub(crate) go: Vec<String>,
    /// The time that counts as now, as in 2026-11-30T00:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<jiff::Timestamp>,
    /// The form of the result
    #[arg(short, long, value_enum, default_value_t = PlainFormat::Human)]
    pub(crate) output: PlainFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlainFormat {
    Human,
    Json,
    Yaml,
}
