//! Landscapes to plan over: small, complete, and made of a few numbers, so that
//! a property test can draw them by lot.
//!
//! Everything is observed, everything is ready, no budget blocks for good. A
//! test that wants it otherwise changes the snapshot.

mod juju;

pub use juju::{CharmSpec, charm, charm_of, charm_specs};

use jiff::Timestamp;
use proptest::prelude::Strategy;
use refit_model::budget::{Amount, Bound, Budget, BudgetStatus, UnhealthyPods};
use refit_model::kubernetes::{
    Component, ComponentKey, ComponentKind, Cordon, Distribution, Kubernetes, LocalData, Node,
    NodeRole, Phase, Pod, Resources, Service, Taint, TaintEffect, Toleration, UpdateStrategy,
    Workload, WorkloadKey, WorkloadKind,
};
use refit_model::name::{Key, Namespace, NodeName};
use refit_model::object::{Application, ApplicationSign, GroupVersionKind, Owner};
use refit_model::seen::{Listing, Seen, Unseen};
use refit_model::selector::{Labels, Selector};
use refit_model::snapshot::{ClusterIdentity, IdentityBasis, Snapshot};
use refit_model::version::{KubeVersion, Minor};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// What a kubeadm cluster is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LandscapeSpec {
    /// How many control-plane nodes: 1, 3 or 5.
    pub control_plane: u8,
    /// What the API servers and the other components run.
    pub servers: KubeVersion,
    /// What the kubelets of the control-plane nodes run.
    pub control_plane_kubelets: KubeVersion,
    /// The pools of workers.
    pub pools: Vec<PoolSpec>,
    /// What runs there.
    pub deployments: Vec<DeploymentSpec>,
}

/// A pool of workers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolSpec {
    /// How many nodes.
    pub nodes: u8,
    /// What their kubelets run.
    pub kubelets: KubeVersion,
}

/// A Deployment whose pods are spread over all workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeploymentSpec {
    /// How many pods; a budget wants at least two.
    pub replicas: u8,
    /// Its budget.
    pub budget: BudgetSpec,
    /// Whether its pods have an `emptyDir`.
    pub scratch: bool,
}

/// The budget of a Deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BudgetSpec {
    /// None.
    Without,
    /// `maxUnavailable: 1`.
    OneMayGo,
    /// `minAvailable` one less than there are.
    AllButOneStay,
}

impl Default for LandscapeSpec {
    /// Three control-plane nodes and two pools at 1.33.5.
    fn default() -> Self {
        let version = KubeVersion::new(Minor::new(1, 33), 5);
        Self {
            control_plane: 3,
            servers: version.clone(),
            control_plane_kubelets: version.clone(),
            pools: vec![
                PoolSpec {
                    nodes: 2,
                    kubelets: version.clone(),
                },
                PoolSpec {
                    nodes: 1,
                    kubelets: version,
                },
            ],
            deployments: vec![
                DeploymentSpec {
                    replicas: 3,
                    budget: BudgetSpec::OneMayGo,
                    scratch: true,
                },
                DeploymentSpec {
                    replicas: 2,
                    budget: BudgetSpec::Without,
                    scratch: false,
                },
            ],
        }
    }
}

/// Specifications by lot: control planes of 1, 3 or 5, up to three pools of up
/// to four nodes, kubelets up to two minors behind, up to four Deployments.
pub fn specs() -> impl Strategy<Value = LandscapeSpec> {
    let version = |minor: u16| {
        (0_u16..=12).prop_map(move |patch| KubeVersion::new(Minor::new(1, minor), patch))
    };
    let lagging = || {
        (0_u16..=2, 0_u16..=12)
            .prop_map(|(lag, patch)| (lag, KubeVersion::new(Minor::new(1, 33 - lag), patch)))
    };
    let pool =
        (1_u8..=4, lagging()).prop_map(|(nodes, (_, kubelets))| PoolSpec { nodes, kubelets });
    let deployment =
        (2_u8..=4, 0_u8..=2, proptest::bool::ANY).prop_map(|(replicas, budget, scratch)| {
            DeploymentSpec {
                replicas,
                budget: match budget {
                    0 => BudgetSpec::Without,
                    1 => BudgetSpec::OneMayGo,
                    _ => BudgetSpec::AllButOneStay,
                },
                scratch,
            }
        });
    (
        proptest::sample::select(vec![1_u8, 3, 5]),
        version(33),
        lagging(),
        proptest::collection::vec(pool, 1..=3),
        proptest::collection::vec(deployment, 0..=4),
    )
        .prop_map(
            |(control_plane, servers, (lag, kubelets), pools, deployments)| {
                // A kubelet of the servers' minor is at their patch: a newer one
                // would be a downgrade, which is another test's matter.
                let no_newer = |kubelets: KubeVersion| {
                    if kubelets.minor() == servers.minor() {
                        servers.clone()
                    } else {
                        kubelets
                    }
                };
                LandscapeSpec {
                    control_plane,
                    control_plane_kubelets: if lag == 0 {
                        servers.clone()
                    } else {
                        no_newer(kubelets)
                    },
                    pools: pools
                        .into_iter()
                        .map(|pool| PoolSpec {
                            kubelets: no_newer(pool.kubelets),
                            ..pool
                        })
                        .collect(),
                    servers,
                    deployments,
                }
            },
        )
}

