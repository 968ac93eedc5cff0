//! The objects that own the pods: Deployments, ReplicaSets, StatefulSets,
//! DaemonSets, the CronJob and its Jobs.

use serde_json::{Value, json};

use super::apps::{App, Controller, Storage};
use super::catalogue::ALL;
use super::objects::{self, extend, helm_annotations, object_uid, put};
use super::placement::{DONE_JOBS, Phase, Pod, RUNNING_JOB, replica_set, template_hash};
use super::pods;
use super::releases;
use crate::examples::identity::moment;

/// All Deployments.
pub(super) fn deployments() -> Vec<Value> {
    of(Controller::Deployment).map(deployment).collect()
}

/// The current ReplicaSet of each Deployment.
pub(super) fn replica_sets() -> Vec<Value> {
    of(Controller::Deployment).map(replica_set_object).collect()
}

/// All StatefulSets.
pub(super) fn stateful_sets() -> Vec<Value> {
    of(Controller::StatefulSet).map(stateful_set).collect()
}

/// All DaemonSets, with the number of pods the nodes give them.
pub(super) fn daemon_sets(pods: &[Pod]) -> Vec<Value> {
    of(Controller::DaemonSet)
        .map(|app| daemon_set(app, pods))
        .collect()
}

/// The CronJob.
pub(super) fn cron_jobs() -> Vec<Value> {
    of(Controller::CronJob).map(cron_job).collect()
}

/// The Jobs of the CronJob: one that runs, and those that are done.
pub(super) fn jobs(pods: &[Pod]) -> Vec<Value> {
    of(Controller::CronJob)
        .flat_map(|app| {
            std::iter::once((RUNNING_JOB, Phase::Running))
                .chain(DONE_JOBS.map(|minutes| (minutes, Phase::Succeeded)))
                .map(|(minutes, phase)| job(app, minutes, phase, pods))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn of(controller: Controller) -> impl Iterator<Item = &'static App> {
    ALL.iter().filter(move |app| app.controller == controller)
}

/// When the workload was first made, and when it was last changed.
pub(super) fn created(app: &App) -> String {
    moment("2025-07", &format!("{}/{}", app.namespace, app.name))
}

fn metadata(kind: &str, app: &App) -> Value {
    let mut metadata = objects::metadata(kind, Some(app.namespace), app.name, &created(app));
    put(&mut metadata, "generation", 3.into());
    let mut labels = pods::labels(app);
    if let Some(chart) = releases::chart(app.release) {
        extend(
            &mut labels,
            &json!({ "app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": chart }),
        );
        let mut annotations = helm_annotations(app.release, app.namespace);
        if kind == "Deployment" {
            put(
                &mut annotations,
                "deployment.kubernetes.io/revision",
                "4".into(),
            );
        }
        put(&mut metadata, "annotations", annotations);
    } else if kind == "Deployment" {
        put(
            &mut metadata,
            "annotations",
            json!({ "deployment.kubernetes.io/revision": "4" }),
        );
    }
    put(&mut metadata, "labels", labels);
    metadata
}

/// The labels that the workload selects its pods by.
pub(super) fn selector(app: &App) -> Value {
    let mut labels = json!({});
    for (key, value) in app.selector() {
        put(&mut labels, key, value.into());
    }
    labels
}

/// The pod template.
pub(super) fn template(app: &App) -> Value {
    json!({
        "metadata": { "labels": pods::labels(app) },
        "spec": pods::template_spec(app),
    })
}

fn deployment(app: &App) -> Value {
    let time = moment("2026-08", app.name);
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata("Deployment", app),
        "spec": {
            "progressDeadlineSeconds": 600,
            "replicas": app.replicas,
            "revisionHistoryLimit": 10,
            "selector": { "matchLabels": selector(app) },
            "strategy": {
                "rollingUpdate": { "maxSurge": "25%", "maxUnavailable": "25%" },
                "type": "RollingUpdate",
            },
            "template": template(app),
        },
        "status": {
            "availableReplicas": app.replicas,
            "conditions": [
                {
                    "lastTransitionTime": time,
                    "lastUpdateTime": time,
                    "message": "Deployment has minimum availability.",
                    "reason": "MinimumReplicasAvailable",
                    "status": "True",
                    "type": "Available",
                },
                {
                    "lastTransitionTime": time,
                    "lastUpdateTime": time,
                    "message": format!("ReplicaSet \"{}\" has successfully progressed.", replica_set(app)),
                    "reason": "NewReplicaSetAvailable",
                    "status": "True",
                    "type": "Progressing",
                },
            ],
            "observedGeneration": 3,
            "readyReplicas": app.replicas,
            "replicas": app.replicas,
            "updatedReplicas": app.replicas,
        },
    })
}

