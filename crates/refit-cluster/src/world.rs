//! The live world: the four verbs over a Kubernetes client.

use crate::collection::HelmReleases;
use crate::cordon::{self, Wish};
use crate::drain;
use crate::list::{self, Set};
use crate::look;
use crate::offered::ApiFacts;
use crate::program;
use crate::surroundings::Surroundings;
use crate::survey;
use crate::wire::{Now, Patience, Wire};
use refit_executor::ports::World;
use refit_model::act::{Act, Adapter, Answer, Epoch, Fence, Intent, KubeAct, Refusal, Trace};
use refit_model::name::OpKey;
use refit_model::query::Query;
use refit_model::snapshot::{ClusterIdentity, Snapshot};
use refit_sources::Tally;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// What a [`LiveWorld`] may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hands {
    /// It only looks; every act is refused.
    Tied,
    /// It acts through the Kubernetes API.
    Kube,
    /// It acts through the Kubernetes API, and runs the programs of a plan.
    KubeAndPrograms,
}

/// A real cluster behind its Kubernetes API.
///
/// It looks with paginated lists at versions that are not deprecated, and never
/// asks for a Secret. It acts with hands for the Kubernetes API alone; what has
/// to be done on a node or through Juju is refused with
/// [`Refusal::NoHands`], and a person does it.
///
/// The Kubernetes API has no fence: two processes that hold different epochs can
/// both write. Within this process the highest epoch that was ever seen is kept,
/// and lower ones are refused.
pub struct LiveWorld {
    wire: Wire,
    hands: Hands,
    name: String,
    now: Box<Now>,
    highest: AtomicU64,
    known: Mutex<Option<ClusterIdentity>>,
}

/// What a cluster shows to an assessment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// The cluster.
    pub snapshot: Snapshot,
    /// How many objects were taken in; what stands inside Helm releases is not
    /// counted.
    pub objects: usize,
}

impl fmt::Debug for LiveWorld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveWorld")
            .field("name", &self.name)
            .field("hands", &self.hands)
            .finish_non_exhaustive()
    }
}

impl LiveWorld {
    /// The cluster behind `client`.
    ///
    /// Make the client with [`crate::client`]: one with `default_retry` on would
    /// repeat an eviction that a budget refuses, for minutes.
    #[must_use]
    pub fn from_client(client: kube::Client, hands: Hands) -> Self {
        Self {
            wire: Wire::new(client),
            hands,
            name: String::new(),
            now: Box::new(jiff::Timestamp::now),
            highest: AtomicU64::new(0),
            known: Mutex::new(None),
        }
    }

    /// The same cluster, called `name` by people.
    #[must_use]
    pub fn called(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The same cluster with other hands.
    #[must_use]
    pub fn with_hands(mut self, hands: Hands) -> Self {
        self.hands = hands;
        self
    }

    /// The same cluster, with its times and deadlines on another clock than the
    /// system's: a simulated cluster has its own.
    #[must_use]
    pub fn timed_by(mut self, now: impl Fn() -> jiff::Timestamp + Send + Sync + 'static) -> Self {
        self.now = Box::new(now);
        self
    }

    pub(crate) fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Remembers who the cluster is, or recalls it when it cannot be asked: a
    /// cluster that does not answer has not become another one.
    fn identity(&self, seen: Option<ClusterIdentity>) -> Option<ClusterIdentity> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.is_some() {
            known.clone_from(&seen);
        }
        known.clone()
    }

    /// A snapshot of the cluster in which nothing was looked at yet.
    async fn begin(&self) -> Snapshot {
        // The time before the first request: nothing seen is older than that.
        let taken_at = (self.now)();
        let identity = look::identity(&self.wire, &self.name).await;
        let (seen, gap) = match identity {
            Ok(identity) => (Some(identity), None),
            Err(gap) => (None, Some(gap)),
        };
        let cluster = self
            .identity(seen)
            .unwrap_or_else(|| look::unidentified(&self.name));
        let mut snapshot = Snapshot::empty(cluster, taken_at);
        snapshot.gaps.extend(gap);
        snapshot
    }