/// Whether the pods of a worker have another one to go to.
#[must_use]
pub fn has_room(spec: &LandscapeSpec) -> bool {
    spec.pools
        .iter()
        .map(|pool| usize::from(pool.nodes))
        .sum::<usize>()
        > 1
}

/// The text as a name; the names of these landscapes are all sound.
#[expect(clippy::expect_used, reason = "the names are this module's own")]
pub fn name<T: FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a sound name")
}

/// When every landscape here was observed.
#[must_use]
pub fn taken_at() -> Timestamp {
    name("2026-11-20T06:00:00Z")
}

/// The kubeadm cluster of this specification.
///
/// Nodes are called `cp-1` and `pool-1-1`; Deployments `app-1`, all in the
/// namespace `shop`; there is CoreDNS with two pods and kube-proxy everywhere.
#[must_use]
pub fn kubeadm(spec: &LandscapeSpec) -> Snapshot {
    let mut side = Kubernetes::unseen(&Unseen::NotAsked);
    side.distribution = Seen::Is(Distribution::Kubeadm);
    side.server = Seen::Is(spec.servers.clone());
    side.components = Listing::whole(BTreeMap::new());
    side.nodes = Listing::whole(BTreeMap::new());
    side.pods = Listing::whole(BTreeMap::new());
    side.workloads = Listing::whole(BTreeMap::new());
    side.budgets = Listing::whole(BTreeMap::new());
    side.webhooks = Listing::whole(BTreeMap::new());
    side.definitions = Listing::whole(BTreeMap::new());
    side.services = Listing::whole(BTreeMap::new());
    side.releases = Listing::whole(BTreeMap::new());
    side.etcd_snapshots = Seen::Is(Vec::new());
    for place in 1..=spec.control_plane {
        add_control_plane_node(&mut side, spec, &name(&format!("cp-{place}")));
    }
    let mut workers = Vec::new();
    for (pool, numbers) in (1..).zip(&spec.pools) {
        for place in 1..=numbers.nodes {
            let node: NodeName = name(&format!("pool-{pool}-{place}"));
            let made = node_at(
                &numbers.kubelets,
                &spec.servers,
                NodeRole::Worker,
                Some(pool),
            );
            side.nodes.items.insert(node.clone(), made);
            workers.push(node);
        }
    }
    add_daemon_set(&mut side);
    let dns = DeploymentSpec {
        replicas: 2,
        budget: BudgetSpec::Without,
        scratch: false,
    };
    add_deployment(&mut side, "kube-system", "coredns", dns, &workers);
    for (place, deployment) in (1..).zip(&spec.deployments) {
        add_deployment(
            &mut side,
            "shop",
            &format!("app-{place}"),
            *deployment,
            &workers,
        );
    }
    let cluster = ClusterIdentity {
        id: name("6f0d5a52-1f2c-4a8e-9f57-2c1f6f1a0001"),
        name: "meadow".to_owned(),
        basis: IdentityBasis::KubeSystemUid,
    };
    Snapshot {
        kubernetes: Some(side),
        ..Snapshot::empty(cluster, taken_at())
    }
}

/// A ready worker whose kubelet is `kubelet`, in a pool of this name.
#[must_use]
pub fn worker_in(pool: &str, kubelet: &KubeVersion) -> Node {
    Node {
        pool: Seen::Is(Some(name(pool))),
        ..node_at(kubelet, kubelet, NodeRole::Worker, None)
    }
}

