//! Changes of a project that somebody must act on: who, whether it touches more
//! than the project itself, and what to do.

use super::{ProjectVersion, dated, known_project, read_projects};
use crate::files::{Family, Files};
use crate::table::{Error, Schema};
use jiff::civil::Date;

/// The columns of `projects/breaking.csv`.
pub const SCHEMA: Schema = Schema {
    format: "refit-knowledge/breaking/1",
    columns: &[
        "project",
        "version",
        "change",
        "who",
        "infrastructure",
        "what",
        "remedy",
        "source",
        "source_version",
        "as_of",
    ],
    key: 3,
};

/// Who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Who runs the project in the cluster.
    ClusterOperator,
    /// Who uses it: writes its objects, calls it, reads its metrics.
    ApplicationTeam,
}

/// What a change touches besides the project's own pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Infrastructure {
    /// Definitions of custom resources, or the objects stored under them.
    Crds,
    /// Something does not answer while it happens.
    Downtime,
    /// How packets travel, ports, or what may connect.
    Network,
    /// Machines, or what must be installed on them.
    Nodes,
    /// Rights in the cluster or at a cloud provider.
    Permissions,
    /// Disks and what is on them.
    Storage,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The project's short name.
    pub project: String,
    /// The first version with it.
    pub version: ProjectVersion,
    /// A short name for it, one of its kind for the project and version.
    pub change: String,
    /// Who must act.
    pub who: Who,
    /// What it touches besides the project's own pods, if it does.
    pub infrastructure: Option<Infrastructure>,
    /// What changes.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
    /// Where the project says so.
    pub source: String,
    /// The state of that source: a commit or a tag.
    pub source_version: String,
    /// When somebody last looked.
    pub as_of: Date,
}

/// All changes that are known.
#[derive(Clone, Debug)]
pub struct Changes(Vec<Change>);

impl Family for Changes {
    /// Fails also where a row names a project that `projects.csv` does not have.
    fn read_from(files: &Files) -> Result<Self, Error> {
        let projects = read_projects(files)?;
        let table = files.table("projects/breaking.csv", &SCHEMA)?;
        table
            .records()
            .map(|record| {
                let (source, source_version, as_of) = dated(record)?;
                Ok(Change {
                    project: known_project(record, &projects)?,
                    version: record.value("version", "a version")?,
                    change: record.required("change")?.to_owned(),
                    who: record.choice(
                        "who",
                        &[
                            ("application-team", Who::ApplicationTeam),
                            ("cluster-operator", Who::ClusterOperator),
                        ],
                        "application-team or cluster-operator",
                    )?,
                    infrastructure: record.choice(
                        "infrastructure",
                        &[
                            ("", None),
                            ("crds", Some(Infrastructure::Crds)),
                            ("downtime", Some(Infrastructure::Downtime)),
                            ("network", Some(Infrastructure::Network)),
                            ("nodes", Some(Infrastructure::Nodes)),
                            ("permissions", Some(Infrastructure::Permissions)),
                            ("storage", Some(Infrastructure::Storage)),
                        ],
                        "crds, downtime, network, nodes, permissions, storage or empty",
                    )?,
                    what: record.required("what")?.to_owned(),
                    remedy: record.required("remedy")?.to_owned(),
                    source,
                    source_version,
                    as_of,
                })
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Changes {
    /// What an upgrade of `project` from one version to a newer one meets, in the
    /// order of the versions. None does not mean that nothing breaks: it means
    /// that nothing is known to.
    pub fn between<'c>(
        &'c self,
        project: &'c str,
        from: &'c ProjectVersion,
        to: &'c ProjectVersion,
    ) -> impl Iterator<Item = &'c Change> {
        self.0.iter().filter(move |change| {
            change.project == project && *from < change.version && change.version <= *to
        })
    }

    /// All of them, by project and version.
    pub fn iter(&self) -> impl Iterator<Item = &Change> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use crate::Knowledge;

    #[track_caller]
    fn check(project: &str, from: &str, to: &str, expected: &[&str]) {
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        let found: Vec<String> = Knowledge::embedded()
            .project_changes()
            .between(project, &from, &to)
            .map(|change| format!("{} {}", change.version, change.change))
            .collect();
        assert_eq!(found, expected, "{project} {from} to {to}");
    }

    #[test]
    fn an_upgrade_meets_what_lies_on_its_way() {
        check(
            "cert-manager",
            "1.17.4",
            "1.18.0",
            &["1.18.0 private-key-rotation", "1.18.0 revision-history"],
        );
        check("cert-manager", "1.18.0", "1.18.6", &[]);
        check("rook", "1.19.9", "1.20.6", &["1.20.0 csi-drivers"]);
        check("no-such-project", "1.0.0", "9.0.0", &[]);
    }

    #[test]
    fn every_change_says_what_to_do_and_is_not_its_own_remedy() {
        for change in Knowledge::embedded().project_changes().iter() {
            assert_ne!(change.what, change.remedy, "{change:?}");
        }
    }
}
