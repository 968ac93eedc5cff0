//! Making and deleting.

use super::parse::{self, text};
use super::route::{Query, Route};
use super::status::Status;
use super::{ApiResponse, workloads};
use crate::agenda::Event;
use crate::twin::Twin;
use crate::webhook::{Call, Hook, Reach};
use refit_model::budget::Budget;
use refit_model::kubernetes::{FailurePolicy, Phase, Webhook, WebhookKind};
use refit_model::name::{Key, Namespace};
use refit_model::seen::{Seen, Unseen};
use serde_json::Value;

impl Twin {
    pub(super) fn create(&mut self, route: &Route, body: &Value) -> Result<ApiResponse, Status> {
        let resource = route.resource()?;
        let name = text(body, "/metadata/name").unwrap_or_default();
        let key = route
            .key(name)
            .map_err(|_| Status::invalid(resource.kind, name, "metadata.name: Required value"))?;
        if self
            .cluster
            .as_ref()
            .is_some_and(|cluster| cluster.object(resource.plural, &key).is_some())
        {
            return Err(Status::exists(resource.plural, name));
        }
        if let Some(namespace) = &key.namespace {
            self.check_namespace(resource.plural, name, namespace)?;
        }
        match resource.plural {
            "namespaces" => self.create_namespace(&key),
            "nodes" => self.create_node(&key, body),
            "pods" => self.create_pod(&key, body)?,
            "poddisruptionbudgets" => self.create_budget(&key, body)?,
            "validatingwebhookconfigurations" => {
                self.create_hooks(WebhookKind::Validating, name, body)?;
            }
            "mutatingwebhookconfigurations" => {
                self.create_hooks(WebhookKind::Mutating, name, body)?;
            }
            plural => {
                let kind = workloads::kind_of(plural).ok_or_else(|| {
                    Status::new(
                        405,
                        "MethodNotAllowed",
                        "the server does not allow this method on the requested resource",
                    )
                })?;
                let made = self.create_workload(route, kind, &key, body)?;
                return Ok(ApiResponse::json(201, &made));
            }
        }
        let made = self.get(route, name)?;
        Ok(ApiResponse::json(201, &made))
    }

    fn check_namespace(
        &self,
        plural: &str,
        name: &str,
        namespace: &Namespace,
    ) -> Result<(), Status> {
        let state = self
            .cluster
            .as_ref()
            .and_then(|cluster| cluster.namespaces.get(namespace));
        match state {
            None => Err(Status::not_found("namespaces", namespace.as_str())),
            Some(state) if state.terminating.is_some() => Err(Status::namespace_terminating(
                plural,
                name,
                namespace.as_str(),
            )),
            Some(_) => Ok(()),
        }
    }

    fn create_namespace(&mut self, key: &Key) {
        if let (Some(cluster), Ok(name)) = (&mut self.cluster, key.name.as_str().parse()) {
            cluster.ensure_namespace(&mut self.core, &name);
        }
    }

    fn create_node(&mut self, key: &Key, body: &Value) {
        let (core, Some(cluster)) = (&mut self.core, &mut self.cluster) else {
            return;
        };
        let Ok(name) = key.name.as_str().parse() else {
            return;
        };
        let id = cluster.add_node(core, name, parse::node(body), None);
        let annotations = parse::texts(body, "/metadata/annotations");
        cluster.alter_node(core, id, |node| node.meta.annotations = annotations);
        let daemons: Vec<_> = cluster
            .workloads
            .iter()
            .filter(|(_, workload)| {
                workload.key.kind == refit_model::kubernetes::WorkloadKind::DaemonSet
            })
            .map(|(id, _)| id)
            .collect();
        for daemon in daemons {
            core.after(core.options.replace_delay, Event::SyncDaemon(daemon, id));
        }
    }

