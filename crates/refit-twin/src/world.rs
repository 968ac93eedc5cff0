//! The twin behind the executor's ports.

use crate::twin::Twin;
use refit_executor::ports::{Clock, World};
use refit_model::act::{Answer, Epoch, Fence, Intent, Trace};
use refit_model::name::OpKey;
use refit_model::query::Query;
use refit_model::snapshot::Snapshot;
use std::sync::{Arc, Mutex, PoisonError};

/// A twin that several holders share: the executor as its world and its clock,
/// a Kubernetes endpoint, a test that looks in. Its futures are ready at once;
/// sleeping moves the twin's time on.
#[derive(Clone, Debug)]
pub struct SharedTwin(Arc<Mutex<Twin>>);

impl SharedTwin {
    /// Shares `twin`.
    #[must_use]
    pub fn new(twin: Twin) -> Self {
        Self(Arc::new(Mutex::new(twin)))
    }

    /// Does something with the twin while nobody else does. The twin is never
    /// left half-changed by a panic elsewhere, so a poisoned lock is opened.
    pub fn with<T>(&self, work: impl FnOnce(&mut Twin) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

// Each of these is lazy: a future that loses a race before it was ever polled
// has touched neither the twin nor its time.

impl World for SharedTwin {
    async fn observe(&self, query: &Query) -> Snapshot {
        self.with(|twin| twin.observe(query))
    }

    async fn act(&self, intent: &Intent) -> Answer {
        self.with(|twin| twin.act(intent))
    }

    async fn probe(&self, key: &OpKey) -> Trace {
        self.with(|twin| twin.probe(key))
    }

    async fn fence(&self, epoch: Epoch) -> Fence {
        self.with(|twin| twin.fence(epoch))
    }
}

impl Clock for SharedTwin {
    fn now(&self) -> jiff::Timestamp {
        self.with(|twin| twin.now())
    }

    async fn sleep_until(&self, until: jiff::Timestamp) {
        self.with(|twin| twin.advance_to(until));
    }
}
