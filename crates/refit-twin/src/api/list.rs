//! Reading: single objects, and lists with selectors and pages.

use super::route::{Query, Route};
use super::status::Status;
use super::{ApiResponse, parse, render, workloads};
use crate::state::Cluster;
use crate::twin::Twin;
use refit_model::kubernetes::{LocalData, WebhookKind};
use refit_model::name::Key;
use refit_model::selector::{Labels, Operator, Requirement, Selector};
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl Twin {
    /// One object.
    pub(super) fn get(&self, route: &Route, name: &str) -> Result<Value, Status> {
        let resource = route.resource()?;
        let missing = || Status::not_found(&route.plural, name);
        let cluster = self.cluster.as_ref().ok_or_else(missing)?;
        if resource.namespaced && route.namespace.is_none() {
            return Err(Status::no_resource());
        }
        if resource.plural == "serviceaccounts" {
            let exists = name == "default"
                && route
                    .namespace
                    .as_ref()
                    .and_then(|namespace| namespace.parse().ok())
                    .is_some_and(|namespace| cluster.namespaces.contains_key(&namespace));
            return exists
                .then(|| {
                    json!({
                        "apiVersion": "v1",
                        "kind": "ServiceAccount",
                        "metadata": {"namespace": route.namespace, "name": name},
                    })
                })
                .ok_or_else(missing);
        }
        let key = route.key(name)?;
        cluster.object(resource.plural, &key).ok_or_else(missing)
    }

    /// A list, or a page of it.
    pub(super) fn list(&self, route: &Route, query: &Query) -> Result<ApiResponse, Status> {
        let resource = route.resource()?;
        let cluster = self.cluster.as_ref().ok_or_else(Status::no_resource)?;
        if route.namespace.is_some() && !resource.namespaced {
            return Err(Status::no_resource());
        }
        let labels = query
            .get("labelSelector")
            .map(label_selector)
            .transpose()
            .map_err(|why| bad("label", &why))?
            .unwrap_or_default();
        let fields = query
            .get("fieldSelector")
            .map(field_selector)
            .transpose()
            .map_err(|why| bad("field", &why))?
            .unwrap_or_default();
        let limit = match query.get("limit") {
            None | Some("" | "0") => usize::MAX,
            Some(text) => text
                .parse()
                .map_err(|_| Status::new(400, "BadRequest", format!("limit: {text:?}")))?,
        };
        let after = match query.get("continue") {
            None | Some("") => None,
            Some(token) => Some(
                untoken(token)
                    .ok_or_else(|| Status::new(400, "BadRequest", "continue key is not valid"))?,
            ),
        };
        let wanted = |object: &Value| {
            labels.matches(&parse::texts(object, "/metadata/labels"))
                && fields.iter().all(|field| field.holds(object))
        };
        let narrowed = fields.iter().find_map(FieldTerm::node);
        let mut page = Vec::new();
        let (mut last, mut left) = (None, 0_usize);
        for (key, object) in cluster.objects(resource.plural, route.namespace.as_deref(), narrowed)
        {
            let key = key.to_string();
            if after.as_ref().is_some_and(|after| key <= *after) || !wanted(&object) {
                continue;
            }
            if page.len() < limit {
                page.push(object);
                last = Some(key);
            } else {
                left += 1;
            }
        }
        let mut metadata = json!({"resourceVersion": cluster.last_version.to_string()});
        if let (true, Some(last), Some(metadata)) = (left > 0, last, metadata.as_object_mut()) {
            metadata.insert("continue".to_owned(), json!(token(&last)));
            metadata.insert("remainingItemCount".to_owned(), json!(left));
        }
        let api_version = if resource.group.is_empty() {
            resource.version.to_owned()
        } else {
            format!("{}/{}", resource.group, resource.version)
        };
        let body = json!({
            "kind": format!("{}List", resource.kind),
            "apiVersion": api_version,
            "metadata": metadata,
            "items": page,
        });
        Ok(ApiResponse::json(200, &body))
    }
}

fn bad(what: &str, why: &str) -> Status {
    Status::new(
        400,
        "BadRequest",
        format!("unable to parse {what} selector: {why}"),
    )
}

/// A place in a list as an opaque text: the last key in hexadecimal digits.
fn token(key: &str) -> String {
    key.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn untoken(token: &str) -> Option<String> {
    let digits: Option<Vec<u32>> = token.chars().map(|digit| digit.to_digit(16)).collect();
    let bytes: Option<Vec<u8>> = digits?
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(high * 16 + low).ok(),
            _ => None,
        })
        .collect();
    String::from_utf8(bytes?).ok()
}

