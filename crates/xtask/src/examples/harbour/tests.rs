//! The example is what its README says: counted, resolved and placed from the
//! files as they are written, read back by another YAML reader.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::apps::{Controller, Place, Storage};
use super::catalogue::{BARE, INJECTOR, LEDGER, SETTLEMENT};
use super::nodes::{self, CORDONED, Pool};
use super::placement::{self, Phase};

/// Read once: reading 1.5 MB without optimisation takes seconds.
static OBJECTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let files = super::files().unwrap();
    files
        .iter()
        .filter(|file| file.path.ends_with(".yaml"))
        .flat_map(|file| {
            let list: Value = serde_saphyr::from_str(&file.text).unwrap();
            assert_eq!(list["kind"], "List", "{}", file.path);
            list["items"].as_array().unwrap().clone()
        })
        .collect()
});

fn objects() -> &'static [Value] {
    &OBJECTS
}

fn of<'a>(objects: &'a [Value], kind: &str) -> Vec<&'a Value> {
    objects
        .iter()
        .filter(|object| object["kind"] == kind)
        .collect()
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap()
}

#[test]
fn what_is_written_is_what_was_meant() {
    let nodes = nodes::all();
    let pods = placement::place(&nodes).unwrap();
    let meant: Vec<Value> = pods.iter().map(super::pods::object).collect();
    let all = objects();
    let read: Vec<Value> = of(all, "Pod").into_iter().cloned().collect();
    assert_eq!(read, meant);
}

#[test]
fn sizes() {
    let all = objects();
    let mut pools: BTreeMap<&str, u32> = BTreeMap::new();
    let mut zones = BTreeSet::new();
    for node in of(all, "Node") {
        let labels = &node["metadata"]["labels"];
        *pools
            .entry(labels["node-pool"].as_str().unwrap())
            .or_default() += 1;
        zones.insert(labels["topology.kubernetes.io/zone"].as_str().unwrap());
    }
    assert_eq!(
        pools,
        BTreeMap::from([
            ("control-plane", 3),
            ("edge", 6),
            ("general", 22),
            ("memory", 9)
        ])
    );
    assert_eq!(zones.len(), 3);
    assert_eq!(of(all, "Pod").len(), 400);
    let bytes: usize = super::files()
        .unwrap()
        .iter()
        .map(|file| file.text.len())
        .sum();
    assert!(bytes < 2_000_000, "{bytes}");
}

#[test]
fn uids_are_unique_and_every_owner_exists() {
    let all = objects();
    let mut uids = BTreeMap::new();
    for object in all {
        let uid = object["metadata"]["uid"].as_str().unwrap();
        let key = (object["kind"].as_str().unwrap(), name(object));
        assert_eq!(uids.insert(uid, key), None, "{uid}");
    }
    for object in all {
        for owner in object["metadata"]["ownerReferences"]
            .as_array()
            .into_iter()
            .flatten()
        {
            assert_eq!(
                uids.get(owner["uid"].as_str().unwrap()),
                Some(&(
                    owner["kind"].as_str().unwrap(),
                    owner["name"].as_str().unwrap()
                )),
                "owner of {}",
                name(object)
            );
        }
    }
    let cluster = of(all, "Namespace")
        .into_iter()
        .find(|namespace| name(namespace) == "kube-system")
        .unwrap();
    assert_eq!(
        cluster["metadata"]["uid"],
        "6f1d9c0e-4b7a-4c53-9a3e-0d2f6b8e41c7"
    );
}

#[test]
fn one_pod_has_no_owner() {
    let all = objects();
    let bare: Vec<&str> = of(all, "Pod")
        .into_iter()
        .filter(|pod| pod["metadata"].get("ownerReferences").is_none())
        .map(name)
        .collect();
    assert_eq!(bare, [BARE]);
}

/// Any one node can be drained: what may leave it finds room on the nodes of its
/// pool that take pods, largest first.
#[test]
fn every_pool_has_room_for_the_pods_of_any_of_its_nodes() {
    let nodes = nodes::all();
    let pods = placement::place(&nodes).unwrap();
    for drained in nodes.iter().filter(|node| node.pool != Pool::ControlPlane) {
        let mut room: Vec<(&str, u32, u32)> = nodes
            .iter()
            .filter(|node| node.pool == drained.pool)
            .filter(|node| node.name != drained.name && node.name != CORDONED)
            .map(|node| {
                let (cpu, memory) = placement::requested(node, &pods);
                (node.name.as_str(), node.cpu - cpu, node.memory - memory)
            })
            .collect();
        let mut leaving: Vec<_> = pods
            .iter()
            .filter(|pod| pod.node.name == drained.name && pod.phase == Phase::Running)
            .filter(|pod| pod.app.controller != Controller::DaemonSet)
            .filter(|pod| !matches!(pod.app.storage, Storage::Local(_)))
            .collect();
        leaving.sort_by_key(|pod| std::cmp::Reverse((pod.app.memory, pod.app.cpu)));
        for pod in leaving {
            assert!(matches!(pod.app.place, Place::Only(_) | Place::Usually(_)));
            let spot = room
                .iter_mut()
                .find(|(_, cpu, memory)| *cpu >= pod.app.cpu && *memory >= pod.app.memory);
            let (_, cpu, memory) = spot.unwrap_or_else(|| panic!("{} has no room", pod.name));
            *cpu -= pod.app.cpu;
            *memory -= pod.app.memory;
        }
    }
}

