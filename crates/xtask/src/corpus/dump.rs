//! A dump of a large cluster, as `kubectl get -o json --show-managed-fields`
//! writes it: to measure reading one large file with.

use crate::{Outcome, say};
use serde::Serialize as _;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

/// The cluster that the bar of the design speaks of.
const NODES: usize = 5_000;
const PODS: usize = 150_000;

/// Pods of one ReplicaSet, in a namespace of its own.
const REPLICAS: usize = 10;

/// How large a pod is made, as the bar has it.
const POD_BYTES: usize = 8 << 10;

/// Writes the dump into the folder `out`.
pub(super) fn run(out: &Path) -> Outcome<()> {
    fs::create_dir_all(out)?;
    let nodes = list(&out.join("nodes.json"), (0..NODES).map(node))?;
    // The environment of a pod fills it up; all pods have the same length but
    // for a digit or two.
    let length = |variables| -> Outcome<usize> { Ok(pretty(&pod(0, variables))?.len()) };
    let (bare, each) = (length(1)?, length(2)? - length(1)?);
    let variables = 1 + POD_BYTES.saturating_sub(bare) / each;
    let pods = (0..PODS).map(|number| pod(number, variables));
    let pods = list(&out.join("pods.json"), pods)?;
    say(&format!(
        "{NODES} nodes in {} MiB, {PODS} pods in {} MiB, {} bytes a pod: {}",
        nodes >> 20,
        pods >> 20,
        pods / PODS,
        out.display()
    ))
}

/// Writes a list as kubectl does, and returns its length.
fn list(path: &Path, items: impl Iterator<Item = Value>) -> Outcome<usize> {
    let mut out = BufWriter::new(File::create(path)?);
    let mut length = 0;
    let mut put = |text: &str| -> Outcome<()> {
        length += text.len();
        Ok(out.write_all(text.as_bytes())?)
    };
    put("{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n")?;
    for (number, item) in items.enumerate() {
        if number > 0 {
            put(",\n")?;
        }
        put(&pretty(&item)?)?;
    }
    put(
        "    ],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n",
    )?;
    out.flush()?;
    Ok(length)
}

/// An item of a list as kubectl indents it.
fn pretty(item: &Value) -> Outcome<String> {
    let mut text = Vec::new();
    let indent = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, indent);
    item.serialize(&mut serializer)?;
    let lines = String::from_utf8(text)?;
    Ok(lines
        .lines()
        .map(|line| format!("        {line}\n"))
        .collect())
}

fn uid(kind: usize, number: usize) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}

fn node_name(number: usize) -> String {
    format!("worker-{number:04}.example.com")
}

fn node(number: usize) -> Value {
    let time = "2026-11-20T08:00:00Z";
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": node_name(number),
            "uid": uid(1, number),
            "creationTimestamp": time,
            "labels": {
                "kubernetes.io/hostname": node_name(number),
                "topology.kubernetes.io/zone": format!("zone-{}", number % 3),
            },
            "managedFields": [managed("kubelet", "status", time)],
        },
        "spec": {"podCIDR": format!("10.{}.{}.0/24", number / 256, number % 256)},
        "status": {
            "allocatable": {"cpu": "32", "memory": "128Gi", "pods": "110"},
            "capacity": {"cpu": "32", "memory": "130Gi", "pods": "110"},
            "conditions": [{
                "type": "Ready", "status": "True", "reason": "KubeletReady",
                "lastHeartbeatTime": time, "lastTransitionTime": time,
            }],
            "nodeInfo": {
                "kubeletVersion": "v1.33.4", "kubeProxyVersion": "v1.33.4",
                "containerRuntimeVersion": "containerd://2.0.5", "architecture": "amd64",
                "operatingSystem": "linux", "osImage": "Debian GNU/Linux 12", "kernelVersion": "6.1.0",
            },
        },
    })
}

fn managed(manager: &str, part: &str, time: &str) -> Value {
    let fields: serde_json::Map<String, Value> = (0..12)
        .map(|number| (format!("f:field{number}"), json!({"f:value": {}})))
        .collect();
    json!({
        "apiVersion": "v1", "fieldsType": "FieldsV1", "manager": manager,
        "operation": "Update", "time": time,
        "fieldsV1": {format!("f:{part}"): fields},
    })
}

/// A pod with so many variables in its environment.
fn pod(number: usize, variables: usize) -> Value {
    let set = number / REPLICAS;
    let app = format!("app-{set:05}");
    let time = "2026-11-20T09:00:00Z";
    let variables: Vec<Value> = (0..variables)
        .map(|number| json!({"name": format!("SETTING_{number:02}"), "value": "v".repeat(64)}))
        .collect();
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": format!("{app}-7d9c5b8f6-{number:06}"),
            "namespace": format!("team-{:03}", set % 500),
            "uid": uid(2, number),
            "creationTimestamp": time,
            "labels": {"app.kubernetes.io/name": app, "pod-template-hash": "7d9c5b8f6"},
            "ownerReferences": [{
                "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": format!("{app}-7d9c5b8f6"),
                "uid": uid(3, set), "controller": true, "blockOwnerDeletion": true,
            }],
            "managedFields": [
                managed("kube-controller-manager", "spec", time),
                managed("kubelet", "status", time),
            ],
        },
        "spec": {
            "nodeName": node_name(number % NODES),
            "serviceAccountName": "default",
            "containers": [{
                "name": "main",
                "image": format!("registry.example.com/{app}:1.4.2"),
                "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}},
                "env": variables,
            }],
            "tolerations": [{
                "key": "node.kubernetes.io/not-ready", "operator": "Exists",
                "effect": "NoExecute", "tolerationSeconds": 300,
            }],
        },
        "status": {
            "phase": "Running",
            "startTime": time,
            "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": time}],
            "containerStatuses": [{"name": "main", "ready": true, "restartCount": 0}],
        },
    })
}
