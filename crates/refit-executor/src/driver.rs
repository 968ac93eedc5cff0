//! The driver: carries out what the core decides, through the ports.
//!
//! It holds no rule of its own about steps. What it guards is the order: events
//! are recorded before any command is carried out, every record stands under
//! the lease, and nothing is sent when the lease may have passed to another.

mod lease;
mod stream;

use crate::decide::{Command, Input, Taken, WordError};
use crate::event::{EventError, OldHolder, stream_of};
use crate::gather::gather;
use crate::looks::Looks;
use crate::ports::{AppendError, Clock, Journal, LeaseError, StorageError, World};
use crate::state::{RunState, fold};
use crate::steps::{Steps, StepsError};
use lease::{Need, Tenure};
use refit_model::act::{Answer, Epoch, Intent};
use refit_model::duration::Seconds;
use refit_model::event::Recorded;
use refit_model::hash::ContentHash;
use refit_model::name::{Actor, ClusterId, Incarnation, NameError, RunId, StepId, StreamId};
use refit_model::plan::UpgradePlan;
use refit_model::query::Query;
use refit_model::rehearsal::Ending;
use refit_model::snapshot::{ClusterIdentity, IdentityBasis, Snapshot};
use std::collections::VecDeque;

/// How long a lease lasts without a renewal.
///
/// Source: part 8.3 of our execution design. A process that was killed blocks
/// its target for no longer than this.
pub const LEASE_TTL: Seconds = Seconds::minutes(1);

/// The longest sleep in one piece, so that a person's *stop* is heard before
/// the next send.
///
/// Source: our bar that stopping the line takes at most five seconds.
const LONGEST_SLEEP: Seconds = Seconds::new(5);

/// What a run works through.
#[derive(Debug)]
pub struct Ports<'a, W, J, C> {
    /// The target.
    pub world: &'a W,
    /// The record.
    pub journal: &'a J,
    /// The time.
    pub clock: &'a C,
}

impl<W, J, C> Clone for Ports<'_, W, J, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W, J, C> Copy for Ports<'_, W, J, C> {}

/// In whose name and under which lease a run goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOptions {
    /// Who is recorded as the one who acts.
    pub actor: Actor,
    /// This start of this process: random, never used again.
    pub incarnation: Incarnation,
    /// How long a lease lasts without a renewal; [`LEASE_TTL`] unless a test
    /// wants another.
    pub lease_ttl: Seconds,
    /// What is known of the process that held the lease before.
    pub old_holder: OldHolder,
    /// What to do while another process holds the lease.
    pub on_held: OnHeld,
}

/// What to do while another process holds the lease.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnHeld {
    /// Say so and stop.
    #[default]
    Refuse,
    /// Wait until it ends, as long as its holder does not prolong it.
    Wait,
}

impl RunOptions {
    /// The usual options.
    #[must_use]
    pub const fn new(actor: Actor, incarnation: Incarnation) -> Self {
        Self {
            actor,
            incarnation,
            lease_ttl: LEASE_TTL,
            old_holder: OldHolder::NotProven,
            on_held: OnHeld::Refuse,
        }
    }
}

/// How a run ended or came to a stop.
#[derive(Clone, Debug, PartialEq)]
pub struct RunOutcome {
    /// In one word, with the reasons.
    pub ending: Ending,
    /// What its events add up to.
    pub state: RunState,
    /// All its events, from the first on.
    pub events: Vec<Recorded>,
}

