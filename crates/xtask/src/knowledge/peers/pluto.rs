//! `second-sources/pluto.csv` from the table of FairwindsOps/pluto.

use super::{Claims, Said, add, derived, group_version, module};
use crate::Outcome;
use crate::knowledge::Derived;
use refit_model::version::Minor;
use serde::Deserialize;
use std::path::Path;

const FILE: &str = "versions.yaml";

/// The name under which it has what Kubernetes itself serves.
pub(super) const KUBERNETES: &str = "k8s";

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Versions {
    deprecated_versions: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Row {
    version: String,
    kind: String,
    #[serde(default)]
    deprecated_in: String,
    #[serde(default)]
    removed_in: String,
    #[serde(default)]
    replacement_api: String,
    #[serde(default)]
    replacement_available_in: String,
    component: String,
}

/// Derives the file from the module's source.
pub(in crate::knowledge) fn derive(path: &Path) -> Outcome<Derived> {
    let (release, files) = module(path, &|name| name == FILE)?;
    let [(_, text)] = files.as_slice() else {
        return Err(format!("{}: there is no {FILE}", path.display()).into());
    };
    derived(
        super::PLUTO,
        &format!("FairwindsOps/pluto {release}, {FILE} (Apache-2.0)"),
        &claims(text)?,
    )
}

fn claims(text: &str) -> Outcome<Claims> {
    let read: Versions = serde_saphyr::from_str(text)?;
    let mut all = Claims::new();
    for row in read.deprecated_versions {
        let date = |text: &str| date(&row.component, text);
        let said = Said {
            deprecated: date(&row.deprecated_in)?,
            removed: date(&row.removed_in)?,
            replacement: row.replacement_api.clone(),
            replacement_since: date(&row.replacement_available_in)?,
            component: row.component.clone(),
        };
        let (group, version) = group_version(&row.version);
        add(&mut all, [group, version, row.kind], said)?;
    }
    Ok(all)
}

/// A release as the facts here write it. Of Kubernetes they name the minor: no
/// API comes or goes with a patch.
fn date(component: &str, text: &str) -> Outcome<String> {
    let bare = text.strip_prefix('v').unwrap_or(text);
    if component != KUBERNETES || bare.is_empty() {
        return Ok(bare.to_owned());
    }
    bare.strip_suffix(".0")
        .and_then(|minor| minor.parse::<Minor>().ok())
        .map(|minor| minor.to_string())
        .ok_or_else(|| format!("{text:?} is not the first release of a minor").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = "
deprecated-versions:
  - version: batch/v1beta1
    kind: CronJob
    deprecated-in: v1.21.0
    removed-in: v1.25.0
    replacement-api: batch/v1
    replacement-available-in: v1.21.0
    component: k8s
  - version: authentication.example/v1alpha1
    kind: \"\"
    deprecated-in: v1.5.0
    removed-in: v1.6.0
    component: example
target-versions:
  k8s: v1.25.0
";

    #[test]
    fn rows_become_claims() {
        let all = claims(ROW).unwrap();
        let said = |of: &str| {
            let (api, said) = all.iter().find(|(api, _)| api[0] == of).unwrap();
            (api.join(" "), said.clone())
        };
        let (api, cron_job) = said("batch");
        assert_eq!(api, "batch v1beta1 CronJob");
        assert_eq!(cron_job.removed, "1.25");
        assert_eq!(cron_job.replacement_since, "1.21");
        let (api, whole) = said("authentication.example");
        assert_eq!(api, "authentication.example v1alpha1 ");
        assert_eq!(
            (whole.removed.as_str(), whole.replacement.as_str()),
            ("1.6.0", "")
        );
    }

    #[test]
    fn a_patch_of_kubernetes_is_refused() {
        let error = claims(&ROW.replace("v1.25.0", "v1.25.3"))
            .map(|_| ())
            .unwrap_err();
        assert!(error.to_string().contains("v1.25.3"), "{error}");
    }
}