impl Cluster {
    /// One object of a resource.
    pub(super) fn object(&self, plural: &str, key: &Key) -> Option<Value> {
        match plural {
            "pods" => {
                let id = self.pod_keys.get(key)?;
                self.pods.get(id).map(render::pod)
            }
            "nodes" => {
                let id = self.node_names.get(&key.name.as_str().parse().ok()?)?;
                self.nodes.get(id).map(render::node)
            }
            "poddisruptionbudgets" => {
                let id = self.budget_keys.get(key)?;
                self.budgets.get(id).map(render::budget)
            }
            "namespaces" => {
                let name = key.name.as_str().parse().ok()?;
                let state = self.namespaces.get(&name)?;
                Some(render::namespace(&name, state))
            }
            _ => {
                if let Some(kind) = workloads::kind_of(plural) {
                    let id = self.workload_keys.get(&workloads::key(kind, key)?)?;
                    return self.workloads.get(id).map(|w| self.render_workload(w));
                }
                let namespace = key
                    .namespace
                    .as_ref()
                    .map(refit_model::name::Namespace::as_str);
                self.objects(plural, namespace, None)
                    .into_iter()
                    .find(|(known, _)| known == key)
                    .map(|(_, object)| object)
            }
        }
    }

    /// The objects of a resource by key, in the order of the keys; of pods only
    /// those on `node` when it is given.
    fn objects(
        &self,
        plural: &str,
        namespace: Option<&str>,
        node: Option<&str>,
    ) -> BTreeMap<Key, Value> {
        let here = |key: &Key| {
            namespace.is_none_or(|wanted| {
                key.namespace
                    .as_ref()
                    .is_some_and(|found| found.as_str() == wanted)
            })
        };
        let unspaced = |name: &str| {
            Some(Key {
                namespace: None,
                name: name.parse().ok()?,
            })
        };
        match plural {
            "pods" => {
                let on_node = node.and_then(|node| node.parse().ok()).map(|node| {
                    self.node_names
                        .get(&node)
                        .and_then(|id| self.nodes.get(id))
                        .into_iter()
                        .flat_map(|node| node.pods.iter())
                        .filter_map(|id| self.pods.get(id))
                        .collect::<Vec<_>>()
                });
                on_node
                    .unwrap_or_else(|| self.pods.values().collect())
                    .into_iter()
                    .filter(|pod| here(&pod.key))
                    .map(|pod| (pod.key.clone(), render::pod(pod)))
                    .collect()
            }
            "nodes" => self
                .nodes
                .values()
                .filter_map(|node| Some((unspaced(node.name.as_str())?, render::node(node))))
                .collect(),
            "poddisruptionbudgets" => self
                .budgets
                .values()
                .filter(|budget| here(&budget.seen.key))
                .map(|budget| (budget.seen.key.clone(), render::budget(budget)))
                .collect(),
            "namespaces" => self
                .namespaces
                .iter()
                .filter_map(|(name, state)| {
                    Some((unspaced(name.as_str())?, render::namespace(name, state)))
                })
                .collect(),
            "services" => self
                .base
                .services
                .items
                .iter()
                .filter(|(key, _)| here(key))
                .map(|(key, service)| {
                    (key.clone(), render::service(key, service.selector.as_ref()))
                })
                .collect(),
            "customresourcedefinitions" => self
                .base
                .definitions
                .items
                .iter()
                .filter_map(|(name, seen)| {
                    Some((
                        unspaced(name.as_str())?,
                        render::definition(name.as_str(), seen),
                    ))
                })
                .collect(),
            "persistentvolumes" => self
                .pods
                .values()
                .filter_map(|pod| match &pod.seen.local_data {
                    LocalData::LocalVolume(node) => Some((
                        unspaced(&format!("pv-{}", pod.meta.uid))?,
                        render::volume(self, pod, node),
                    )),
                    LocalData::None | LocalData::EmptyDir => None,
                })
                .collect(),
            "validatingwebhookconfigurations" => self.webhooks(WebhookKind::Validating),
            "mutatingwebhookconfigurations" => self.webhooks(WebhookKind::Mutating),
            _ => match workloads::kind_of(plural) {
                Some(kind) => self
                    .workloads
                    .values()
                    .filter(|workload| workload.shown && workload.key.kind == kind)
                    .map(|workload| {
                        let key = Key::namespaced(
                            workload.key.namespace.clone(),
                            workload.key.name.clone(),
                        );
                        (key, workload)
                    })
                    .filter(|(key, _)| here(key))
                    .map(|(key, workload)| (key, self.render_workload(workload)))
                    .collect(),
                None => BTreeMap::new(),
            },
        }
    }

    fn webhooks(&self, kind: WebhookKind) -> BTreeMap<Key, Value> {
        let word = match kind {
            WebhookKind::Validating => "ValidatingWebhookConfiguration",
            WebhookKind::Mutating => "MutatingWebhookConfiguration",
        };
        let mut found: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for hook in self.hooks.values().filter(|hook| hook.kind == kind) {
            found.entry(&hook.configuration).or_default().push(hook);
        }
        found
            .into_iter()
            .filter_map(|(name, hooks)| {
                let key = Key {
                    namespace: None,
                    name: name.parse().ok()?,
                };
                Some((key, render::webhooks(word, name, &hooks)))
            })
            .collect()
    }
}

