//! What a project's own documents ask to look at before and after an upgrade.

use super::{ProjectVersion, dated, known_project, read_projects};
use crate::files::{Family, Files};
use crate::table::{Error, Schema};
use jiff::civil::Date;

/// The columns of `projects/checks.csv`.
pub const SCHEMA: Schema = Schema {
    format: "refit-knowledge/checks/1",
    columns: &[
        "project",
        "when",
        "check",
        "from_version",
        "what",
        "source",
        "source_version",
        "as_of",
    ],
    key: 3,
};

/// When to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// After the upgrade.
    After,
    /// Before the upgrade, while it can still be put off.
    Before,
}

/// One thing to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The project's short name.
    pub project: String,
    /// When to look.
    pub when: When,
    /// A short name for it, one of its kind for the project.
    pub check: String,
    /// The first target version that asks for it; `None` for all.
    pub from_version: Option<ProjectVersion>,
    /// What must hold.
    pub what: String,
    /// Where the project says so.
    pub source: String,
    /// The state of that source: a commit or a tag.
    pub source_version: String,
    /// When somebody last looked.
    pub as_of: Date,
}

/// All checks that are known.
#[derive(Clone, Debug)]
pub struct Checks(Vec<Check>);

impl Family for Checks {
    /// Fails also where a row names a project that `projects.csv` does not have.
    fn read_from(files: &Files) -> Result<Self, Error> {
        let projects = read_projects(files)?;
        let table = files.table("projects/checks.csv", &SCHEMA)?;
        table
            .records()
            .map(|record| {
                let (source, source_version, as_of) = dated(record)?;
                Ok(Check {
                    project: known_project(record, &projects)?,
                    when: record.choice(
                        "when",
                        &[("after", When::After), ("before", When::Before)],
                        "after or before",
                    )?,
                    check: record.required("check")?.to_owned(),
                    from_version: record.optional("from_version", "a version or empty")?,
                    what: record.required("what")?.to_owned(),
                    source,
                    source_version,
                    as_of,
                })
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Checks {
    /// What to look at `when` upgrading `project` to `target`.
    pub fn of<'c>(
        &'c self,
        project: &'c str,
        when: When,
        target: &'c ProjectVersion,
    ) -> impl Iterator<Item = &'c Check> {
        self.0.iter().filter(move |check| {
            check.project == project
                && check.when == when
                && check
                    .from_version
                    .as_ref()
                    .is_none_or(|first| first <= target)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Knowledge;

    #[test]
    fn a_check_is_asked_for_from_its_version_on() {
        let checks = Knowledge::embedded().project_checks();
        let names = |project: &str, when: When, target: &str| -> Vec<String> {
            let target = target.parse().unwrap();
            checks
                .of(project, when, &target)
                .map(|check| check.check.clone())
                .collect()
        };
        let old = names("etcd", When::Before, "3.5.0");
        let new = names("etcd", When::Before, "3.6.0");
        assert!(!old.contains(&"v2-store".to_owned()), "{old:?}");
        assert!(new.contains(&"v2-store".to_owned()), "{new:?}");
        assert!(!names("rook", When::After, "1.20.0").is_empty());
        assert!(names("no-such-project", When::Before, "1.0.0").is_empty());
    }
}
