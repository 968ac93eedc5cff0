//! The use cases around runs: carrying a plan out, saying something to a run,
//! reading what it recorded, and verifying its end.

use crate::approval::{approved, fresh, same_cluster};
use crate::exit;
use crate::failure::{Failure, FailureKind, defect};
use crate::landscape::named;
use crate::looking;
use crate::rehearsing::twin_for;
use crate::speaking::{said, say};
use crate::wall::WallClock;
use refit_assessor::near::nearest;
use refit_cluster::{Hands, LiveWorld, Surroundings, ToolWorld};
use refit_executor::ports::{Clock, Guard, Journal, World};
use refit_executor::{
    Ports, RunError, RunOptions, RunOutcome, TellError, fold, stream_of, tell as record,
};
pub use refit_executor::{RunPhase, StepPhase, Word};
use refit_model::event::{NewEvent, Recorded};
use refit_model::governance::{PlanEvent, RunGlance};
use refit_model::name::{Actor, ClusterId, Incarnation, RunId, StepId, StreamId};
use refit_model::plan::UpgradePlan;
use refit_model::query::Query;
use refit_model::rehearsal::Ending;
use refit_model::snapshot::Snapshot;
use refit_model::verification::{Verification, verify as compare};
use refit_store::IfMissing;
pub use refit_store::SqliteJournal;
use ring::rand::{SecureRandom as _, SystemRandom};
use std::path::{Path, PathBuf};

/// Where approvals and runs are kept when nobody names a place: under
/// `XDG_STATE_HOME`, or under `.local/state` of the home directory, as the XDG
/// base directory specification says of state that survives restarts; nowhere
/// without either. A place that depends on the present folder would hold another
/// record in every folder.
#[must_use]
pub fn default_store(state_home: Option<PathBuf>, home: Option<PathBuf>) -> Option<PathBuf> {
    let absolute = |path: &PathBuf| path.is_absolute();
    state_home
        .filter(absolute)
        .or_else(|| Some(home.filter(absolute)?.join(".local/state")))
        .map(|state| state.join("refit/refit.db"))
}

/// The failure of somebody who has no place for the record.
#[must_use]
pub fn no_store() -> Failure {
    Failure::new(
        FailureKind::Usage,
        "there is no place for the record of approvals and runs: HOME is not set",
    )
    .hint("set HOME, or XDG_STATE_HOME to an absolute path")
    .hint("`--store FILE`, or REFIT_STORE, names the file itself")
}

/// Opens the store, making it and its folder when they are not there.
///
/// # Errors
/// When it is no store of this version, or cannot be made.
pub async fn open_store(path: &Path) -> Result<SqliteJournal, Failure> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).map_err(|error| {
            Failure::new(
                FailureKind::Usage,
                format!(
                    "could not make {} for the record of approvals and runs",
                    folder.display()
                ),
            )
            .because(error)
            .hint("`--store FILE`, or REFIT_STORE, names another place")
        })?;
    }
    SqliteJournal::open(path, IfMissing::Create)
        .await
        .map_err(|error| {
            Failure::new(
                FailureKind::Usage,
                format!("could not use {} as the record of runs", path.display()),
            )
            .because(error)
            .hint("`--store FILE`, or REFIT_STORE, names another place")
        })
}

/// The store, when it is there already: what only reads makes none.
///
/// # Errors
/// When it is no store of this version.
pub async fn existing_store(path: &Path) -> Result<Option<SqliteJournal>, Failure> {
    if path.exists() {
        open_store(path).await.map(Some)
    } else {
        Ok(None)
    }
}

/// A new incarnation: random, so that no two starts are ever taken for one.
///
/// # Errors
/// When the system has no randomness to give.
pub fn incarnation() -> Result<Incarnation, Failure> {
    // As many bits as a random UUID has.
    let mut bytes = [0_u8; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| {
        Failure::new(
            FailureKind::Broken,
            "the system has no randomness to name this process by",
        )
    })?;
    let name: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Incarnation::new(name).map_err(|error| {
        Failure::new(FailureKind::Broken, "could not name this process").because(error)
    })
}

