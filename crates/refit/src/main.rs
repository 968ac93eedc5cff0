//! Assess, plan, rehearse, run and verify Kubernetes upgrades.
//!
//! This crate parses arguments, calls one use case of `refit-service`, prints,
//! and exits. It decides nothing.

mod args;
mod commands;
mod comparison;
mod human;
mod inventory;
mod lint;
mod output;
mod overview;
mod path;
mod together;
mod watching;

use args::{Cli, Command, KnowledgeCommand, PlanCommand, TemplateCommand};
use clap::{CommandFactory as _, FromArgMatches as _};
use refit_service::failure::{Failure, FailureKind};
use refit_service::knowing::Known;
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = parse();
    let outcome = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(FailureKind::Broken, "could not start").because(error))
        .and_then(|runtime| runtime.block_on(dispatch(&cli)));
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            output::failure(&failure);
            ExitCode::from(failure.kind.code())
        }
    }
}

/// The arguments. Installed as `kubectl-refit` the program is called as
/// `kubectl refit`, and its usage says so.
fn parse() -> Cli {
    let mut command = Cli::command();
    let called = std::env::args_os().next().map(PathBuf::from);
    let is_plugin = called
        .as_deref()
        .and_then(std::path::Path::file_stem)
        .is_some_and(|name| name == "kubectl-refit");
    if is_plugin {
        command = command.bin_name("kubectl refit");
    }
    let mut matches = command.clone().get_matches();
    match Cli::from_arg_matches_mut(&mut matches) {
        Ok(cli) => cli,
        Err(error) => error.format(&mut command).exit(),
    }
}

/// Where imported knowledge is kept; nowhere without a home.
fn imported_knowledge() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    refit_service::bundle::default_place(variable("XDG_DATA_HOME"), variable("HOME"))
}

/// The knowledge that the arguments name.
fn known(cli: &Cli) -> Result<Known, Failure> {
    refit_service::knowing::known(&cli.knowledge, imported_knowledge().as_deref())
}

