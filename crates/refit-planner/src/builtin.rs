//! The templates that the binary carries, as the texts of their files.

/// Name and YAML text of every built-in template, in the order in which they
/// are shown. The name is the one in the file.
pub const TEMPLATES: &[(&str, &str)] = &[
    ("kubeadm", include_str!("../../../templates/kubeadm.yaml")),
    (
        "canonical-k8s/charm",
        include_str!("../../../templates/canonical-k8s/charm.yaml"),
    ),
    (
        "cluedin/platform",
        include_str!("../../../templates/cluedin/platform.yaml"),
    ),
    (
        "cluedin/aks",
        include_str!("../../../templates/cluedin/aks.yaml"),
    ),
    (
        "osism/landscape",
        include_str!("../../../templates/osism/landscape.yaml"),
    ),
    ("eks", include_str!("../../../templates/eks.yaml")),
    ("k3s", include_str!("../../../templates/k3s.yaml")),
    ("aks", include_str!("../../../templates/aks.yaml")),
    (
        "helm-release",
        include_str!("../../../templates/helm-release.yaml"),
    ),
];

/// The text of the built-in template `name`.
#[must_use]
pub fn text(name: &str) -> Option<&'static str> {
    TEMPLATES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use refit_model::template::UpgradeTemplate;

    #[test]
    fn every_template_reads_and_is_called_as_its_file_says() {
        for (name, text) in TEMPLATES {
            let template: UpgradeTemplate = serde_saphyr::from_str(text).unwrap();
            assert_eq!(template.metadata.name.as_str(), *name);
            assert_eq!(template.api_version, refit_model::API_VERSION);
        }
    }
}