/// Why a run could not be carried on. What a target refused or failed to do is
/// no error: it is in the outcome.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The plan is not what was sealed.
    #[error("the plan was edited after it was made: its content is {found}, not {sealed}")]
    Edited {
        /// The hash that it carries.
        sealed: ContentHash,
        /// The hash of what it says.
        found: ContentHash,
    },
    /// The plan cannot be hashed.
    #[error("could not hash the plan")]
    Hash(#[source] serde_json::Error),
    /// The plan cannot be carried out.
    #[error("could not read the steps of the plan")]
    Steps(#[source] StepsError),
    /// The target is another one.
    #[error("the plan is for {planned}, and this is {found}")]
    WrongCluster {
        /// What the plan is for.
        planned: ClusterIdentity,
        /// What is there.
        found: ClusterIdentity,
    },
    /// The run was started with another plan.
    #[error("run {run} was started with plan {started}, not {given}")]
    OtherPlan {
        /// The run.
        run: RunId,
        /// The plan that it was started with.
        started: ContentHash,
        /// The plan that was given.
        given: ContentHash,
    },
    /// The run's id does not fit into the name of a stream.
    #[error("could not name the stream of the run")]
    Stream(#[source] NameError),
    /// The lease is too short to send anything under it.
    #[error("a lease of {0} leaves no time to send anything")]
    LeaseTooShort(Seconds),
    /// There is no lease.
    #[error("could not take or keep the lease")]
    Lease(#[source] LeaseError),
    /// Another process acts on the target; this one wrote nothing more.
    #[error("another process has taken over {target} from epoch {epoch}")]
    Fenced {
        /// The target.
        target: ClusterId,
        /// The epoch of this process.
        epoch: Epoch,
    },
    /// Nothing could be recorded.
    #[error("could not record what happened")]
    Append(#[source] AppendError),
    /// The record could not be read.
    #[error("could not read the record of the run")]
    Read(#[source] StorageError),
    /// An event could not be written or understood.
    #[error("could not understand the record of the run")]
    Event(#[source] EventError),
    /// An event could not be written as JSON: a defect.
    #[error("could not write an event")]
    Write(#[source] serde_json::Error),
    /// A decision was refused that nobody had made: a defect.
    #[error("could not decide")]
    Decide(#[source] WordError),
}

/// Carries out `plan` as the run `run_id`, or resumes it when its stream has
/// events, until it ends or only a person can lead on.
///
/// `watch` is called with every event that is recorded while this runs, those
/// of people included. The future never completes early: dropping it is the
/// same as killing the process, and is resumed in the same way.
///
/// # Errors
/// See [`RunError`]. The record stays as it was or holds a whole decision; the
/// same call resumes.
pub async fn run<W: World, J: Journal, C: Clock>(
    plan: &UpgradePlan,
    run_id: &RunId,
    ports: Ports<'_, W, J, C>,
    options: &RunOptions,
    watch: &mut (dyn FnMut(&Recorded) + Send),
) -> Result<RunOutcome, RunError> {
    let found = ContentHash::of(&plan.spec).map_err(RunError::Hash)?;
    if found != plan.content_hash {
        return Err(RunError::Edited {
            sealed: plan.content_hash.clone(),
            found,
        });
    }
    let steps = Steps::of(plan).map_err(RunError::Steps)?;
    let stream = stream_of(run_id).map_err(RunError::Stream)?;
    let events = ports
        .journal
        .read(&stream, 0)
        .await
        .map_err(RunError::Read)?;
    let state = fold(&events).map_err(RunError::Event)?;
    if let Some(started) = state.started()
        && started.plan != plan.content_hash
    {
        return Err(RunError::OtherPlan {
            run: run_id.clone(),
            started: started.plan.clone(),
            given: plan.content_hash.clone(),
        });
    }
    if state.phase().is_terminal()
        && let Some(ending) = state.ending()
    {
        return Ok(RunOutcome {
            ending,
            state,
            events,
        });
    }
    check_identity(plan, ports).await?;
    let tenure = Tenure::take(ports, &plan.spec.cluster.id, options).await?;
    let mut driver = Driver {
        plan,
        run_id,
        ports,
        options,
        watch,
        steps,
        stream,
        state,
        looks: Looks::default(),
        events,
        tenure,
    };
    let ending = driver.drive().await?;
    // A lease that cannot be given back ends by itself.
    drop(ports.journal.release(driver.tenure.lease()).await);
    Ok(RunOutcome {
        ending,
        state: driver.state,
        events: driver.events,
    })
}

/// Refuses to act on another landscape than the plan's.
async fn check_identity<W: World, J: Journal, C: Clock>(
    plan: &UpgradePlan,
    ports: Ports<'_, W, J, C>,
) -> Result<(), RunError> {
    let planned = &plan.spec.cluster;
    // The smallest question of the side that gives the identity.
    let query = match planned.basis {
        IdentityBasis::JujuModel => Query::JujuModel,
        IdentityBasis::KubeSystemUid | IdentityBasis::Given => Query::ControlPlane,
    };
    let found = ports.world.observe(&query).await.cluster;
    if found.id == planned.id {
        Ok(())
    } else {
        Err(RunError::WrongCluster {
            planned: planned.clone(),
            found,
        })
    }
}

struct Driver<'a, W, J, C> {
    plan: &'a UpgradePlan,
    run_id: &'a RunId,
    ports: Ports<'a, W, J, C>,
    options: &'a RunOptions,
    watch: &'a mut (dyn FnMut(&Recorded) + Send),
    steps: Steps<'a>,
    stream: StreamId,
    state: RunState,
    looks: Looks,
    events: Vec<Recorded>,
    tenure: Tenure,
}

/// What a command led to.
enum Led {
    To(Input),
    Out(Ending),
}

impl<W: World, J: Journal, C: Clock> Driver<'_, W, J, C> {
    async fn drive(&mut self) -> Result<Ending, RunError> {
        let mut todo = VecDeque::new();
        let mut input = self.taken();
        loop {
            // What a decision asks for comes before what earlier ones did: an
            // intent is sent right after it was recorded.
            for command in self.record(&input).await?.into_iter().rev() {
                todo.push_front(command);
            }
            input = match todo.pop_front() {
                None => {
                    self.catch_up().await?;
                    Input::Tick
                }
                Some(command) => match self.carry_out(command).await? {
                    Led::To(input) => input,
                    Led::Out(ending) => return Ok(ending),
                },
            };
        }
    }

    fn taken(&self) -> Input {
        let lease = self.tenure.lease();
        Input::Taken(Taken {
            run: self.run_id.clone(),
            plan: self.plan.content_hash.clone(),
            cluster: lease.target.clone(),
            epoch: lease.epoch,
            holder: lease.holder.clone(),
            old_holder: self.options.old_holder,
        })
    }

    async fn carry_out(&mut self, command: Command) -> Result<Led, RunError> {
        Ok(match command {
            Command::Observe { step, queries } => Led::To(self.observe(step, &queries).await?),
            Command::Send { step, intent } => Led::To(self.send(step, &intent).await?),
            Command::Fence(epoch) => {
                let asked = self.ports.world.fence(epoch);
                let fence = self.tenure.keep_during(self.ports, asked).await?;
                Led::To(Input::FenceAnswered { epoch, fence })
            }
            Command::Probe { step, key } => {
                let asked = self.ports.world.probe(&key);
                let trace = self.tenure.keep_during(self.ports, asked).await?;
                Led::To(Input::Probed { step, trace })
            }
            Command::RaiseEpoch => {
                self.tenure =
                    Tenure::take(self.ports, &self.plan.spec.cluster.id, self.options).await?;
                Led::To(self.taken())
            }
            Command::WakeAt(until) => {
                let now = self.ports.clock.now();
                let until = until
                    .min(LONGEST_SLEEP.after(now))
                    .min(self.tenure.renew_at().max(now));
                self.ports.clock.sleep_until(until).await;
                self.tenure.keep(self.ports, Need::ToRecord).await?;
                self.catch_up().await?;
                Led::To(Input::Tick)
            }
            Command::Stop(ending) => {
                // A person may have decided in the meantime.
                if self.catch_up().await? {
                    Led::To(Input::Tick)
                } else {
                    Led::Out(ending)
                }
            }
            Command::Yield(_) => return Err(self.tenure.fenced()),
        })
    }

    async fn observe(&mut self, step: StepId, queries: &[Query]) -> Result<Input, RunError> {
        let mut seen: Option<Snapshot> = None;
        for query in queries {
            let asked = self.ports.world.observe(query);
            let more = self.tenure.keep_during(self.ports, asked).await?;
            seen = Some(match seen {
                Some(before) => gather(before, more),
                None => more,
            });
        }
        // A step that needs nothing is judged from nothing.
        let snapshot = seen.unwrap_or_else(|| {
            Snapshot::empty(self.plan.spec.cluster.clone(), self.ports.clock.now())
        });
        Ok(Input::Observed {
            step,
            snapshot: Box::new(snapshot),
        })
    }

    async fn send(&mut self, step: StepId, intent: &Intent) -> Result<Input, RunError> {
        self.tenure.keep(self.ports, Need::ToSend).await?;
        let sent = self.ports.world.act(intent);
        let answer = self
            .tenure
            .keep_until(self.ports, intent.deadline, sent)
            .await?
            .unwrap_or_else(|| Answer::Unknown("no answer by the deadline".to_owned()));
        Ok(Input::Answered {
            step,
            key: intent.key.clone(),
            answer,
        })
    }
}
