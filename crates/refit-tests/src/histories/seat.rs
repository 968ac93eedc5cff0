//! A process's place on the stage: every call is where another gets its turn.

use super::Defect;
use super::chance::Chance;
use crate::tiny::world::{Scripted, identity};
use jiff::{SignedDuration, Timestamp};
use refit_executor::ports::{
    AppendError, Clock, Guard, Journal, Lease, LeaseError, StorageError, World,
};
use refit_executor::{MemoryJournal, RunEvent};
use refit_model::act::{Answer, Epoch, Fence, Intent, Trace};
use refit_model::duration::Seconds;
use refit_model::event::{NewEvent, Recorded};
use refit_model::name::{ClusterId, Incarnation, OpKey, StreamId};
use refit_model::query::Query;
use refit_model::snapshot::Snapshot;
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard};
use std::task::Poll;

const TARGET_AWAY: &str = "the target away";

/// What all processes share.
pub(super) struct Stage {
    pub(super) world: Scripted,
    pub(super) journal: MemoryJournal,
    fence: Fence,
    defect: Defect,
    chance: Mutex<Chance>,
    weather: Mutex<Weather>,
}

struct Weather {
    is_calm: bool,
    storage_until: Timestamp,
    target_until: Timestamp,
    /// By how much the clock of this machine is off.
    offset: SignedDuration,
    /// Whether the process whose turn it is can go on at once.
    can_go_on: bool,
    /// When it wants to be woken.
    wakes: Option<Timestamp>,
    epochs: Vec<Epoch>,
    happened: BTreeSet<&'static str>,
    broken: Vec<String>,
}

impl Stage {
    pub(super) fn new(world: Scripted, fence: Fence, chance: Chance, defect: Defect) -> Self {
        let now = world.now();
        Self {
            world,
            journal: MemoryJournal::new(),
            fence,
            defect,
            chance: Mutex::new(chance),
            weather: Mutex::new(Weather {
                is_calm: false,
                storage_until: now,
                target_until: now,
                offset: SignedDuration::ZERO,
                can_go_on: false,
                wakes: None,
                epochs: Vec::new(),
                happened: BTreeSet::new(),
                broken: Vec::new(),
            }),
        }
    }

