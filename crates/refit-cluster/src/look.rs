//! From a query to requests, and from answers to a snapshot that says how far
//! the looking went.

use crate::decode::{self, Decoder};
use crate::list::{Listed, PAGE, Set, list};
use crate::text;
use crate::wire::{Ask, Refused, Wire};
use refit_model::kubernetes::{Distribution, Kubernetes};
use refit_model::name::{ClusterId, NodeName};
use refit_model::query::Query;
use refit_model::seen::{Extent, Listing, Seen, Unseen};
use refit_model::snapshot::{Area, ClusterIdentity, Gap, IdentityBasis, Snapshot};
use refit_model::version::KubeVersion;
use refit_sources::kube::{distribution, link};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Definitions carry whole schemas, of up to a mebibyte each: fewer to a page.
const DEFINITIONS_PAGE: u32 = 25;

/// The label that kubeadm and its like give to the control plane's static pods.
const CONTROL_PLANE_PODS: (&str, &str) = ("labelSelector", "tier=control-plane");

/// Who the cluster is, by the UID of its `kube-system` namespace.
pub(crate) async fn identity(wire: &Wire, name: &str) -> Result<ClusterIdentity, Gap> {
    let answer = wire
        .read(&Ask::get("/api/v1/namespaces/kube-system", &[]))
        .await;
    let uid = answer.map_err(Unseen::from).and_then(|namespace| {
        namespace
            .pointer("/metadata/uid")
            .and_then(Value::as_str)
            .and_then(|uid| ClusterId::new(uid).ok())
            .ok_or_else(|| Unseen::Failed("the namespace has no UID".to_owned()))
    });
    match uid {
        Ok(id) => Ok(ClusterIdentity {
            name: if name.is_empty() {
                id.as_str().to_owned()
            } else {
                name.to_owned()
            },
            id,
            basis: IdentityBasis::KubeSystemUid,
        }),
        Err(why) => Err(Gap {
            area: Area::ControlPlane,
            what: "the cluster's identity, the UID of namespace kube-system".to_owned(),
            why,
            command: Some("kubectl get namespace kube-system -o yaml".to_owned()),
        }),
    }
}

/// A cluster that never said who it is. Its name is no proof of anything: plans
/// are made for an identity, and this is none.
pub(crate) fn unidentified(name: &str) -> ClusterIdentity {
    const NOBODY: &str = "unidentified";
    let id = ClusterId::new(format!("{NOBODY}:{name}")).or_else(|_| ClusterId::new(NOBODY));
    #[expect(clippy::expect_used, reason = "the constant keeps the rule of names")]
    let id = id.expect("a plain word is a name");
    ClusterIdentity {
        name: if name.is_empty() { NOBODY } else { name }.to_owned(),
        id,
        basis: IdentityBasis::Given,
    }
}

/// Looks for what `query` asks and fills `snapshot` with it.
pub(crate) async fn look(wire: &Wire, query: &Query, snapshot: &mut Snapshot) {
    let mut look = Look {
        wire,
        kubernetes: Kubernetes::unseen(&Unseen::NotAsked),
        mark: None,
        gaps: Vec::new(),
    };
    match query {
        Query::Everything => look.everything().await,
        Query::ControlPlane => look.control_plane().await,
        Query::Nodes => look.nodes().await,
        Query::Node(name) => look.node(name).await,
        Query::PodsOn(node) => look.pods_on(node).await,
        Query::Pods => look.pods().await,
        Query::Budgets => look.budgets().await,
        Query::Workloads => look.workloads().await,
        Query::EtcdSnapshots => look.etcd_snapshots(),
        Query::JujuModel | Query::JujuApplication(_) | Query::JujuApplications => {
            snapshot.gaps.push(Gap {
                area: Area::Juju,
                what: "the Juju model".to_owned(),
                why: Unseen::Failed("the Kubernetes API does not know of Juju".to_owned()),
                command: Some("juju status --format json".to_owned()),
            });
            return;
        }
    }
    snapshot.gaps.append(&mut look.gaps);
    snapshot.kubernetes = Some(look.kubernetes);
}

struct Look<'a> {
    wire: &'a Wire,
    kubernetes: Kubernetes,
    mark: Option<Distribution>,
    gaps: Vec<Gap>,
}

