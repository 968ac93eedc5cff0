//! The 40 nodes: three of the control plane and three pools over three zones.

use serde_json::{Value, json};

use super::objects::{self, put};
use crate::examples::identity::{hex, moment, uid};

/// What the API server and most kubelets run.
pub(super) const KUBERNETES: &str = "v1.31.9";

/// What three kubelets were left at: two minors behind the API server now, and
/// at the limit of three minors once the API server is at 1.32.
const LAGGING: &str = "v1.29.12";

/// When the kubelets last reported: just before the dump of 08:00 was taken.
const HEARTBEAT: &str = "2026-10-01T07:58:41Z";

/// The node a person has taken out of service before the upgrade began.
pub(super) const CORDONED: &str = "general-17";

/// A group of nodes that are alike, named by the label `node-pool`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pool {
    ControlPlane,
    General,
    Memory,
    Edge,
}

/// What all nodes of a pool share.
struct Shape {
    pool: Pool,
    prefix: &'static str,
    nodes: u32,
    /// Millicores of capacity; 200 m are kept for the system.
    cpu: u32,
    /// MiB of capacity; 1024 MiB are kept for the system.
    memory: u32,
    subnet: u32,
}

const SHAPES: [Shape; 4] = [
    Shape {
        pool: Pool::ControlPlane,
        prefix: "cp-",
        nodes: 3,
        cpu: 4_000,
        memory: 16_384,
        subnet: 10,
    },
    Shape {
        pool: Pool::General,
        prefix: "general-",
        nodes: 22,
        cpu: 8_000,
        memory: 32_768,
        subnet: 20,
    },
    Shape {
        pool: Pool::Memory,
        prefix: "memory-",
        nodes: 9,
        cpu: 8_000,
        memory: 65_536,
        subnet: 30,
    },
    Shape {
        pool: Pool::Edge,
        prefix: "edge-",
        nodes: 6,
        cpu: 4_000,
        memory: 8_192,
        subnet: 40,
    },
];

const ZONES: [&str; 3] = ["harbour-a", "harbour-b", "harbour-c"];

/// One node, with what placement needs to know of it.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) pool: Pool,
    pub(super) zone: &'static str,
    pub(super) address: String,
    /// Place among all nodes, from 1: the third byte of its pods' addresses.
    pub(super) number: u32,
    /// Allocatable millicores.
    pub(super) cpu: u32,
    /// Allocatable MiB.
    pub(super) memory: u32,
}

impl Pool {
    /// The value of the label `node-pool`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ControlPlane => "control-plane",
            Self::General => "general",
            Self::Memory => "memory",
            Self::Edge => "edge",
        }
    }
}

/// All nodes, in the order `kubectl get nodes` lists them: by name.
pub(super) fn all() -> Vec<Node> {
    let mut nodes = Vec::new();
    for shape in &SHAPES {
        for (index, zone) in (1..=shape.nodes).zip(ZONES.iter().cycle()) {
            nodes.push(Node {
                name: match shape.pool {
                    Pool::ControlPlane => format!("{}{index}", shape.prefix),
                    Pool::General | Pool::Memory | Pool::Edge => {
                        format!("{}{index:02}", shape.prefix)
                    }
                },
                pool: shape.pool,
                zone,
                address: format!("10.20.{}.{index}", shape.subnet),
                number: 0,
                cpu: shape.cpu - 200,
                memory: shape.memory - 1_024,
            });
        }
    }
    nodes.sort_by(|a, b| a.name.cmp(&b.name));
    for (node, number) in nodes.iter_mut().zip(1..) {
        node.number = number;
    }
    nodes
}

/// When the machine was last reinstalled.
pub(super) fn joined(node: &Node) -> String {
    let month = if kubelet(node) == LAGGING {
        "2025-01"
    } else {
        "2025-06"
    };
    moment(month, &node.name)
}

/// The version of the node's kubelet.
pub(super) fn kubelet(node: &Node) -> &'static str {
    match node.name.as_str() {
        "memory-07" | "memory-08" | "memory-09" => LAGGING,
        _ => KUBERNETES,
    }
}

/// The object as the API server returns it.
pub(super) fn object(node: &Node) -> Value {
    let mut metadata = objects::metadata("Node", None, &node.name, &joined(node));
    put(&mut metadata, "labels", labels(node));
    put(&mut metadata, "annotations", annotations(node));
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": metadata,
        "spec": spec(node),
        "status": status(node),
    })
}

