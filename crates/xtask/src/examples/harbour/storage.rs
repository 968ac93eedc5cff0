//! Storage classes, and the claims and volumes of the StatefulSets.

use serde_json::{Value, json};

use super::apps::Storage;
use super::objects::{self, object_uid, put};
use super::placement::Pod;
use super::pods::claim;
use super::workloads::created;
use crate::examples::identity::hex;

/// Both classes wait for the pod: the volume is where the pod is placed.
pub(super) fn classes() -> Vec<Value> {
    [
        ("block", "block.csi.harbour.example", true),
        ("local-nvme", "kubernetes.io/no-provisioner", false),
    ]
    .iter()
    .map(|(name, provisioner, expands)| {
        json!({
            "allowVolumeExpansion": expands,
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": objects::metadata("StorageClass", None, name, "2022-03-14T10:05:00Z"),
            "provisioner": provisioner,
            "reclaimPolicy": "Retain",
            "volumeBindingMode": "WaitForFirstConsumer",
        })
    })
    .collect()
}

/// The claims, one for each pod that keeps something.
pub(super) fn claims(pods: &[Pod]) -> Vec<Value> {
    volumes_of(pods)
        .map(|(pod, volume)| {
            let name = claim(pod);
            let mut metadata = objects::metadata(
                "PersistentVolumeClaim",
                Some(pod.app.namespace),
                &name,
                &created(pod.app),
            );
            put(
                &mut metadata,
                "annotations",
                json!({
                    "pv.kubernetes.io/bind-completed": "yes",
                    "pv.kubernetes.io/bound-by-controller": "yes",
                    "volume.kubernetes.io/selected-node": pod.node.name,
                }),
            );
            put(
                &mut metadata,
                "finalizers",
                json!(["kubernetes.io/pvc-protection"]),
            );
            json!({
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": metadata,
                "spec": {
                    "accessModes": ["ReadWriteOnce"],
                    "resources": { "requests": { "storage": volume.size } },
                    "storageClassName": volume.class,
                    "volumeMode": "Filesystem",
                    "volumeName": volume.name,
                },
                "status": {
                    "accessModes": ["ReadWriteOnce"],
                    "capacity": { "storage": volume.size },
                    "phase": "Bound",
                },
            })
        })
        .collect()
}

/// The volumes: local ones are pinned to their node, the others to their zone.
pub(super) fn volumes(pods: &[Pod]) -> Vec<Value> {
    let mut volumes: Vec<_> = volumes_of(pods).collect();
    volumes.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
    volumes
        .into_iter()
        .map(|(pod, volume)| {
            let mut metadata =
                objects::metadata("PersistentVolume", None, &volume.name, &created(pod.app));
            put(&mut metadata, "finalizers", json!(["kubernetes.io/pv-protection"]));
            let (key, value) = match pod.app.storage {
                Storage::Local(_) => ("kubernetes.io/hostname", pod.node.name.as_str()),
                Storage::Zonal(_) | Storage::Nothing | Storage::Scratch => {
                    ("topology.kubernetes.io/zone", pod.node.zone)
                }
            };
            let mut spec = json!({
                "accessModes": ["ReadWriteOnce"],
                "capacity": { "storage": volume.size },
                "claimRef": {
                    "apiVersion": "v1",
                    "kind": "PersistentVolumeClaim",
                    "name": claim(pod),
                    "namespace": pod.app.namespace,
                    "uid": object_uid("PersistentVolumeClaim", Some(pod.app.namespace), &claim(pod)),
                },
                "nodeAffinity": { "required": { "nodeSelectorTerms": [{
                    "matchExpressions": [{ "key": key, "operator": "In", "values": [value] }],
                }]}},
                "persistentVolumeReclaimPolicy": "Retain",
                "storageClassName": volume.class,
                "volumeMode": "Filesystem",
            });
            match pod.app.storage {
                Storage::Local(_) => put(&mut spec, "local", json!({ "path": "/mnt/nvme0" })),
                Storage::Zonal(_) | Storage::Nothing | Storage::Scratch => put(
                    &mut spec,
                    "csi",
                    json!({
                        "driver": "block.csi.harbour.example",
                        "fsType": "ext4",
                        "volumeHandle": hex(&volume.name, 16),
                    }),
                ),
            }
            json!({
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": metadata,
                "spec": spec,
                "status": { "phase": "Bound" },
            })
        })
        .collect()
}

struct Volume {
    name: String,
    class: &'static str,
    size: String,
}

fn volumes_of(pods: &[Pod]) -> impl Iterator<Item = (&Pod, Volume)> {
    pods.iter().filter_map(|pod| {
        let (name, class, size) = match pod.app.storage {
            Storage::Nothing | Storage::Scratch => return None,
            Storage::Local(size) => (format!("local-nvme-{}", pod.node.name), "local-nvme", size),
            Storage::Zonal(size) => {
                let uid = object_uid(
                    "PersistentVolumeClaim",
                    Some(pod.app.namespace),
                    &claim(pod),
                );
                (format!("pvc-{uid}"), "block", size)
            }
        };
        let size = format!("{size}Gi");
        Some((pod, Volume { name, class, size }))
    })
}
