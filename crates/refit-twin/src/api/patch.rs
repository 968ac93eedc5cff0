//! Patches of what upgrades and tests change.
//!
//! All kinds of patch are read as JSON merge patches: on the fields that the
//! twin keeps they mean the same, but for lists, which a strategic patch merges
//! by key. Conditions are merged by type here, as the server does.

use super::route::Route;
use super::status::Status;
use super::{ApiResponse, parse, render, workloads};
use crate::agenda::{Event, later};
use crate::twin::Twin;
use refit_model::kubernetes::Phase;
use refit_model::name::Key;
use refit_model::seen::Seen;
use refit_model::selector::Labels;
use serde_json::Value;

/// The bodies that are read.
pub(super) const KINDS: [&str; 3] = [
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
];

impl Twin {
    pub(super) fn patch(
        &mut self,
        route: &Route,
        name: &str,
        subresource: Option<&str>,
        body: &Value,
    ) -> Result<ApiResponse, Status> {
        let resource = route.resource()?;
        let before = self.get(route, name)?;
        check_preconditions(resource.kind, name, &before, body)?;
        let key = route.key(name)?;
        match resource.plural {
            "nodes" => self.patch_node(&key, &before, body),
            "pods" => self.patch_pod(&key, subresource, body),
            "poddisruptionbudgets" => self.patch_budget(&key, &before, body)?,
            plural => {
                let kind = workloads::kind_of(plural).ok_or_else(|| {
                    Status::new(
                        405,
                        "MethodNotAllowed",
                        "the server does not allow this method on the requested resource",
                    )
                })?;
                let id = workloads::key(kind, &key).and_then(|key| {
                    let cluster = self.cluster.as_ref()?;
                    cluster.workload_keys.get(&key).copied()
                });
                if let (Some(id), Some(replicas)) = (id, parse::count(body, "/spec/replicas")) {
                    self.scale(id, replicas);
                }
            }
        }
        let after = self.get(route, name)?;
        Ok(ApiResponse::json(200, &after))
    }

    fn patch_node(&mut self, key: &Key, before: &Value, body: &Value) {
        let (core, Some(cluster)) = (&mut self.core, &mut self.cluster) else {
            return;
        };
        let id = key
            .name
            .as_str()
            .parse()
            .ok()
            .and_then(|name| cluster.node_names.get(&name))
            .copied();
        let Some(id) = id else {
            return;
        };
        let mut merged = before.clone();
        merge(&mut merged, body);
        let unschedulable = merged
            .pointer("/spec/unschedulable")
            .and_then(Value::as_bool);
        let parsed = parse::node(&merged);
        let annotations = parse::texts(&merged, "/metadata/annotations");
        let ready = parse::condition(body, "Ready");
        cluster.alter_node(core, id, |node| {
            node.meta.annotations = annotations;
            node.seen.cordon = Seen::Is(render::cordon(
                unschedulable == Some(true),
                &node.meta.annotations,
            ));
            node.seen.labels = parsed.labels;
            node.seen.taints = parsed.taints;
            if let (Seen::Gap(_), Seen::Is(room)) = (&node.seen.allocatable, &parsed.allocatable) {
                node.seen.allocatable = Seen::Is(*room);
            } else if body.pointer("/status/allocatable").is_some() {
                node.seen.allocatable = parsed.allocatable;
            }
            if let Some(ready) = ready {
                node.seen.ready = Seen::Is(ready);
            }
            if body.pointer("/status/nodeInfo").is_some() {
                node.seen.kubelet = parsed.kubelet;
            }
        });
    }

