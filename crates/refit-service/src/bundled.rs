//! What is built into the binary: the example clusters and the templates.

use refit_sources::SourceFile;

macro_rules! bundle {
    ($folder:literal: $($file:literal),* $(,)?) => {
        &[$(($file, include_bytes!(concat!("../../../examples/", $folder, "/", $file)).as_slice())),*]
    };
}

/// The files of the example cluster *harbour*, by their path in `examples/harbour`.
const HARBOUR: &[(&str, &[u8])] = bundle!("harbour":
    "apiservices.yaml",
    "berths.yaml",
    "certificates.yaml",
    "configmaps.yaml",
    "cronjobs.yaml",
    "customresourcedefinitions.yaml",
    "daemonsets.yaml",
    "deployments.yaml",
    "endpointslices.yaml",
    "flowschemas.yaml",
    "horizontalpodautoscalers.yaml",
    "ingressclasses.yaml",
    "ingresses.yaml",
    "jobs.yaml",
    "manifests/flow-control.yaml",
    "manifests/gift-cards.yaml",
    "manifests/mainframe.yaml",
    "manifests/reports-quota.yaml",
    "mutatingwebhookconfigurations.yaml",
    "namespaces.yaml",
    "nodes.yaml",
    "persistentvolumeclaims.yaml",
    "persistentvolumes.yaml",
    "poddisruptionbudgets.yaml",
    "pods.yaml",
    "prioritylevelconfigurations.yaml",
    "replicasets.yaml",
    "secrets.yaml",
    "services.yaml",
    "statefulsets.yaml",
    "storageclasses.yaml",
    "validatingwebhookconfigurations.yaml",
    "version.json",
);

/// The files of the example cluster *harbour*: a kubeadm cluster of 40 nodes.
#[must_use]
pub fn harbour() -> Vec<SourceFile> {
    HARBOUR
        .iter()
        .map(|(name, bytes)| SourceFile {
            name: format!("examples/harbour/{name}"),
            bytes: bytes.to_vec(),
        })
        .collect()
}

/// The example of a Canonical Kubernetes model, as `juju status` shows it.
#[must_use]
pub fn canonical() -> SourceFile {
    SourceFile {
        name: "examples/canonical/status.json".to_owned(),
        bytes: include_bytes!("../../../examples/canonical/status.json").to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn count(folder: &Path) -> usize {
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let readable = path
                    .extension()
                    .is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|e| ending == *e));
                if path.is_dir() {
                    count(&path)
                } else {
                    usize::from(readable)
                }
            })
            .sum()
    }

    #[test]
    fn every_file_of_the_example_is_bundled() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbour");
        assert_eq!(HARBOUR.len(), count(&folder));
    }
}
