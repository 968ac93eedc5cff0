//! The pods as the API server returns them.

use serde_json::{Value, json};

use super::apps::{App, Controller, Place, Priority, Spread, Storage};
use super::nodes::{self, Pool};
use super::objects::{self, extend, object_uid, put};
use super::placement::{Phase, Pod, job_of, on_host_network, replica_set, template_hash};
use crate::examples::identity::{hex, moment, number};

/// When the pod started. Jobs run at two in the morning.
fn started(pod: &Pod) -> String {
    match pod.app.controller {
        Controller::CronJob => {
            let day = match pod.ordinal / pod.app.replicas.max(1) {
                0 => "2026-10-01",
                1 => "2026-09-30",
                _ => "2026-09-29",
            };
            format!("{day}T02:00:0{}Z", number(&pod.name, 8) + 1)
        }
        Controller::Static => nodes::joined(&pod.node),
        Controller::Deployment
        | Controller::StatefulSet
        | Controller::DaemonSet
        | Controller::Nobody => moment("2026-09", &format!("{}/{}", pod.app.namespace, pod.name)),
    }
}

/// The pod as the API server returns it.
pub(super) fn object(pod: &Pod) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata(pod),
        "spec": spec(pod),
        "status": status(pod),
    })
}

fn metadata(pod: &Pod) -> Value {
    let app = pod.app;
    let mut metadata = objects::metadata("Pod", Some(app.namespace), &pod.name, &started(pod));
    let mut labels = labels(app);
    match app.controller {
        Controller::Deployment => put(&mut labels, "pod-template-hash", template_hash(app).into()),
        Controller::StatefulSet => {
            put(
                &mut labels,
                "apps.kubernetes.io/pod-index",
                pod.ordinal.to_string().into(),
            );
            put(
                &mut labels,
                "statefulset.kubernetes.io/pod-name",
                pod.name.as_str().into(),
            );
            put(
                &mut labels,
                "controller-revision-hash",
                replica_set(app).into(),
            );
        }
        Controller::DaemonSet => {
            put(
                &mut labels,
                "controller-revision-hash",
                template_hash(app).into(),
            );
            put(&mut labels, "pod-template-generation", "1".into());
        }
        Controller::CronJob => {
            let job = job_of(app, pod.ordinal);
            let uid = object_uid("Job", Some(app.namespace), &job);
            put(
                &mut labels,
                "batch.kubernetes.io/controller-uid",
                uid.into(),
            );
            put(
                &mut labels,
                "batch.kubernetes.io/job-name",
                job.as_str().into(),
            );
            put(&mut labels, "job-name", job.into());
        }
        Controller::Static | Controller::Nobody => {}
    }
    put(&mut metadata, "labels", labels);
    if app.controller == Controller::Static {
        let hash = hex(&pod.name, 32);
        put(
            &mut metadata,
            "annotations",
            json!({
                "kubernetes.io/config.hash": hash,
                "kubernetes.io/config.mirror": hash,
                "kubernetes.io/config.seen": started(pod),
                "kubernetes.io/config.source": "file",
            }),
        );
    }
    if let Some(owner) = &pod.owner {
        let namespace = (owner.kind != "Node").then_some(app.namespace);
        let mut reference = json!({
            "apiVersion": owner.api,
            "controller": true,
            "kind": owner.kind,
            "name": owner.name,
            "uid": object_uid(owner.kind, namespace, &owner.name),
        });
        match app.controller {
            Controller::Static => {}
            Controller::Deployment | Controller::DaemonSet | Controller::CronJob => {
                put(
                    &mut metadata,
                    "generateName",
                    format!("{}-", owner.name).into(),
                );
                put(&mut reference, "blockOwnerDeletion", true.into());
            }
            Controller::StatefulSet | Controller::Nobody => {
                put(&mut reference, "blockOwnerDeletion", true.into());
            }
        }
        put(&mut metadata, "ownerReferences", json!([reference]));
    }
    metadata
}