/// How a run came out, and what was then observed.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// The run.
    pub run: RunId,
    /// How it ended or stopped.
    pub outcome: RunOutcome,
    /// What was observed of the plan's promises afterwards; absent while the
    /// run has not ended.
    pub verification: Option<Verification>,
}

impl RunReport {
    /// The exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match &self.outcome.ending {
            Ending::Stopped(_) => exit::UNPROVEN,
            Ending::Succeeded | Ending::SucceededWithExceptions(_) => match &self.verification {
                Some(verification) if verification.holds() => exit::FINE,
                Some(_) | None => exit::UNPROVEN,
            },
        }
    }
}

/// Carries an approved plan out on `world`, or resumes the run that was begun.
///
/// The first time, the landscape is compared with the one that the plan was
/// made from, and kept for the verification. From the first event on, each
/// step's own conditions decide.
///
/// # Errors
/// A refusal when the plan was not approved, is stale or for another cluster;
/// [`FailureKind::Broken`] when nothing could be recorded.
pub async fn run<W: World, J: Journal, C: Clock>(
    plan: &UpgradePlan,
    ports: Ports<'_, W, J, C>,
    actor: &Actor,
    watch: &mut (dyn FnMut(&Recorded) + Send),
) -> Result<RunReport, Failure> {
    let run = run_id(plan)?;
    approved(ports.journal, plan, ports.clock.now()).await?;
    let before = if let Some(before) = before(ports.journal, plan).await? {
        before
    } else {
        let seen = ports.world.observe(&Query::Everything).await;
        fresh(plan, &seen)?;
        remember(ports.journal, plan, &seen, actor, ports.clock.now()).await?;
        seen
    };
    let options = RunOptions::new(actor.clone(), incarnation()?);
    let outcome = refit_executor::run(plan, &run, ports, &options, watch)
        .await
        .map_err(run_failure)?;
    let verification = match &outcome.ending {
        Ending::Stopped(_) => None,
        Ending::Succeeded | Ending::SucceededWithExceptions(_) => {
            let after = looking::after(plan, ports.world).await;
            let verification = compare(plan, &before, &after);
            record_verified(ports.journal, plan, &verification, actor, ports.clock.now()).await?;
            Some(verification)
        }
    };
    Ok(RunReport {
        run,
        outcome,
        verification,
    })
}

/// Carries an approved plan out on a live cluster.
///
/// # Errors
/// As [`run`].
pub async fn run_live<J: Journal>(
    plan: &UpgradePlan,
    world: LiveWorld,
    journal: &J,
    actor: &Actor,
    watch: &mut (dyn FnMut(&Recorded) + Send),
) -> Result<RunReport, Failure> {
    // Only a run gets hands: everything else that looks at a cluster cannot
    // change it.
    let world = world.with_hands(Hands::KubeAndPrograms);
    let ports = Ports {
        world: &world,
        journal,
        clock: &WallClock,
    };
    run(plan, ports, actor, watch).await
}

/// Carries an approved plan out on a landscape that is reached through programs
/// alone.
///
/// # Errors
/// As [`run`].
pub async fn run_through_programs<J: Journal>(
    plan: &UpgradePlan,
    landscape: &ClusterId,
    journal: &J,
    actor: &Actor,
    watch: &mut (dyn FnMut(&Recorded) + Send),
) -> Result<RunReport, Failure> {
    let world = ToolWorld::new(named(landscape), Surroundings::of_this_process());
    let ports = Ports {
        world: &world,
        journal,
        clock: &WallClock,
    };
    run(plan, ports, actor, watch).await
}

