//! A tiny world with one node and one Juju application, in which every effect
//! is counted, requests can be lost or come late, and time is a number.

use jiff::Timestamp;
use refit_executor::ports::{Clock, World};
use refit_model::act::{
    Act, Answer, Epoch, Fence, Intent, JujuAct, KubeAct, KubeadmAct, Refusal, Trace,
};
use refit_model::duration::Seconds;
use refit_model::juju::{JujuApplication, JujuModel};
use refit_model::kubernetes::{Cordon, Kubernetes, Node};
use refit_model::name::OpKey;
use refit_model::query::Query;
use refit_model::seen::{Listing, Seen, Unseen};
use refit_model::snapshot::{ClusterIdentity, IdentityBasis, Snapshot};
use refit_model::version::KubeVersion;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

/// What happens to a request on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It never arrives.
    RequestLost,
    /// It arrives, and its answer does not.
    AnswerLost,
    /// It arrives after so long, long after anybody waited for it.
    Late(Seconds),
}

/// How the world is made.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Whether it can refuse older epochs.
    pub fence: Fence,
    /// What happens to the nth request, from 1.
    pub faults: BTreeMap<u32, Fault>,
    /// What the nth request is refused with.
    pub refusals: BTreeMap<u32, Refusal>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            fence: Fence::Raised,
            faults: BTreeMap::new(),
            refusals: BTreeMap::new(),
        }
    }
}

/// What it is like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landscape {
    /// Whether the node takes new pods.
    pub cordoned: bool,
    /// The release of its kubelet.
    pub kubelet: KubeVersion,
    /// The revision of the charm.
    pub revision: u32,
}

/// The world; see the top of this page.
pub struct Scripted {
    rules: Rules,
    inner: Mutex<Inner>,
}

struct Inner {
    now: Timestamp,
    landscape: Landscape,
    /// An upgrade of the kubelet that is under way, and when it ends.
    upgrade: Option<(Timestamp, KubeVersion)>,
    requests: u32,
    late: Vec<(Timestamp, Intent)>,
    fence: Epoch,
    known: BTreeSet<OpKey>,
    effects: BTreeMap<OpKey, u32>,
}

/// When everything begins.
#[must_use]
pub fn start() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

/// A release.
#[must_use]
pub fn version(text: &str) -> KubeVersion {
    text.parse().unwrap()
}

/// Which landscape it is.
#[must_use]
pub fn identity() -> ClusterIdentity {
    ClusterIdentity {
        id: "c-1".parse().unwrap(),
        name: "harbour".to_owned(),
        basis: IdentityBasis::Given,
    }
}

impl Scripted {
    /// A world at its beginning.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            inner: Mutex::new(Inner {
                now: start(),
                landscape: Landscape {
                    cordoned: false,
                    kubelet: version("1.33.1"),
                    revision: 7,
                },
                upgrade: None,
                requests: 0,
                late: Vec::new(),
                fence: Epoch(0),
                known: BTreeSet::new(),
                effects: BTreeMap::new(),
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// What it is like now.
    #[must_use]
    pub fn landscape(&self) -> Landscape {
        self.lock().landscape.clone()
    }

    /// How often each key had an effect.
    #[must_use]
    pub fn effects(&self) -> BTreeMap<OpKey, u32> {
        self.lock().effects.clone()
    }

    /// How many requests were made.
    #[must_use]
    pub fn requests(&self) -> u32 {
        self.lock().requests
    }

    /// Whether something that was sent has not arrived yet, or is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let inner = self.lock();
        inner.upgrade.is_some() || !inner.late.is_empty()
    }

    /// Lets time pass, with everything that comes late.
    pub fn pass(&self, span: Seconds) {
        let until = span.after(self.lock().now);
        self.lock().advance(until);
    }
}

impl Inner {
    fn advance(&mut self, until: Timestamp) {
        self.now = self.now.max(until);
        if let Some((_, to)) = self.upgrade.take_if(|(ends, _)| *ends <= until) {
            self.landscape.kubelet = to;
        }
        let (due, later): (Vec<_>, Vec<_>) = self
            .late
            .drain(..)
            .partition(|(arrives, _)| *arrives <= until);
        self.late = later;
        for (_, intent) in due {
            if intent.epoch >= self.fence {
                self.carry_out(&intent);
            }
        }
    }

