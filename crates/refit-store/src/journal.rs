//! The journal's calls, as statements.

use crate::schema;
use crate::sqlite::{BEGIN, SqliteJournal, storage};
use jiff::Timestamp;
use refit_executor::ports::{AppendError, Guard, Journal, Lease, LeaseError, StorageError};
use refit_model::act::Epoch;
use refit_model::duration::Seconds;
use refit_model::event::{NewEvent, Recorded};
use refit_model::name::{ClusterId, Incarnation, StreamId};
use sqlx::{Sqlite, SqliteConnection};

impl Journal for SqliteJournal {
    async fn acquire(
        &self,
        target: &ClusterId,
        holder: &Incarnation,
        now: Timestamp,
        ttl: Seconds,
    ) -> Result<Lease, LeaseError> {
        let failed = |error| LeaseError::Storage(storage("take a lease", &error));
        let mut change = self.writer.begin_with(BEGIN).await.map_err(failed)?;
        let old = newest(&mut change, target).await.map_err(failed)?;
        if let Some(old) = &old
            && let Some(other) = &old.holder
            && other != holder.as_str()
            && old.expires_us > now.as_microsecond()
        {
            return Err(LeaseError::Held {
                target: target.clone(),
                holder: Incarnation::new(other.as_str())
                    .map_err(|error| LeaseError::Storage(unreadable("a lease", &error)))?,
                until: instant("a lease", old.expires_us).map_err(LeaseError::Storage)?,
            });
        }
        let epoch = old.map_or(0, |old| old.epoch).saturating_add(1);
        let expires = ttl.after(now).as_microsecond();
        sqlx::query::<Sqlite>(schema::PUT_LEASE)
            .bind(target.as_str())
            .bind(epoch)
            .bind(holder.as_str())
            .bind(expires)
            .execute(&mut *change)
            .await
            .map_err(failed)?;
        change.commit().await.map_err(failed)?;
        Ok(Lease {
            target: target.clone(),
            epoch: Epoch(u64::try_from(epoch).unwrap_or(0)),
            holder: holder.clone(),
            expires: instant("a lease", expires).map_err(LeaseError::Storage)?,
        })
    }

    async fn renew(
        &self,
        lease: &Lease,
        now: Timestamp,
        ttl: Seconds,
    ) -> Result<Lease, LeaseError> {
        let failed = |error| LeaseError::Storage(storage("renew a lease", &error));
        let expires = ttl.after(now).as_microsecond();
        let renewed = sqlx::query::<Sqlite>(schema::RENEW_LEASE)
            .bind(expires)
            .bind(lease.target.as_str())
            .bind(signed(lease.epoch.0))
            .bind(lease.holder.as_str())
            .execute(&self.writer)
            .await
            .map_err(failed)?;
        if renewed.rows_affected() == 0 {
            return Err(LeaseError::Lost {
                target: lease.target.clone(),
                epoch: lease.epoch,
            });
        }
        Ok(Lease {
            expires: instant("a lease", expires).map_err(LeaseError::Storage)?,
            ..lease.clone()
        })
    }

    async fn release(&self, lease: &Lease) -> Result<(), LeaseError> {
        sqlx::query::<Sqlite>(schema::GIVE_BACK_LEASE)
            .bind(lease.target.as_str())
            .bind(signed(lease.epoch.0))
            .bind(lease.holder.as_str())
            .execute(&self.writer)
            .await
            .map(drop)
            .map_err(|error| LeaseError::Storage(storage("give a lease back", &error)))
    }

    async fn append(
        &self,
        stream: &StreamId,
        expected: u64,
        guard: Guard<'_>,
        events: &[NewEvent],
    ) -> Result<u64, AppendError> {
        let broken = |error| AppendError::Storage {
            stream: stream.clone(),
            source: storage("append events", &error),
        };
        let mut change = self.writer.begin_with(BEGIN).await.map_err(broken)?;
        let last = expected.saturating_add(u64::try_from(events.len()).unwrap_or(u64::MAX));
        let advanced = advance(&mut change, stream, (expected, last), guard)
            .await
            .map_err(broken)?;
        if !advanced {
            match hindrance(&mut change, stream, expected, guard).await {
                Ok(None) => {}
                Ok(Some(hindrance)) => return Err(hindrance),
                Err(error) => return Err(broken(error)),
            }
            if events.is_empty() {
                return Ok(expected);
            }
            sqlx::query::<Sqlite>(schema::ADD_STREAM)
                .bind(signed(last))
                .bind(stream.as_str())
                .execute(&mut *change)
                .await
                .map_err(broken)?;
        }
        for (event, seq) in events.iter().zip(expected.saturating_add(1)..) {
            sqlx::query::<Sqlite>(schema::ADD_EVENT)
                .bind(stream.as_str())
                .bind(signed(seq))
                .bind(event.at.as_microsecond())
                .bind(event.actor.as_str())
                .bind(event.body.to_string())
                .execute(&mut *change)
                .await
                .map_err(broken)?;
        }
        change.commit().await.map_err(broken)?;
        Ok(last)
    }