fn node_at(kubelet: &KubeVersion, servers: &KubeVersion, role: NodeRole, pool: Option<u8>) -> Node {
    let control_plane = role == NodeRole::ControlPlane;
    Node {
        role: Seen::Is(role),
        pool: Seen::Is(pool.map(|pool| name(&format!("pool-{pool}")))),
        zone: Seen::Is(Some(name("zone-a"))),
        kubelet: Seen::Is(kubelet.clone()),
        kube_proxy: Seen::Is(Some(servers.clone())),
        runtime: "containerd://2.1.0"
            .parse()
            .map_or(Seen::Gap(Unseen::NotInSource), Seen::Is),
        kernel: "6.1.0-35-amd64"
            .parse()
            .map_or(Seen::Gap(Unseen::NotInSource), Seen::Is),
        ready: Seen::Is(true),
        cordon: Seen::Is(Cordon::Open),
        pressures: BTreeSet::new(),
        taints: if control_plane {
            vec![Taint {
                key: "node-role.kubernetes.io/control-plane".to_owned(),
                value: String::new(),
                effect: TaintEffect::NoSchedule,
            }]
        } else {
            Vec::new()
        },
        labels: Labels::new(),
        allocatable: Seen::Is(Resources {
            cpu_millis: 8_000,
            memory_bytes: 32 << 30,
            pods: 110,
        }),
    }
}

fn add_control_plane_node(side: &mut Kubernetes, spec: &LandscapeSpec, node: &NodeName) {
    let made = node_at(
        &spec.control_plane_kubelets,
        &spec.servers,
        NodeRole::ControlPlane,
        None,
    );
    side.nodes.items.insert(node.clone(), made);
    for kind in ComponentKind::ALL {
        let version = match kind {
            // etcd has versions of its own.
            ComponentKind::Etcd => KubeVersion::new(Minor::new(3, 5), 21),
            ComponentKind::KubeApiserver
            | ComponentKind::KubeControllerManager
            | ComponentKind::KubeScheduler => spec.servers.clone(),
        };
        side.components.items.insert(
            ComponentKey {
                node: node.clone(),
                kind,
            },
            Component {
                version: Seen::Is(version),
                ready: Seen::Is(true),
            },
        );
        let pod = Pod {
            mirror: true,
            ..pod_on(node, &format!("{kind}-{node}"), None, "kube-system")
        };
        side.pods
            .items
            .insert(key("kube-system", &format!("{kind}-{node}")), pod);
    }
}

fn pod_on(node: &NodeName, uid: &str, owner: Option<Owner>, application: &str) -> Pod {
    Pod {
        uid: uid.to_owned(),
        node: Some(node.clone()),
        phase: Phase::Running,
        ready: Seen::Is(true),
        terminating: false,
        owner,
        mirror: false,
        local_data: LocalData::None,
        labels: Labels::new(),
        application: application_named(application),
        requests: Resources {
            cpu_millis: 100,
            memory_bytes: 64 << 20,
            pods: 1,
        },
        node_selector: Labels::new(),
        node_keys: BTreeSet::new(),
        tolerations: Vec::new(),
        grace_seconds: 30,
        images: Vec::new(),
    }
}

fn application_named(text: &str) -> Application {
    Application {
        name: text.to_owned(),
        by: ApplicationSign::NameLabel,
    }
}

/// `namespace/object` as a key.
#[must_use]
pub fn key(namespace: &str, object: &str) -> Key {
    Key::namespaced(name(namespace), name(object))
}

fn owned_by(kind: &str, object: &str, uid: &str) -> Owner {
    Owner {
        api: name::<GroupVersionKind>(&format!("apps/v1 {kind}")),
        name: name(object),
        uid: uid.to_owned(),
    }
}

fn labels(object: &str) -> Labels {
    Labels::from([("app".to_owned(), object.to_owned())])
}

fn selecting(object: &str) -> Selector {
    Selector {
        match_labels: labels(object),
        match_expressions: Vec::new(),
    }
}

fn add_workload(
    side: &mut Kubernetes,
    kind: WorkloadKind,
    namespace: &str,
    object: &str,
    workload: Workload,
) {
    side.workloads.items.insert(
        WorkloadKey {
            kind,
            namespace: name::<Namespace>(namespace),
            name: name(object),
        },
        workload,
    );
}

