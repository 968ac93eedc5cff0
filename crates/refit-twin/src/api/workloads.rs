//! Workloads as JSON objects, and made from them.

use super::route::Route;
use super::status::Status;
use super::{parse, render};
use crate::agenda::Event;
use crate::controllers::owner_of;
use crate::random::Lot;
use crate::state::{Cluster, WorkloadId, WorkloadState};
use crate::twin::Twin;
use refit_model::kubernetes::{Workload, WorkloadKey, WorkloadKind};
use refit_model::name::{Key, Namespace};
use refit_model::seen::Seen;
use refit_model::selector::Selector;
use serde_json::{Value, json};

/// The kind of workload that a plural names.
pub(super) fn kind_of(plural: &str) -> Option<WorkloadKind> {
    match plural {
        "deployments" => Some(WorkloadKind::Deployment),
        "replicasets" => Some(WorkloadKind::ReplicaSet),
        "statefulsets" => Some(WorkloadKind::StatefulSet),
        "daemonsets" => Some(WorkloadKind::DaemonSet),
        "jobs" => Some(WorkloadKind::Job),
        "replicationcontrollers" => Some(WorkloadKind::ReplicationController),
        _ => None,
    }
}

fn api_version(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::Deployment
        | WorkloadKind::ReplicaSet
        | WorkloadKind::StatefulSet
        | WorkloadKind::DaemonSet => "apps/v1",
        WorkloadKind::Job => "batch/v1",
        WorkloadKind::ReplicationController => "v1",
    }
}

impl Cluster {
    /// A workload as the server shows it.
    pub(super) fn render_workload(&self, workload: &WorkloadState) -> Value {
        let key = Key::namespaced(workload.key.namespace.clone(), workload.key.name.clone());
        let kind = workload.key.kind;
        let mut spec = json!({
            "selector": render::selector(&workload.seen.selector),
            "template": {
                "metadata": {"labels": workload.seen.pod_labels},
                "spec": workload.template.as_ref().map(|template| {
                    let template = refit_model::kubernetes::Pod { node: None, ..template.clone() };
                    render::pod_spec(&template, "data")
                }),
            },
        });
        let counts = self.counts(workload);
        let status = match kind {
            WorkloadKind::DaemonSet => json!({
                "currentNumberScheduled": counts.pods,
                "desiredNumberScheduled": counts.pods,
                "numberReady": workload.ready,
                "numberAvailable": workload.ready,
                "numberMisscheduled": 0,
                "observedGeneration": workload.meta.generation,
            }),
            WorkloadKind::Job => {
                if let (Some(spec), Some(count)) = (spec.as_object_mut(), workload.seen.replicas) {
                    spec.insert("parallelism".to_owned(), json!(count));
                    spec.insert("completions".to_owned(), json!(count));
                }
                json!({
                    "active": counts.pods,
                    "ready": workload.ready,
                    "failed": workload.lost,
                })
            }
            WorkloadKind::Deployment
            | WorkloadKind::ReplicaSet
            | WorkloadKind::StatefulSet
            | WorkloadKind::ReplicationController => {
                if let Some(spec) = spec.as_object_mut() {
                    spec.insert(
                        "replicas".to_owned(),
                        json!(workload.seen.replicas.unwrap_or(1)),
                    );
                }
                let mut status = json!({
                    "replicas": counts.pods,
                    "fullyLabeledReplicas": counts.pods,
                    "readyReplicas": workload.ready,
                    "availableReplicas": workload.ready,
                    "terminatingReplicas": counts.terminating,
                    "observedGeneration": workload.meta.generation,
                });
                if let (Some(failure), Some(status)) = (&workload.failure, status.as_object_mut()) {
                    let condition = json!([{
                        "type": "ReplicaFailure",
                        "status": "True",
                        "reason": "FailedCreate",
                        "message": failure,
                    }]);
                    status.insert("conditions".to_owned(), condition);
                }
                status
            }
        };
        json!({
            "apiVersion": api_version(kind),
            "kind": kind.name(),
            "metadata": render::metadata(&key, &workload.meta, &workload.seen.pod_labels, workload.seen.owner.as_ref(), Some(workload.meta.generation)),
            "spec": spec,
            "status": status,
        })
    }

    fn counts(&self, workload: &WorkloadState) -> Counts {
        let mut counts = Counts::default();
        let own = workload.pods.iter();
        let children = self
            .workloads
            .values()
            .filter(|child| {
                workload.key.kind == WorkloadKind::Deployment
                    && child
                        .parent
                        .and_then(|parent| self.workloads.get(&parent))
                        .is_some_and(|parent| parent.meta.uid == workload.meta.uid)
            })
            .flat_map(|child| child.pods.iter());
        for pod in own.chain(children).filter_map(|id| self.pods.get(id)) {
            if pod.seen.terminating {
                counts.terminating += 1;
            } else if !pod.is_terminal() {
                counts.pods += 1;
            }
        }
        counts
    }
}

#[derive(Clone, Copy, Default)]
struct Counts {
    pods: u32,
    terminating: u32,
}

