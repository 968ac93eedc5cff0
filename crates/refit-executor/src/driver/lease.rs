//! Keeping the lease while a run goes on.

use super::{OnHeld, Ports, RunError, RunOptions};
use crate::ports::{Clock, Journal, Lease, LeaseError, World};
use refit_model::duration::Seconds;
use refit_model::name::ClusterId;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// What is sent must have arrived this long before another process may take the
/// lease.
///
/// Source: part 8.3 of our execution design: nothing is sent after the time at
/// which the newest renewal was asked for, plus the length of the lease, minus
/// this.
const SEND_GUARD: Seconds = Seconds::new(10);

/// A lease is renewed when this part of its length has passed, so that two
/// renewals may fail before it ends.
const RENEW_AFTER: u32 = 3;

/// For what the lease is needed now.
#[derive(Clone, Copy)]
pub(super) enum Need {
    /// To send something: it must be certain that nobody else holds it.
    ToSend,
    /// To record something: the journal itself checks that nobody took over.
    ToRecord,
}

/// A lease, and when to see to it.
#[derive(Clone, Debug)]
pub(super) struct Tenure {
    lease: Lease,
    ttl: Seconds,
    /// When the newest renewal that succeeded was asked for.
    asked: jiff::Timestamp,
    renew_at: jiff::Timestamp,
}

impl Tenure {
    /// Takes the lease on `target`, under a new epoch.
    pub(super) async fn take<W: World, J: Journal, C: Clock>(
        ports: Ports<'_, W, J, C>,
        target: &ClusterId,
        options: &RunOptions,
    ) -> Result<Self, RunError> {
        let ttl = options.lease_ttl;
        if ttl <= SEND_GUARD {
            return Err(RunError::LeaseTooShort(ttl));
        }
        loop {
            let asked = ports.clock.now();
            let taken = ports
                .journal
                .acquire(target, &options.incarnation, asked, ttl)
                .await;
            match (taken, options.on_held) {
                (Ok(lease), _) => {
                    return Ok(Self {
                        lease,
                        ttl,
                        asked,
                        renew_at: renewal(asked, ttl),
                    });
                }
                (Err(LeaseError::Held { until, .. }), OnHeld::Wait) => {
                    ports.clock.sleep_until(until).await;
                }
                (Err(error), _) => return Err(RunError::Lease(error)),
            }
        }
    }

    pub(super) const fn lease(&self) -> &Lease {
        &self.lease
    }

    pub(super) const fn renew_at(&self) -> jiff::Timestamp {
        self.renew_at
    }

    /// The error that says that somebody took over.
    pub(super) fn fenced(&self) -> RunError {
        RunError::Fenced {
            target: self.lease.target.clone(),
            epoch: self.lease.epoch,
        }
    }

    /// The time after which nothing may be sent.
    fn safe_until(&self) -> jiff::Timestamp {
        let length = Seconds::new(self.ttl.get().saturating_sub(SEND_GUARD.get()));
        length.after(self.asked)
    }

    /// Renews the lease when that is due.
    pub(super) async fn keep<W: World, J: Journal, C: Clock>(
        &mut self,
        ports: Ports<'_, W, J, C>,
        need: Need,
    ) -> Result<(), RunError> {
        let now = ports.clock.now();
        // A renewal that failed is tried again later, but before a send that
        // would come too late it is tried now.
        let in_time = match need {
            Need::ToSend => now <= self.safe_until(),
            Need::ToRecord => true,
        };
        if now < self.renew_at && in_time {
            return Ok(());
        }
        match ports.journal.renew(&self.lease, now, self.ttl).await {
            Ok(lease) => {
                self.lease = lease;
                self.asked = now;
            }
            Err(LeaseError::Lost { .. } | LeaseError::Held { .. }) => return Err(self.fenced()),
            Err(error @ LeaseError::Storage(_)) => match need {
                Need::ToSend if now > self.safe_until() => return Err(RunError::Lease(error)),
                // The record may be back before the lease has ended.
                Need::ToSend | Need::ToRecord => {}
            },
        }
        self.renew_at = renewal(now, self.ttl);
        Ok(())
    }

    /// Waits for `work`, and keeps the lease meanwhile.
    pub(super) async fn keep_during<W: World, J: Journal, C: Clock, T>(
        &mut self,
        ports: Ports<'_, W, J, C>,
        work: impl Future<Output = T> + Send,
    ) -> Result<T, RunError> {
        let mut work = pin!(work);
        loop {
            if let Some(done) = ready_by(ports, self.renew_at, work.as_mut()).await {
                return Ok(done);
            }
            self.keep(ports, Need::ToRecord).await?;
        }
    }

    /// Waits for `work` until `deadline`, and keeps the lease meanwhile.
    /// Nothing when the deadline came first.
    pub(super) async fn keep_until<W: World, J: Journal, C: Clock, T>(
        &mut self,
        ports: Ports<'_, W, J, C>,
        deadline: jiff::Timestamp,
        work: impl Future<Output = T> + Send,
    ) -> Result<Option<T>, RunError> {
        let mut work = pin!(work);
        loop {
            let wake = self.renew_at.min(deadline);
            if let Some(done) = ready_by(ports, wake, work.as_mut()).await {
                return Ok(Some(done));
            }
            if ports.clock.now() >= deadline {
                return Ok(None);
            }
            self.keep(ports, Need::ToRecord).await?;
        }
    }
}

fn renewal(asked: jiff::Timestamp, ttl: Seconds) -> jiff::Timestamp {
    Seconds::new(ttl.get() / RENEW_AFTER).after(asked)
}

/// What `work` results in, if it does before `wake`. Work that is ready at once
/// never lets time pass.
async fn ready_by<W: World, J: Journal, C: Clock, T>(
    ports: Ports<'_, W, J, C>,
    wake: jiff::Timestamp,
    mut work: std::pin::Pin<&mut (impl Future<Output = T> + Send)>,
) -> Option<T> {
    let mut sleep = pin!(ports.clock.sleep_until(wake));
    poll_fn(|context| {
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        sleep.as_mut().poll(context).map(|()| None)
    })
    .await
}