    pub(super) fn chance(&self) -> MutexGuard<'_, Chance> {
        self.chance.lock().unwrap()
    }

    fn weather(&self) -> MutexGuard<'_, Weather> {
        self.weather.lock().unwrap()
    }

    pub(super) fn happened(&self) -> BTreeSet<&'static str> {
        self.weather().happened.clone()
    }

    pub(super) fn broken(&self) -> Vec<String> {
        self.weather().broken.clone()
    }

    /// Whether the target refuses old epochs, and could always be asked to.
    pub(super) fn keeps_old_epochs_out(&self) -> bool {
        self.fence == Fence::Raised && !self.weather().happened.contains(TARGET_AWAY)
    }

    pub(super) fn note(&self, what: &'static str) {
        self.weather().happened.insert(what);
    }

    /// What the clock of the machine shows.
    pub(super) fn now(&self) -> Timestamp {
        let offset = self.weather().offset;
        self.world.now() + offset
    }

    pub(super) fn pass(&self, span: Seconds) {
        self.world.pass(span);
    }

    pub(super) fn advance(&self, until: Timestamp) {
        pollster::block_on(self.world.sleep_until(until));
    }

    pub(super) fn storage_away(&self, span: Seconds) {
        self.note("the storage away");
        let until = span.after(self.world.now());
        self.weather().storage_until = until;
    }

    pub(super) fn target_away(&self, span: Seconds) {
        self.note(TARGET_AWAY);
        let until = span.after(self.world.now());
        self.weather().target_until = until;
    }

    pub(super) fn jump(&self, hours: i64) {
        self.note("a clock jumps");
        self.weather().offset += SignedDuration::from_hours(hours);
    }

    /// From here on nothing goes wrong. The clock stays where it is.
    pub(super) fn calm(&self) {
        let now = self.world.now();
        let mut weather = self.weather();
        weather.is_calm = true;
        weather.storage_until = now;
        weather.target_until = now;
    }

    pub(super) fn begin_turn(&self) {
        let mut weather = self.weather();
        weather.can_go_on = false;
        weather.wakes = None;
    }

    /// When the process wants its next turn, by the time of the world; nothing
    /// when it can go on at once.
    pub(super) fn end_turn(&self) -> Option<Timestamp> {
        let mut weather = self.weather();
        if weather.can_go_on {
            return None;
        }
        if weather.wakes.is_none() {
            weather
                .broken
                .push("a process waits for nothing".to_owned());
        }
        let offset = weather.offset;
        weather.wakes.map(|wakes| wakes - offset)
    }

    fn is_away(&self, until: impl Fn(&Weather) -> Timestamp) -> bool {
        let now = self.world.now();
        now < until(&self.weather())
    }

    fn storage(&self) -> Result<(), StorageError> {
        if self.is_away(|weather| weather.storage_until) {
            return Err(StorageError {
                what: "use the journal",
                why: "the disk is full".to_owned(),
            });
        }
        Ok(())
    }

    /// Whether the answer to a commit is lost.
    fn loses_the_answer(&self) -> bool {
        let lost = !self.weather().is_calm && self.chance().flips(150);
        if lost {
            self.note("the answer to a commit lost");
        }
        lost
    }

    /// I3: nothing is sent that was not intended, under this very epoch.
    fn check_intended(&self, intent: &Intent) {
        let stream = "run/r1".parse().unwrap();
        let events = pollster::block_on(self.journal.read(&stream, 0)).unwrap();
        let is_intended = events.iter().any(|event| {
            matches!(
                RunEvent::of(event).unwrap(),
                RunEvent::Intended { key, epoch, .. } if key == intent.key && epoch == intent.epoch
            )
        });
        if !is_intended {
            self.weather()
                .broken
                .push(format!("I3: {} was sent and not intended", intent.key));
        }
    }

    fn took(&self, epoch: Epoch) {
        let mut weather = self.weather();
        if weather.epochs.last().is_some_and(|last| *last >= epoch) {
            weather
                .broken
                .push(format!("I1: epoch {epoch} was given again"));
        }
        weather.epochs.push(epoch);
    }
}

pub(super) struct Seat<'a> {
    stage: &'a Stage,
    /// The newest epoch that this process was given.
    epoch: Mutex<Option<Epoch>>,
}

impl<'a> Seat<'a> {
    pub(super) const fn at(stage: &'a Stage) -> Self {
        Self {
            stage,
            epoch: Mutex::new(None),
        }
    }

    /// I1: a process sends under an epoch of its own.
    fn check_epoch(&self, intent: &Intent) {
        let own = *self.epoch.lock().unwrap();
        if own != Some(intent.epoch) {
            self.stage.weather().broken.push(format!(
                "I1: {} was sent under epoch {}, which is another's",
                intent.key, intent.epoch
            ));
        }
    }

    /// Lets others have a turn.
    async fn step_back(&self) {
        let mut was_back = false;
        poll_fn(|_| {
            if was_back {
                return Poll::Ready(());
            }
            was_back = true;
            self.stage.weather().can_go_on = true;
            Poll::Pending
        })
        .await;
    }
}

fn answer_lost() -> StorageError {
    StorageError {
        what: "use the journal",
        why: "the answer was lost".to_owned(),
    }
}