/// A collection, and what people call it.
struct Collection {
    path: &'static str,
    area: Area,
    what: &'static str,
    command: &'static str,
}

/// The collections that are read, each at the newest version that is not
/// deprecated. Source: the API lifecycle table; all of these are `v1` and have
/// been served since 1.21 at the latest.
mod collection {
    use super::{Area, Collection};
    use refit_model::kubernetes::{WebhookKind, WorkloadKind};

    pub(super) const NODES: Collection = Collection {
        path: "/api/v1/nodes",
        area: Area::Nodes,
        what: "the nodes",
        command: "kubectl get nodes -o json",
    };
    pub(super) const PODS: Collection = Collection {
        path: "/api/v1/pods",
        area: Area::Workloads,
        what: "the pods",
        command: "kubectl get pods -A -o json",
    };
    pub(super) const CONTROL_PLANE: Collection = Collection {
        path: "/api/v1/namespaces/kube-system/pods",
        area: Area::ControlPlane,
        what: "the pods of the control plane",
        command: "kubectl get pods -n kube-system -l tier=control-plane -o json",
    };
    pub(super) const BUDGETS: Collection = Collection {
        path: "/apis/policy/v1/poddisruptionbudgets",
        area: Area::Budgets,
        what: "the disruption budgets",
        command: "kubectl get poddisruptionbudgets -A -o json",
    };
    /// The two kinds of admission webhook.
    pub(super) const WEBHOOKS: [(WebhookKind, Collection); 2] = [
        (
            WebhookKind::Validating,
            Collection {
                path: "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
                area: Area::Webhooks,
                what: "the validating webhooks",
                command: "kubectl get validatingwebhookconfigurations -o json",
            },
        ),
        (
            WebhookKind::Mutating,
            Collection {
                path: "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
                area: Area::Webhooks,
                what: "the mutating webhooks",
                command: "kubectl get mutatingwebhookconfigurations -o json",
            },
        ),
    ];
    pub(super) const DEFINITIONS: Collection = Collection {
        path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        area: Area::Definitions,
        what: "the custom resource definitions",
        command: "kubectl get customresourcedefinitions -o json",
    };
    pub(super) const SERVICES: Collection = Collection {
        path: "/api/v1/services",
        area: Area::Webhooks,
        what: "the Services",
        command: "kubectl get services -A -o json",
    };
    pub(super) const VOLUMES: Collection = Collection {
        path: "/api/v1/persistentvolumes",
        area: Area::Workloads,
        what: "the persistent volumes, which bind pods to nodes",
        command: "kubectl get persistentvolumes -o json",
    };
    /// What makes pods.
    pub(super) const WORKLOADS: [(WorkloadKind, Collection); 6] = [
        (
            WorkloadKind::Deployment,
            Collection {
                path: "/apis/apps/v1/deployments",
                area: Area::Workloads,
                what: "the Deployments",
                command: "kubectl get deployments -A -o json",
            },
        ),
        (
            WorkloadKind::ReplicaSet,
            Collection {
                path: "/apis/apps/v1/replicasets",
                area: Area::Workloads,
                what: "the ReplicaSets",
                command: "kubectl get replicasets -A -o json",
            },
        ),
        (
            WorkloadKind::StatefulSet,
            Collection {
                path: "/apis/apps/v1/statefulsets",
                area: Area::Workloads,
                what: "the StatefulSets",
                command: "kubectl get statefulsets -A -o json",
            },
        ),
        (
            WorkloadKind::DaemonSet,
            Collection {
                path: "/apis/apps/v1/daemonsets",
                area: Area::Workloads,
                what: "the DaemonSets",
                command: "kubectl get daemonsets -A -o json",
            },
        ),
        (
            WorkloadKind::Job,
            Collection {
                path: "/apis/batch/v1/jobs",
                area: Area::Workloads,
                what: "the Jobs",
                command: "kubectl get jobs -A -o json",
            },
        ),
        (
            WorkloadKind::ReplicationController,
            Collection {
                path: "/api/v1/replicationcontrollers",
                area: Area::Workloads,
                what: "the ReplicationControllers",
                command: "kubectl get replicationcontrollers -A -o json",
            },
        ),
    ];
}