    fn create_pod(&mut self, key: &Key, body: &Value) -> Result<(), Status> {
        let (core, Some(cluster)) = (&mut self.core, &mut self.cluster) else {
            return Ok(());
        };
        if let Some(namespace) = &key.namespace {
            let call = Call::new("CREATE", "", "v1", "pods", namespace.clone());
            cluster
                .admit(core, &call)
                .map_err(|why| Status::hook_failed(&why))?;
        }
        let empty = Value::Null;
        let mut seen = parse::pod(
            body.get("metadata").unwrap_or(&empty),
            body.get("spec").unwrap_or(&empty),
        );
        let mut meta = cluster.new_meta(core, None);
        seen.uid.clone_from(&meta.uid);
        seen.phase = Phase::Pending;
        meta.annotations = parse::texts(body, "/metadata/annotations");
        meta.finalizers = parse::items(body, "/metadata/finalizers")
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        seen.mirror = meta.annotations.contains_key("kubernetes.io/config.mirror");
        let placed = seen.node.is_some();
        let id = cluster.add_pod(core, key.clone(), meta, seen, None);
        if placed {
            core.after(core.options.start_delay, Event::PodStarts(id));
        } else {
            cluster.schedule(core, id);
        }
        Ok(())
    }

    fn create_budget(&mut self, key: &Key, body: &Value) -> Result<(), Status> {
        let (core, Some(cluster)) = (&mut self.core, &mut self.cluster) else {
            return Ok(());
        };
        let spec = body.get("spec").cloned().unwrap_or_default();
        let parsed = parse::budget(&spec).map_err(|why| {
            Status::invalid("PodDisruptionBudget.policy", key.name.as_str(), &why)
        })?;
        let meta = cluster.new_meta(core, None);
        let seen = Budget {
            key: key.clone(),
            selector: parsed.selector,
            bound: parsed.bound,
            unhealthy: parsed.unhealthy,
            generation: 1,
            status: Seen::Gap(Unseen::NotInSource),
        };
        cluster.add_budget(core, seen, meta, "InsufficientPods");
        Ok(())
    }

    fn create_hooks(&mut self, kind: WebhookKind, name: &str, body: &Value) -> Result<(), Status> {
        let Some(cluster) = &mut self.cluster else {
            return Ok(());
        };
        let mut hooks = Vec::new();
        for (place, webhook) in parse::items(body, "/webhooks").iter().enumerate() {
            hooks.push(hook(kind, name, webhook).map_err(|why| {
                let word = match kind {
                    WebhookKind::Validating => "ValidatingWebhookConfiguration",
                    WebhookKind::Mutating => "MutatingWebhookConfiguration",
                };
                Status::invalid(
                    &format!("{word}.admissionregistration.k8s.io"),
                    name,
                    &format!("webhooks[{place}].{why}"),
                )
            })?);
        }
        for hook in hooks {
            let key = format!("{kind:?}/{name}/{}", hook.name);
            cluster.hooks.insert(key, hook);
        }
        Ok(())
    }