impl World for Seat<'_> {
    async fn observe(&self, query: &Query) -> Snapshot {
        self.step_back().await;
        if self.stage.is_away(|weather| weather.target_until) {
            return Snapshot::empty(identity(), self.stage.world.now());
        }
        self.stage.world.observe(query).await
    }

    async fn act(&self, intent: &Intent) -> Answer {
        self.step_back().await;
        self.stage.check_intended(intent);
        self.check_epoch(intent);
        if self.stage.is_away(|weather| weather.target_until) {
            // What was on its way when it went away may have arrived.
            if self.stage.chance().flips(3) {
                drop(self.stage.world.act(intent).await);
            }
            return Answer::Unknown("no route to it".to_owned());
        }
        let answer = self.stage.world.act(intent).await;
        self.step_back().await;
        answer
    }

    async fn probe(&self, key: &OpKey) -> Trace {
        self.step_back().await;
        if self.stage.is_away(|weather| weather.target_until) {
            return Trace::CannotTell("no route to it".to_owned());
        }
        self.stage.world.probe(key).await
    }

    async fn fence(&self, epoch: Epoch) -> Fence {
        self.step_back().await;
        if self.stage.is_away(|weather| weather.target_until) {
            return Fence::Unsupported;
        }
        if self.stage.defect == Defect::NoFence {
            return Fence::Raised;
        }
        self.stage.world.fence(epoch).await
    }
}

impl Clock for Seat<'_> {
    fn now(&self) -> Timestamp {
        self.stage.now()
    }

    async fn sleep_until(&self, until: Timestamp) {
        poll_fn(|_| {
            if self.stage.now() >= until {
                return Poll::Ready(());
            }
            let mut weather = self.stage.weather();
            weather.wakes = Some(weather.wakes.map_or(until, |wakes| wakes.min(until)));
            Poll::Pending
        })
        .await;
    }
}

impl Journal for Seat<'_> {
    async fn acquire(
        &self,
        target: &ClusterId,
        holder: &Incarnation,
        now: Timestamp,
        ttl: Seconds,
    ) -> Result<Lease, LeaseError> {
        self.step_back().await;
        self.stage.storage().map_err(LeaseError::Storage)?;
        let lease = self.stage.journal.acquire(target, holder, now, ttl).await?;
        self.stage.took(lease.epoch);
        *self.epoch.lock().unwrap() = Some(lease.epoch);
        if self.stage.loses_the_answer() {
            return Err(LeaseError::Storage(answer_lost()));
        }
        self.step_back().await;
        Ok(lease)
    }

    async fn renew(
        &self,
        lease: &Lease,
        now: Timestamp,
        ttl: Seconds,
    ) -> Result<Lease, LeaseError> {
        self.step_back().await;
        self.stage.storage().map_err(LeaseError::Storage)?;
        self.stage.journal.renew(lease, now, ttl).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.step_back().await;
        self.stage.storage().map_err(LeaseError::Storage)?;
        self.stage.journal.release(lease).await
    }

    async fn append(
        &self,
        stream: &StreamId,
        expected: u64,
        guard: Guard<'_>,
        events: &[NewEvent],
    ) -> Result<u64, AppendError> {
        let lost = |source| AppendError::Storage {
            stream: stream.clone(),
            source,
        };
        self.step_back().await;
        self.stage.storage().map_err(lost)?;
        let guard = match (self.stage.defect, guard) {
            (Defect::NoGuard, _) => Guard::Open,
            (Defect::None | Defect::NoFence, guard) => guard,
        };
        let last = self
            .stage
            .journal
            .append(stream, expected, guard, events)
            .await?;
        if self.stage.loses_the_answer() {
            return Err(lost(answer_lost()));
        }
        self.step_back().await;
        Ok(last)
    }

    async fn read(&self, stream: &StreamId, after: u64) -> Result<Vec<Recorded>, StorageError> {
        self.step_back().await;
        self.stage.storage()?;
        self.stage.journal.read(stream, after).await
    }

    async fn streams(&self, prefix: &str) -> Result<Vec<StreamId>, StorageError> {
        self.stage.storage()?;
        self.stage.journal.streams(prefix).await
    }
}
