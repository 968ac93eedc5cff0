//! A journal in memory: for rehearsals and tests. It forgets everything when it
//! is dropped, and is exact in everything else.

use crate::ports::{self, AppendError, Guard, Journal, Lease, LeaseError, StorageError};
use refit_model::act::Epoch;
use refit_model::duration::Seconds;
use refit_model::event::{NewEvent, Recorded};
use refit_model::name::{ClusterId, Incarnation, StreamId};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A journal in memory.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    streams: BTreeMap<StreamId, Vec<NewEvent>>,
    leases: BTreeMap<ClusterId, Row>,
}

/// The newest lease on a target; it stays when it is given back, so that its
/// number is never used again.
#[derive(Clone, Debug)]
struct Row {
    epoch: Epoch,
    /// Nobody's after it was given back.
    holder: Option<Incarnation>,
    expires: jiff::Timestamp,
}

impl MemoryJournal {
    /// An empty journal.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing here can panic between two halves of a change, so what a
        // panicking holder left behind is whole.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// The row of a lease, when it is still the newest on its target.
    fn newest(&mut self, lease: &Lease) -> Option<&mut Row> {
        self.leases
            .get_mut(&lease.target)
            .filter(|row| row.epoch == lease.epoch && row.holder.as_ref() == Some(&lease.holder))
    }
}

impl Journal for MemoryJournal {
    async fn acquire(
        &self,
        target: &ClusterId,
        holder: &Incarnation,
        now: jiff::Timestamp,
        ttl: Seconds,
    ) -> Result<Lease, LeaseError> {
        let mut kept = self.lock();
        let old = kept.leases.get(target);
        if let Some(old) = old
            && let Some(other) = &old.holder
            && other != holder
            && old.expires > ports::kept(now)
        {
            return Err(LeaseError::Held {
                target: target.clone(),
                holder: other.clone(),
                until: old.expires,
            });
        }
        let row = Row {
            epoch: Epoch(old.map_or(0, |old| old.epoch.0).saturating_add(1)),
            holder: Some(holder.clone()),
            expires: ports::kept(ttl.after(now)),
        };
        kept.leases.insert(target.clone(), row.clone());
        Ok(Lease {
            target: target.clone(),
            epoch: row.epoch,
            holder: holder.clone(),
            expires: row.expires,
        })
    }

    async fn renew(
        &self,
        lease: &Lease,
        now: jiff::Timestamp,
        ttl: Seconds,
    ) -> Result<Lease, LeaseError> {
        let mut kept = self.lock();
        let row = kept.newest(lease).ok_or_else(|| LeaseError::Lost {
            target: lease.target.clone(),
            epoch: lease.epoch,
        })?;
        row.expires = ports::kept(ttl.after(now));
        Ok(Lease {
            expires: row.expires,
            ..lease.clone()
        })
    }

    async fn release(&self, lease: &Lease) -> Result<(), LeaseError> {
        if let Some(row) = self.lock().newest(lease) {
            row.holder = None;
        }
        Ok(())
    }

    async fn append(
        &self,
        stream: &StreamId,
        expected: u64,
        guard: Guard<'_>,
        events: &[NewEvent],
    ) -> Result<u64, AppendError> {
        let mut kept = self.lock();
        if let Guard::Held(lease) = guard
            && kept.newest(lease).is_none()
        {
            return Err(AppendError::Fenced {
                target: lease.target.clone(),
                epoch: lease.epoch,
            });
        }
        let found = kept.streams.get(stream).map_or(0, |kept| count(kept));
        if found != expected {
            return Err(AppendError::Conflict {
                stream: stream.clone(),
                expected,
                found,
            });
        }
        if events.is_empty() {
            return Ok(found);
        }
        let held = kept.streams.entry(stream.clone()).or_default();
        held.extend(events.iter().map(|event| NewEvent {
            at: ports::kept(event.at),
            ..event.clone()
        }));
        Ok(count(held))
    }

    async fn read(&self, stream: &StreamId, after: u64) -> Result<Vec<Recorded>, StorageError> {
        let kept = self.lock();
        let Some(held) = kept.streams.get(stream) else {
            return Ok(Vec::new());
        };
        let skipped = usize::try_from(after).unwrap_or(usize::MAX);
        Ok(held
            .get(skipped..)
            .unwrap_or_default()
            .iter()
            .zip(after.saturating_add(1)..)
            .map(|(event, seq)| Recorded {
                stream: stream.clone(),
                seq,
                event: event.clone(),
            })
            .collect())
    }

    async fn streams(&self, prefix: &str) -> Result<Vec<StreamId>, StorageError> {
        let kept = self.lock();
        let Ok(first) = StreamId::new(prefix) else {
            // An empty prefix, or one that no name can begin with.
            return Ok(kept
                .streams
                .keys()
                .filter(|stream| stream.as_str().starts_with(prefix))
                .cloned()
                .collect());
        };
        Ok(kept
            .streams
            .range((Bound::Included(first), Bound::Unbounded))
            .map(|(stream, _)| stream)
            .take_while(|stream| stream.as_str().starts_with(prefix))
            .cloned()
            .collect())
    }
}

/// How many events are held.
fn count(held: &[NewEvent]) -> u64 {
    u64::try_from(held.len()).unwrap_or(u64::MAX)
}
