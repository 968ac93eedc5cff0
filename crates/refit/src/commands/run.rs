//! `refit rehearse`, `refit run`, and what people say to runs

use crate::args::{
    LogArgs, PlainFormat, RehearseArgs, RunArgs, StoreArgs, VerifyArgs, WhichRun, WhichStep,
};
use crate::commands::{bad_name, look, plan_landscape, print};
use crate::{human, output};
use refit_model::name::Actor;
use refit_model::plan::UpgradePlan;
use refit_model::rehearsal::Ending;
use refit_service::documents::{read_plan, read_policy};
use refit_service::exit;
use refit_service::failure::{Failure, FailureKind};
use refit_service::knowing::Known;
use refit_service::landscape::{Ignored, Landscape, Sought, connect};
use refit_service::looking::for_verification;
use refit_service::running::{self, RunReport, Word};
use refit_service::{governing, progress, rehearsing, windows};
use std::path::PathBuf;

/// Where the store is.
pub(crate) fn store_path(args: &StoreArgs) -> PathBuf {
    args.store.clone().unwrap_or_else(|| {
        running::default_store(
            std::env::var_os("XDG_STATE_HOME").map(PathBuf::from),
            std::env::var_os("HOME").map(PathBuf::from),
        )
    })
}

/// Who speaks.
pub(crate) fn actor(args: &StoreArgs) -> Result<Actor, Failure> {
    args.actor.parse().map_err(bad_name)
}

/// `refit rehearse PLAN`
pub(crate) async fn rehearse(known: &Known, args: &RehearseArgs) -> Result<u8, Failure> {
    let plan = read_plan(&args.plan)?;
    let reading = look(&plan_landscape(&args.source), known).await?;
    let rehearsal = rehearsing::rehearse(&plan, &reading.snapshot, known.knowledge(), args.seed)?;
    print(&rehearsal, args.output, |rehearsal| {
        human::rehearsal(rehearsal, output::width())
    })?;
    let went = !matches!(rehearsal.ending, Ending::Stopped(_));
    Ok(if went && rehearsal.verification.holds() {
        exit::FINE
    } else {
        exit::UNPROVEN
    })
}

/// `refit run PLAN`
pub(crate) async fn run(known: &Known, args: &RunArgs) -> Result<u8, Failure> {
    let plan = read_plan(&args.plan)?;
    let policy = args.policy.as_deref().map(read_policy).transpose()?;
    if !args.twin {
        governing::under_policy(&plan, policy.as_ref())?;
    }
    if let Some(policy) = &policy {
        windows::may_start(&plan, policy, jiff::Timestamp::now())?;
    }
    let actor = actor(&args.store)?;
    let journal = running::open_store(&store_path(&args.store)).await?;
    let mut watch = progress::Narrator::new(&plan, |line: &str| output::note(line));
    let report = if args.twin {
        let reading = look(&plan_landscape(&args.source), known).await?;
        let mut watch = |recorded: &_| watch.hear(recorded);
        running::practise(
            &plan,
            &reading.snapshot,
            &journal,
            &actor,
            jiff::Timestamp::now(),
            &mut watch,
        )
        .await?
    } else {
        let mut watch = |recorded: &_| watch.hear(recorded);
        let options = match plan_landscape(&args.source) {
            Landscape::Live(options) => options,
            Landscape::Named(name) => {
                let report =
                    running::run_through_programs(&plan, &name, &journal, &actor, &mut watch)
                        .await?;
                return finish(&report);
            }
            Landscape::Files { .. } => {
                return Err(Failure::new(
                    FailureKind::Usage,
                    "a run needs a live cluster, and -f names files",
                )
                .hint("`--twin -f PATH` practises on a twin of what the files show")
                .hint("without -f, the current context of your kubeconfig is used"));
            }
        };
        let world = connect(&options).await?;
        running::run_live(&plan, world, &journal, &actor, &mut watch).await?
    };
    finish(&report)
}

fn finish(report: &RunReport) -> Result<u8, Failure> {
    let mut text = match &report.outcome.ending {
        Ending::Succeeded => format!(
            "{} every step\n",
            output::styled(output::GOOD, "succeeded:")
        ),
        Ending::SucceededWithExceptions(what) => {
            format!(
                "{} {what}\n",
                output::styled(output::WARN, "succeeded with exceptions:")
            )
        }
        Ending::Stopped(why) => {
            output::note(
                "hint: `refit done`, `retry` or `skip` with the step's id, then `refit run` again",
            );
            format!("{} {why}\n", output::styled(output::BAD, "stopped:"))
        }
    };
    if let Some(verification) = &report.verification {
        text.push_str(&human::verification(verification, output::width()));
    }
    output::deliver(&text, &output::Destination::StandardOutput)?;
    Ok(report.exit_code())
}

