//! The use case *rbac*: the least rights that an assessment of a live cluster
//! needs, as an object that `kubectl apply` takes.

use refit_cluster::{HelmReleases, Read, reads};
use std::collections::BTreeMap;

/// A ClusterRole with those rights and no others, as YAML. Resources of one
/// group share a rule; an object that is asked for by name has a rule of its own.
#[must_use]
pub fn cluster_role(releases: HelmReleases) -> String {
    let needed = reads(releases);
    let mut rules: BTreeMap<(&str, &str, Option<&str>), Vec<&str>> = BTreeMap::new();
    for read in &needed.resources {
        let Read {
            group,
            resource,
            verb,
            name,
        } = read;
        rules
            .entry((group, verb, *name))
            .or_default()
            .push(resource);
    }
    let mut text = String::from(
        "# What `refit assess` reads of a cluster, and nothing else: it writes nothing.\n\
         apiVersion: rbac.authorization.k8s.io/v1\n\
         kind: ClusterRole\n\
         metadata:\n  name: refit-assess\n\
         rules:\n",
    );
    for ((group, verb, name), resources) in rules {
        text.push_str(&format!("  - apiGroups: [\"{group}\"]\n    resources:\n"));
        for resource in resources {
            if resource == "secrets" {
                text.push_str(
                    "      # Kubernetes cannot allow Helm's Secrets alone; Refit asks for no others.\n",
                );
            }
            text.push_str(&format!("      - {resource}\n"));
        }
        if let Some(name) = name {
            text.push_str(&format!("    resourceNames: [\"{name}\"]\n"));
        }
        text.push_str(&format!("    verbs: [\"{verb}\"]\n"));
    }
    let paths: Vec<String> = needed
        .paths
        .iter()
        .map(|path| format!("\"{path}\""))
        .collect();
    text.push_str(&format!(
        "  - nonResourceURLs: [{}]\n    verbs: [\"get\"]\n",
        paths.join(", ")
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// Every right that the looking names is in the role, and no other.
    #[test]
    fn the_role_allows_what_is_read_and_nothing_else() {
        for releases in [HelmReleases::NotAsked, HelmReleases::Read] {
            let role: Value = serde_saphyr::from_str(&cluster_role(releases)).unwrap();
            let texts = |value: &Value| -> Vec<String> {
                let list = value.as_array().into_iter().flatten();
                list.map(|one| one.as_str().unwrap().to_owned()).collect()
            };
            let mut allowed = Vec::new();
            let mut paths = Vec::new();
            for rule in role["rules"].as_array().unwrap() {
                paths.extend(texts(&rule["nonResourceURLs"]));
                let name = rule["resourceNames"][0].as_str().map(str::to_owned);
                for resource in texts(&rule["resources"]) {
                    let group = rule["apiGroups"][0].as_str().unwrap().to_owned();
                    let verb = texts(&rule["verbs"]).concat();
                    allowed.push((group, resource, verb, name.clone()));
                }
            }
            allowed.sort();
            let needed = reads(releases);
            let mut wanted: Vec<_> = needed
                .resources
                .into_iter()
                .map(|read| {
                    let name = read.name.map(str::to_owned);
                    (read.group, read.resource, read.verb.to_owned(), name)
                })
                .collect();
            wanted.sort();
            assert_eq!(allowed, wanted);
            assert_eq!(paths, needed.paths);
            let has_secrets = allowed
                .iter()
                .any(|(_, resource, ..)| resource == "secrets");
            assert_eq!(has_secrets, releases == HelmReleases::Read);
        }
    }
}