fn replica_set_object(app: &App) -> Value {
    let name = replica_set(app);
    let hash = template_hash(app);
    let with_hash = |mut labels: Value| {
        put(&mut labels, "pod-template-hash", hash.as_str().into());
        labels
    };
    let mut metadata = objects::metadata(
        "ReplicaSet",
        Some(app.namespace),
        &name,
        &moment("2026-08", app.name),
    );
    extend(
        &mut metadata,
        &json!({
            "annotations": {
                "deployment.kubernetes.io/desired-replicas": app.replicas.to_string(),
                "deployment.kubernetes.io/revision": "4",
            },
            "generation": 1,
            "labels": with_hash(pods::labels(app)),
            "ownerReferences": [{
                "apiVersion": "apps/v1",
                "blockOwnerDeletion": true,
                "controller": true,
                "kind": "Deployment",
                "name": app.name,
                "uid": object_uid("Deployment", Some(app.namespace), app.name),
            }],
        }),
    );
    let mut template = template(app);
    if let Some(pod) = template.get_mut("metadata") {
        put(pod, "labels", with_hash(pods::labels(app)));
    }
    json!({
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": metadata,
        "spec": {
            "replicas": app.replicas,
            "selector": { "matchLabels": with_hash(selector(app)) },
            "template": template,
        },
        "status": {
            "availableReplicas": app.replicas,
            "fullyLabeledReplicas": app.replicas,
            "observedGeneration": 1,
            "readyReplicas": app.replicas,
            "replicas": app.replicas,
        },
    })
}

fn stateful_set(app: &App) -> Value {
    let mut spec = json!({
        "persistentVolumeClaimRetentionPolicy": { "whenDeleted": "Retain", "whenScaled": "Retain" },
        "podManagementPolicy": "OrderedReady",
        "replicas": app.replicas,
        "revisionHistoryLimit": 10,
        "selector": { "matchLabels": selector(app) },
        "serviceName": app.name,
        "template": template(app),
        "updateStrategy": { "rollingUpdate": { "partition": 0 }, "type": "RollingUpdate" },
    });
    let class = match app.storage {
        Storage::Local(size) => Some(("local-nvme", size)),
        Storage::Zonal(size) => Some(("block", size)),
        Storage::Nothing | Storage::Scratch => None,
    };
    if let Some((class, size)) = class {
        put(
            &mut spec,
            "volumeClaimTemplates",
            json!([{
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": { "name": "data" },
                "spec": {
                    "accessModes": ["ReadWriteOnce"],
                    "resources": { "requests": { "storage": format!("{size}Gi") } },
                    "storageClassName": class,
                    "volumeMode": "Filesystem",
                },
            }]),
        );
    }
    json!({
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": metadata("StatefulSet", app),
        "spec": spec,
        "status": {
            "availableReplicas": app.replicas,
            "collisionCount": 0,
            "currentReplicas": app.replicas,
            "currentRevision": replica_set(app),
            "observedGeneration": 3,
            "readyReplicas": app.replicas,
            "replicas": app.replicas,
            "updateRevision": replica_set(app),
            "updatedReplicas": app.replicas,
        },
    })
}

