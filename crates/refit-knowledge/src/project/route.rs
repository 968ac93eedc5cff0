//! How far one upgrade of a project may go: versions that must not be jumped
//! over, and versions that must be there first.

use super::{ProjectVersion, dated, known_project, read_projects};
use crate::files::{Family, Files};
use crate::table::{Error, Record, Schema};
use jiff::civil::Date;
use std::num::NonZeroU32;

/// The columns of `projects/intermediates.csv`.
pub const SCHEMA: Schema = Schema {
    format: "refit-knowledge/intermediates/1",
    columns: &[
        "project",
        "target_from",
        "target_to",
        "rule",
        "value",
        "force",
        "source",
        "source_version",
        "as_of",
        "notes",
    ],
    key: 4,
};

/// What an upgrade to certain versions asks of the version before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It is at most so many minors older.
    AtMostMinors(NonZeroU32),
    /// It is at least this one.
    AtLeast(ProjectVersion),
}

/// How much the project means it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Force {
    /// Other ways are not supported, or do not work.
    Required,
    /// Other ways may work.
    Recommended,
}

/// One rule about the way to some versions of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waypoint {
    /// The project's short name.
    pub project: String,
    /// The first version that the rule is about as a target.
    pub target_from: ProjectVersion,
    /// The last one, or the line it ends with; `None` for all that follow.
    pub target_to: Option<ProjectVersion>,
    /// What is asked of the version before.
    pub rule: Rule,
    /// How much the project means it.
    pub force: Force,
    /// Where it says so.
    pub source: String,
    /// The state of that source: a commit or a tag.
    pub source_version: String,
    /// When somebody last looked.
    pub as_of: Date,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

impl Waypoint {
    /// Whether a direct upgrade breaks this rule.
    ///
    /// Across majors a distance in minors says nothing: the source would have to
    /// say which minor was the last of its major, and few do.
    fn forbids(&self, from: &ProjectVersion, to: &ProjectVersion) -> bool {
        let about = *to >= self.target_from
            && self
                .target_to
                .as_ref()
                .is_none_or(|last| *to <= *last || to.is_of_line(last));
        about
            && from < to
            && match &self.rule {
                Rule::AtLeast(least) => from < least,
                Rule::AtMostMinors(most) => match (from.line(), to.line()) {
                    (Some((from_major, from_minor)), Some((to_major, to_minor))) => {
                        from_major == to_major && to_minor.saturating_sub(from_minor) > most.get()
                    }
                    (None, _) | (_, None) => false,
                },
            }
    }
}

/// All such rules that are known.
#[derive(Clone, Debug)]
pub struct Routes(Vec<Waypoint>);

impl Family for Routes {
    /// Fails also where a row names a project that `projects.csv` does not have.
    fn read_from(files: &Files) -> Result<Self, Error> {
        let projects = read_projects(files)?;
        let table = files.table("projects/intermediates.csv", &SCHEMA)?;
        table
            .records()
            .map(|record| {
                let (source, source_version, as_of) = dated(record)?;
                let waypoint = Waypoint {
                    project: known_project(record, &projects)?,
                    target_from: record.value("target_from", "a version")?,
                    target_to: record.optional("target_to", "a version or empty")?,
                    rule: rule(record)?,
                    force: record.choice(
                        "force",
                        &[
                            ("required", Force::Required),
                            ("recommended", Force::Recommended),
                        ],
                        "required or recommended",
                    )?,
                    source,
                    source_version,
                    as_of,
                    notes: record.text("notes").to_owned(),
                };
                if let Rule::AtLeast(least) = &waypoint.rule
                    && *least > waypoint.target_from
                {
                    return Err(record.contradiction("it asks for a version after the target"));
                }
                Ok(waypoint)
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Routes {
    /// Every rule about the way to a version of `project`.
    pub fn of<'r>(&'r self, project: &str) -> impl Iterator<Item = &'r Waypoint> {
        self.0
            .iter()
            .filter(move |waypoint| waypoint.project == project)
    }

    /// The rules that an upgrade of `project` straight from one version to the
    /// other would break. None does not mean that it is safe: it means that no
    /// rule is known.
    pub fn objections<'r>(
        &'r self,
        project: &str,
        from: &ProjectVersion,
        to: &ProjectVersion,
    ) -> impl Iterator<Item = &'r Waypoint> {
        self.of(project)
            .filter(move |waypoint| waypoint.forbids(from, to))
    }
}

fn rule(record: Record<'_>) -> Result<Rule, Error> {
    match record.required("rule")? {
        "at-most-minors" => record
            .value("value", "a number of minors")
            .map(Rule::AtMostMinors),
        "at-least" => record.value("value", "a version").map(Rule::AtLeast),
        _ => Err(record.refuse("rule", "at-most-minors or at-least")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Knowledge;

    #[track_caller]
    fn check(project: &str, from: &str, to: &str, expected: &[&str]) {
        let routes = Knowledge::embedded().project_routes();
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        let found: Vec<String> = routes
            .objections(project, &from, &to)
            .map(|waypoint| match &waypoint.rule {
                Rule::AtMostMinors(most) => format!("{:?} at most {most}", waypoint.force),
                Rule::AtLeast(least) => format!("{:?} at least {least}", waypoint.force),
            })
            .collect();
        assert_eq!(found, expected, "{project} {from} to {to}");
    }

    #[test]
    fn ways_that_a_project_forbids() {
        check("rook", "1.18.9", "1.19.10", &[]);
        check("rook", "1.17.0", "1.19.0", &["Required at most 1"]);
        check("rook", "1.19.4", "1.20.0", &["Required at least 1.19.5"]);
        check("rook", "1.19.5", "1.20.0", &[]);
        check("longhorn", "1.10.2", "1.12.1", &["Required at most 1"]);
        check(
            "cert-manager",
            "1.16.0",
            "1.18.0",
            &["Recommended at most 1"],
        );
        check("cluster-api", "1.9.0", "1.12.0", &[]);
        check("cluster-api", "1.9.0", "1.13.0", &["Required at most 3"]);
        check("strimzi", "0.48.0", "1.0.0", &["Required at least 0.49.0"]);
        check("etcd", "3.5.21", "3.6.8", &["Required at least 3.5.32"]);
    }

    #[test]
    fn staying_and_going_back_are_not_its_matter() {
        check("longhorn", "1.12.1", "1.12.1", &[]);
        check("longhorn", "1.12.1", "1.9.0", &[]);
        check("no-such-project", "1.0.0", "9.0.0", &[]);
    }
}