/// The labels that the pod template sets.
pub(super) fn labels(app: &App) -> Value {
    let mut labels = json!({});
    for (key, value) in app.selector() {
        put(&mut labels, key, value.into());
    }
    if !app.part_of.is_empty() {
        put(&mut labels, "app.kubernetes.io/part-of", app.part_of.into());
    }
    if app.label.is_none() && app.controller != Controller::Static {
        put(
            &mut labels,
            "app.kubernetes.io/version",
            app.version().into(),
        );
    }
    labels
}

/// What pod template and pod have in common.
pub(super) fn template_spec(app: &App) -> Value {
    let mut spec = json!({
        "containers": [container(app)],
        "dnsPolicy": "ClusterFirst",
        "restartPolicy": restart_policy(app),
        "schedulerName": "default-scheduler",
        "terminationGracePeriodSeconds": 30,
    });
    match app.place {
        Place::Only(pool) if app.controller != Controller::Static => {
            put(
                &mut spec,
                "nodeSelector",
                json!({ "node-pool": pool.name() }),
            );
        }
        Place::Usually(_) | Place::Workers | Place::Everywhere => {
            put(
                &mut spec,
                "nodeSelector",
                json!({ "kubernetes.io/os": "linux" }),
            );
        }
        Place::Only(_) => {}
    }
    let tolerations = tolerations(app);
    if tolerations.as_array().is_some_and(|list| !list.is_empty()) {
        put(&mut spec, "tolerations", tolerations);
    }
    match app.priority {
        Priority::Normal => {}
        Priority::ClusterCritical => {
            put(
                &mut spec,
                "priorityClassName",
                "system-cluster-critical".into(),
            );
        }
        Priority::NodeCritical => {
            put(
                &mut spec,
                "priorityClassName",
                "system-node-critical".into(),
            );
        }
    }
    if on_host_network(app) {
        put(&mut spec, "hostNetwork", true.into());
    }
    let mut selector = json!({});
    for (key, value) in app.selector() {
        put(&mut selector, key, value.into());
    }
    match app.spread {
        Spread::Default => {}
        Spread::Zones => put(
            &mut spec,
            "topologySpreadConstraints",
            json!([{
                "labelSelector": { "matchLabels": selector },
                "maxSkew": 1,
                "topologyKey": "topology.kubernetes.io/zone",
                "whenUnsatisfiable": "ScheduleAnyway",
            }]),
        ),
        Spread::Hosts => put(
            &mut spec,
            "affinity",
            json!({ "podAntiAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": [{
                "labelSelector": { "matchLabels": selector },
                "topologyKey": "kubernetes.io/hostname",
            }]}}),
        ),
    }
    if app.storage == Storage::Scratch {
        put(
            &mut spec,
            "volumes",
            json!([{ "emptyDir": {}, "name": "scratch" }]),
        );
    }
    spec
}

fn restart_policy(app: &App) -> &'static str {
    match app.controller {
        Controller::CronJob => "Never",
        Controller::Deployment
        | Controller::StatefulSet
        | Controller::DaemonSet
        | Controller::Static
        | Controller::Nobody => "Always",
    }
}

fn container(app: &App) -> Value {
    let mut requests = json!({});
    if app.cpu > 0 {
        put(&mut requests, "cpu", quantity(app.cpu, 1_000, "m").into());
    }
    if app.memory > 0 {
        let memory = if app.memory.is_multiple_of(1_024) {
            format!("{}Gi", app.memory / 1_024)
        } else {
            format!("{}Mi", app.memory)
        };
        put(&mut requests, "memory", memory.into());
    }
    let mut container = json!({
        "image": app.image,
        "imagePullPolicy": "IfNotPresent",
        "name": app.name,
        "resources": if requests == json!({}) { json!({}) } else { json!({ "requests": requests }) },
    });
    if app.controller == Controller::Static {
        put(&mut container, "command", command(app));
    }
    if app.port > 0 {
        let port = if app.port == 443 { 8_443 } else { app.port };
        put(
            &mut container,
            "ports",
            json!([{ "containerPort": port, "name": "main", "protocol": "TCP" }]),
        );
    }
    match app.storage {
        Storage::Nothing => {}
        Storage::Scratch => put(
            &mut container,
            "volumeMounts",
            json!([{ "mountPath": "/scratch", "name": "scratch" }]),
        ),
        Storage::Local(_) | Storage::Zonal(_) => put(
            &mut container,
            "volumeMounts",
            json!([{ "mountPath": "/var/lib/data", "name": "data" }]),
        ),
    }
    container
}