impl Look<'_> {
    async fn everything(&mut self) {
        self.server().await;
        self.nodes().await;
        self.pods_and_volumes().await;
        self.budgets().await;
        self.workloads().await;
        self.webhooks().await;
        let definitions = self
            .collect(
                &collection::DEFINITIONS,
                &[],
                DEFINITIONS_PAGE,
                &decode::definition,
            )
            .await;
        self.kubernetes.definitions = keyed(definitions, Extent::Whole);
        let services = self
            .collect(&collection::SERVICES, &[], PAGE, &decode::service)
            .await;
        self.kubernetes.services = keyed(services, Extent::Whole);
        self.distribution();
        self.gap(
            Area::Releases,
            "the Helm releases, which Helm keeps in Secrets",
            Unseen::NotAsked,
            Some("kubectl get secrets -A -l owner=helm -o json"),
        );
        self.gap(
            Area::Apis,
            "objects of other kinds, and the API versions they were written through",
            Unseen::NotAsked,
            None,
        );
        self.etcd_snapshots();
        self.kubernetes.api_uses.sort();
        self.kubernetes.api_uses.dedup();
    }

    async fn control_plane(&mut self) {
        self.server().await;
        let pods = self
            .collect(
                &collection::CONTROL_PLANE,
                &[CONTROL_PLANE_PODS],
                PAGE,
                &decode::pod,
            )
            .await;
        self.kubernetes.components = link::components(&keyed(pods, Extent::Whole));
        self.distribution();
    }

    /// Who built the cluster: what its objects say, else what its versions do.
    fn distribution(&mut self) {
        let found = self
            .mark
            .or_else(|| distribution::by_version(&self.kubernetes));
        self.kubernetes.distribution = Seen::from_source(found);
    }

    async fn server(&mut self) {
        let answer = self.wire.read(&Ask::get("/version", &[])).await;
        let version = answer.map_err(Unseen::from).and_then(|answer| {
            let text = answer.get("gitVersion").and_then(Value::as_str);
            text.and_then(|text| text.parse::<KubeVersion>().ok())
                .ok_or_else(|| {
                    Unseen::Failed(format!(
                        "the API server names its version {:?}",
                        text::cut(text.unwrap_or_default())
                    ))
                })
        });
        self.kubernetes.server = match version {
            Ok(version) => Seen::Is(version),
            Err(why) => {
                self.gap(
                    Area::ControlPlane,
                    "the API server's version",
                    why.clone(),
                    Some("kubectl version -o json"),
                );
                Seen::Gap(why)
            }
        };
    }

    async fn nodes(&mut self) {
        let nodes = self
            .collect(&collection::NODES, &[], PAGE, &decode::node)
            .await;
        self.kubernetes.nodes = keyed(nodes, Extent::Whole);
    }

    async fn node(&mut self, name: &NodeName) {
        let path = format!("/api/v1/nodes/{}", text::encoded(name.as_str()));
        let only = Extent::Only(BTreeSet::from([name.clone()]));
        let found = match self.wire.read(&Ask::get(&path, &[])).await {
            Ok(object) => decode::node(&object).map(Some).map_err(Unseen::Failed),
            Err(Refused::NotThere(_)) => Ok(None),
            Err(refused) => Err(refused.into()),
        };
        self.kubernetes.nodes = match found {
            Ok(found) => Listing {
                items: found.into_iter().map(|decoded| decoded.thing).collect(),
                extent: only,
            },
            Err(why) => {
                self.gap(
                    Area::Nodes,
                    &format!("node {name}"),
                    why.clone(),
                    Some(&format!("kubectl get node {name} -o yaml")),
                );
                Listing::unseen(why)
            }
        };
    }

    async fn pods_on(&mut self, node: &NodeName) {
        let selector = format!("spec.nodeName={}", text::selected(node.as_str()));
        let selectors = [("fieldSelector", selector.as_str())];
        let pods = self
            .collect(&collection::PODS, &selectors, PAGE, &decode::pod)
            .await;
        self.kubernetes.pods = keyed(pods, Extent::Only(BTreeSet::from([node.clone()])));
    }

    async fn pods(&mut self) {
        let pods = self
            .collect(&collection::PODS, &[], PAGE, &decode::pod)
            .await;
        self.kubernetes.pods = keyed(pods, Extent::Whole);
    }

    /// Every pod, what some of them say of the control plane and of the nodes
    /// they run on, and the local volumes that bind others to a node.
    async fn pods_and_volumes(&mut self) {
        let found = self
            .collect(&collection::PODS, &[], PAGE, &decode::claiming_pod)
            .await;
        let mut claims = BTreeMap::new();
        let mut items = Vec::new();
        for ((key, pod), claimed) in found.items {
            if !claimed.is_empty() {
                claims.insert(key.clone(), claimed);
            }
            items.push((key, pod));
        }
        let hole = found.hole;
        let mut pods = keyed(Listed { items, hole }, Extent::Whole);
        self.kubernetes.components = link::components(&pods);
        link::proxies(&mut self.kubernetes.nodes.items, &pods);
        let volumes = self
            .collect(&collection::VOLUMES, &[], PAGE, &decode::local_volume)
            .await;
        let local: Vec<_> = volumes.items.into_iter().flatten().collect();
        link::volumes(
            &mut pods.items,
            &claims,
            &local,
            &self.kubernetes.nodes.items,
        );
        self.kubernetes.pods = pods;
    }

    async fn budgets(&mut self) {
        let budgets = self
            .collect(&collection::BUDGETS, &[], PAGE, &decode::budget)
            .await;
        self.kubernetes.budgets = keyed(budgets, Extent::Whole);
    }

    async fn workloads(&mut self) {
        let mut all = Listed {
            items: Vec::new(),
            hole: None,
        };
        for (kind, collection) in &collection::WORKLOADS {
            let decoder = |object: &Value| decode::workload(*kind, object);
            let mut part = self.collect(collection, &[], PAGE, &decoder).await;
            all.items.append(&mut part.items);
            all.hole = all.hole.or(part.hole);
        }
        self.kubernetes.workloads = keyed(all, Extent::Whole);
    }

    async fn webhooks(&mut self) {
        let mut all = Listed {
            items: Vec::new(),
            hole: None,
        };
        for (kind, collection) in &collection::WEBHOOKS {
            let decoder = |object: &Value| decode::webhooks(*kind, object);
            let part = self.collect(collection, &[], PAGE, &decoder).await;
            all.items.extend(part.items.into_iter().flatten());
            all.hole = all.hole.or(part.hole);
        }
        self.kubernetes.webhooks = keyed(all, Extent::Whole);
    }

    fn etcd_snapshots(&mut self) {
        self.kubernetes.etcd_snapshots = Seen::Gap(Unseen::NotInSource);
        self.gap(
            Area::Backups,
            "copies of etcd, which the Kubernetes API does not know of",
            Unseen::NotInSource,
            None,
        );
    }

    /// Reads one collection, keeps what its objects say of API versions, and
    /// tells of a hole.
    async fn collect<T: Send>(
        &mut self,
        collection: &Collection,
        selectors: &[(&str, &str)],
        page: u32,
        decoder: &Decoder<T>,
    ) -> Listed<T> {
        let set = Set {
            path: collection.path,
            selectors,
            page,
        };
        let listed = list(self.wire, &set, decoder).await;
        if let Some(why) = &listed.hole {
            self.gap(
                collection.area,
                collection.what,
                why.clone(),
                Some(collection.command),
            );
        }
        let mut items = Vec::with_capacity(listed.items.len());
        for decoded in listed.items {
            self.mark = self.mark.or(decoded.mark);
            self.kubernetes.api_uses.extend(decoded.uses);
            items.push(decoded.thing);
        }
        Listed {
            items,
            hole: listed.hole,
        }
    }

    fn gap(&mut self, area: Area, what: &str, why: Unseen, command: Option<&str>) {
        self.gaps.push(Gap {
            area,
            what: what.to_owned(),
            why,
            command: command.map(str::to_owned),
        });
    }
}

/// A listing of what was read, as wide as `extent` unless there is a hole in it.
fn keyed<K: Ord, V, By>(listed: Listed<(K, V)>, extent: Extent<By>) -> Listing<K, V, By> {
    Listing {
        items: listed.items.into_iter().collect(),
        extent: listed.hole.map_or(extent, Extent::Part),
    }
}
