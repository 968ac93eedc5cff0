//! The listings of a cluster in the making.

use super::coverage::Coverage;
use super::kinds::Kind;
use super::lineage::Lineages;
use super::{
    Refused, api_service, budget, definition, field, node, pod, service, webhook, workload,
};
use refit_model::budget::Budget;
use refit_model::kubernetes::{
    ApiService, Definition, Node, Pod, Service, Webhook, WebhookKey, WebhookKind, Workload,
    WorkloadKey, WorkloadKind,
};
use refit_model::name::{Key, Namespace, NodeName, ObjectName};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The listings in the making.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) nodes: BTreeMap<NodeName, Node>,
    pub(super) pods: BTreeMap<Key, Pod>,
    pub(super) claims: BTreeMap<Key, Vec<ObjectName>>,
    pub(super) workloads: BTreeMap<WorkloadKey, Workload>,
    pub(super) budgets: BTreeMap<Key, Budget>,
    pub(super) webhooks: BTreeMap<WebhookKey, Webhook>,
    pub(super) definitions: BTreeMap<ObjectName, Definition>,
    pub(super) api_services: BTreeMap<ObjectName, ApiService>,
    pub(super) services: BTreeMap<Key, Service>,
}

impl Parts {
    /// Joins the listings of others. Item by item: `append` builds the whole map
    /// anew, which made a folder of manifests, joined one by one, take fifteen
    /// times as long.
    pub(super) fn absorb(&mut self, other: Self) {
        self.nodes.extend(other.nodes);
        self.pods.extend(other.pods);
        self.claims.extend(other.claims);
        self.workloads.extend(other.workloads);
        self.budgets.extend(other.budgets);
        self.webhooks.extend(other.webhooks);
        self.definitions.extend(other.definitions);
        self.api_services.extend(other.api_services);
        self.services.extend(other.services);
    }

    /// Lets go of everything that is of one of `kinds`.
    pub(super) fn leave_out(&mut self, kinds: impl Fn(Kind) -> bool) {
        fn keep<K: Ord, V>(items: &mut BTreeMap<K, V>, kind_of: impl Fn(&K) -> bool) {
            items.retain(|key, _| !kind_of(key));
        }
        keep(&mut self.nodes, |_| kinds(Kind::Node));
        keep(&mut self.pods, |_| kinds(Kind::Pod));
        keep(&mut self.claims, |_| kinds(Kind::Pod));
        keep(&mut self.workloads, |key| kinds(workload_kind(key.kind)));
        keep(&mut self.budgets, |_| kinds(Kind::Budget));
        keep(&mut self.webhooks, |key| kinds(webhook_kind(key.kind)));
        keep(&mut self.definitions, |_| kinds(Kind::Definition));
        keep(&mut self.api_services, |_| kinds(Kind::ApiService));
        keep(&mut self.services, |_| kinds(Kind::Service));
    }

    /// Distils one object of kind `kind`.
    pub(super) fn add(&mut self, kind: Kind, object: &Value) -> Result<(), Refused> {
        match kind {
            Kind::Node => {
                let (name, node) = node::node(object)?;
                self.nodes.insert(name, node);
            }
            Kind::Pod => {
                let (key, pod) = pod::pod(object)?;
                let claims: Vec<_> = pod::claims(object).collect();
                if !claims.is_empty() {
                    self.claims.insert(key.clone(), claims);
                }
                self.pods.insert(key, pod);
            }
            Kind::Deployment
            | Kind::ReplicaSet
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::Job
            | Kind::ReplicationController => {
                if let Some(kind) = workload::kind_of(&field::api(object)?) {
                    let (key, workload) = workload::workload(kind, object)?;
                    self.workloads.insert(key, workload);
                }
            }
            Kind::Budget => {
                let budget = budget::budget(object)?;
                self.budgets.insert(budget.key.clone(), budget);
            }
            Kind::Validating => {
                self.webhooks
                    .extend(webhook::webhooks(WebhookKind::Validating, object)?);
            }
            Kind::Mutating => {
                self.webhooks
                    .extend(webhook::webhooks(WebhookKind::Mutating, object)?);
            }
            Kind::Definition => {
                let (name, definition) = definition::definition(object)?;
                self.definitions.insert(name, definition);
            }
            Kind::ApiService => {
                let (name, service) = api_service::api_service(object)?;
                self.api_services.insert(name, service);
            }
            Kind::Service => {
                let (key, service) = service::service(object)?;
                self.services.insert(key, service);
            }
            // Nothing of a Secret is kept.
            Kind::Secret => {}
        }
        Ok(())
    }