/// kube-proxy, on every node.
fn add_daemon_set(side: &mut Kubernetes) {
    let nodes: Vec<_> = side.nodes.items.keys().cloned().collect();
    for node in &nodes {
        let object = format!("kube-proxy-{node}");
        let owner = owned_by("DaemonSet", "kube-proxy", "ds-kube-proxy");
        let pod = Pod {
            labels: labels("kube-proxy"),
            tolerations: vec![Toleration {
                key: None,
                value: None,
                effect: None,
            }],
            ..pod_on(node, &object, Some(owner), "kube-proxy")
        };
        side.pods.items.insert(key("kube-system", &object), pod);
    }
    let workload = Workload {
        uid: "ds-kube-proxy".to_owned(),
        owner: None,
        replicas: None,
        ready: Seen::Is(u32::try_from(nodes.len()).unwrap_or(u32::MAX)),
        selector: selecting("kube-proxy"),
        pod_labels: labels("kube-proxy"),
        application: application_named("kube-proxy"),
        update: UpdateStrategy::default(),
        node_keys: BTreeSet::new(),
    };
    add_workload(
        side,
        WorkloadKind::DaemonSet,
        "kube-system",
        "kube-proxy",
        workload,
    );
}

/// A Deployment with its ReplicaSet, pods, budget and Service.
fn add_deployment(
    side: &mut Kubernetes,
    namespace: &str,
    object: &str,
    spec: DeploymentSpec,
    workers: &[NodeName],
) {
    let replicas = if workers.is_empty() { 0 } else { spec.replicas };
    let set = format!("{object}-7f9c");
    for (place, node) in (1..=replicas).zip(workers.iter().cycle()) {
        let pod_name = format!("{set}-{place}");
        let owner = owned_by("ReplicaSet", &set, &format!("rs-{object}"));
        let pod = Pod {
            labels: labels(object),
            local_data: if spec.scratch {
                LocalData::EmptyDir
            } else {
                LocalData::None
            },
            ..pod_on(node, &format!("pod-{pod_name}"), Some(owner), object)
        };
        side.pods.items.insert(key(namespace, &pod_name), pod);
    }
    let workload = Workload {
        uid: format!("dep-{object}"),
        owner: None,
        replicas: Some(u32::from(replicas)),
        ready: Seen::Is(u32::from(replicas)),
        selector: selecting(object),
        pod_labels: labels(object),
        application: application_named(object),
        update: UpdateStrategy::default(),
        node_keys: BTreeSet::new(),
    };
    let replica_set = Workload {
        uid: format!("rs-{object}"),
        owner: Some(owned_by("Deployment", object, &workload.uid)),
        ..workload.clone()
    };
    add_workload(side, WorkloadKind::Deployment, namespace, object, workload);
    add_workload(side, WorkloadKind::ReplicaSet, namespace, &set, replica_set);
    side.services.items.insert(
        key(namespace, object),
        Service {
            selector: Some(selecting(object)),
            ..Service::default()
        },
    );
    let bound = match spec.budget {
        BudgetSpec::Without => return,
        BudgetSpec::OneMayGo => Bound::MaxUnavailable(Amount::Pods(1)),
        BudgetSpec::AllButOneStay => {
            Bound::MinAvailable(Amount::Pods(u32::from(replicas.saturating_sub(1))))
        }
    };
    let budget = budget_over(&key(namespace, object), bound, u32::from(replicas));
    side.budgets.items.insert(key(namespace, object), budget);
}

/// A budget over the pods that are labelled like its own name, all of them
/// healthy.
#[must_use]
pub fn budget_over(key: &Key, bound: Bound, pods: u32) -> Budget {
    let (expected, desired) = (i64::from(pods), i64::from(bound.desired_healthy(pods)));
    Budget {
        key: key.clone(),
        selector: Some(selecting(key.name.as_str())),
        bound: Some(bound),
        unhealthy: UnhealthyPods::IfHealthyBudget,
        generation: 1,
        status: Seen::Is(BudgetStatus {
            observed_generation: 1,
            disruptions_allowed: (expected - desired).max(0),
            current_healthy: expected,
            desired_healthy: desired,
            expected_pods: expected,
            sync_failure: None,
        }),
    }
}