#[test]
fn one_budget_blocks_and_one_cannot_sync() {
    let all = objects();
    let pods = of(all, "Pod");
    let mut blocked = Vec::new();
    for budget in of(all, "PodDisruptionBudget") {
        let selector = budget["spec"]["selector"]["matchLabels"]
            .as_object()
            .unwrap();
        let matching = pods
            .iter()
            .filter(|pod| pod["metadata"]["namespace"] == budget["metadata"]["namespace"])
            .filter(|pod| {
                selector
                    .iter()
                    .all(|(key, value)| pod["metadata"]["labels"].get(key) == Some(value))
            })
            .count();
        let status = &budget["status"];
        if status["conditions"][0]["reason"] == "SyncFailed" {
            assert_eq!(name(budget), SETTLEMENT);
            assert_eq!(status.get("observedGeneration"), None);
            assert_eq!(matching, 6);
            continue;
        }
        assert_eq!(status["expectedPods"], matching, "{}", name(budget));
        if status["disruptionsAllowed"] == 0 {
            blocked.push(name(budget));
        }
    }
    assert_eq!(blocked, [LEDGER]);
    assert_eq!(of(all, "PodDisruptionBudget").len(), 10);
}

/// Every Service that a webhook or an aggregated API names exists, and only the
/// injector has all its backends on one node.
#[test]
fn one_webhook_goes_down_with_a_node() {
    let all = objects();
    let mut alone = BTreeSet::new();
    for configuration in all {
        for webhook in configuration["webhooks"].as_array().into_iter().flatten() {
            assert_eq!(webhook["failurePolicy"], "Fail");
            let service = &webhook["clientConfig"]["service"];
            let slice = of(all, "EndpointSlice")
                .into_iter()
                .find(|slice| {
                    slice["metadata"]["namespace"] == service["namespace"]
                        && slice["metadata"]["labels"]["kubernetes.io/service-name"]
                            == service["name"]
                })
                .unwrap();
            let hosts: BTreeSet<_> = slice["endpoints"]
                .as_array()
                .unwrap()
                .iter()
                .map(|endpoint| endpoint["nodeName"].as_str().unwrap())
                .collect();
            if hosts.len() < 2 {
                alone.insert(name(configuration));
            }
        }
    }
    assert_eq!(alone, BTreeSet::from([INJECTOR]));
}

#[test]
fn local_volumes_are_on_the_node_of_their_pod() {
    let all = objects();
    let pods = of(all, "Pod");
    let local: Vec<_> = of(all, "PersistentVolume")
        .into_iter()
        .filter(|volume| volume["spec"].get("local").is_some())
        .collect();
    assert_eq!(local.len(), 3);
    for volume in local {
        let node = &volume["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"][0]["matchExpressions"]
            [0]["values"][0];
        let claim = &volume["spec"]["claimRef"]["name"];
        let pod = pods
            .iter()
            .find(|pod| pod["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"] == *claim)
            .unwrap();
        assert_eq!(pod["spec"]["nodeName"], *node);
        assert!(node.as_str().unwrap().starts_with("memory-"));
    }
}

#[test]
fn releases_unpack() {
    let mut deployed = BTreeMap::new();
    for secret in of(objects(), "Secret") {
        let outer = secret["data"]["release"].as_str().unwrap();
        let inner = STANDARD.decode(outer).unwrap();
        let packed = STANDARD.decode(inner).unwrap();
        let mut text = String::new();
        flate2::read::GzDecoder::new(packed.as_slice())
            .read_to_string(&mut text)
            .unwrap();
        let release: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            name(secret),
            format!(
                "sh.helm.release.v1.{}.v{}",
                release["name"].as_str().unwrap(),
                release["version"]
            )
        );
        if release["info"]["status"] == "deployed" {
            let chart = &release["chart"]["metadata"];
            deployed.insert(
                chart["name"].as_str().unwrap().to_owned(),
                (
                    chart["version"].as_str().unwrap().to_owned(),
                    release["manifest"].as_str().unwrap().contains("/v1beta3\n"),
                ),
            );
        }
    }
    let expected = [
        ("cert-manager", "v1.19.2", false),
        ("cluster-autoscaler", "9.52.1", false),
        ("ingress-nginx", "4.12.2", false),
        ("metrics-server", "3.13.0", false),
        ("storefront", "2.8.0", false),
        ("traffic-lanes", "0.4.1", true),
    ];
    assert_eq!(
        deployed,
        expected
            .map(|(name, version, removed)| (name.to_owned(), (version.to_owned(), removed)))
            .into()
    );
}

/// The README gives the lines of what is planted in the manifests.
#[test]
fn manifests_hold_what_the_readme_says_of_their_lines() {
    let examples = super::super::folder(&crate::root());
    let readme = std::fs::read_to_string(examples.join("README.md")).unwrap();
    for (file, line, version) in [
        ("gift-cards.yaml", 46, "autoscaling/v2beta2"),
        (
            "flow-control.yaml",
            2,
            "flowcontrol.apiserver.k8s.io/v1beta3",
        ),
        ("mainframe.yaml", 14, "v1"),
    ] {
        assert!(readme.contains(&format!("`manifests/{file}` line {line}")));
        let text = std::fs::read_to_string(examples.join("harbour/manifests").join(file)).unwrap();
        assert_eq!(
            text.lines().nth(line - 1),
            Some(format!("apiVersion: {version}").as_str()),
            "{file}"
        );
    }
}