fn labels(node: &Node) -> Value {
    let mut labels = json!({
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": node.name,
        "kubernetes.io/os": "linux",
        "node-pool": node.pool.name(),
        "topology.kubernetes.io/region": "harbour",
        "topology.kubernetes.io/zone": node.zone,
    });
    if node.pool == Pool::ControlPlane {
        put(
            &mut labels,
            "node-role.kubernetes.io/control-plane",
            "".into(),
        );
        put(
            &mut labels,
            "node.kubernetes.io/exclude-from-external-load-balancers",
            "".into(),
        );
    }
    labels
}

fn annotations(node: &Node) -> Value {
    let mut annotations = json!({
        "flannel.alpha.coreos.com/backend-type": "vxlan",
        "flannel.alpha.coreos.com/public-ip": node.address,
        "kubeadm.alpha.kubernetes.io/cri-socket": "unix:///run/containerd/containerd.sock",
        "node.alpha.kubernetes.io/ttl": "0",
        "volumes.kubernetes.io/controller-managed-attach-detach": "true",
    });
    if node.name == CORDONED {
        put(
            &mut annotations,
            "maintenance.harbour.example/reason",
            "disk replacement, ticket OPS-4412".into(),
        );
        put(
            &mut annotations,
            "maintenance.harbour.example/requested-by",
            "d.osei".into(),
        );
    }
    annotations
}

fn spec(node: &Node) -> Value {
    let cidr = format!("10.244.{}.0/24", node.number);
    let mut spec = json!({ "podCIDR": cidr, "podCIDRs": [cidr] });
    let taint = match node.pool {
        Pool::ControlPlane => {
            json!([{ "effect": "NoSchedule", "key": "node-role.kubernetes.io/control-plane" }])
        }
        Pool::Edge => json!([{ "effect": "NoSchedule", "key": "dedicated", "value": "edge" }]),
        Pool::General | Pool::Memory => Value::Null,
    };
    if !taint.is_null() {
        put(&mut spec, "taints", taint);
    }
    if node.name == CORDONED {
        put(&mut spec, "unschedulable", true.into());
        put(
            &mut spec,
            "taints",
            json!([{
                "effect": "NoSchedule",
                "key": "node.kubernetes.io/unschedulable",
                "timeAdded": "2026-09-29T13:42:10Z",
            }]),
        );
    }
    spec
}

fn status(node: &Node) -> Value {
    let capacity = json!({
        "cpu": ((node.cpu + 200) / 1_000).to_string(),
        "ephemeral-storage": "203070420Ki",
        "hugepages-2Mi": "0",
        "memory": format!("{}Ki", (node.memory + 1_024) * 1_024),
        "pods": "110",
    });
    let allocatable = json!({
        "cpu": format!("{}m", node.cpu),
        "ephemeral-storage": "187149698763",
        "hugepages-2Mi": "0",
        "memory": format!("{}Ki", node.memory * 1_024),
        "pods": "110",
    });
    let (containerd, kernel) = if kubelet(node) == LAGGING {
        ("containerd://1.7.24", "5.15.0-130-generic")
    } else {
        ("containerd://1.7.27", "5.15.0-141-generic")
    };
    json!({
        "addresses": [
            { "address": node.address, "type": "InternalIP" },
            { "address": node.name, "type": "Hostname" },
        ],
        "allocatable": allocatable,
        "capacity": capacity,
        "conditions": conditions(node),
        "daemonEndpoints": { "kubeletEndpoint": { "Port": 10_250 } },
        "nodeInfo": {
            "architecture": "amd64",
            "bootID": uid(&format!("boot/{}", node.name)),
            "containerRuntimeVersion": containerd,
            "kernelVersion": kernel,
            "kubeProxyVersion": kubelet(node),
            "kubeletVersion": kubelet(node),
            "machineID": hex(&format!("machine/{}", node.name), 32),
            "operatingSystem": "linux",
            "osImage": "Ubuntu 22.04.5 LTS",
            "systemUUID": uid(&format!("system/{}", node.name)),
        },
    })
}

fn conditions(node: &Node) -> Value {
    let condition = |kind: &str, status: &str, reason: &str, message: &str| {
        json!({
            "lastHeartbeatTime": HEARTBEAT,
            "lastTransitionTime": joined(node),
            "message": message,
            "reason": reason,
            "status": status,
            "type": kind,
        })
    };
    json!([
        condition(
            "MemoryPressure",
            "False",
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available",
        ),
        condition(
            "DiskPressure",
            "False",
            "KubeletHasNoDiskPressure",
            "kubelet has no disk pressure",
        ),
        condition(
            "PIDPressure",
            "False",
            "KubeletHasSufficientPID",
            "kubelet has sufficient PID available",
        ),
        condition(
            "Ready",
            "True",
            "KubeletReady",
            "kubelet is posting ready status"
        ),
    ])
}