/// Carries an approved plan out on a twin of `snapshot`, in virtual time: as far
/// as the twin models it, with everything else taken as done by `actor`.
///
/// The twin is gone when this returns, and so is its record: nothing is kept of a
/// practice.
///
/// # Errors
/// As [`run`], and when no twin can be made of the snapshot.
pub async fn practise<J: Journal>(
    plan: &UpgradePlan,
    snapshot: &Snapshot,
    journal: &J,
    actor: &Actor,
    now: jiff::Timestamp,
    watch: &mut (dyn FnMut(&Recorded) + Send),
) -> Result<RunReport, Failure> {
    fresh(plan, snapshot)?;
    approved(journal, plan, now).await?;
    let twin = twin_for(plan, snapshot, 1)?;
    let playable = refit_twin::as_far_as_modelled(plan).map_err(defect)?;
    let outcome = refit_twin::play(&playable, &twin, actor, watch)
        .await
        .map_err(|error| {
            Failure::new(FailureKind::Broken, "could not practise the plan").because(error)
        })?;
    let verification = match &outcome.ending {
        Ending::Stopped(_) => None,
        Ending::Succeeded | Ending::SucceededWithExceptions(_) => {
            let after = twin.observe(&Query::Everything).await;
            Some(compare(&playable, snapshot, &after))
        }
    };
    Ok(RunReport {
        run: run_id(plan)?,
        outcome,
        verification,
    })
}

fn run_failure(error: RunError) -> Failure {
    let (kind, what, hint) = match &error {
        RunError::Edited { .. } | RunError::OtherPlan { .. } => (
            FailureKind::Refused,
            "this plan cannot be run",
            "make the plan again with `refit plan new`",
        ),
        RunError::WrongCluster { .. } => (
            FailureKind::Refused,
            "this plan cannot be run here",
            "name the cluster that the plan was made for",
        ),
        RunError::Lease(_) | RunError::Fenced { .. } => (
            FailureKind::Refused,
            "somebody else is acting on this cluster",
            "`refit log PLAN` shows what the other process does; its lease ends a minute after it does",
        ),
        RunError::Hash(_)
        | RunError::Steps(_)
        | RunError::Stream(_)
        | RunError::LeaseTooShort(_)
        | RunError::Append(_)
        | RunError::Read(_)
        | RunError::Event(_)
        | RunError::Write(_)
        | RunError::Decide(_) => (
            FailureKind::Broken,
            "could not go on with the run",
            "nothing is lost: the same command resumes it",
        ),
    };
    Failure::new(kind, what).because(error).hint(hint)
}

/// Says `word` to the run of `plan`, and returns where it stands with that.
///
/// # Errors
/// A refusal when the word does not fit where the run stands.
pub async fn tell<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
    actor: &Actor,
    word: Word,
    now: jiff::Timestamp,
) -> Result<RunPhase, Failure> {
    let run = run_id(plan)?;
    record(plan, &run, journal, actor, word, now)
        .await
        .map(|state| state.phase())
        .map_err(|error| {
            let kind = match &error {
                TellError::Word { .. } | TellError::OtherPlan { .. } => FailureKind::Refused,
                TellError::Steps(_)
                | TellError::Stream(_)
                | TellError::Read(_)
                | TellError::Event(_)
                | TellError::Write(_)
                | TellError::Append(_) => FailureKind::Broken,
            };
            Failure::new(kind, "could not say this to the run")
                .because(error)
                .hint("`refit log PLAN` shows where the run stands")
        })
}

/// The step of this name, or the nearest one.
///
/// # Errors
/// When the plan has none.
pub fn step(plan: &UpgradePlan, name: &str) -> Result<StepId, Failure> {
    if let Some((_, step)) = plan.steps().find(|(_, step)| step.id.as_str() == name) {
        return Ok(step.id.clone());
    }
    let failure = Failure::new(FailureKind::Usage, format!("the plan has no step {name:?}"));
    let ids = plan.steps().map(|(_, step)| step.id.as_str());
    Err(match nearest(name, ids) {
        Some(near) => failure.hint(format!("did you mean {near}?")),
        None => failure.hint("`refit plan show PLAN` lists the steps with their ids"),
    })
}

/// What the run of `plan` recorded, and where it stands.
///
/// # Errors
/// When the record cannot be read.
pub async fn log<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
) -> Result<(Vec<Recorded>, RunPhase), Failure> {
    let broken = |what: &str| Failure::new(FailureKind::Broken, what);
    let stream = stream_of(&run_id(plan)?)
        .map_err(|error| broken("could not name the stream of the run").because(error))?;
    let events = journal
        .read(&stream, 0)
        .await
        .map_err(|error| broken("could not read the record of the run").because(error))?;
    let phase = fold(&events)
        .map_err(|error| broken("could not understand the record of the run").because(error))?
        .phase();
    Ok((events, phase))
}