    async fn read(&self, stream: &StreamId, after: u64) -> Result<Vec<Recorded>, StorageError> {
        let rows: Vec<(i64, i64, String, String)> =
            sqlx::query_as::<Sqlite, _>(schema::READ_EVENTS)
                .bind(stream.as_str())
                .bind(signed(after))
                .fetch_all(&self.readers)
                .await
                .map_err(|error| storage("read events", &error))?;
        rows.into_iter()
            .map(|(seq, at, actor, body)| {
                Ok(Recorded {
                    stream: stream.clone(),
                    seq: u64::try_from(seq).map_err(|error| unreadable("an event", &error))?,
                    event: NewEvent {
                        at: instant("an event", at)?,
                        actor: actor
                            .parse()
                            .map_err(|error| unreadable("an event", &error))?,
                        body: serde_json::from_str(&body)
                            .map_err(|error| unreadable("an event", &error))?,
                    },
                })
            })
            .collect()
    }

    async fn streams(&self, prefix: &str) -> Result<Vec<StreamId>, StorageError> {
        let query = match schema::behind(prefix) {
            Some(end) => sqlx::query_scalar::<Sqlite, String>(schema::STREAMS_BETWEEN)
                .bind(prefix.to_owned())
                .bind(end),
            None => {
                sqlx::query_scalar::<Sqlite, String>(schema::STREAMS_FROM).bind(prefix.to_owned())
            }
        };
        query
            .fetch_all(&self.readers)
            .await
            .map_err(|error| storage("list streams", &error))?
            .into_iter()
            .map(|name| StreamId::new(name).map_err(|error| unreadable("a stream", &error)))
            .collect()
    }
}

/// Moves the head of a stream from one place to another, when it is there and
/// the guard holds: all that stands in the way of an append is asked in the one
/// statement that most appends need. A lease is read and not changed, which is
/// enough while there is one writer; a database with several has to lock its row.
async fn advance(
    change: &mut SqliteConnection,
    stream: &StreamId,
    (from, to): (u64, u64),
    guard: Guard<'_>,
) -> Result<bool, sqlx::Error> {
    let query = match guard {
        Guard::Open => sqlx::query::<Sqlite>(schema::ADVANCE),
        Guard::Held(_) => sqlx::query::<Sqlite>(schema::ADVANCE_UNDER_LEASE),
    }
    .bind(signed(to))
    .bind(stream.as_str())
    .bind(signed(from));
    let query = match guard {
        Guard::Open => query,
        Guard::Held(lease) => query
            .bind(lease.target.as_str())
            .bind(signed(lease.epoch.0))
            .bind(lease.holder.as_str()),
    };
    Ok(query.execute(change).await?.rows_affected() > 0)
}

/// Why the head of a stream did not move; nothing when the stream is only not
/// there yet, and may be made.
async fn hindrance(
    change: &mut SqliteConnection,
    stream: &StreamId,
    expected: u64,
    guard: Guard<'_>,
) -> Result<Option<AppendError>, sqlx::Error> {
    if let Guard::Held(lease) = guard {
        let newest = newest(change, &lease.target).await?;
        if newest.is_none_or(|newest| !newest.is(lease)) {
            return Ok(Some(AppendError::Fenced {
                target: lease.target.clone(),
                epoch: lease.epoch,
            }));
        }
    }
    let head: Option<i64> = sqlx::query_scalar::<Sqlite, _>(schema::GET_HEAD)
        .bind(stream.as_str())
        .fetch_optional(change)
        .await?;
    let found = u64::try_from(head.unwrap_or(0)).unwrap_or(0);
    Ok(
        (head.is_some() || found != expected).then(|| AppendError::Conflict {
            stream: stream.clone(),
            expected,
            found,
        }),
    )
}

/// The row of a target's newest lease.
struct Row {
    epoch: i64,
    holder: Option<String>,
    expires_us: i64,
}

impl Row {
    fn is(&self, lease: &Lease) -> bool {
        self.epoch == signed(lease.epoch.0) && self.holder.as_deref() == Some(lease.holder.as_str())
    }
}

async fn newest(
    change: &mut SqliteConnection,
    target: &ClusterId,
) -> Result<Option<Row>, sqlx::Error> {
    let row: Option<(i64, Option<String>, i64)> = sqlx::query_as::<Sqlite, _>(schema::GET_LEASE)
        .bind(target.as_str())
        .fetch_optional(change)
        .await?;
    Ok(row.map(|(epoch, holder, expires_us)| Row {
        epoch,
        holder,
        expires_us,
    }))
}

/// A count as the database keeps it. Counts beyond its integers, of which there
/// can be none in it, compare as behind everything.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn instant(what: &'static str, microseconds: i64) -> Result<Timestamp, StorageError> {
    Timestamp::from_microsecond(microseconds).map_err(|error| unreadable(what, &error))
}

fn unreadable(what: &'static str, error: &dyn std::error::Error) -> StorageError {
    StorageError {
        what: "read what was kept",
        why: format!("{what} is not as it was written: {error}"),
    }
}
