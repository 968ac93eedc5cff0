//! What the twin shows to a query: what was asked for, and gaps for the rest.

use crate::state::{Cluster, NodeState, PodId};
use refit_model::kubernetes::{ComponentKind, Kubernetes, Node, Pod, Workload};
use refit_model::name::{Key, NodeName};
use refit_model::query::Query;
use refit_model::seen::{Extent, Listing, Seen, Unseen};
use std::collections::{BTreeMap, BTreeSet};

impl Cluster {
    /// The Kubernetes side of the answer to `query`; `None` for questions about
    /// another side.
    pub(crate) fn observe(&self, query: &Query) -> Option<Kubernetes> {
        let mut seen = Kubernetes::unseen(&Unseen::NotAsked);
        match query {
            Query::Everything => {
                seen = self.base.clone();
                self.show_control_plane(&mut seen);
                seen.nodes = Listing::whole(self.show_nodes());
                seen.pods = Listing::whole(self.show_pods(self.pods.numbers()));
                seen.budgets.items = self.show_budgets();
                seen.budgets.extent = Extent::Whole;
                seen.workloads = Listing::whole(self.show_workloads());
                seen.etcd_snapshots = Seen::Is(self.etcd_snapshots.clone());
            }
            Query::ControlPlane => {
                seen.distribution = self.base.distribution.clone();
                self.show_control_plane(&mut seen);
            }
            Query::Nodes => seen.nodes = Listing::whole(self.show_nodes()),
            Query::Node(name) => {
                seen.nodes = Listing {
                    items: self
                        .node_names
                        .get(name)
                        .and_then(|id| self.nodes.get(id))
                        .map(|node| (name.clone(), show_node(node)))
                        .into_iter()
                        .collect(),
                    extent: Extent::Only(BTreeSet::from([name.clone()])),
                };
            }
            Query::PodsOn(name) => {
                seen.pods = Listing {
                    items: self.pods_on(name),
                    extent: Extent::Only(BTreeSet::from([name.clone()])),
                };
            }
            Query::Pods => seen.pods = Listing::whole(self.show_pods(self.pods.numbers())),
            Query::Budgets => seen.budgets = Listing::whole(self.show_budgets()),
            Query::Workloads => seen.workloads = Listing::whole(self.show_workloads()),
            Query::EtcdSnapshots => {
                seen.etcd_snapshots = Seen::Is(self.etcd_snapshots.clone());
            }
            Query::JujuModel
            | Query::JujuApplication(_)
            | Query::JujuApplications
            | Query::Look(_) => return None,
        }
        Some(seen)
    }

    fn show_control_plane(&self, seen: &mut Kubernetes) {
        // Behind a load balancer any API server may answer; the lowest is what
        // can be relied on.
        let lowest = self
            .components
            .iter()
            .filter(|(key, _)| key.kind == ComponentKind::KubeApiserver)
            .filter_map(|(_, component)| component.version.get())
            .min();
        seen.server = lowest.map_or_else(
            || self.base.server.clone(),
            |version| Seen::Is(version.clone()),
        );
        seen.components = Listing {
            items: self.components.clone(),
            extent: self.base.components.extent.clone(),
        };
    }

    fn show_nodes(&self) -> BTreeMap<NodeName, Node> {
        self.nodes
            .values()
            .map(|node| (node.name.clone(), show_node(node)))
            .collect()
    }

    fn pods_on(&self, name: &NodeName) -> BTreeMap<Key, Pod> {
        let ids = self
            .node_names
            .get(name)
            .and_then(|id| self.nodes.get(id))
            .map(|node| &node.pods);
        self.show_pods(ids.into_iter().flatten().copied())
    }

    fn show_pods(&self, ids: impl Iterator<Item = PodId>) -> BTreeMap<Key, Pod> {
        ids.filter_map(|id| self.pods.get(&id))
            .map(|pod| (pod.key.clone(), pod.seen.clone()))
            .collect()
    }

    fn show_budgets(&self) -> BTreeMap<Key, refit_model::budget::Budget> {
        self.budgets
            .values()
            .map(|budget| (budget.seen.key.clone(), budget.seen.clone()))
            .collect()
    }

    fn show_workloads(&self) -> BTreeMap<refit_model::kubernetes::WorkloadKey, Workload> {
        self.workloads
            .values()
            .filter(|workload| workload.shown)
            .map(|workload| {
                let seen = Workload {
                    ready: Seen::Is(workload.ready),
                    ..workload.seen.clone()
                };
                (workload.key.clone(), seen)
            })
            .collect()
    }
}

fn show_node(node: &NodeState) -> Node {
    node.seen.clone()
}
