//! A journal under which the process dies at a chosen write.
//!
//! Dying is what the driver can see of it: the call fails, and so does every
//! later one. Before the commit nothing is kept, behind it everything is; the
//! next process gets the journal that is left.

use jiff::Timestamp;
use refit_executor::ports::{AppendError, Guard, Journal, Lease, LeaseError, StorageError};
use refit_model::duration::Seconds;
use refit_model::event::{NewEvent, Recorded};
use refit_model::name::{ClusterId, Incarnation, StreamId};
use std::sync::atomic::{AtomicU64, Ordering};

/// On which side of the commit the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// The events are not kept.
    BeforeCommit,
    /// The events are kept, and nobody was told.
    AfterCommit,
}

impl Death {
    /// Both sides.
    pub const ALL: [Self; 2] = [Self::BeforeCommit, Self::AfterCommit];
}

/// A journal that dies at its `nth` append, counted from 1, and stays dead.
/// Number 0 never dies, and only counts.
#[derive(Debug)]
pub struct CrashingJournal<'a, J> {
    kept: &'a J,
    nth: u64,
    death: Death,
    appends: AtomicU64,
}

impl<'a, J: Journal> CrashingJournal<'a, J> {
    /// A journal over `kept` that dies at its `nth` append.
    pub const fn new(kept: &'a J, nth: u64, death: Death) -> Self {
        Self {
            kept,
            nth,
            death,
            appends: AtomicU64::new(0),
        }
    }

    /// How many appends were asked for.
    pub fn appends(&self) -> u64 {
        self.appends.load(Ordering::SeqCst)
    }

    fn is_dead(&self) -> bool {
        self.nth > 0 && self.appends() >= self.nth
    }

    fn alive(&self) -> Result<(), StorageError> {
        if self.is_dead() { Err(dead()) } else { Ok(()) }
    }
}

fn dead() -> StorageError {
    StorageError {
        what: "use the journal",
        why: "the process is dead".to_owned(),
    }
}

impl<J: Journal> Journal for CrashingJournal<'_, J> {
    async fn acquire(
        &self,
        target: &ClusterId,
        holder: &Incarnation,
        now: Timestamp,
        ttl: Seconds,
    ) -> Result<Lease, LeaseError> {
        self.alive().map_err(LeaseError::Storage)?;
        self.kept.acquire(target, holder, now, ttl).await
    }

    async fn renew(
        &self,
        lease: &Lease,
        now: Timestamp,
        ttl: Seconds,
    ) -> Result<Lease, LeaseError> {
        self.alive().map_err(LeaseError::Storage)?;
        self.kept.renew(lease, now, ttl).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.alive().map_err(LeaseError::Storage)?;
        self.kept.release(lease).await
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
        self.alive().map_err(lost)?;
        let number = self.appends.fetch_add(1, Ordering::SeqCst) + 1;
        if number != self.nth {
            return self.kept.append(stream, expected, guard, events).await;
        }
        if self.death == Death::AfterCommit {
            self.kept.append(stream, expected, guard, events).await?;
        }
        Err(lost(dead()))
    }

    async fn read(&self, stream: &StreamId, after: u64) -> Result<Vec<Recorded>, StorageError> {
        self.alive()?;
        self.kept.read(stream, after).await
    }

    async fn streams(&self, prefix: &str) -> Result<Vec<StreamId>, StorageError> {
        self.alive()?;
        self.kept.streams(prefix).await
    }
}