impl Twin {
    /// Makes a workload from its object.
    pub(super) fn create_workload(
        &mut self,
        route: &Route,
        kind: WorkloadKind,
        key: &Key,
        body: &Value,
    ) -> Result<Value, Status> {
        let (core, Some(cluster)) = (&mut self.core, &mut self.cluster) else {
            return Err(Status::no_resource());
        };
        let namespace = key.namespace.clone().ok_or_else(Status::no_resource)?;
        let key = WorkloadKey {
            kind,
            namespace,
            name: key.name.clone(),
        };
        if cluster.workload_keys.contains_key(&key) {
            return Err(Status::exists(&route.plural, key.name.as_str()));
        }
        let replicas = match kind {
            WorkloadKind::DaemonSet => None,
            WorkloadKind::Job => Some(parse::count(body, "/spec/parallelism").unwrap_or(1)),
            WorkloadKind::Deployment
            | WorkloadKind::ReplicaSet
            | WorkloadKind::StatefulSet
            | WorkloadKind::ReplicationController => {
                Some(parse::count(body, "/spec/replicas").unwrap_or(1))
            }
        };
        let empty = json!({});
        let template = body.pointer("/spec/template").unwrap_or(&empty);
        let mut pod = parse::pod(
            template.get("metadata").unwrap_or(&empty),
            template.get("spec").unwrap_or(&empty),
        );
        if kind == WorkloadKind::DaemonSet {
            pod.tolerations.extend(parse::daemon_tolerations());
        }
        pod.application
            .name
            .clone_from(&key.name.as_str().to_owned());
        let selector = parse::selector(body, "/spec/selector")
            .map_err(|why| Status::invalid(kind.name(), key.name.as_str(), &why))?
            .unwrap_or_else(|| Selector {
                match_labels: pod.labels.clone(),
                match_expressions: Vec::new(),
            });
        let seen = Workload {
            uid: core.lot.uid(),
            owner: None,
            replicas,
            ready: Seen::Is(0),
            selector,
            pod_labels: pod.labels.clone(),
            application: pod.application.clone(),
            update: refit_model::kubernetes::UpdateStrategy::default(),
            node_keys: std::collections::BTreeSet::new(),
        };
        let id = cluster.add_workload(core, key.clone(), seen.clone(), Some(pod.clone()));
        match kind {
            WorkloadKind::Deployment => {
                // The hash of a template has ten letters of the safe alphabet.
                let hash = format!("{}{}", core.lot.suffix(), core.lot.suffix());
                let set = replica_set(&mut core.lot, &key, &seen, &hash)?;
                let mut template = pod;
                template.labels.insert("pod-template-hash".to_owned(), hash);
                let child = cluster.add_workload(core, set.0, set.1, Some(template));
                cluster.wake_workload(core, child);
            }
            WorkloadKind::Job => {
                let count = replicas.unwrap_or(1);
                if let Some(job) = cluster.workloads.get_mut(&id) {
                    job.creating = count;
                }
                for _ in 0..count {
                    core.after(core.options.replace_delay, Event::CreatePod(id));
                }
            }
            WorkloadKind::ReplicaSet
            | WorkloadKind::StatefulSet
            | WorkloadKind::DaemonSet
            | WorkloadKind::ReplicationController => cluster.wake_workload(core, id),
        }
        cluster
            .workloads
            .get(&id)
            .map(|workload| cluster.render_workload(workload))
            .ok_or_else(Status::no_resource)
    }

    /// Sets `spec.replicas` of a workload, and of the ReplicaSet that a
    /// Deployment acts through.
    pub(super) fn scale(&mut self, id: WorkloadId, replicas: u32) {
        let (core, Some(cluster)) = (&mut self.core, &mut self.cluster) else {
            return;
        };
        let version = cluster.next_version();
        let newest = cluster
            .workloads
            .iter()
            .filter(|(_, workload)| workload.parent == Some(id))
            .map(|(child, _)| child)
            .next_back();
        for target in std::iter::once(id).chain(newest) {
            if let Some(workload) = cluster.workloads.get_mut(&target)
                && workload.seen.replicas != Some(replicas)
            {
                workload.seen.replicas = Some(replicas);
                workload.meta.generation += 1;
                workload.meta.version = version;
            }
            cluster.wake_workload(core, target);
        }
    }
}

/// The ReplicaSet of a Deployment.
fn replica_set(
    lot: &mut Lot,
    deployment: &WorkloadKey,
    seen: &Workload,
    hash: &str,
) -> Result<(WorkloadKey, Workload), Status> {
    let name = format!("{}-{hash}", deployment.name);
    let key = WorkloadKey {
        kind: WorkloadKind::ReplicaSet,
        namespace: deployment.namespace.clone(),
        name: name
            .parse()
            .map_err(|_| Status::invalid("ReplicaSet", &name, "metadata.name"))?,
    };
    let with_hash = |labels: &refit_model::selector::Labels| {
        let mut labels = labels.clone();
        labels.insert("pod-template-hash".to_owned(), hash.to_owned());
        labels
    };
    let set = Workload {
        uid: lot.uid(),
        owner: Some(owner_of(deployment, &seen.uid)),
        selector: Selector {
            match_labels: with_hash(&seen.selector.match_labels),
            match_expressions: seen.selector.match_expressions.clone(),
        },
        pod_labels: with_hash(&seen.pod_labels),
        ..seen.clone()
    };
    Ok((key, set))
}

/// The key of the workload that a route names.
pub(super) fn key(kind: WorkloadKind, key: &Key) -> Option<WorkloadKey> {
    let namespace: Namespace = key.namespace.clone()?;
    Some(WorkloadKey {
        kind,
        namespace,
        name: key.name.clone(),
    })
}