async fn dispatch(cli: &Cli) -> Result<u8, Failure> {
    match &cli.command {
        Command::Demo(args) => commands::demo::demo(args).await,
        Command::Assess(args) => commands::assess::assess(&known(cli)?, args).await,
        Command::Inventory(args) => commands::inventory::inventory(&known(cli)?, args).await,
        Command::Lint(args) => commands::lint::lint(&known(cli)?, args),
        Command::Snapshot(args) => commands::snapshot::snapshot(&known(cli)?, args).await,
        Command::Path(args) => commands::path::path(&known(cli)?, args).await,
        Command::Template(TemplateCommand::List { store, output }) => {
            commands::template::list(&known(cli)?, store, *output).await
        }
        Command::Template(TemplateCommand::Show { name, overlay }) => {
            commands::template::show(name, overlay)
        }
        Command::Template(TemplateCommand::New {
            name,
            from,
            overlay,
            delivery,
        }) => commands::template::new(name, from, overlay, delivery),
        Command::Template(TemplateCommand::Validate { name, overlay }) => {
            commands::template::validate(name, overlay)
        }
        Command::Template(TemplateCommand::Diff { old, new }) => commands::template::diff(old, new),
        Command::Template(TemplateCommand::Rehearse(args)) => {
            commands::template::rehearse(&known(cli)?, args).await
        }
        Command::Template(TemplateCommand::Approve { name, note, store }) => {
            commands::template::approve(name, note.as_deref(), store).await
        }
        Command::Template(TemplateCommand::Cancel {
            name,
            reason,
            store,
        }) => commands::template::cancel(name, reason, store).await,
        Command::Plan(PlanCommand::New(args)) => commands::plan::new(&known(cli)?, args).await,
        Command::Plan(PlanCommand::Show { plan }) => commands::plan::show(plan),
        Command::Plan(PlanCommand::Review {
            plan,
            source,
            output,
        }) => commands::plan::review(&known(cli)?, plan, source, *output).await,
        Command::Plan(PlanCommand::Export {
            plan,
            format,
            start,
            delivery,
            store,
        }) => commands::plan::export(plan, *format, start, delivery, store).await,
        Command::Plan(PlanCommand::Windows {
            plan,
            policy,
            now,
            output,
        }) => commands::plan::windows(plan, policy, *now, *output),
        Command::Plan(PlanCommand::Diff { old, new }) => commands::plan::diff(old, new),
        Command::Plan(PlanCommand::Notices {
            plan,
            start,
            delivery,
            store,
        }) => commands::plan::notices(plan, start, delivery, store).await,
        Command::Plan(PlanCommand::Approve {
            plan,
            source,
            sign,
            store,
        }) => commands::together::approve(&known(cli)?, plan, source, sign.as_deref(), store).await,
        Command::Plan(PlanCommand::Waive {
            plan,
            code,
            step,
            reason,
            until,
            source,
            store,
        }) => {
            let waiver = commands::together::Waiver {
                code: *code,
                step: step.as_deref(),
                reason,
                until: *until,
            };
            commands::together::waive(&known(cli)?, plan, waiver, source, store).await
        }
        Command::Plan(PlanCommand::Request { speaker, note }) => {
            commands::together::request(speaker, note.as_deref()).await
        }
        Command::Plan(PlanCommand::Deny { speaker, reason }) => {
            commands::together::deny(speaker, reason).await
        }
        Command::Plan(PlanCommand::Revoke { speaker, reason }) => {
            commands::together::revoke(speaker, reason).await
        }
        Command::Plan(PlanCommand::Cancel { speaker, reason }) => {
            commands::together::cancel(speaker, reason).await
        }
        Command::Plan(PlanCommand::Reopen { speaker, reason }) => {
            commands::together::reopen(speaker, reason).await
        }
        Command::Plan(PlanCommand::Comment {
            speaker,
            text,
            step,
        }) => commands::together::comment(speaker, text, step.as_deref()).await,
        Command::Plan(PlanCommand::Own { speaker, owner }) => {
            commands::together::own(speaker, owner.as_ref()).await
        }
        Command::Plan(PlanCommand::Assign {
            speaker,
            step,
            to,
            due,
        }) => commands::together::assign(speaker, step, to, *due).await,
        Command::Plan(PlanCommand::Status { speaker, output }) => {
            commands::together::status(speaker, *output).await
        }
        Command::Plan(PlanCommand::Feed { speaker, output }) => {
            commands::together::feed(speaker, *output).await
        }
        Command::Rehearse(args) => commands::run::rehearse(&known(cli)?, args).await,
        Command::Run(args) => commands::run::run(&known(cli)?, args).await,
        Command::Done { which, evidence } => commands::run::done(which, evidence).await,
        Command::Retry { which, reason } => commands::run::retry(which, reason).await,
        Command::Skip { which, reason } => commands::run::skip(which, reason).await,
        Command::Pause { which, reason } => commands::run::pause(which, reason).await,
        Command::Resume { which } => commands::run::resume(which).await,
        Command::Abort { which, reason } => commands::run::abort(which, reason).await,
        Command::Log(args) => commands::run::log(args).await,
        Command::Verify(args) => commands::run::verify(&known(cli)?, args).await,
        Command::Explain { code } => commands::explain(code),
        // What was imported before may be what is wrong: it is not read here.
        Command::Knowledge(KnowledgeCommand::Import { bundle, trust }) => {
            commands::knowledge::import(bundle, trust, imported_knowledge().as_deref())
        }
        Command::Knowledge(command) => commands::knowledge::knowledge(&known(cli)?, command),
        Command::Rbac { helm_releases } => commands::rbac(*helm_releases),
        Command::Doctor(args) => commands::doctor::doctor(args),
        Command::Completions { shell } => commands::completions(*shell),
    }
}
