//! The twin: a landscape in virtual time.

use crate::agenda::{Core, Event};
use crate::juju::{Model, Refreshed};
use crate::options::{FaultKind, TwinOptions};
use crate::state::Cluster;
use refit_model::act::{
    Act, Answer, Epoch, EtcdAct, Fence, Intent, JujuAct, KubeAct, KubeadmAct, Refusal, Trace,
};
use refit_model::duration::Seconds;
use refit_model::kubernetes::{Cordon, Distribution, Kubernetes};
use refit_model::look::Looked;
use refit_model::name::{NodeName, OpKey};
use refit_model::query::Query;
use refit_model::seen::{Listing, Seen, Unseen};
use refit_model::snapshot::{ClusterIdentity, IdentityBasis, Snapshot};
use refit_model::version::KubeVersion;
use std::collections::BTreeMap;

/// The annotation that remembers whose cordon a node bears.
pub(crate) const CORDONED_BY: &str = "refit.dev/cordoned-by";

/// Why there is no twin of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TwinError {
    /// A part that the simulation stands on was not seen completely.
    #[error("{what} cannot be simulated: {why}")]
    Unseen {
        /// The part.
        what: &'static str,
        /// Why it is not there.
        why: Unseen,
    },
    /// The snapshot shows neither a cluster nor a model.
    #[error("the snapshot of {0} shows neither a Kubernetes cluster nor a Juju model")]
    Nothing(String),
}

/// One act that reached the twin, and whether it changed anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// When.
    pub at: jiff::Timestamp,
    /// The operation's key.
    pub key: OpKey,
    /// The epoch it came under.
    pub epoch: Epoch,
    /// What was asked, in a few words.
    pub act: String,
    /// Whether the twin did something because of it. A repetition that was
    /// recognised, a refusal and a lost request are not applied.
    pub applied: bool,
}

/// A simulated landscape. Nothing in it knows the real time or the outside:
/// the same snapshot, options and acts give the same states.
#[derive(Clone, Debug)]
pub struct Twin {
    pub(crate) core: Core,
    pub(crate) identity: ClusterIdentity,
    pub(crate) cluster: Option<Cluster>,
    juju: Option<Model>,
    operations: BTreeMap<OpKey, String>,
    effects: Vec<Effect>,
    acts: u64,
    epoch: Epoch,
    started: jiff::Timestamp,
}

impl Twin {
    /// The twin of what `snapshot` shows; its time starts when the snapshot was
    /// taken.
    ///
    /// # Errors
    /// When the snapshot does not show what the simulation stands on.
    pub fn from_snapshot(snapshot: &Snapshot, options: TwinOptions) -> Result<Self, TwinError> {
        let mut core = Core::new(snapshot.taken_at, options);
        let system = match snapshot.cluster.basis {
            IdentityBasis::KubeSystemUid => Some(snapshot.cluster.id.to_string()),
            IdentityBasis::JujuModel | IdentityBasis::Given => None,
        };
        let cluster = snapshot
            .kubernetes
            .as_ref()
            .map(|seen| Cluster::load(&mut core, seen, system))
            .transpose()?;
        let juju = snapshot
            .juju
            .as_ref()
            .map(|seen| Model::load(&mut core, seen));
        if cluster.is_none() && juju.is_none() {
            return Err(TwinError::Nothing(snapshot.cluster.to_string()));
        }
        Ok(Self::assemble(
            core,
            snapshot.cluster.clone(),
            cluster,
            juju,
        ))
    }

    /// A cluster without nodes and pods, whose API server is at `version`; it is
    /// filled through [`Twin::api`].
    #[must_use]
    pub fn empty(
        identity: ClusterIdentity,
        start: jiff::Timestamp,
        version: KubeVersion,
        options: TwinOptions,
    ) -> Self {
        let mut core = Core::new(start, options);
        let mut base = Kubernetes::unseen(&Unseen::NotInSource);
        base.distribution = Seen::Is(Distribution::Kubeadm);
        base.server = Seen::Is(version.clone());
        base.components = Listing::whole(BTreeMap::new());
        base.webhooks = Listing::whole(BTreeMap::new());
        base.definitions = Listing::whole(BTreeMap::new());
        base.services = Listing::whole(BTreeMap::new());
        base.releases = Listing::whole(BTreeMap::new());
        let system = Some(identity.id.to_string());
        let mut cluster = Cluster::empty(&mut core, base, system);
        cluster.configured = Some(version);
        Self::assemble(core, identity, Some(cluster), None)
    }

