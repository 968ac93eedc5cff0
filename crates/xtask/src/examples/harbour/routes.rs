//! Objects that reached the cluster through API versions that are removed, by the
//! routes by which that happens, beside some that only look so.

use serde_json::{Value, json};

use super::objects::{self, helm_annotations, put, writer};

const GROUP: &str = "flowcontrol.apiserver.k8s.io";

/// The key under which `kubectl apply` keeps what it was given.
const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Who wrote an object, and what shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    /// The API server itself, at the version it serves.
    BuiltIn,
    /// A controller that still asks for the removed version.
    Controller,
    /// `kubectl apply` of a file that still says the removed version.
    Applied,
    /// A Helm release whose stored manifest says the removed version.
    Helm,
}

const LANES: [(&str, &str, Route); 4] = [
    ("batch-reads", "batch", Route::Controller),
    ("exempt", "exempt", Route::BuiltIn),
    ("operators", "workload-high", Route::Applied),
    ("tracker-lane", "tracker-lane", Route::Helm),
];

/// The FlowSchemas, served at `v1`.
pub(super) fn flow_schemas() -> Vec<Value> {
    LANES
        .iter()
        .map(|(name, level, route)| {
            let spec = flow_schema_spec(name, level);
            json!({
                "apiVersion": format!("{GROUP}/v1"),
                "kind": "FlowSchema",
                "metadata": metadata("FlowSchema", name, *route, &spec),
                "spec": spec,
                "status": { "conditions": [{
                    "lastTransitionTime": "2025-07-02T12:00:00Z",
                    "message": format!("This FlowSchema references the PriorityLevelConfiguration object named \"{level}\" and it exists"),
                    "reason": "Found",
                    "status": "False",
                    "type": "Dangling",
                }]},
            })
        })
        .collect()
}

/// The spec of a FlowSchema, which is the same in `v1beta3` and `v1`.
pub(super) fn flow_schema_spec(name: &str, level: &str) -> Value {
    let (subjects, precedence) = match name {
        "exempt" => (
            json!([{ "group": { "name": "system:masters" }, "kind": "Group" }]),
            1,
        ),
        "operators" => (
            json!([{ "group": { "name": "harbour:operators" }, "kind": "Group" }]),
            800,
        ),
        _ => (
            json!([{
                "kind": "ServiceAccount",
                "serviceAccount": { "name": "*", "namespace": if name == "batch-reads" { "batch" } else { "logistics" } },
            }]),
            900,
        ),
    };
    json!({
        "distinguisherMethod": { "type": "ByUser" },
        "matchingPrecedence": precedence,
        "priorityLevelConfiguration": { "name": level },
        "rules": [{
            "resourceRules": [{
                "apiGroups": ["*"],
                "clusterScope": true,
                "namespaces": ["*"],
                "resources": ["*"],
                "verbs": ["*"],
            }],
            "subjects": subjects,
        }],
    })
}

/// The PriorityLevelConfigurations, served at `v1`.
pub(super) fn priority_levels() -> Vec<Value> {
    [
        ("batch", Route::Controller),
        ("exempt", Route::BuiltIn),
        ("tracker-lane", Route::Helm),
        ("workload-high", Route::BuiltIn),
    ]
    .iter()
    .map(|(name, route)| {
        let spec = priority_level_spec(name);
        json!({
            "apiVersion": format!("{GROUP}/v1"),
            "kind": "PriorityLevelConfiguration",
            "metadata": metadata("PriorityLevelConfiguration", name, *route, &spec),
            "spec": spec,
            "status": {},
        })
    })
    .collect()
}

/// The spec of a PriorityLevelConfiguration, which is the same in `v1beta3` and
/// `v1` as long as the shares are not 0.
pub(super) fn priority_level_spec(name: &str) -> Value {
    if name == "exempt" {
        return json!({
            "exempt": { "lendablePercent": 0, "nominalConcurrencyShares": 0 },
            "type": "Exempt",
        });
    }
    json!({
        "limited": {
            "lendablePercent": 50,
            "limitResponse": {
                "queuing": { "handSize": 6, "queueLengthLimit": 50, "queues": 64 },
                "type": "Queue",
            },
            "nominalConcurrencyShares": 20,
        },
        "type": "Limited",
    })
}