    /// Gives pods and workloads the applications of their owners.
    pub(super) fn inherit(&mut self, lineages: &Lineages) {
        for (key, pod) in &mut self.pods {
            let owner = pod.owner.as_ref().map(|owner| owner.uid.as_str());
            pod.application = lineages.application(key, pod.application.clone(), owner);
        }
        for (key, workload) in &mut self.workloads {
            let owner = workload.owner.as_ref().map(|owner| owner.uid.as_str());
            let key = Key::namespaced(key.namespace.clone(), key.name.clone());
            workload.application = lineages.application(&key, workload.application.clone(), owner);
        }
    }

    /// Takes back the completeness of listings that other objects contradict.
    pub(super) fn contradictions(&self, coverage: &mut Coverage) {
        let is_known = |node: &NodeName| self.nodes.contains_key(node);
        if !self
            .pods
            .values()
            .filter_map(|pod| pod.node.as_ref())
            .all(is_known)
        {
            coverage.contradict(Kind::Node);
        }
        let inhabited: BTreeSet<Option<&Namespace>> =
            self.pods.keys().map(|key| key.namespace.as_ref()).collect();
        if self.workloads.iter().any(|(key, workload)| {
            workload.ready.get().is_some_and(|ready| *ready > 0)
                && !inhabited.contains(&Some(&key.namespace))
        }) {
            coverage.contradict(Kind::Pod);
        }
        let listed: BTreeSet<(Kind, &Namespace)> = self
            .workloads
            .keys()
            .map(|key| (workload_kind(key.kind), &key.namespace))
            .collect();
        for (key, pod) in &self.pods {
            let owner = pod
                .owner
                .as_ref()
                .and_then(|owner| workload::kind_of(&owner.api));
            if let (Some(kind), Some(namespace)) = (owner, &key.namespace)
                && !listed.contains(&(workload_kind(kind), namespace))
            {
                coverage.contradict(workload_kind(kind));
            }
        }
    }

    /// The kinds whose lists make the workloads whole. Jobs and replication
    /// controllers matter to an upgrade through their pods alone: their lists
    /// are needed when a pod or another workload is owned by one.
    pub(super) fn needed_workloads(&self) -> Vec<Kind> {
        let mut needed = vec![
            Kind::Deployment,
            Kind::ReplicaSet,
            Kind::StatefulSet,
            Kind::DaemonSet,
        ];
        let owners = self.pods.values().filter_map(|pod| pod.owner.as_ref());
        let kinds: BTreeSet<Kind> = owners
            .filter_map(|owner| workload::kind_of(&owner.api))
            .map(workload_kind)
            .collect();
        let seldom = [Kind::Job, Kind::ReplicationController];
        needed.extend(seldom.into_iter().filter(|kind| kinds.contains(kind)));
        needed
    }
}

pub(super) const fn workload_kind(kind: WorkloadKind) -> Kind {
    match kind {
        WorkloadKind::Deployment => Kind::Deployment,
        WorkloadKind::ReplicaSet => Kind::ReplicaSet,
        WorkloadKind::StatefulSet => Kind::StatefulSet,
        WorkloadKind::DaemonSet => Kind::DaemonSet,
        WorkloadKind::Job => Kind::Job,
        WorkloadKind::ReplicationController => Kind::ReplicationController,
    }
}

const fn webhook_kind(kind: WebhookKind) -> Kind {
    match kind {
        WebhookKind::Validating => Kind::Validating,
        WebhookKind::Mutating => Kind::Mutating,
    }
}