    fn carry_out(&mut self, intent: &Intent) {
        let repeated = !self.known.insert(intent.key.clone());
        let mut happened = || *self.effects.entry(intent.key.clone()).or_default() += 1;
        match &intent.act {
            Act::Kube(KubeAct::Cordon { .. }) => {
                happened();
                self.landscape.cordoned = true;
            }
            Act::Kube(KubeAct::Uncordon { .. }) => {
                happened();
                self.landscape.cordoned = false;
            }
            // The node refuses to start the same unit twice.
            Act::Kubeadm(KubeadmAct::Kubelet { to, .. }) => {
                if !repeated {
                    happened();
                    self.upgrade = Some((Seconds::new(30).after(self.now), to.clone()));
                }
            }
            // Juju takes it again and again.
            Act::Juju(JujuAct::Refresh { .. }) => {
                happened();
                self.landscape.revision += 1;
            }
            Act::Kube(KubeAct::Drain { .. })
            | Act::Kubeadm(KubeadmAct::Apply { .. } | KubeadmAct::Node { .. })
            | Act::Etcd(_)
            | Act::Juju(JujuAct::RunAction { .. })
            | Act::Helm(_)
            | Act::Osism(_)
            | Act::Exec(_)
            | Act::Edit(_)
            | Act::Person(_) => panic!("this world knows no {:?}", intent.act),
        }
    }

    fn snapshot(&self) -> Snapshot {
        let gap = || Unseen::NotAsked;
        let mut seen = Snapshot::empty(identity(), self.now);
        let node = Node {
            role: Seen::Gap(gap()),
            pool: Seen::Gap(gap()),
            zone: Seen::Gap(gap()),
            kubelet: Seen::Is(self.landscape.kubelet.clone()),
            kube_proxy: Seen::Gap(gap()),
            runtime: Seen::Gap(gap()),
            kernel: Seen::Gap(gap()),
            ready: Seen::Is(self.upgrade.is_none()),
            cordon: Seen::Is(if self.landscape.cordoned {
                Cordon::Ours
            } else {
                Cordon::Open
            }),
            pressures: BTreeSet::new(),
            taints: Vec::new(),
            labels: serde_json::from_value(serde_json::json!({})).unwrap(),
            allocatable: Seen::Gap(gap()),
        };
        seen.kubernetes = Some(Kubernetes {
            nodes: Listing::whole(BTreeMap::from([("n1".parse().unwrap(), node)])),
            ..Kubernetes::unseen(&gap())
        });
        let application = JujuApplication {
            charm: "k8s".parse().unwrap(),
            channel: Seen::Gap(gap()),
            revision: Seen::Is(self.landscape.revision),
            offered: Seen::Gap(gap()),
            claimed_version: Seen::Gap(gap()),
            status: Seen::Gap(gap()),
            units: Listing::unseen(gap()),
            actions: Listing::unseen(gap()),
        };
        seen.juju = Some(JujuModel {
            name: "prod".parse().unwrap(),
            controller: "ctrl".parse().unwrap(),
            version: Seen::Gap(gap()),
            applications: Listing::whole(BTreeMap::from([("k8s".parse().unwrap(), application)])),
        });
        seen
    }
}

impl World for Scripted {
    async fn observe(&self, _: &Query) -> Snapshot {
        self.lock().snapshot()
    }

    async fn act(&self, intent: &Intent) -> Answer {
        let mut inner = self.lock();
        inner.requests += 1;
        let number = inner.requests;
        if let Some(refusal) = self.rules.refusals.get(&number) {
            return Answer::Refused(refusal.clone());
        }
        match self.rules.faults.get(&number) {
            Some(Fault::RequestLost) => return Answer::Unknown("no answer".to_owned()),
            Some(Fault::Late(by)) => {
                let arrives = by.after(inner.now);
                inner.late.push((arrives, intent.clone()));
                return Answer::Unknown("no answer".to_owned());
            }
            Some(Fault::AnswerLost) | None => {}
        }
        if intent.epoch < inner.fence {
            return Answer::Refused(Refusal::Fenced(inner.fence));
        }
        inner.carry_out(intent);
        if self.rules.faults.get(&number) == Some(&Fault::AnswerLost) {
            return Answer::Unknown("no answer".to_owned());
        }
        Answer::Acknowledged {
            operation: Some(format!("op-{number}")),
            waits_on: Vec::new(),
        }
    }

    async fn probe(&self, key: &OpKey) -> Trace {
        if self.lock().known.contains(key) {
            Trace::Present("it has a record of it".to_owned())
        } else {
            Trace::Absent
        }
    }

    async fn fence(&self, epoch: Epoch) -> Fence {
        if self.rules.fence == Fence::Raised {
            let mut inner = self.lock();
            inner.fence = inner.fence.max(epoch);
        }
        self.rules.fence
    }
}

impl Clock for Scripted {
    fn now(&self) -> Timestamp {
        self.lock().now
    }

    async fn sleep_until(&self, until: Timestamp) {
        self.lock().advance(until);
    }
}
