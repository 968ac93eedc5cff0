//! Findings about what stands beside the API server and the workloads, and
//! about what an upgrade leaves alone.

use super::*;
use refit_model::kubernetes::{
    ApiService, Conversion, Definition, Pressure, ServerWarning, Service,
};
use refit_model::snapshot::Area;

#[test]
fn nodes_under_pressure() {
    let mut kubernetes = cluster("1.35.8");
    let mut short = node("1.35.8");
    short.pressures.extend([Pressure::Disk, Pressure::Memory]);
    for (name, node) in [("w-1", short), ("w-2", node("1.35.8"))] {
        kubernetes.nodes.items.insert(name.parse().unwrap(), node);
    }
    let found = check(
        &snapshot(Some(kubernetes)),
        "1.36",
        'N',
        &["warning RFN103 Node w-1"],
    );
    assert_eq!(
        found[0].title,
        "the node w-1 reports MemoryPressure, DiskPressure"
    );
}

#[test]
fn aggregated_apis() {
    let mut kubernetes = cluster("1.35.8");
    let mut add = |name: &str, service: Option<&str>, available: Seen<bool>| {
        let seen = ApiService {
            group: "metrics.k8s.io".to_owned(),
            version: "v1beta1".to_owned(),
            service: service.map(key),
            available,
            because: "MissingEndpoints: no endpoints".to_owned(),
        };
        let services = &mut kubernetes.api_services.items;
        services.insert(name.parse().unwrap(), seen);
    };
    add("up", Some("kube-system/metrics"), Seen::Is(true));
    add("down", Some("kube-system/metrics"), Seen::Is(false));
    add("local", None, Seen::Gap(Unseen::NotInSource));
    add("unknown", Some("a/b"), Seen::Gap(Unseen::NotInSource));
    kubernetes.server_warnings.push(ServerWarning {
        path: "/apis/example.org/v1beta1/berths".to_owned(),
        text: "example.org/v1beta1 Berth is deprecated".to_owned(),
    });
    let snapshot = snapshot(Some(kubernetes));
    let found = check(
        &snapshot,
        "1.36",
        'A',
        &[
            "blocking RFA112 APIService down",
            "info RFA113 Request /apis/example.org/v1beta1/berths",
        ],
    );
    assert_eq!(
        found[0].evidence[0].detail,
        "it is not available through the Service kube-system/metrics (MissingEndpoints: no endpoints)"
    );
    let gaps: Vec<String> = run(&snapshot, "1.36")
        .coverage
        .into_iter()
        .filter(|row| row.area == Area::ApiServices)
        .flat_map(|row| row.gaps)
        .map(|gap| gap.what)
        .collect();
    assert_eq!(gaps, ["whether the aggregated API unknown answers"]);
}

#[test]
fn conversions() {
    let definition = |served: &[&str], service: Option<&str>| Definition {
        group: "example.org".to_owned(),
        kind: "Berth".to_owned(),
        served: served.iter().map(|v| (*v).to_owned()).collect(),
        stored: vec!["v1".to_owned()],
        conversion: Conversion::Webhook {
            service: service.map(key),
        },
        application: Some(application("berths")),
    };
    let mut kubernetes = cluster("1.35.8");
    for (name, definition) in [
        ("gone", definition(&["v1", "v2"], Some("dock/gone"))),
        ("idle", definition(&["v1", "v2"], Some("dock/idle"))),
        ("ready", definition(&["v1", "v2"], Some("dock/ready"))),
        ("one-version", definition(&["v1"], Some("dock/gone"))),
        ("by-url", definition(&["v1", "v2"], None)),
    ] {
        let definitions = &mut kubernetes.definitions.items;
        definitions.insert(name.parse().unwrap(), definition);
    }
    for name in ["idle", "ready"] {
        let selector = Some(selecting(name));
        let services = &mut kubernetes.services.items;
        services.insert(
            key(&format!("dock/{name}")),
            Service {
                selector,
                ..Service::default()
            },
        );
    }
    let pod = pod("ready", None);
    kubernetes.pods.items.insert(key("dock/ready-1"), pod);
    let found = check(
        &snapshot(Some(kubernetes)),
        "1.36",
        'H',
        &[
            "blocking RFH104 CustomResourceDefinition gone",
            "blocking RFH104 CustomResourceDefinition idle",
        ],
    );
    for finding in found {
        assert_eq!(finding.application, Some(application("berths")));
    }
}

#[test]
fn single_replicas_behind_services() {
    let mut kubernetes = cluster("1.35.8");
    for (object, replicas) in [("one", 1), ("two", 2), ("none", 0), ("alone", 1)] {
        let (at, workload) = workload(&format!("Deployment/shop/{object}"), Some(replicas), object);
        kubernetes.workloads.items.insert(at, workload);
        if object != "alone" {
            let selector = Some(selecting(object));
            let services = &mut kubernetes.services.items;
            services.insert(
                key(&format!("shop/{object}")),
                Service {
                    selector,
                    ..Service::default()
                },
            );
        }
    }
    let snapshot = snapshot(Some(kubernetes));
    check(
        &snapshot,
        "1.36",
        'W',
        &["warning RFW113 Deployment shop/one"],
    );
}

#[test]
fn what_stays_as_it_is() {
    let mut kubernetes = cluster("1.35.8");
    let (at, mut kept) = workload("DaemonSet/kube-system/cni", None, "cni");
    kept.update = UpdateStrategy::OnDelete;
    kubernetes.workloads.items.insert(at, kept);
    let (at, mut staged) = workload("StatefulSet/db/pg", Some(3), "pg");
    staged.update = UpdateStrategy::From(2);
    kubernetes.workloads.items.insert(at, staged);
    let found = check(
        &snapshot(Some(kubernetes)),
        "1.36",
        'U',
        &["info RFU101 Cluster untouched"],
    );
    assert_eq!(
        found[0].title,
        "2 workloads keep their pods until they are deleted"
    );
    assert_eq!(
        found[0].evidence[0].detail,
        "StatefulSet/db/pg (partition 2), DaemonSet/kube-system/cni (OnDelete)"
    );
}
