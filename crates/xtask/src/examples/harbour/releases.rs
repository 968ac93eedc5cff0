//! The Helm releases, stored as Helm 3 stores them: a Secret for each revision,
//! whose `release` is gzipped JSON in base64, in the base64 of every Secret.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};

use super::apps::{App, Controller};
use super::catalogue::ALL;
use super::objects::{self, put};
use super::routes::{flow_schema_spec, priority_level_spec};
use super::{pods, workloads};
use crate::examples::Error;
use crate::examples::yaml;

/// One revision of a release.
struct Release {
    name: &'static str,
    namespace: &'static str,
    chart_version: &'static str,
    app_version: &'static str,
    /// The chart's `kubeVersion`, empty where it has none.
    kube_version: &'static str,
    revision: u32,
    status: &'static str,
    first: &'static str,
    last: &'static str,
    content: Content,
}

/// What the stored manifest holds.
#[derive(Clone, Copy, Debug)]
enum Content {
    /// The workloads of the release as they stand in the cluster.
    Workloads,
    /// The workloads with their images at another tag: an earlier revision.
    EarlierWorkloads(&'static str),
    /// A flow schema and its priority level at this version of their API.
    Lanes(&'static str),
}

/// Of the four add-ons, only ingress-nginx says that it does not support the
/// target: the table in its README gives 1.28 to 1.32 for v1.12.2. cert-manager
/// 1.19 has 1.31 to 1.35, metrics-server 0.8 has 1.31 and newer, and the
/// autoscaler is of the target's minor: its team has moved it ahead.
const RELEASES: [Release; 9] = [
    Release {
        name: "cert-manager",
        namespace: "cert-manager",
        chart_version: "v1.19.2",
        app_version: "v1.19.2",
        kube_version: ">= 1.22.0-0",
        revision: 3,
        status: "deployed",
        first: "2025-07-02T11:58:03.118204417Z",
        last: "2026-01-20T10:14:52.700132985Z",
        content: Content::Workloads,
    },
    Release {
        name: "ingress-nginx",
        namespace: "ingress-nginx",
        chart_version: "4.12.1",
        app_version: "1.12.1",
        kube_version: ">=1.21.0-0",
        revision: 6,
        status: "superseded",
        first: "2022-03-21T14:40:10.002917336Z",
        last: "2025-04-03T08:25:41.913605528Z",
        content: Content::EarlierWorkloads("v1.12.1"),
    },
    Release {
        name: "ingress-nginx",
        namespace: "ingress-nginx",
        chart_version: "4.12.2",
        app_version: "1.12.2",
        kube_version: ">=1.21.0-0",
        revision: 7,
        status: "deployed",
        first: "2022-03-21T14:40:10.002917336Z",
        last: "2025-07-02T12:03:27.460018712Z",
        content: Content::Workloads,
    },
    Release {
        name: "cluster-autoscaler",
        namespace: "kube-system",
        chart_version: "9.52.1",
        app_version: "1.34.1",
        kube_version: "",
        revision: 5,
        status: "deployed",
        first: "2023-06-12T07:30:22.551093046Z",
        last: "2026-08-19T06:47:15.238876100Z",
        content: Content::Workloads,
    },
    Release {
        name: "metrics-server",
        namespace: "kube-system",
        chart_version: "3.13.0",
        app_version: "0.8.0",
        kube_version: "",
        revision: 4,
        status: "deployed",
        first: "2022-03-21T15:02:37.640255190Z",
        last: "2026-02-11T09:31:08.074419623Z",
        content: Content::Workloads,
    },
    Release {
        name: "traffic-lanes",
        namespace: "platform",
        chart_version: "0.3.0",
        app_version: "0.3.0",
        kube_version: "",
        revision: 1,
        status: "superseded",
        first: "2024-02-19T11:20:45.330718204Z",
        last: "2024-02-19T11:20:45.330718204Z",
        content: Content::Lanes("v1beta2"),
    },
    Release {
        name: "traffic-lanes",
        namespace: "platform",
        chart_version: "0.4.1",
        app_version: "0.4.1",
        kube_version: "",
        revision: 2,
        status: "deployed",
        first: "2024-02-19T11:20:45.330718204Z",
        last: "2025-11-04T09:58:12.816640057Z",
        content: Content::Lanes("v1beta3"),
    },
    Release {
        name: "storefront",
        namespace: "storefront",
        chart_version: "2.7.4",
        app_version: "2.7.4",
        kube_version: ">=1.25.0-0",
        revision: 18,
        status: "superseded",
        first: "2023-03-01T09:12:20.400871562Z",
        last: "2026-07-14T13:20:55.182004917Z",
        content: Content::EarlierWorkloads("2.7.4"),
    },
    Release {
        name: "storefront",
        namespace: "storefront",
        chart_version: "2.8.0",
        app_version: "2.8.0",
        kube_version: ">=1.25.0-0",
        revision: 19,
        status: "deployed",
        first: "2023-03-01T09:12:20.400871562Z",
        last: "2026-08-26T08:41:33.905127340Z",
        content: Content::Workloads,
    },
];

/// The label `helm.sh/chart` of what a release made; nothing for no release.
pub(super) fn chart(release: &str) -> Option<String> {
    RELEASES
        .iter()
        .find(|candidate| candidate.name == release && candidate.status == "deployed")
        .map(|found| format!("{}-{}", found.name, found.chart_version))
}

/// The Secrets of all releases, by namespace and name.
///
/// # Errors
///
/// [`Error::Compress`] when a release cannot be packed.
pub(super) fn secrets() -> Result<Vec<Value>, Error> {
    RELEASES.iter().map(secret).collect()
}

fn secret(release: &Release) -> Result<Value, Error> {
    let name = format!("sh.helm.release.v1.{}.v{}", release.name, release.revision);
    let seconds = format!("{}Z", release.last.get(..19).unwrap_or(release.last));
    let mut metadata = objects::metadata("Secret", Some(release.namespace), &name, &seconds);
    put(
        &mut metadata,
        "labels",
        json!({
            "name": release.name,
            "owner": "helm",
            "status": release.status,
            "version": release.revision.to_string(),
        }),
    );
    let text = yaml::sorted(&payload(release)).to_string();
    // Go's gzip writes no time and 255, "unknown", as the operating system.
    let mut gzip = GzBuilder::new()
        .operating_system(255)
        .write(Vec::new(), Compression::best());
    let packed = gzip
        .write_all(text.as_bytes())
        .and_then(|()| gzip.finish())
        .map_err(|error| Error::Compress(name.clone(), error))?;
    Ok(json!({
        "apiVersion": "v1",
        "data": { "release": STANDARD.encode(STANDARD.encode(packed)) },
        "kind": "Secret",
        "metadata": metadata,
        "type": "helm.sh/release.v1",
    }))
}

fn payload(release: &Release) -> Value {
    let mut chart = json!({
        "apiVersion": "v2",
        "appVersion": release.app_version,
        "name": release.name,
        "type": "application",
        "version": release.chart_version,
    });
    if !release.kube_version.is_empty() {
        put(&mut chart, "kubeVersion", release.kube_version.into());
    }
    json!({
        "chart": {
            "files": [],
            "lock": null,
            "metadata": chart,
            "schema": null,
            "templates": [],
            "values": {},
        },
        "config": {},
        "info": {
            "deleted": "",
            "description": if release.revision == 1 { "Install complete" } else { "Upgrade complete" },
            "first_deployed": release.first,
            "last_deployed": release.last,
            "status": release.status,
        },
        "manifest": manifest(release),
        "name": release.name,
        "namespace": release.namespace,
        "version": release.revision,
    })
}

fn manifest(release: &Release) -> String {
    let documents: Vec<(String, Value)> = match release.content {
        Content::Workloads => workloads_of(release, |app| app.image.to_owned()),
        Content::EarlierWorkloads(tag) => workloads_of(release, |app| {
            let image = app
                .image
                .rsplit_once(':')
                .map_or(app.image, |(image, _)| image);
            format!("{image}:{tag}")
        }),
        Content::Lanes(version) => lanes(version),
    };
    documents
        .iter()
        .map(|(template, object)| {
            format!(
                "---\n# Source: {}/templates/{template}.yaml\n{}",
                release.name,
                yaml::document(object)
            )
        })
        .collect()
}

fn workloads_of(release: &Release, image: impl Fn(&App) -> String) -> Vec<(String, Value)> {
    ALL.iter()
        .filter(|app| app.release == release.name && app.controller == Controller::Deployment)
        .map(|app| {
            let mut labels = pods::labels(app);
            put(&mut labels, "app.kubernetes.io/managed-by", "Helm".into());
            put(
                &mut labels,
                "helm.sh/chart",
                format!("{}-{}", release.name, release.chart_version).into(),
            );
            let mut spec = workloads::template(app);
            if let Some(container) = spec.pointer_mut("/spec/containers/0") {
                put(container, "image", image(app).into());
            }
            let object = json!({
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": { "labels": labels, "name": app.name, "namespace": app.namespace },
                "spec": {
                    "replicas": app.replicas,
                    "selector": { "matchLabels": workloads::selector(app) },
                    "template": spec,
                },
            });
            (format!("{}-deployment", app.name), object)
        })
        .collect()
}

fn lanes(version: &str) -> Vec<(String, Value)> {
    let object = |kind: &str, spec: Value| {
        json!({
            "apiVersion": format!("flowcontrol.apiserver.k8s.io/{version}"),
            "kind": kind,
            "metadata": {
                "labels": { "app.kubernetes.io/managed-by": "Helm" },
                "name": "tracker-lane",
            },
            "spec": spec,
        })
    };
    vec![
        (
            "flowschema".into(),
            object(
                "FlowSchema",
                flow_schema_spec("tracker-lane", "tracker-lane"),
            ),
        ),
        (
            "prioritylevel".into(),
            object(
                "PriorityLevelConfiguration",
                priority_level_spec("tracker-lane"),
            ),
        ),
    ]
}