/// `2` rather than `2000m`, as the API server rewrites quantities.
fn quantity(amount: u32, whole: u32, unit: &str) -> String {
    if amount.is_multiple_of(whole) {
        (amount / whole).to_string()
    } else {
        format!("{amount}{unit}")
    }
}

/// The flags of a control-plane component that say how it is run; kubeadm writes
/// more, all of them certificates and addresses.
fn command(app: &App) -> Value {
    let flags: &[&str] = match app.name {
        "etcd" => &[
            "--data-dir=/var/lib/etcd",
            "--snapshot-count=10000",
            "--listen-metrics-urls=http://127.0.0.1:2381",
        ],
        "kube-apiserver" => &[
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--etcd-servers=https://127.0.0.1:2379",
            "--service-cluster-ip-range=10.96.0.0/12",
        ],
        "kube-controller-manager" => &[
            "--allocate-node-cidrs=true",
            "--cluster-cidr=10.244.0.0/16",
            "--leader-elect=true",
        ],
        _ => &["--leader-elect=true"],
    };
    std::iter::once(app.name)
        .chain(flags.iter().copied())
        .collect()
}

fn tolerations(app: &App) -> Value {
    match app.controller {
        Controller::Static => json!([{ "effect": "NoExecute", "operator": "Exists" }]),
        Controller::DaemonSet => match app.place {
            Place::Everywhere => json!([{ "operator": "Exists" }]),
            Place::Workers | Place::Only(_) | Place::Usually(_) => {
                json!([{ "key": "dedicated", "operator": "Exists" }])
            }
        },
        Controller::Deployment
        | Controller::StatefulSet
        | Controller::CronJob
        | Controller::Nobody => match app.place {
            Place::Only(Pool::Edge) => {
                json!([{ "effect": "NoSchedule", "key": "dedicated", "operator": "Equal", "value": "edge" }])
            }
            Place::Usually(Pool::ControlPlane) => json!([
                { "key": "CriticalAddonsOnly", "operator": "Exists" },
                { "effect": "NoSchedule", "key": "node-role.kubernetes.io/control-plane" },
            ]),
            Place::Only(_) | Place::Usually(_) | Place::Workers | Place::Everywhere => json!([]),
        },
    }
}

fn spec(pod: &Pod) -> Value {
    let app = pod.app;
    let mut spec = template_spec(app);
    put(&mut spec, "nodeName", pod.node.name.as_str().into());
    put(&mut spec, "enableServiceLinks", true.into());
    put(&mut spec, "preemptionPolicy", "PreemptLowerPriority".into());
    put(
        &mut spec,
        "priority",
        match app.priority {
            Priority::Normal => 0_u32,
            Priority::ClusterCritical => 2_000_000_000,
            Priority::NodeCritical => 2_000_001_000,
        }
        .into(),
    );
    match app.controller {
        Controller::Static => {}
        Controller::DaemonSet => {
            let mut all = tolerations(app);
            if let Some(list) = all.as_array_mut() {
                list.extend(added_to_daemons());
            }
            put(&mut spec, "tolerations", all);
            put(
                &mut spec,
                "affinity",
                json!({ "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [{ "matchFields": [{
                        "key": "metadata.name", "operator": "In", "values": [pod.node.name],
                    }]}],
                }}}),
            );
        }
        Controller::Deployment
        | Controller::StatefulSet
        | Controller::CronJob
        | Controller::Nobody => {
            let mut all = tolerations(app);
            if let Some(list) = all.as_array_mut() {
                list.extend(added_to_all());
            }
            put(&mut spec, "tolerations", all);
        }
    }
    match app.storage {
        Storage::Nothing | Storage::Scratch => {}
        Storage::Local(_) | Storage::Zonal(_) => put(
            &mut spec,
            "volumes",
            json!([{ "name": "data", "persistentVolumeClaim": { "claimName": claim(pod) } }]),
        ),
    }
    spec
}