/// One term of a field selector.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FieldTerm {
    field: Field,
    equal: bool,
    value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Name,
    Namespace,
    NodeName,
    Phase,
}

impl FieldTerm {
    fn holds(&self, object: &Value) -> bool {
        let path = match self.field {
            Field::Name => "/metadata/name",
            Field::Namespace => "/metadata/namespace",
            Field::NodeName => "/spec/nodeName",
            Field::Phase => "/status/phase",
        };
        (parse::text(object, path).unwrap_or_default() == self.value) == self.equal
    }

    /// The node that the term demands.
    fn node(&self) -> Option<&str> {
        (self.field == Field::NodeName && self.equal && !self.value.is_empty())
            .then_some(self.value.as_str())
    }
}

fn field_selector(text: &str) -> Result<Vec<FieldTerm>, String> {
    text.split(',')
        .filter(|term| !term.is_empty())
        .map(|term| {
            let (field, equal, value) = if let Some((field, value)) = term.split_once("!=") {
                (field, false, value)
            } else if let Some((field, value)) = term.split_once('=') {
                (field, true, value.strip_prefix('=').unwrap_or(value))
            } else {
                return Err(format!("invalid selector: {term:?}"));
            };
            let field = match field {
                "metadata.name" => Field::Name,
                "metadata.namespace" => Field::Namespace,
                "spec.nodeName" => Field::NodeName,
                "status.phase" => Field::Phase,
                other => return Err(format!("field label not supported: {other}")),
            };
            Ok(FieldTerm {
                field,
                equal,
                value: value.to_owned(),
            })
        })
        .collect()
}

/// A label selector in the language of queries: `a=b,c!=d,e in (f,g),!h`.
fn label_selector(text: &str) -> Result<Selector, String> {
    let mut requirements = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        // A comma inside parentheses does not end a term.
        let mut depth = 0_usize;
        let end = rest
            .find(|c| {
                match c {
                    '(' => depth += 1,
                    ')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                c == ',' && depth == 0
            })
            .unwrap_or(rest.len());
        let (term, tail) = rest.split_at(end);
        requirements.push(requirement(term.trim())?);
        rest = tail.strip_prefix(',').unwrap_or(tail).trim_start();
    }
    Ok(Selector {
        match_labels: Labels::new(),
        match_expressions: requirements,
    })
}

fn requirement(term: &str) -> Result<Requirement, String> {
    let make = |key: &str, operator, values: Vec<String>| {
        let key = key.trim();
        if key.is_empty() || key.contains(char::is_whitespace) {
            return Err(format!("invalid selector: {term:?}"));
        }
        Ok(Requirement {
            key: key.to_owned(),
            operator,
            values,
        })
    };
    if let Some(key) = term.strip_prefix('!') {
        return make(key, Operator::DoesNotExist, Vec::new());
    }
    if let Some(inner) = term.strip_suffix(')') {
        let (head, values) = inner
            .split_once('(')
            .ok_or_else(|| format!("invalid selector: {term:?}"))?;
        let values = values.split(',').map(|v| v.trim().to_owned()).collect();
        let head = head.trim();
        return if let Some(key) = head.strip_suffix(" notin") {
            make(key, Operator::NotIn, values)
        } else if let Some(key) = head.strip_suffix(" in") {
            make(key, Operator::In, values)
        } else {
            Err(format!("invalid selector: {term:?}"))
        };
    }
    if let Some((key, value)) = term.split_once("!=") {
        return make(key, Operator::NotIn, vec![value.trim().to_owned()]);
    }
    if let Some((key, value)) = term.split_once('=') {
        let value = value.strip_prefix('=').unwrap_or(value);
        return make(key, Operator::In, vec![value.trim().to_owned()]);
    }
    make(term, Operator::Exists, Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, labels: &[(&str, &str)], expected: Option<bool>) {
        let labels = labels
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        let found = label_selector(text).ok().map(|s| s.matches(&labels));
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn label_selectors() {
        check("", &[], Some(true));
        check("a=1,b!=2", &[("a", "1")], Some(true));
        check("a==1", &[("a", "2")], Some(false));
        check("a in (1, 2),c", &[("a", "2"), ("c", "")], Some(true));
        check("a notin (1)", &[("a", "1")], Some(false));
        check("!a", &[("a", "1")], Some(false));
        check("a in 1", &[], None);
    }

    #[test]
    fn tokens_come_back() {
        assert_eq!(untoken(&token("a/b-1")).as_deref(), Some("a/b-1"));
        assert_eq!(untoken("zz"), None);
    }
}