    const fn assemble(
        core: Core,
        identity: ClusterIdentity,
        cluster: Option<Cluster>,
        juju: Option<Model>,
    ) -> Self {
        let started = core.now;
        Self {
            core,
            identity,
            cluster,
            juju,
            operations: BTreeMap::new(),
            effects: Vec::new(),
            acts: 0,
            epoch: Epoch(0),
            started,
        }
    }

    /// The twin's present.
    #[must_use]
    pub const fn now(&self) -> jiff::Timestamp {
        self.core.now
    }

    /// When the twin's time began.
    #[must_use]
    pub const fn started(&self) -> jiff::Timestamp {
        self.started
    }

    /// When the next thing happens by itself, if anything will.
    #[must_use]
    pub fn next_event(&self) -> Option<jiff::Timestamp> {
        self.core.due()
    }

    /// Lets everything happen that is due by `until`, in order. A time that has
    /// passed changes nothing.
    pub fn advance_to(&mut self, until: jiff::Timestamp) {
        while let Some(event) = self.core.next(until) {
            self.happen(event);
        }
        self.core.now = self.core.now.max(until);
    }

    fn happen(&mut self, event: Event) {
        if let Event::Juju(event) = &event {
            if let Some(juju) = &mut self.juju {
                juju.happen(&mut self.core, event);
            }
            return;
        }
        if let Event::KubeadmEnds(key, _) | Event::OperationEnds(key) | Event::EtcdSaved(_, key) =
            &event
        {
            self.operations.insert(key.clone(), "ended well".to_owned());
        }
        if let Some(cluster) = &mut self.cluster {
            cluster.happen(&mut self.core, event);
        }
    }

    /// What the twin shows to a question.
    #[must_use]
    pub fn observe(&self, query: &Query) -> Snapshot {
        let mut snapshot = Snapshot::empty(self.identity.clone(), self.core.now);
        snapshot.kubernetes = self
            .cluster
            .as_ref()
            .and_then(|cluster| cluster.observe(query));
        snapshot.juju = self.juju.as_ref().and_then(|juju| juju.observe(query));
        if let Query::Look(look) = query {
            snapshot.looks.push(Looked {
                look: look.clone(),
                shown: Seen::Gap(Unseen::Failed(
                    "the twin models no programs and no files".to_owned(),
                )),
            });
        }
        snapshot
    }

    /// Takes an intent on.
    pub fn act(&mut self, intent: &Intent) -> Answer {
        self.acts += 1;
        let number = self.acts;
        let fault = self
            .core
            .options
            .faults
            .iter()
            .find(|fault| fault.act == number)
            .map(|fault| fault.kind);
        match fault {
            Some(FaultKind::RequestLost) => {
                self.log(intent, Applied::No);
                Answer::Unknown("the connection was lost before the answer came".to_owned())
            }
            Some(FaultKind::Refused) => {
                self.log(intent, Applied::No);
                Answer::Refused(Refusal::Later {
                    why: "the target is busy".to_owned(),
                    after: Some(Seconds::new(1)),
                })
            }
            Some(FaultKind::AnswerLost) => {
                self.carry_out(intent);
                Answer::Unknown("the connection was lost before the answer came".to_owned())
            }
            None => self.carry_out(intent),
        }
    }

    fn carry_out(&mut self, intent: &Intent) -> Answer {
        if intent.epoch < self.epoch {
            self.log(intent, Applied::No);
            return Answer::Refused(Refusal::Fenced(self.epoch));
        }
        self.epoch = intent.epoch;
        let done = match &intent.act {
            Act::Kube(act) => self.kube(act, &intent.key),
            Act::Kubeadm(_) | Act::Etcd(_) => self.keyed(intent),
            Act::Juju(act) => self.juju_act(act, &intent.key),
            Act::Helm(_) | Act::Osism(_) | Act::Exec(_) | Act::Edit(_) | Act::Person(_) => {
                Err(Refusal::NoHands(intent.act.adapter()))
            }
        };
        match done {
            Ok(done) => {
                self.log(intent, done.applied);
                if done.applied == Applied::Yes {
                    self.operations
                        .entry(intent.key.clone())
                        .or_insert_with(|| "taken on".to_owned());
                }
                Answer::Acknowledged {
                    operation: done.operation,
                    waits_on: done.waits_on,
                }
            }
            Err(refusal) => {
                self.log(intent, Applied::No);
                Answer::Refused(refusal)
            }
        }
    }