/// The name of the claim of a StatefulSet's pod.
pub(super) fn claim(pod: &Pod) -> String {
    format!("data-{}", pod.name)
}

/// What admission adds to every pod: five minutes on a node that is lost.
fn added_to_all() -> Vec<Value> {
    ["not-ready", "unreachable"]
        .iter()
        .map(|what| {
            json!({
                "effect": "NoExecute",
                "key": format!("node.kubernetes.io/{what}"),
                "operator": "Exists",
                "tolerationSeconds": 300,
            })
        })
        .collect()
}

/// What the DaemonSet controller adds; `unschedulable` is why cordoning a node
/// does not stop them.
fn added_to_daemons() -> Vec<Value> {
    [
        ("NoExecute", "not-ready"),
        ("NoExecute", "unreachable"),
        ("NoSchedule", "disk-pressure"),
        ("NoSchedule", "memory-pressure"),
        ("NoSchedule", "pid-pressure"),
        ("NoSchedule", "unschedulable"),
    ]
    .iter()
    .map(|(effect, what)| {
        json!({
            "effect": effect,
            "key": format!("node.kubernetes.io/{what}"),
            "operator": "Exists",
        })
    })
    .collect()
}

fn status(pod: &Pod) -> Value {
    let app = pod.app;
    let time = started(pod);
    let (phase, ready, reason) = match pod.phase {
        Phase::Running => ("Running", "True", Value::Null),
        Phase::Succeeded => ("Succeeded", "False", "PodCompleted".into()),
    };
    let conditions: Vec<Value> = [
        ("Initialized", "True"),
        ("Ready", ready),
        ("ContainersReady", ready),
        ("PodScheduled", "True"),
    ]
    .iter()
    .map(|(kind, status)| {
        let mut condition = json!({
            "lastTransitionTime": time,
            "status": status,
            "type": kind,
        });
        if *kind != "PodScheduled" && !reason.is_null() {
            put(&mut condition, "reason", reason.clone());
        }
        condition
    })
    .collect();
    let state = match pod.phase {
        Phase::Running => json!({ "running": { "startedAt": time } }),
        Phase::Succeeded => json!({ "terminated": {
            "exitCode": 0, "finishedAt": time.replace("T02:00:", "T02:41:"),
            "reason": "Completed", "startedAt": time,
        }}),
    };
    let repository = app
        .image
        .rsplit_once(':')
        .map_or(app.image, |(name, _)| name);
    let mut status = json!({
        "conditions": conditions,
        "containerStatuses": [{
            "containerID": format!("containerd://{}", hex(&pod.name, 64)),
            "image": app.image,
            "imageID": format!("{repository}@sha256:{}", hex(app.image, 64)),
            "name": app.name,
            "ready": pod.phase == Phase::Running,
            "restartCount": 0,
            "state": state,
        }],
        "hostIP": pod.node.address,
        "phase": phase,
        "podIP": pod.address,
        "podIPs": [{ "ip": pod.address }],
        "qosClass": if app.cpu == 0 && app.memory == 0 { "BestEffort" } else { "Burstable" },
        "startTime": time,
    });
    extend(
        &mut status,
        &json!({ "hostIPs": [{ "ip": pod.node.address }] }),
    );
    status
}
