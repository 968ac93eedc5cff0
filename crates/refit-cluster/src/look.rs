//! From a query to requests, and from answers to a snapshot that says how far
//! the looking went.

use crate::collection::{self, Collection};
use crate::decode::{self, Decoder};
use crate::list::{Listed, Set, list};
use crate::text;
use crate::wire::{Ask, Refused, Wire};
use refit_model::kubernetes::Kubernetes;
use refit_model::name::{ClusterId, NodeName};
use refit_model::query::Query;
use refit_model::seen::{Extent, Listing, Seen, Unseen};
use refit_model::snapshot::{Area, ClusterIdentity, Gap, IdentityBasis, Snapshot};
use refit_model::version::KubeVersion;
use refit_sources::kube::link;
use serde_json::Value;
use std::collections::BTreeSet;

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
        gaps: Vec::new(),
    };
    match query {
        // The survey's business, and that of programs.
        Query::Everything | Query::Look(_) => {}
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

/// What the API server says that it is.
pub(crate) async fn server(wire: &Wire) -> Result<KubeVersion, Gap> {
    let answer = wire.read(&Ask::get("/version", &[])).await;
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
    version.map_err(|why| Gap {
        area: Area::ControlPlane,
        what: "the API server's version".to_owned(),
        why,
        command: Some("kubectl version -o json".to_owned()),
    })
}

/// What no Kubernetes API shows.
pub(crate) fn etcd_gap() -> Gap {
    Gap {
        area: Area::Backups,
        what: "copies of etcd, which the Kubernetes API does not know of".to_owned(),
        why: Unseen::NotInSource,
        command: None,
    }
}

struct Look<'a> {
    wire: &'a Wire,
    kubernetes: Kubernetes,
    gaps: Vec<Gap>,
}

impl Look<'_> {
    async fn control_plane(&mut self) {
        self.server().await;
        let pods = self
            .collect(
                &collection::CONTROL_PLANE,
                &[CONTROL_PLANE_PODS],
                &decode::pod,
            )
            .await;
        self.kubernetes.components = link::components(&keyed(pods, Extent::Whole));
    }

    async fn server(&mut self) {
        self.kubernetes.server = match server(self.wire).await {
            Ok(version) => Seen::Is(version),
            Err(gap) => {
                let why = gap.why.clone();
                self.gaps.push(gap);
                Seen::Gap(why)
            }
        };
    }

    async fn nodes(&mut self) {
        let nodes = self.collect(&collection::NODES, &[], &decode::node).await;
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
                items: found.into_iter().collect(),
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
            .collect(&collection::PODS, &selectors, &decode::pod)
            .await;
        self.kubernetes.pods = keyed(pods, Extent::Only(BTreeSet::from([node.clone()])));
    }

    async fn pods(&mut self) {
        let pods = self.collect(&collection::PODS, &[], &decode::pod).await;
        self.kubernetes.pods = keyed(pods, Extent::Whole);
    }

    async fn budgets(&mut self) {
        let budgets = self
            .collect(&collection::BUDGETS, &[], &decode::budget)
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
            let mut part = self.collect(collection, &[], &decoder).await;
            all.items.append(&mut part.items);
            all.hole = all.hole.or(part.hole);
        }
        self.kubernetes.workloads = keyed(all, Extent::Whole);
    }

    fn etcd_snapshots(&mut self) {
        self.kubernetes.etcd_snapshots = Seen::Gap(Unseen::NotInSource);
        self.gaps.push(etcd_gap());
    }

    /// Reads one collection, and tells of a hole in it.
    async fn collect<T: Send>(
        &mut self,
        collection: &Collection,
        selectors: &[(&str, &str)],
        decoder: &Decoder<T>,
    ) -> Listed<T> {
        let path = collection.path();
        let listed = list(self.wire, &Set::of(&path, selectors), decoder).await;
        self.tell(collection, listed.hole.as_ref());
        listed
    }

    fn tell(&mut self, collection: &Collection, hole: Option<&Unseen>) {
        if let Some(why) = hole {
            self.gap(
                collection.area,
                collection.what,
                why.clone(),
                Some(&collection.command()),
            );
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
