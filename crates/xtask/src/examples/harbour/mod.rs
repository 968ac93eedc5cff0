//! `harbour`: a kubeadm cluster of 40 nodes and 400 pods at Kubernetes 1.31, as
//! `kubectl get -o yaml` shows it on 2026-10-01, one file for each kind.

mod apps;
mod budgets;
mod catalogue;
mod cluster;
mod extensions;
mod network;
mod nodes;
mod objects;
mod placement;
mod pods;
mod releases;
mod routes;
mod storage;
mod workloads;

#[cfg(test)]
mod tests;

use super::{Error, File, yaml};

/// The files of the example.
///
/// # Errors
///
/// As [`Error`] says of placement and packing.
pub(super) fn files() -> Result<Vec<File>, Error> {
    let nodes = nodes::all();
    let pods = placement::place(&nodes)?;
    let lists = [
        ("apiservices", extensions::api_services()),
        ("berths", extensions::berths()),
        ("certificates", extensions::certificates()),
        ("configmaps", cluster::config_maps()),
        ("cronjobs", workloads::cron_jobs()),
        ("customresourcedefinitions", extensions::definitions()),
        ("daemonsets", workloads::daemon_sets(&pods)),
        ("deployments", workloads::deployments()),
        ("endpointslices", network::endpoint_slices(&pods)),
        ("flowschemas", routes::flow_schemas()),
        ("horizontalpodautoscalers", routes::autoscalers()),
        ("ingressclasses", network::ingress_classes()),
        ("ingresses", network::ingresses()),
        ("jobs", workloads::jobs(&pods)),
        ("mutatingwebhookconfigurations", extensions::mutating()),
        ("namespaces", cluster::namespaces()),
        ("nodes", nodes.iter().map(nodes::object).collect()),
        ("persistentvolumeclaims", storage::claims(&pods)),
        ("persistentvolumes", storage::volumes(&pods)),
        ("poddisruptionbudgets", budgets::all()),
        ("pods", pods.iter().map(pods::object).collect()),
        ("prioritylevelconfigurations", routes::priority_levels()),
        ("replicasets", workloads::replica_sets()),
        ("secrets", releases::secrets()?),
        ("services", network::services()),
        ("statefulsets", workloads::stateful_sets()),
        ("storageclasses", storage::classes()),
        ("validatingwebhookconfigurations", extensions::validating()),
    ];
    let mut files: Vec<File> = lists
        .into_iter()
        .map(|(kind, items)| File {
            path: format!("harbour/{kind}.yaml"),
            text: yaml::document(&objects::list(items)),
        })
        .collect();
    files.push(File {
        path: "harbour/version.json".into(),
        text: cluster::version(),
    });
    Ok(files)
}
