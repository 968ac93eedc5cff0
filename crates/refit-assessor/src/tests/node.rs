//! Nodes and components.

use super::*;

#[test]
fn nodes_that_are_not_ready_or_cordoned() {
    let mut kubernetes = cluster("1.35.8");
    let mut insert = |name: &str, change: fn(&mut Node)| {
        let mut node = node("1.35.8");
        change(&mut node);
        kubernetes.nodes.items.insert(name.parse().unwrap(), node);
    };
    insert("cp-1", |node| {
        node.role = Seen::Is(NodeRole::ControlPlane);
        node.ready = Seen::Is(false);
    });
    insert("w-1", |node| node.ready = Seen::Is(false));
    insert("w-2", |node| node.cordon = Seen::Is(Cordon::Theirs));
    insert("w-3", |node| node.cordon = Seen::Is(Cordon::Ours));
    insert("w-4", |_| {});
    check(
        &snapshot(Some(kubernetes)),
        "1.36",
        'N',
        &[
            "blocking RFN101 Node cp-1",
            "warning RFN101 Node w-1",
            "info RFN102 Node w-2",
        ],
    );
}

#[test]
fn a_component_that_is_not_ready() {
    let mut kubernetes = cluster("1.35.8");
    let etcd = Component {
        ready: Seen::Is(false),
        ..component("3.6.6-0")
    };
    let key = "cp-1/etcd".parse().unwrap();
    kubernetes.components.items.insert(key, etcd);
    check(
        &snapshot(Some(kubernetes)),
        "1.36",
        'C',
        &["blocking RFC115 Component cp-1/etcd"],
    );
}
