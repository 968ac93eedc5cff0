//! The ports: a target system, a durable record, and the time.
//!
//! A port observes, acts or records. It never judges: what an observation means
//! is decided by [`refit_model::standing::standing`], wherever it is asked.
//! Every argument and answer of [`World`] is a value that can be serialized,
//! because an agent in the cluster will carry them over a wire.

use refit_model::act::{Answer, Epoch, Fence, Intent, Trace};
use refit_model::duration::Seconds;
use refit_model::event::{NewEvent, Recorded};
use refit_model::name::{ClusterId, Incarnation, OpKey, StreamId};
use refit_model::query::Query;
use refit_model::snapshot::Snapshot;

/// One target system, real or simulated, here or behind an agent.
pub trait World: Sync {
    /// Looks. The answer holds what was asked for, and gaps for what could not
    /// be seen; parts that were not asked for are gaps too. Looking never fails
    /// as a call: an unreachable target is a snapshot full of gaps.
    fn observe(&self, query: &Query) -> impl Future<Output = Snapshot> + Send;

    /// Sends one intent. [`Answer::Acknowledged`] says that the target took it
    /// on, not that it is done.
    fn act(&self, intent: &Intent) -> impl Future<Output = Answer> + Send;

    /// Asks what the target knows of a key.
    fn probe(&self, key: &OpKey) -> impl Future<Output = Trace> + Send;

    /// Makes the target refuse every epoch below this one, if it can.
    fn fence(&self, epoch: Epoch) -> impl Future<Output = Fence> + Send;
}

/// The durable record: event streams, and the leases under which they may grow.
///
/// Times are kept and compared in whole microseconds; what is finer is cut off.
pub trait Journal: Sync {
    /// Takes the lease on a target: a new epoch, higher than any before.
    ///
    /// # Errors
    /// [`LeaseError::Held`] while another incarnation's lease has not expired
    /// at `now`.
    fn acquire(
        &self,
        target: &ClusterId,
        holder: &Incarnation,
        now: jiff::Timestamp,
        ttl: Seconds,
    ) -> impl Future<Output = Result<Lease, LeaseError>> + Send;

    /// Prolongs a lease that is still one's own, expired or not, as long as
    /// nobody else took it.
    ///
    /// # Errors
    /// [`LeaseError::Lost`] when somebody else did.
    fn renew(
        &self,
        lease: &Lease,
        now: jiff::Timestamp,
        ttl: Seconds,
    ) -> impl Future<Output = Result<Lease, LeaseError>> + Send;

    /// Gives a lease back, so that the next one need not wait for its end.
    /// Giving back what is no longer one's own does nothing.
    ///
    /// # Errors
    /// Only those of the storage.
    fn release(&self, lease: &Lease) -> impl Future<Output = Result<(), LeaseError>> + Send;

    /// Appends all of `events`, or none, behind place `expected` of the stream.
    /// Returns the place of the last one.
    ///
    /// # Errors
    /// [`AppendError::Conflict`] when the stream has grown,
    /// [`AppendError::Fenced`] when `guard` is no longer the newest lease.
    fn append(
        &self,
        stream: &StreamId,
        expected: u64,
        guard: Guard<'_>,
        events: &[NewEvent],
    ) -> impl Future<Output = Result<u64, AppendError>> + Send;

    /// The events of a stream behind place `after`, in order; empty for a
    /// stream that does not exist.
    ///
    /// # Errors
    /// Only those of the storage.
    fn read(
        &self,
        stream: &StreamId,
        after: u64,
    ) -> impl Future<Output = Result<Vec<Recorded>, StorageError>> + Send;

    /// The streams whose names begin with `prefix`, in order.
    ///
    /// # Errors
    /// Only those of the storage.
    fn streams(
        &self,
        prefix: &str,
    ) -> impl Future<Output = Result<Vec<StreamId>, StorageError>> + Send;
}

/// Under what right a stream may grow.
#[derive(Clone, Copy, Debug)]
pub enum Guard<'a> {
    /// Anybody may append (comments, approvals): only the place is checked.
    Open,
    /// Only the holder of this lease may.
    Held(&'a Lease),
}

/// The right to act on a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// On what.
    pub target: ClusterId,
    /// Its number, never reused on this target.
    pub epoch: Epoch,
    /// Whose it is.
    pub holder: Incarnation,
    /// When others may take it.
    pub expires: jiff::Timestamp,
}

/// Why there is no lease.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// Somebody has it.
    #[error("{target} is leased to {holder} until {until}")]
    Held {
        /// The target.
        target: ClusterId,
        /// Who has it.
        holder: Incarnation,
        /// Until when, unless it is renewed.
        until: jiff::Timestamp,
    },
    /// Somebody took it.
    #[error("the lease on {target} with epoch {epoch} was taken over")]
    Lost {
        /// The target.
        target: ClusterId,
        /// The epoch that is no longer the newest.
        epoch: Epoch,
    },
    /// The storage did not do its part.
    #[error("could not use the lease record")]
    Storage(#[source] StorageError),
}

/// Why nothing was appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody else appended first.
    #[error("stream {stream} has grown to {found}, not {expected}")]
    Conflict {
        /// The stream.
        stream: StreamId,
        /// The place that was expected to be the last.
        expected: u64,
        /// The place that is.
        found: u64,
    },
    /// The lease is no longer the newest.
    #[error("epoch {epoch} on {target} is no longer the newest")]
    Fenced {
        /// The target.
        target: ClusterId,
        /// The epoch that was superseded.
        epoch: Epoch,
    },
    /// The storage did not do its part. Whether the events are there is not
    /// known: read before anything else.
    #[error("could not append to stream {stream}")]
    Storage {
        /// The stream.
        stream: StreamId,
        /// What the storage said.
        #[source]
        source: StorageError,
    },
}

/// What a storage says when it fails. Its cause is flattened to text at the
/// edge, so that no room has to know which database it was.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {why}")]
pub struct StorageError {
    /// What was attempted.
    pub what: &'static str,
    /// What the database said, as one text.
    pub why: String,
}

/// `at` as a journal keeps it: in whole microseconds.
#[must_use]
pub fn kept(at: jiff::Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

/// The time.
pub trait Clock: Sync {
    /// The present.
    fn now(&self) -> jiff::Timestamp;

    /// Returns when `until` has come. In virtual time this moves the world on.
    fn sleep_until(&self, until: jiff::Timestamp) -> impl Future<Output = ()> + Send;
}
