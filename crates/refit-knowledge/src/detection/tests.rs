use super::{Clue, Sureness};
use crate::Knowledge;
use refit_model::kubernetes::Publisher;
use std::collections::BTreeSet;

#[test]
fn images_are_recognised_behind_mirrors() {
    let detection = Knowledge::embedded().detection();
    for (image, expected) in [
        (
            "registry.k8s.io/ingress-nginx/controller:v1.11.3@sha256:d56f135b",
            Some("ingress-nginx 1.11.3"),
        ),
        (
            "harbor.example.com:5000/k8s/ingress-nginx/controller:v1.11.3",
            Some("ingress-nginx 1.11.3"),
        ),
        (
            "quay.io/jetstack/cert-manager-controller:v1.18.2",
            Some("cert-manager 1.18.2"),
        ),
        (
            "registry.k8s.io/metrics-server/metrics-server@sha256:ffcb2bf0",
            Some("metrics-server ?"),
        ),
        (
            "localhost:5000/autoscaling/cluster-autoscaler",
            Some("cluster-autoscaler ?"),
        ),
        (
            "registry.k8s.io/autoscaling/cluster-autoscaler:latest",
            Some("cluster-autoscaler ?"),
        ),
        ("example.com/my-ingress-nginx/controller:v1", None),
        // Rebuilds and flattened copies, with what their makers put behind the version.
        (
            "docker.io/bitnami/cert-manager:1.18.2-debian-12-r5",
            Some("cert-manager 1.18.2"),
        ),
        (
            "rancher/mirrored-jetstack-cert-manager-controller:v1.18.2",
            Some("cert-manager 1.18.2"),
        ),
        // Its own chart of the same name carries the version of the gateway.
        ("docker.io/kong:3.9", None),
        ("redis:8.2-alpine", Some("redis 8.2")),
        ("mycorp/redis:8.2", None),
        (
            "quay.io/jetstack/cert-manager-cainjector:v1.18.2",
            Some("cert-manager 1.18.2"),
        ),
        ("", None),
    ] {
        let found = detection.by_image(image).map(|found| {
            let version = found
                .version
                .map_or_else(|| "?".to_owned(), |v| v.to_string());
            format!("{} {version}", found.project)
        });
        assert_eq!(found.as_deref(), expected, "{image}");
    }
}

#[test]
fn charts_are_recognised_by_name() {
    let detection = Knowledge::embedded().detection();
    for (chart, address, expected) in [
        ("cert-manager", "", Some("cert-manager")),
        ("my-cert-manager", "", None),
        // What anybody could call a chart is told by whose it says it is.
        ("ingress", "", None),
        ("ingress", "https://github.com/example/shop", None),
        ("ingress", "https://github.com/Kong/charts", Some("kong")),
        ("operator", "https://github.com/Kong/charts", None),
        ("web", "https://github.com/Kong/charts", None),
    ] {
        let publishers = Publisher::of_address(address).into_iter().collect();
        let found = detection.by_chart((chart, "v1.18.2"), "v1.18.2", &publishers);
        let named = found.as_ref().map(|found| found.project);
        let released = [Clue::Release {
            chart,
            chart_version: "v1.18.2",
            app_version: "v1.18.2",
            publishers: &publishers,
        }];
        let weighed = detection.identify(&released).answer;
        let certain = weighed.filter(|answer| answer.sureness == Sureness::Certain);
        assert_eq!(
            certain.as_ref().map(|answer| answer.project),
            expected,
            "{chart} of {address:?}"
        );
        // Kong's chart carries the version of the gateway, which is another thing's.
        assert_eq!(
            named,
            expected.filter(|project| *project != "kong"),
            "{chart} of {address:?}"
        );
    }
    let found = detection.by_chart(("cert-manager", "v1.18.2"), "v1.18.2", &BTreeSet::new());
    assert_eq!(found.unwrap().version, "1.18.2".parse().ok());
}
