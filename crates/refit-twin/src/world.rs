//! The twin behind the executor's ports.

use crate::twin::Twin;
use refit_executor::ports::{Clock, World};
use refit_model::act::{Answer, Epoch, Fence, Intent, Trace};
use refit_model::name::OpKey;
use refit_model::query::Query;
use refit_model::snapshot::Snapshot;
use std::future::ready;
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

impl World for SharedTwin {
    fn observe(&self, query: &Query) -> impl Future<Output = Snapshot> + Send {
        ready(self.with(|twin| twin.observe(query)))
    }

    fn act(&self, intent: &Intent) -> impl Future<Output = Answer> + Send {
        ready(self.with(|twin| twin.act(intent)))
    }

    fn probe(&self, key: &OpKey) -> impl Future<Output = Trace> + Send {
        ready(self.with(|twin| twin.probe(key)))
    }

    fn fence(&self, epoch: Epoch) -> impl Future<Output = Fence> + Send {
        ready(self.with(|twin| twin.fence(epoch)))
    }
}

impl Clock for SharedTwin {
    fn now(&self) -> jiff::Timestamp {
        self.with(|twin| twin.now())
    }

    fn sleep_until(&self, until: jiff::Timestamp) -> impl Future<Output = ()> + Send {
        self.with(|twin| twin.advance_to(until));
        ready(())
    }
}
