//! What a twin is told about the landscape that no snapshot shows: how long
//! things take, and what shall go wrong.

use refit_model::name::{Channel, ObjectName};
use refit_model::version::KubeVersion;
use std::collections::BTreeMap;
use std::time::Duration;

/// How a twin behaves where the snapshot is silent.
///
/// Every duration that is called a guess has no source; a rehearsal says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwinOptions {
    /// The seed of everything that is drawn by lot: generated names, UIDs, ties
    /// between nodes, the order of Juju units.
    pub seed: u64,
    /// From a pod's placement until it is ready. Default 5 s: the bound of the
    /// Kubernetes pod start-up objective (stateless, images present, p99).
    pub start_delay: Duration,
    /// From a pod's deletion until it is gone, at most the pod's own grace
    /// period. Default 2 s, a guess for programs that obey SIGTERM.
    pub stop_delay: Duration,
    /// From a pod's deletion until its controller has made the next one.
    /// Default 100 ms, measured on 1.36.3.
    pub replace_delay: Duration,
    /// From a change of a pod until the disruption controller has written the
    /// budget's status. Default 20 ms: less than two requests need one after
    /// the other, as the recorded answers of 1.36.3 show.
    pub budget_delay: Duration,
    /// The requests per second that kube-controller-manager allows itself, per
    /// controller. Default 20 with bursts of 30, the defaults of
    /// `--kube-api-qps` and `--kube-api-burst`; providers often raise them.
    pub controller_rate: Rate,
    /// Before kubeadm touches the first static pod: pre-flight, images.
    /// Default 20 s, a guess.
    pub kubeadm_preflight: Duration,
    /// From the moment a static pod's manifest is replaced until the new one is
    /// ready. Default 15 s, a guess; kubeadm waits up to 5 min.
    pub static_pod_restart: Duration,
    /// Installing the kubelet package. Default 15 s, a guess.
    pub kubelet_install: Duration,
    /// From the kubelet's stop until its node is ready again. Default 10 s, a
    /// guess: the kubelet reports its status every 10 s.
    pub kubelet_restart: Duration,
    /// `etcdctl snapshot save` and the check of its hash. Default 5 s, a guess.
    pub etcd_save: Duration,
    /// One Juju unit's upgrade of its snap. Default 90 s, a guess.
    pub unit_upgrade: Duration,
    /// A Juju action. Default 3 s, as in the recorded samples.
    pub action: Duration,
    /// Which Kubernetes release a revision of a charm carries. Juju does not
    /// show it before the revision is there.
    pub charm_versions: BTreeMap<u32, KubeVersion>,
    /// The newest revision of a charm in a channel other than the present one.
    pub channel_heads: BTreeMap<(ObjectName, Channel), u32>,
    /// Pods with this label run and never turn ready. For tests that replay
    /// recordings; absent by default.
    pub never_ready: Option<(String, String)>,
    /// What shall go wrong.
    pub faults: Vec<Fault>,
}

/// A token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// So many a second in the long run; 0 for no limit.
    pub per_second: u32,
    /// So many at once.
    pub burst: u32,
}

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The how-manieth act it hits, counted from 1.
    pub act: u64,
    /// What happens to it.
    pub kind: FaultKind,
}

/// What can happen to an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The request is lost: nothing happened, and nobody can say so.
    RequestLost,
    /// The answer is lost: it happened, and nobody can say so.
    AnswerLost,
    /// The target asks to be left alone for a while.
    Refused,
}

impl Default for TwinOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            start_delay: Duration::from_secs(5),
            stop_delay: Duration::from_secs(2),
            replace_delay: Duration::from_millis(100),
            budget_delay: Duration::from_millis(20),
            controller_rate: Rate {
                per_second: 20,
                burst: 30,
            },
            kubeadm_preflight: Duration::from_secs(20),
            static_pod_restart: Duration::from_secs(15),
            kubelet_install: Duration::from_secs(15),
            kubelet_restart: Duration::from_secs(10),
            etcd_save: Duration::from_secs(5),
            unit_upgrade: Duration::from_secs(90),
            action: Duration::from_secs(3),
            charm_versions: BTreeMap::new(),
            channel_heads: BTreeMap::new(),
            never_ready: None,
            faults: Vec::new(),
        }
    }
}
