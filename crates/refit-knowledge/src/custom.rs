//! Custom resource definitions of projects: which versions of a kind each
//! release serves, stores and deprecates, and what an upgrade drops.
//!
//! A row holds the releases that were looked at, from the first to the last that
//! say the same. A release before the first or after the last that was looked at
//! is not known.

use crate::files::{Family, Files};
use crate::project::{PROJECTS, ProjectVersion, VersionSpan};
use crate::table::{Error, Schema};
use std::collections::{BTreeMap, BTreeSet};

/// The columns of `projects/crds.csv`.
pub const CRDS: Schema = Schema {
    format: "refit-knowledge/crds/1",
    columns: &[
        "project",
        "group",
        "kind",
        "api_version",
        "from_version",
        "to_version",
        "served",
        "storage",
        "deprecated",
        "source",
    ],
    key: 5,
};

/// One version of one kind of a project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustomApi {
    /// The API group.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// The version, such as `v1beta1`.
    pub version: String,
}

/// What some releases of a project say of one version of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defined {
    /// The project's short name.
    pub project: String,
    /// The version of the kind.
    pub api: CustomApi,
    /// The releases.
    pub releases: VersionSpan,
    /// How they offer it.
    pub offer: Offer,
    /// Whether new objects are stored in it.
    pub storage: Storage,
    /// Where it is said.
    pub source: String,
}

/// How a release offers a version of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Offer {
    /// It is served.
    Served,
    /// It is served, and its use is answered with a warning.
    Deprecated,
    /// It is there for stored objects only.
    NotServed,
}

/// Whether a version is the one that is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Storage {
    /// New objects are stored in it.
    Stored,
    /// They are stored in another one.
    Other,
}

/// What an upgrade of a project takes away.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dropped {
    /// The version that was served.
    pub api: CustomApi,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a version that was served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It is defined and no longer served: stored objects can be read, and no
    /// client can ask for it.
    NotServed,
    /// It is gone: objects that are still stored in it cannot be read.
    Gone,
}

/// The definitions of all projects of which they are known.
#[derive(Clone, Debug)]
pub struct CustomApis {
    rows: Vec<Defined>,
}

impl Family for CustomApis {
    /// Fails also where a row names a project that `projects.csv` does not have.
    fn read_from(files: &Files) -> Result<Self, Error> {
        let projects = files.table("projects/projects.csv", &PROJECTS)?;
        let known: BTreeSet<&str> = projects
            .records()
            .map(|record| record.required("project"))
            .collect::<Result<_, Error>>()?;
        let table = files.table("projects/crds.csv", &CRDS)?;
        let mut rows = Vec::new();
        for record in table.records() {
            let project = record.required("project")?;
            if !known.contains(project) {
                return Err(record.refuse("project", "a project of projects.csv"));
            }
            let (first, last) = (
                record.value("from_version", "a version")?,
                record.value("to_version", "a version")?,
            );
            let yes_no =
                |column| record.choice(column, &[("yes", true), ("no", false)], "yes or no");
            let offer = match (yes_no("served")?, yes_no("deprecated")?) {
                (true, false) => Offer::Served,
                (true, true) => Offer::Deprecated,
                (false, _) => Offer::NotServed,
            };
            rows.push(Defined {
                project: project.to_owned(),
                api: CustomApi {
                    group: record.required("group")?.to_owned(),
                    kind: record.required("kind")?.to_owned(),
                    version: record.required("api_version")?.to_owned(),
                },
                releases: VersionSpan::new(first, last)
                    .ok_or_else(|| record.contradiction("the versions run backwards"))?,
                offer,
                storage: if yes_no("storage")? {
                    Storage::Stored
                } else {
                    Storage::Other
                },
                source: record.required("source")?.to_owned(),
            });
        }
        Ok(Self { rows })
    }
}

impl CustomApis {
    /// What is known of `project`, by kind and version.
    pub fn of(&self, project: &str) -> impl Iterator<Item = &Defined> {
        self.rows.iter().filter(move |row| row.project == project)
    }

    /// What release `version` of `project` defines, by version of a kind; `None`
    /// when that release is outside of what was looked at.
    #[must_use]
    pub fn at(
        &self,
        project: &str,
        version: &ProjectVersion,
    ) -> Option<BTreeMap<&CustomApi, &Defined>> {
        let first = self.of(project).map(|row| row.releases.first()).min()?;
        let last = self.of(project).map(|row| row.releases.last()).max()?;
        let inside = version >= first && (version <= last || version.line() == last.line());
        inside.then(|| {
            let mut found: BTreeMap<&CustomApi, &Defined> = BTreeMap::new();
            for row in self.of(project) {
                if row.releases.contains(version) {
                    found.insert(&row.api, row);
                }
            }
            if !found.is_empty() {
                return found;
            }
            // Only the newest patch of a minor was looked at: an older one before
            // the first row, or a newer one after the last, is taken to be like it.
            for row in self.of(project) {
                let ends = [row.releases.first(), row.releases.last()];
                if ends.iter().any(|end| version.line() == end.line()) {
                    found.insert(&row.api, row);
                }
            }
            found
        })
    }

    /// What release `from` of `project` serves and release `to` does not; `None`
    /// when one of them is outside of what was looked at.
    #[must_use]
    pub fn dropped(
        &self,
        project: &str,
        from: &ProjectVersion,
        to: &ProjectVersion,
    ) -> Option<Vec<Dropped>> {
        let (before, after) = (self.at(project, from)?, self.at(project, to)?);
        let served = |row: &Defined| match row.offer {
            Offer::Served | Offer::Deprecated => true,
            Offer::NotServed => false,
        };
        Some(
            before
                .into_values()
                .filter(|row| served(row))
                .filter_map(|row| {
                    let fate = match after.get(&row.api) {
                        Some(then) if served(then) => return None,
                        Some(_) => Fate::NotServed,
                        None => Fate::Gone,
                    };
                    Some(Dropped {
                        api: row.api.clone(),
                        fate,
                    })
                })
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::Knowledge;

    fn dropped(project: &str, from: &str, to: &str) -> Option<Vec<String>> {
        let custom = Knowledge::embedded().custom_apis();
        let dropped = custom.dropped(project, &from.parse().unwrap(), &to.parse().unwrap())?;
        Some(
            dropped
                .iter()
                .map(|one| format!("{} {} {:?}", one.api.kind, one.api.version, one.fate))
                .collect(),
        )
    }

    #[test]
    fn what_an_upgrade_takes_away() {
        // Cluster API stopped serving v1alpha4 before it removed it.
        let gone = dropped("cluster-api", "1.7.9", "1.13.0").unwrap();
        assert!(
            gone.is_empty() || gone.iter().all(|one| !one.contains("v1beta2")),
            "{gone:?}"
        );
        assert_eq!(dropped("cert-manager", "1.15.5", "1.16.5"), Some(vec![]));
        // Outside of what was looked at.
        assert_eq!(dropped("cert-manager", "0.1.0", "1.16.5"), None);
        assert_eq!(dropped("cert-manager", "1.16.5", "9.0.0"), None);
        assert_eq!(dropped("no-such-project", "1.0.0", "1.1.0"), None);
    }
}