    fn log(&mut self, intent: &Intent, applied: Applied) {
        self.effects.push(Effect {
            at: self.core.now,
            key: intent.key.clone(),
            epoch: intent.epoch,
            act: summary(&intent.act),
            applied: applied == Applied::Yes,
        });
    }

    fn kube(&mut self, act: &KubeAct, key: &OpKey) -> Result<Done, Refusal> {
        let Some(cluster) = &mut self.cluster else {
            return Err(no_cluster());
        };
        let find = |cluster: &Cluster, name: &NodeName| {
            let id = cluster.node_names.get(name).copied();
            id.and_then(|id| Some((id, cluster.nodes.get(&id)?.seen.cordon.clone())))
                .ok_or_else(|| Refusal::Denied(format!("node {name} does not exist")))
        };
        match act {
            KubeAct::Cordon { node } => {
                let (id, cordon) = find(cluster, node)?;
                match cordon {
                    // Somebody else's cordon keeps pods away as well, and has to
                    // survive ours.
                    Seen::Is(Cordon::Ours | Cordon::Theirs) => Ok(Done::nothing()),
                    Seen::Is(Cordon::Open) | Seen::Gap(_) => {
                        cluster.alter_node(&mut self.core, id, |state| {
                            state.seen.cordon = Seen::Is(Cordon::Ours);
                            let by = (CORDONED_BY.to_owned(), key.to_string());
                            state.meta.annotations.extend([by]);
                        });
                        Ok(Done::applied())
                    }
                }
            }
            KubeAct::Uncordon { node } => {
                let (id, cordon) = find(cluster, node)?;
                match cordon {
                    Seen::Is(Cordon::Ours) => {
                        cluster.alter_node(&mut self.core, id, |state| {
                            state.seen.cordon = Seen::Is(Cordon::Open);
                            state.meta.annotations.remove(CORDONED_BY);
                        });
                        Ok(Done::applied())
                    }
                    Seen::Is(Cordon::Open | Cordon::Theirs) | Seen::Gap(_) => Ok(Done::nothing()),
                }
            }
            KubeAct::Drain { node, allow } => {
                let pass = cluster.drain(&mut self.core, node, *allow)?;
                let mut done = if pass.evicted > 0 {
                    Done::applied()
                } else {
                    Done::nothing()
                };
                done.waits_on = pass.waits_on;
                Ok(done)
            }
        }
    }

    /// Acts that the node does once per key.
    fn keyed(&mut self, intent: &Intent) -> Result<Done, Refusal> {
        let unit = format!("refit-{}", intent.key);
        if self.operations.contains_key(&intent.key) {
            return Ok(Done {
                operation: Some(unit),
                ..Done::nothing()
            });
        }
        let Some(cluster) = &mut self.cluster else {
            return Err(no_cluster());
        };
        let (core, key) = (&mut self.core, &intent.key);
        match &intent.act {
            Act::Kubeadm(KubeadmAct::Apply { node, to }) => {
                cluster.kubeadm_apply(core, node, to, key)?;
            }
            Act::Kubeadm(KubeadmAct::Node { node, to }) => {
                cluster.kubeadm_node(core, node, to, key)?;
            }
            Act::Kubeadm(KubeadmAct::Kubelet { node, to }) => {
                cluster.kubelet_upgrade(core, node, to, key)?;
            }
            Act::Etcd(EtcdAct::SnapshotSave { node }) => cluster.etcd_save(core, node, key)?,
            Act::Kube(_)
            | Act::Juju(_)
            | Act::Helm(_)
            | Act::Osism(_)
            | Act::Exec(_)
            | Act::Edit(_)
            | Act::Person(_) => {}
        }
        Ok(Done {
            operation: Some(unit),
            ..Done::applied()
        })
    }

    fn juju_act(&mut self, act: &JujuAct, key: &OpKey) -> Result<Done, Refusal> {
        let Some(juju) = &mut self.juju else {
            return Err(Refusal::Denied("there is no Juju model".to_owned()));
        };
        match act {
            JujuAct::RunAction {
                application,
                action,
            } => {
                let number = juju.run_on_leader(&mut self.core, application, action, Some(key))?;
                Ok(Done {
                    operation: Some(number),
                    ..Done::applied()
                })
            }
            JujuAct::Refresh {
                application,
                channel,
            } => match juju.refresh(&mut self.core, application, channel.as_ref())? {
                Refreshed::Moved(revision) => Ok(Done {
                    operation: Some(format!("revision {revision}")),
                    ..Done::applied()
                }),
                Refreshed::NothingNewer => Ok(Done::nothing()),
            },
        }
    }