fn daemon_set(app: &App, pods: &[Pod]) -> Value {
    let count = pods
        .iter()
        .filter(|pod| pod.app.name == app.name && pod.app.namespace == app.namespace)
        .count();
    json!({
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": metadata("DaemonSet", app),
        "spec": {
            "revisionHistoryLimit": 10,
            "selector": { "matchLabels": selector(app) },
            "template": template(app),
            "updateStrategy": {
                "rollingUpdate": { "maxSurge": 0, "maxUnavailable": 1 },
                "type": "RollingUpdate",
            },
        },
        "status": {
            "currentNumberScheduled": count,
            "desiredNumberScheduled": count,
            "numberAvailable": count,
            "numberMisscheduled": 0,
            "numberReady": count,
            "observedGeneration": 3,
            "updatedNumberScheduled": count,
        },
    })
}

fn job_spec(app: &App) -> Value {
    json!({
        "backoffLimit": 4,
        "completions": app.replicas,
        "parallelism": app.replicas,
        "template": template(app),
    })
}

fn cron_job(app: &App) -> Value {
    json!({
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": metadata("CronJob", app),
        "spec": {
            "concurrencyPolicy": "Forbid",
            "failedJobsHistoryLimit": 1,
            "jobTemplate": { "spec": job_spec(app) },
            "schedule": "0 2 * * *",
            "successfulJobsHistoryLimit": DONE_JOBS.len(),
            "suspend": false,
        },
        "status": {
            "active": [{
                "apiVersion": "batch/v1",
                "kind": "Job",
                "name": format!("{}-{RUNNING_JOB}", app.name),
                "namespace": app.namespace,
                "uid": object_uid("Job", Some(app.namespace), &format!("{}-{RUNNING_JOB}", app.name)),
            }],
            "lastScheduleTime": "2026-10-01T02:00:00Z",
            "lastSuccessfulTime": "2026-09-30T02:41:09Z",
        },
    })
}

fn job(app: &App, minutes: u32, phase: Phase, all: &[Pod]) -> Value {
    let name = format!("{}-{minutes}", app.name);
    let count = all
        .iter()
        .filter(|pod| pod.owner.as_ref().is_some_and(|owner| owner.name == name))
        .count();
    let start = match minutes {
        RUNNING_JOB => "2026-10-01T02:00:00Z",
        _ if Some(&minutes) == DONE_JOBS.first() => "2026-09-30T02:00:00Z",
        _ => "2026-09-29T02:00:00Z",
    };
    let mut metadata = objects::metadata("Job", Some(app.namespace), &name, start);
    let uid = object_uid("Job", Some(app.namespace), &name);
    let mut labels = pods::labels(app);
    extend(
        &mut labels,
        &json!({
            "batch.kubernetes.io/controller-uid": uid,
            "batch.kubernetes.io/job-name": name,
            "job-name": name,
        }),
    );
    extend(
        &mut metadata,
        &json!({
            "annotations": { "batch.kubernetes.io/cronjob-scheduled-timestamp": start },
            "generation": 1,
            "labels": labels,
            "ownerReferences": [{
                "apiVersion": "batch/v1",
                "blockOwnerDeletion": true,
                "controller": true,
                "kind": "CronJob",
                "name": app.name,
                "uid": object_uid("CronJob", Some(app.namespace), app.name),
            }],
        }),
    );
    let mut spec = job_spec(app);
    extend(
        &mut spec,
        &json!({
            "completionMode": "NonIndexed",
            "selector": { "matchLabels": { "batch.kubernetes.io/controller-uid": uid } },
            "suspend": false,
        }),
    );
    if let Some(pod) = spec.pointer_mut("/template/metadata") {
        put(pod, "labels", labels);
    }
    let end = start.replace("T02:00:00", "T02:41:09");
    let status = match phase {
        Phase::Running => json!({
            "active": count, "ready": count, "startTime": start, "terminating": 0,
            "uncountedTerminatedPods": {},
        }),
        Phase::Succeeded => json!({
            "completionTime": end,
            "conditions": [{
                "lastProbeTime": end, "lastTransitionTime": end, "status": "True", "type": "Complete",
            }],
            "ready": 0, "startTime": start, "succeeded": count, "terminating": 0,
            "uncountedTerminatedPods": {},
        }),
    };
    json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata,
        "spec": spec,
        "status": status,
    })
}