    /// Looks at everything that an assessment is made from: what
    /// [`Query::Everything`] shows, and of all other kinds of Kubernetes' own the
    /// metadata, at the newest version that `facts` do not call deprecated.
    /// `tally` tells how far that has come.
    pub async fn survey(&self, facts: &ApiFacts, releases: HelmReleases, tally: &Tally) -> Survey {
        let mut snapshot = self.begin().await;
        let objects = survey::survey(&self.wire, Some(facts), releases, tally, &mut snapshot).await;
        Survey { snapshot, objects }
    }

    async fn kube(&self, act: &KubeAct, key: &OpKey, patience: Patience<'_>) -> Answer {
        match act {
            KubeAct::Cordon { node } => {
                cordon::turn(&self.wire, node, Wish::Cordoned(key), patience).await
            }
            KubeAct::Uncordon { node } => {
                cordon::turn(&self.wire, node, Wish::Released, patience).await
            }
            KubeAct::Drain { node, allow } => drain::pass(&self.wire, node, *allow, patience).await,
        }
    }
}

impl World for LiveWorld {
    async fn observe(&self, query: &Query) -> Snapshot {
        let mut snapshot = self.begin().await;
        match query {
            Query::Everything => {
                survey::survey(
                    &self.wire,
                    None,
                    HelmReleases::NotAsked,
                    &Tally::default(),
                    &mut snapshot,
                )
                .await;
            }
            Query::ControlPlane
            | Query::Nodes
            | Query::Node(_)
            | Query::PodsOn(_)
            | Query::Pods
            | Query::Budgets
            | Query::Workloads
            | Query::EtcdSnapshots
            | Query::JujuModel
            | Query::JujuApplication(_)
            | Query::JujuApplications => look::look(&self.wire, query, &mut snapshot).await,
            Query::Look(question) => snapshot.looks.push(program::look_through(question).await),
        }
        snapshot
    }

    async fn act(&self, intent: &Intent) -> Answer {
        let refuse = |why| Answer::Refused(why);
        let highest = self
            .highest
            .fetch_max(intent.epoch.0, Ordering::SeqCst)
            .max(intent.epoch.0);
        if intent.epoch.0 < highest {
            return refuse(Refusal::Fenced(Epoch(highest)));
        }
        let act = match (&intent.act, self.hands) {
            (Act::Kube(act), Hands::Kube | Hands::KubeAndPrograms) => act,
            (Act::Kube(_), Hands::Tied) => return refuse(Refusal::NoHands(Adapter::Kube)),
            (Act::Helm(_) | Act::Osism(_) | Act::Exec(_), Hands::KubeAndPrograms) => {
                return program::act(intent, (self.now)(), &Surroundings::of_this_process())
                    .await
                    .unwrap_or_else(|| refuse(Refusal::NoHands(intent.act.adapter())));
            }
            (
                other @ (Act::Kubeadm(_)
                | Act::Etcd(_)
                | Act::Juju(_)
                | Act::Helm(_)
                | Act::Osism(_)
                | Act::Exec(_)
                | Act::Edit(_)
                | Act::Person(_)),
                _,
            ) => {
                return refuse(Refusal::NoHands(other.adapter()));
            }
        };
        let patience = Patience {
            now: &*self.now,
            deadline: intent.deadline,
        };
        if patience.left().is_zero() {
            return refuse(Refusal::Later {
                why: format!("the deadline {} has passed", intent.deadline),
                after: None,
            });
        }
        self.kube(act, &intent.key, patience).await
    }

    async fn probe(&self, key: &OpKey) -> Trace {
        let set = Set::of("/api/v1/nodes", &[]);
        let nodes = list::list(&self.wire, &set, &cordon::key_on).await;
        match (cordon::trace(key, &nodes.items), nodes.hole) {
            (Trace::Absent | Trace::CannotTell(_), Some(why)) => {
                Trace::CannotTell(format!("not every node was seen: {why}"))
            }
            (trace, _) => trace,
        }
    }

    async fn fence(&self, epoch: Epoch) -> Fence {
        self.highest.fetch_max(epoch.0, Ordering::SeqCst);
        Fence::Unsupported
    }
}
