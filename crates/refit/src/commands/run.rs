//! `refit rehearse`, `refit run`, and what people say to runs

use crate::args::{
    LogArgs, PlainFormat, RehearseArgs, RunArgs, StoreArgs, VerifyArgs, WhichRun, WhichStep,
};
use crate::commands::{bad_name, look, plan_landscape, print};
use crate::{human, output};
use jiff::Timestamp;
use refit_model::name::{Actor, ClusterId};
use refit_model::plan::UpgradePlan;
use refit_model::rehearsal::Ending;
use refit_service::documents::{read_plan, read_policy};
use refit_service::exit;
use refit_service::failure::{Failure, FailureKind};
use refit_service::knowing::Known;
use refit_service::landscape::{Ignored, Landscape, Live, Sought, connect};
use refit_service::looking::for_verification;
use refit_service::running::{self, RunReport, SqliteJournal, StepPhase, Word};
use refit_service::{approval, governing, progress, rehearsing, windows};
use std::path::PathBuf;

/// Where the store is.
pub(crate) fn store_path(args: &StoreArgs) -> Result<PathBuf, Failure> {
    place_of_store(args).ok_or_else(running::no_store)
}

/// The store where it is there already: what only reads makes none, and needs no
/// place for one.
pub(crate) async fn existing_store(args: &StoreArgs) -> Result<Option<SqliteJournal>, Failure> {
    match place_of_store(args) {
        Some(path) => running::existing_store(&path).await,
        None => Ok(None),
    }
}

fn place_of_store(args: &StoreArgs) -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    args.store
        .clone()
        .or_else(|| running::default_store(variable("XDG_STATE_HOME"), variable("HOME")))
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

/// On what a plan is carried out.
enum Stage {
    /// A twin of what is read there.
    Twin(Landscape),
    /// A live cluster.
    Cluster(Live),
    /// A landscape that is reached through programs alone.
    Programs(ClusterId),
}

fn stage(args: &RunArgs) -> Result<Stage, Failure> {
    match plan_landscape(&args.source) {
        landscape if args.twin => Ok(Stage::Twin(landscape)),
        Landscape::Live(options) => Ok(Stage::Cluster(options)),
        Landscape::Named(name) => Ok(Stage::Programs(name)),
        Landscape::Files { .. } => Err(Failure::new(
            FailureKind::Usage,
            "a run needs a live cluster, and -f names files",
        )
        .hint("`--twin -f PATH` practises on a twin of what the files show")
        .hint("without -f, the current context of your kubeconfig is used")),
    }
}

/// `refit run PLAN`
///
/// What can be refused without looking at a cluster is refused first: the policy,
/// the approval, the window, in the order in which people do something about them.
pub(crate) async fn run(known: &Known, args: &RunArgs) -> Result<u8, Failure> {
    let plan = read_plan(&args.plan)?;
    let stage = stage(args)?;
    let policy = args.policy.as_deref().map(read_policy).transpose()?;
    match stage {
        Stage::Twin(_) => {}
        Stage::Cluster(_) | Stage::Programs(_) => {
            governing::under_policy(&plan, policy.as_ref())?;
        }
    }
    let actor = actor(&args.store)?;
    let journal = running::open_store(&store_path(&args.store)?).await?;
    approval::approved(&journal, &plan, Timestamp::now()).await?;
    if let Some(policy) = &policy {
        windows::may_start(&plan, policy, Timestamp::now())?;
    }
    let mut narrator = progress::Narrator::new(&plan, |line: &str| output::note(line));
    let mut watch = |recorded: &_| narrator.hear(recorded);
    let report = match stage {
        Stage::Twin(landscape) => {
            let seen = look(&landscape, known).await?.snapshot;
            let now = Timestamp::now();
            let practised = running::practise(&plan, &seen, &journal, &actor, now, &mut watch);
            return finish(&practised.await?, "the twin does not model what they do");
        }
        Stage::Cluster(options) => {
            let world = connect(&options).await?;
            running::run_live(&plan, world, &journal, &actor, &mut watch).await?
        }
        Stage::Programs(name) => {
            running::run_through_programs(&plan, &name, &journal, &actor, &mut watch).await?
        }
    };
    finish(&report, "people did them and said so")
}

/// Tells how a run ended. Of steps that somebody's word ended, `because` says why
/// nothing more is known.
fn finish(report: &RunReport, because: &str) -> Result<u8, Failure> {
    let mut text = match &report.outcome.ending {
        Ending::Succeeded => {
            let steps = || report.outcome.state.steps();
            let by_word = steps().filter(|(_, step)| step.phase == StepPhase::DoneByHand);
            let what = match by_word.count() {
                0 => "every step".to_owned(),
                taken => {
                    let all = steps().count();
                    let seen = all.saturating_sub(taken);
                    format!("{seen} of {all} steps; {taken} were taken as done: {because}")
                }
            };
            format!("{} {what}\n", output::styled(output::GOOD, "succeeded:"))
        }
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
    output::prose(&text, &output::Destination::StandardOutput)?;
    Ok(report.exit_code())
}

/// Says one word to the run of a plan.
async fn say(plan: &UpgradePlan, store: &StoreArgs, word: Word) -> Result<u8, Failure> {
    let journal = running::open_store(&store_path(store)?).await?;
    let phase = running::tell(&journal, plan, &actor(store)?, word, Timestamp::now()).await?;
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
    let journal = running::open_store(&store_path(&args.store)?).await?;
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
            output::prose(&lines, &output::Destination::StandardOutput)?;
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
    let journal = running::open_store(&store_path(&args.store)?).await?;
    let actor = actor(&args.store)?;
    let now = Timestamp::now();
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