    pub(super) fn delete(
        &mut self,
        route: &Route,
        name: &str,
        options: &Value,
        query: &Query,
    ) -> Result<ApiResponse, Status> {
        let resource = route.resource()?;
        let object = self.get(route, name)?;
        let key = route.key(name)?;
        if let Some(wanted) = text(options, "/preconditions/uid")
            && text(&object, "/metadata/uid").is_some_and(|found| found != wanted)
        {
            let found = text(&object, "/metadata/uid").unwrap_or_default();
            return Err(Status::conflict(
                resource.kind,
                name,
                &format!(
                    "the UID in the precondition ({wanted}) does not match the UID in record ({found}). The object might have been deleted and then recreated"
                ),
            ));
        }
        let (core, Some(cluster)) = (&mut self.core, &mut self.cluster) else {
            return Err(Status::not_found(&route.plural, name));
        };
        match resource.plural {
            "pods" => {
                if let Some(namespace) = &key.namespace {
                    let call = Call::new("DELETE", "", "v1", "pods", namespace.clone());
                    cluster
                        .admit(core, &call)
                        .map_err(|why| Status::hook_failed(&why))?;
                }
                let grace = query
                    .get("gracePeriodSeconds")
                    .and_then(|text| text.parse().ok())
                    .or_else(|| options.get("gracePeriodSeconds").and_then(Value::as_i64));
                if let Some(id) = cluster.pod_keys.get(&key).copied() {
                    cluster.delete_pod(core, id, grace);
                }
                let after = cluster.object("pods", &key).unwrap_or(object);
                return Ok(ApiResponse::json(200, &after));
            }
            "nodes" => {
                if let Ok(name) = key.name.as_str().parse() {
                    cluster.remove_node(core, &name);
                }
            }
            "namespaces" => {
                if let Ok(name) = key.name.as_str().parse() {
                    cluster.delete_namespace(core, &name);
                }
            }
            "poddisruptionbudgets" => {
                if let Some(id) = cluster.budget_keys.get(&key).copied() {
                    cluster.remove_budget(id);
                }
            }
            "validatingwebhookconfigurations" | "mutatingwebhookconfigurations" => {
                cluster.hooks.retain(|_, hook| hook.configuration != name);
            }
            plural => {
                let id = workloads::kind_of(plural)
                    .and_then(|kind| workloads::key(kind, &key))
                    .and_then(|key| cluster.workload_keys.get(&key))
                    .copied();
                match id {
                    // Background deletion: what it made goes with it.
                    Some(id) => cluster.delete_workload(core, id),
                    None => {
                        return Err(Status::new(
                            405,
                            "MethodNotAllowed",
                            "the server does not allow this method on the requested resource",
                        ));
                    }
                }
            }
        }
        Ok(ApiResponse::status(&Status::success(200)))
    }
}

fn hook(kind: WebhookKind, configuration: &str, webhook: &Value) -> Result<Hook, String> {
    match text(webhook, "/sideEffects") {
        Some("None" | "NoneOnDryRun") => {}
        Some(other) => {
            return Err(format!(
                "sideEffects: Unsupported value: \"{other}\": supported values: \"None\", \"NoneOnDryRun\""
            ));
        }
        None => return Err("sideEffects: Required value".to_owned()),
    }
    let reach = if let Some(url) = text(webhook, "/clientConfig/url") {
        Reach::Url(url.to_owned())
    } else {
        let part = |path| text(webhook, path).unwrap_or_default();
        format!(
            "{}/{}",
            part("/clientConfig/service/namespace"),
            part("/clientConfig/service/name")
        )
        .parse()
        .map_or(Reach::Elsewhere, Reach::Service)
    };
    let each = |rule: &Value, path: &str| -> Vec<String> {
        parse::items(rule, path)
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let mut rules = Vec::new();
    for rule in parse::items(webhook, "/rules") {
        for operation in each(rule, "/operations") {
            for group in each(rule, "/apiGroups") {
                for version in each(rule, "/apiVersions") {
                    for resource in each(rule, "/resources") {
                        rules.push(format!("{operation} {group}/{version}/{resource}"));
                    }
                }
            }
        }
    }
    let service = match &reach {
        Reach::Service(key) => Some(key.clone()),
        Reach::Url(_) | Reach::Elsewhere => None,
    };
    Ok(Hook {
        name: text(webhook, "/name").unwrap_or_default().to_owned(),
        kind,
        configuration: configuration.to_owned(),
        seen: Webhook {
            failure_policy: match text(webhook, "/failurePolicy") {
                Some("Ignore") => FailurePolicy::Ignore,
                Some(_) | None => FailurePolicy::Fail,
            },
            service,
            port: parse::count(webhook, "/clientConfig/service/port")
                .and_then(|port| u16::try_from(port).ok())
                .unwrap_or(443),
            rules,
            timeout_seconds: parse::count(webhook, "/timeoutSeconds").unwrap_or(10),
        },
        reach,
        namespaces: Some(parse::selector(webhook, "/namespaceSelector")?.unwrap_or_default()),
    })
}