fn metadata(kind: &str, name: &str, route: Route, spec: &Value) -> Value {
    let fields = json!({ "f:spec": {} });
    let removed = format!("{GROUP}/v1beta3");
    let (created, entry) = match route {
        Route::BuiltIn => (
            "2022-03-14T10:00:02Z",
            writer(
                "api-priority-and-fairness-config-producer-v1",
                "Apply",
                &format!("{GROUP}/v1"),
                "2025-06-03T08:12:00Z",
                fields,
            ),
        ),
        Route::Controller => (
            "2024-05-14T07:45:00Z",
            writer(
                "berth-controller",
                "Update",
                &removed,
                "2026-09-28T06:15:33Z",
                fields,
            ),
        ),
        Route::Applied => (
            "2024-03-05T15:02:11Z",
            writer(
                "kubectl-client-side-apply",
                "Update",
                &removed,
                "2024-03-05T15:02:11Z",
                fields,
            ),
        ),
        Route::Helm => (
            "2024-02-19T11:20:45Z",
            writer("helm", "Update", &removed, "2025-11-04T09:58:12Z", fields),
        ),
    };
    let mut metadata = objects::metadata(kind, None, name, created);
    put(&mut metadata, "generation", 1.into());
    put(&mut metadata, "managedFields", json!([entry]));
    match route {
        Route::BuiltIn => put(
            &mut metadata,
            "annotations",
            json!({ "apf.kubernetes.io/autoupdate-spec": "true" }),
        ),
        Route::Controller => {}
        Route::Applied => {
            let applied = json!({
                "apiVersion": removed,
                "kind": kind,
                "metadata": { "annotations": {}, "name": name },
                "spec": spec,
            });
            put(
                &mut metadata,
                "annotations",
                json!({ APPLIED: one_line(&applied) }),
            );
        }
        Route::Helm => {
            put(
                &mut metadata,
                "annotations",
                helm_annotations("traffic-lanes", "platform"),
            );
            put(
                &mut metadata,
                "labels",
                json!({ "app.kubernetes.io/managed-by": "Helm" }),
            );
        }
    }
    metadata
}

fn one_line(value: &Value) -> String {
    format!("{}\n", crate::examples::yaml::sorted(value))
}

/// Two autoscalers. That of `web` carries an annotation with a removed version
/// which a later write through a served one has overtaken.
pub(super) fn autoscalers() -> Vec<Value> {
    [("api", 18, 36), ("web", 16, 32)]
        .iter()
        .map(|(name, least, most)| {
            let kind = "HorizontalPodAutoscaler";
            let created = "2022-11-08T13:05:00Z";
            let mut metadata = objects::metadata(kind, Some("storefront"), name, created);
            let spec = json!({
                "maxReplicas": most,
                "metrics": [{
                    "resource": {
                        "name": "cpu",
                        "target": { "averageUtilization": 70, "type": "Utilization" },
                    },
                    "type": "Resource",
                }],
                "minReplicas": least,
                "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": name },
            });
            if *name == "web" {
                overtaken(&mut metadata, created, &spec);
            }
            json!({
                "apiVersion": "autoscaling/v2",
                "kind": kind,
                "metadata": metadata,
                "spec": spec,
                "status": {
                    "conditions": [],
                    "currentMetrics": [{
                        "resource": {
                            "current": { "averageUtilization": 41, "averageValue": "104m" },
                            "name": "cpu",
                        },
                        "type": "Resource",
                    }],
                    "currentReplicas": least,
                    "desiredReplicas": least,
                },
            })
        })
        .collect()
}

fn overtaken(metadata: &mut Value, created: &str, spec: &Value) {
    let applied = json!({
        "apiVersion": "autoscaling/v2beta2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": { "annotations": {}, "name": "web", "namespace": "storefront" },
        "spec": spec,
    });
    put(
        metadata,
        "annotations",
        json!({ APPLIED: one_line(&applied) }),
    );
    put(
        metadata,
        "managedFields",
        json!([
            writer(
                "kubectl-client-side-apply",
                "Update",
                "autoscaling/v2beta2",
                created,
                json!({ "f:metadata": { "f:annotations": { format!("f:{APPLIED}"): {} } } }),
            ),
            writer(
                "argocd-controller",
                "Apply",
                "autoscaling/v2",
                "2026-06-17T10:44:09Z",
                json!({ "f:spec": { "f:maxReplicas": {}, "f:metrics": {}, "f:minReplicas": {}, "f:scaleTargetRef": {} } }),
            ),
        ]),
    );
}