/// Says one word to the run of a plan.
async fn say(plan: &UpgradePlan, store: &StoreArgs, word: Word) -> Result<u8, Failure> {
    let journal = running::open_store(&store_path(store)).await?;
    let phase = running::tell(&journal, plan, &actor(store)?, word, jiff::Timestamp::now()).await?;
    output::note(&format!("the run is {phase}; `refit run` carries it on"));
    Ok(exit::FINE)
}

/// `refit done PLAN STEP`
pub(crate) async fn done(which: &WhichStep, evidence: &str) -> Result<u8, Failure> {
    let plan = read_plan(&which.plan)?;
    let step = running::step(&plan, &which.step)?;
    let evidence = evidence.to_owned();
    say(&plan, &which.store, Word::Done { step, evidence }).await
}

/// `refit retry PLAN STEP`
pub(crate) async fn retry(which: &WhichStep, reason: &str) -> Result<u8, Failure> {
    let plan = read_plan(&which.plan)?;
    let step = running::step(&plan, &which.step)?;
    let reason = reason.to_owned();
    say(&plan, &which.store, Word::Retry { step, reason }).await
}

/// `refit skip PLAN STEP`
pub(crate) async fn skip(which: &WhichStep, reason: &str) -> Result<u8, Failure> {
    let plan = read_plan(&which.plan)?;
    let step = running::step(&plan, &which.step)?;
    let reason = reason.to_owned();
    say(&plan, &which.store, Word::Skip { step, reason }).await
}

/// `refit pause PLAN`
pub(crate) async fn pause(which: &WhichRun, reason: &str) -> Result<u8, Failure> {
    let plan = read_plan(&which.plan)?;
    let reason = reason.to_owned();
    say(&plan, &which.store, Word::Pause { reason }).await
}

/// `refit resume PLAN`
pub(crate) async fn resume(which: &WhichRun) -> Result<u8, Failure> {
    let plan = read_plan(&which.plan)?;
    say(&plan, &which.store, Word::Resume).await
}

/// `refit abort PLAN`
pub(crate) async fn abort(which: &WhichRun, reason: &str) -> Result<u8, Failure> {
    let plan = read_plan(&which.plan)?;
    let reason = reason.to_owned();
    say(&plan, &which.store, Word::Abort { reason }).await
}

/// `refit log PLAN`
pub(crate) async fn log(args: &LogArgs) -> Result<u8, Failure> {
    let plan = read_plan(&args.plan)?;
    let journal = running::open_store(&store_path(&args.store)).await?;
    let (events, phase) = running::log(&journal, &plan).await?;
    match args.output {
        PlainFormat::Human => {
            let mut lines = String::new();
            let mut narrator = progress::Narrator::new(&plan, |line: &str| {
                lines.push_str(line);
                lines.push('\n');
            });
            for event in &events {
                narrator.hear(event);
            }
            drop(narrator);
            if events.is_empty() {
                lines.push_str("this plan has not been run with this store; a practice run on a twin keeps no record\n");
            } else {
                lines.push_str(&format!("the run is {phase}\n"));
            }
            output::deliver(&lines, &output::Destination::StandardOutput)?;
        }
        PlainFormat::Json | PlainFormat::Yaml => print(&events, args.output, |_| String::new())?,
    }
    Ok(exit::FINE)
}

/// `refit verify PLAN`
pub(crate) async fn verify(known: &Known, args: &VerifyArgs) -> Result<u8, Failure> {
    let plan = read_plan(&args.plan)?;
    let before = if args.before.is_empty() {
        None
    } else {
        let files = Landscape::Files {
            paths: args.before.clone(),
            cluster_name: args.source.cluster.cluster_name.clone(),
            ignored: Ignored::default(),
            sought: Sought::Everything,
        };
        Some(look(&files, known).await?.snapshot)
    };
    let mut after = look(&plan_landscape(&args.source), known).await?;
    if args.source.cluster.filename.is_empty() {
        let mut note = |line: &str| output::note(line);
        for_verification(&plan, &mut after.snapshot, &mut note).await;
    }
    let journal = running::open_store(&store_path(&args.store)).await?;
    let actor = actor(&args.store)?;
    let now = jiff::Timestamp::now();
    let verification =
        running::verify(&journal, &plan, before, &after.snapshot, &actor, now).await?;
    print(&verification, args.output, |verification| {
        human::verification(verification, output::width())
    })?;
    Ok(if verification.holds() {
        exit::FINE
    } else {
        exit::UNPROVEN
    })
}
