//! What an object is, it shows by its own marks, and not by what it lies beside:
//! one object of a server among manifests takes nothing away from them.

#![cfg(test)]

mod reading;

use reading::{kubernetes, one};
use refit_model::kubernetes::Kubernetes;
use refit_model::object::EvidenceTier;

/// A budget and what it counts, as people write them.
const WRITTEN: &str = "\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {maxUnavailable: 0, selector: {matchLabels: {app: web}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {replicas: 3, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}}
";

fn beside(other: &str) -> Kubernetes {
    let reading = one("all.yaml", &format!("{WRITTEN}---\n{other}"));
    kubernetes(&reading).clone()
}

/// How many budgets, workloads, Services and nodes are judged.
fn judged(side: &Kubernetes) -> [usize; 4] {
    [
        side.budgets.items.len(),
        side.workloads.items.len(),
        side.services.items.len(),
        side.nodes.items.len(),
    ]
}

#[test]
fn manifests_are_judged_whatever_lies_beside_them() {
    let node = "apiVersion: v1\nkind: Node\nmetadata: {name: n1";
    for (what, other, expected) in [
        ("a node that somebody wrote", format!("{node}}}\n"), 0),
        ("an empty status", format!("{node}}}\nstatus: {{}}\n"), 0),
        ("a node of a server", format!("{node}, uid: u-1}}\n"), 1),
        (
            "a node of a server without its identity",
            format!("{node}}}\nstatus: {{nodeInfo: {{kubeletVersion: v1.33.1}}}}\n"),
            1,
        ),
        (
            "a revision",
            format!("{node}, resourceVersion: \"7\"}}\n"),
            1,
        ),
        (
            "who wrote it",
            format!("{node}, managedFields: [{{manager: kubelet}}]}}\n"),
            1,
        ),
    ] {
        assert_eq!(judged(&beside(&other)), [1, 1, 1, expected], "{what}");
    }
}

#[test]
fn what_a_cluster_lists_is_all_it_has_whatever_somebody_wrote() {
    let list = "\
apiVersion: v1
kind: List
items:
- apiVersion: policy/v1
  kind: PodDisruptionBudget
  metadata: {name: a, namespace: one, uid: u-1}
- apiVersion: policy/v1
  kind: PodDisruptionBudget
  metadata: {name: b, namespace: two, uid: u-2}
";
    // The budgets are those of the cluster; nobody listed what it runs.
    assert_eq!(judged(&beside(list)), [2, 1, 1, 0]);
    // The cluster's own object is what it has of that name.
    let own = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop, uid: u-3}\nspec: {replicas: 9}\nstatus: {readyReplicas: 9}\n";
    let side = beside(&format!("{own}---\n{list}"));
    assert_eq!(judged(&side), [2, 1, 1, 0]);
    let workload = side.workloads.items.values().next().unwrap();
    assert_eq!(workload.replicas, Some(9));
}

#[test]
fn each_document_is_evidence_of_its_own_kind() {
    let side = beside("apiVersion: v1\nkind: Node\nmetadata: {name: n1, uid: u-1}\n");
    let tier = |kind: &str| {
        let mut uses = side.api_uses.iter();
        uses.find(|used| used.api.kind == kind).unwrap().tier
    };
    assert_eq!(tier("Node"), EvidenceTier::LiveObject);
    assert_eq!(tier("PodDisruptionBudget"), EvidenceTier::Manifest);
}