    /// What the twin knows of a key.
    #[must_use]
    pub fn probe(&self, key: &OpKey) -> Trace {
        self.operations
            .get(key)
            .map_or(Trace::Absent, |what| Trace::Present(what.clone()))
    }

    /// Refuses every epoch below `epoch` from now on.
    pub fn fence(&mut self, epoch: Epoch) -> Fence {
        self.epoch = self.epoch.max(epoch);
        Fence::Raised
    }

    /// Every act that reached the twin, in order.
    #[must_use]
    pub fn effects(&self) -> &[Effect] {
        &self.effects
    }
}

/// Whether an act changed anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Applied {
    Yes,
    No,
}

/// What became of an act that was not refused.
struct Done {
    applied: Applied,
    operation: Option<String>,
    waits_on: Vec<String>,
}

impl Done {
    const fn applied() -> Self {
        Self {
            applied: Applied::Yes,
            operation: None,
            waits_on: Vec::new(),
        }
    }

    fn nothing() -> Self {
        Self {
            applied: Applied::No,
            ..Self::applied()
        }
    }
}

fn no_cluster() -> Refusal {
    Refusal::Denied("there is no Kubernetes cluster".to_owned())
}

fn summary(act: &Act) -> String {
    match act {
        Act::Kube(KubeAct::Cordon { node }) => format!("cordon {node}"),
        Act::Kube(KubeAct::Uncordon { node }) => format!("uncordon {node}"),
        Act::Kube(KubeAct::Drain { node, .. }) => format!("drain {node}"),
        Act::Kubeadm(KubeadmAct::Apply { node, to }) => format!("kubeadm apply {to} on {node}"),
        Act::Kubeadm(KubeadmAct::Node { node, to }) => format!("kubeadm node {to} on {node}"),
        Act::Kubeadm(KubeadmAct::Kubelet { node, to }) => format!("kubelet {to} on {node}"),
        Act::Etcd(EtcdAct::SnapshotSave { node }) => format!("etcd snapshot on {node}"),
        Act::Juju(JujuAct::RunAction {
            application,
            action,
        }) => format!("run {action} on {application}"),
        Act::Juju(JujuAct::Refresh { application, .. }) => format!("refresh {application}"),
        Act::Helm(_) | Act::Osism(_) | Act::Exec(_) | Act::Edit(_) => {
            format!("an act by {}", act.adapter())
        }
        Act::Person(_) => "a person's act".to_owned(),
    }
}

impl Cluster {
    /// Lets one event happen.
    pub(crate) fn happen(&mut self, core: &mut Core, event: Event) {
        match event {
            Event::PodStarts(id) => self.pod_starts(core, id),
            Event::PodGone(id) => self.pod_gone(core, id),
            Event::SyncWorkload(id) => self.sync_workload(core, id),
            Event::CreatePod(id) => self.create_pod(core, id),
            Event::SyncDaemon(id, node) => self.sync_daemon(core, id, node),
            Event::SyncBudget(id) => self.sync_budget(core, id),
            Event::Reschedule => self.reschedule(core),
            Event::CollectPods(name) => self.collect_pods(core, &name),
            Event::EmptyNamespace(name) => self.empty_namespace(core, &name),
            Event::ComponentTurns(node, kind, turn) => {
                self.component_turns(core, node, kind, turn);
            }
            Event::KubeletStops(node, to) => self.alter_node(core, node, |state| {
                state.seen.kubelet = Seen::Is(to);
                state.seen.ready = Seen::Is(false);
            }),
            Event::NodeReady(node) => self.alter_node(core, node, |state| {
                state.seen.ready = Seen::Is(true);
            }),
            Event::KubeadmEnds(_, to) => self.kubeadm_ends(core, &to),
            Event::EtcdSaved(node, key) => self.etcd_saved(core, node, &key),
            Event::RollProxy => self.roll_proxy(core),
            Event::OperationEnds(_) | Event::Juju(_) => {}
        }
    }
}