/// Compares what a plan promises with what is observed now.
///
/// `before` is what was observed before the upgrade; when it is not given, what
/// the run of the plan kept is used.
///
/// # Errors
/// When there is nothing to compare with.
pub async fn verify<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
    given: Option<Snapshot>,
    after: &Snapshot,
    actor: &Actor,
    now: jiff::Timestamp,
) -> Result<Verification, Failure> {
    same_cluster(plan, after)?;
    let before = match given {
        Some(before) => before,
        None => before(journal, plan).await?.ok_or_else(|| {
            Failure::new(
                FailureKind::Unseen,
                "nothing is kept of how it was before: this plan was not run with this store",
            )
            .hint("`--before PATH` names what was read before the upgrade")
            .hint("`--store FILE` names the record of the run")
        })?,
    };
    let verification = compare(plan, &before, after);
    record_verified(journal, plan, &verification, actor, now).await?;
    Ok(verification)
}

/// Records what was observed of the plan's promises: only this completes a plan.
/// Of a plan that nobody has said anything about, nothing is recorded: it may be
/// compared with anything, such as a copy.
async fn record_verified<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
    verification: &Verification,
    actor: &Actor,
    now: jiff::Timestamp,
) -> Result<(), Failure> {
    let (events, _) = said(journal, plan).await?;
    if events.is_empty() {
        return Ok(());
    }
    let broken = verification.broken();
    say(journal, plan, actor, &PlanEvent::Verified { broken }, now).await
}

/// The run of a plan at a glance; nothing while there is none.
///
/// # Errors
/// When the record cannot be read.
pub async fn glance<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
) -> Result<Option<RunGlance>, Failure> {
    let (events, _) = log(journal, plan).await?;
    if events.is_empty() {
        return Ok(None);
    }
    let state = fold(&events).map_err(|error| {
        Failure::new(
            FailureKind::Broken,
            "could not understand the record of the run",
        )
        .because(error)
    })?;
    let ended = state.steps().filter(|(_, step)| step.phase.is_terminal());
    Ok(Some(RunGlance {
        phase: state.phase().to_string(),
        ended: ended.count(),
        steps: plan.steps().count(),
        reasons: state.reasons().to_vec(),
    }))
}

/// The run of a plan. A plan is carried out once; what comes after a failure is
/// decided within the same run.
fn run_id(plan: &UpgradePlan) -> Result<RunId, Failure> {
    RunId::new(plan.content_hash.short())
        .map_err(|error| Failure::new(FailureKind::Broken, "could not name the run").because(error))
}

/// The stream that keeps the landscape as it was before the run.
fn before_stream(plan: &UpgradePlan) -> Result<StreamId, Failure> {
    StreamId::new(format!("before/{}", plan.content_hash)).map_err(|error| {
        Failure::new(FailureKind::Broken, "could not name a stream").because(error)
    })
}

async fn before<J: Journal>(journal: &J, plan: &UpgradePlan) -> Result<Option<Snapshot>, Failure> {
    let kept = journal
        .read(&before_stream(plan)?, 0)
        .await
        .map_err(|error| {
            Failure::new(FailureKind::Broken, "could not read how it was before").because(error)
        })?;
    kept.into_iter()
        .next()
        .map(|recorded| serde_json::from_value(recorded.event.body).map_err(defect))
        .transpose()
}

async fn remember<J: Journal>(
    journal: &J,
    plan: &UpgradePlan,
    seen: &Snapshot,
    actor: &Actor,
    now: jiff::Timestamp,
) -> Result<(), Failure> {
    let event = NewEvent {
        at: now,
        actor: actor.clone(),
        body: serde_json::to_value(seen).map_err(defect)?,
    };
    journal
        .append(&before_stream(plan)?, 0, Guard::Open, &[event])
        .await
        .map(|_| ())
        .map_err(|error| {
            Failure::new(FailureKind::Broken, "could not keep how it was before").because(error)
        })
}