    fn patch_pod(&mut self, key: &Key, subresource: Option<&str>, body: &Value) {
        let (core, Some(cluster)) = (&mut self.core, &mut self.cluster) else {
            return;
        };
        let Some(id) = cluster.pod_keys.get(key).copied() else {
            return;
        };
        if subresource == Some("status") {
            let phase = match parse::text(body, "/status/phase") {
                Some("Pending") => Some(Phase::Pending),
                Some("Running") => Some(Phase::Running),
                Some("Succeeded") => Some(Phase::Succeeded),
                Some("Failed") => Some(Phase::Failed),
                Some(_) | None => None,
            };
            let ready = parse::condition(body, "Ready");
            cluster.alter_pod(core, id, |pod| {
                if let Some(phase) = phase {
                    pod.seen.phase = phase;
                }
                if let Some(ready) = ready {
                    pod.seen.ready = Seen::Is(ready);
                }
            });
            return;
        }
        let finalizers = body.pointer("/metadata/finalizers").map(|found| {
            found
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        });
        let annotations = body.pointer("/metadata/annotations").cloned();
        cluster.alter_pod(core, id, |pod| {
            if let Some(finalizers) = finalizers {
                pod.meta.finalizers = finalizers;
            }
            if let Some(changes) = annotations {
                merge_texts(&mut pod.meta.annotations, &changes);
            }
        });
        // What only a finalizer held goes when it is done with.
        if let Some(pod) = cluster.pods.get(&id)
            && pod.meta.finalizers.is_empty()
            && let Some(deleted) = pod.deleted
        {
            core.at(later(deleted, core.options.stop_delay), Event::PodGone(id));
        }
    }

    fn patch_budget(&mut self, key: &Key, before: &Value, body: &Value) -> Result<(), Status> {
        let (core, Some(cluster)) = (&mut self.core, &mut self.cluster) else {
            return Ok(());
        };
        let Some(id) = cluster.budget_keys.get(key).copied() else {
            return Ok(());
        };
        let mut merged = before.clone();
        merge(&mut merged, body);
        let spec = merged.get("spec").cloned().unwrap_or_default();
        if merged.get("spec") == before.get("spec") {
            return Ok(());
        }
        let parsed = parse::budget(&spec).map_err(|why| {
            Status::invalid("PodDisruptionBudget.policy", key.name.as_str(), &why)
        })?;
        let version = cluster.next_version();
        if let Some(budget) = cluster.budgets.get_mut(&id) {
            budget.seen.selector = parsed.selector;
            budget.seen.bound = parsed.bound;
            budget.seen.unhealthy = parsed.unhealthy;
            budget.seen.generation += 1;
            budget.meta.version = version;
        }
        cluster.recruit(id);
        cluster.wake_budget(core, id);
        Ok(())
    }
}

/// Refuses a patch that was made for another object or an older one.
fn check_preconditions(kind: &str, name: &str, before: &Value, body: &Value) -> Result<(), Status> {
    let named = |path| (parse::text(before, path), parse::text(body, path));
    if let (found, Some(wanted)) = named("/metadata/resourceVersion")
        && found != Some(wanted)
    {
        return Err(Status::conflict(
            kind,
            name,
            "the object has been modified; please apply your changes to the latest version and try again",
        ));
    }
    if let (Some(found), Some(wanted)) = named("/metadata/uid")
        && found != wanted
    {
        return Err(Status::conflict(
            kind,
            name,
            &format!(
                "Precondition failed: UID in precondition: {wanted}, UID in object meta: {found}"
            ),
        ));
    }
    Ok(())
}

/// A JSON merge patch (RFC 7396). The depth is that of the body, which the JSON
/// reader bounds at 128.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    if let Some(fields) = target.as_object_mut() {
        for (name, change) in changes {
            if change.is_null() {
                fields.remove(name);
            } else {
                merge(fields.entry(name.clone()).or_insert(Value::Null), change);
            }
        }
    }
}

fn merge_texts(target: &mut Labels, changes: &Value) {
    for (name, change) in changes.as_object().into_iter().flatten() {
        match change.as_str() {
            Some(text) => {
                target.insert(name.clone(), text.to_owned());
            }
            None => {
                target.remove(name);
            }
        }
    }
}
