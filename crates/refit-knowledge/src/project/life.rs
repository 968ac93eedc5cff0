//! Until when a line of a project gets fixes.

use super::{ProjectVersion, dated, known_project, read_projects};
use crate::files::{Family, Files};
use crate::table::{Error, Schema};
use jiff::civil::Date;

/// The columns of `projects/end-of-life.csv`.
pub const SCHEMA: Schema = Schema {
    format: "refit-knowledge/end-of-life/1",
    columns: &[
        "project",
        "line",
        "released",
        "maintenance_from",
        "end_of_life",
        "source",
        "source_version",
        "as_of",
        "notes",
    ],
    key: 2,
};

/// The life of one line of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// The project's short name.
    pub project: String,
    /// The line, such as `1.18`.
    pub line: ProjectVersion,
    /// The day of its first release.
    pub released: Date,
    /// From when on it gets important fixes only, where that is known.
    pub maintenance_from: Option<Date>,
    /// The last day on which it gets fixes; `None` where none is announced.
    pub end_of_life: Option<Date>,
    /// Where this is said.
    pub source: String,
    /// The state of that source: a commit or a tag.
    pub source_version: String,
    /// When somebody last looked.
    pub as_of: Date,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

impl Life {
    /// Whether its support had ended before `day`; the last day of life still
    /// counts. `None` where no end is announced.
    #[must_use]
    pub fn ended_on(&self, day: Date) -> Option<bool> {
        self.end_of_life.map(|end| end < day)
    }
}

/// The lives of all lines that are known.
#[derive(Clone, Debug)]
pub struct Lives(Vec<Life>);

impl Family for Lives {
    /// Fails also where a row names a project that `projects.csv` does not have,
    /// and where dates run backwards.
    fn read_from(files: &Files) -> Result<Self, Error> {
        const DATE: &str = "a date such as 2026-08-22";
        let projects = read_projects(files)?;
        let table = files.table("projects/end-of-life.csv", &SCHEMA)?;
        table
            .records()
            .map(|record| {
                let (source, source_version, as_of) = dated(record)?;
                let life = Life {
                    project: known_project(record, &projects)?,
                    line: record.value("line", "a line such as 1.18")?,
                    released: record.value("released", DATE)?,
                    maintenance_from: record.optional("maintenance_from", DATE)?,
                    end_of_life: record.optional("end_of_life", DATE)?,
                    source,
                    source_version,
                    as_of,
                    notes: record.text("notes").to_owned(),
                };
                if life.end_of_life.is_some_and(|end| end < life.released)
                    || life
                        .maintenance_from
                        .is_some_and(|from| from < life.released)
                {
                    return Err(record.contradiction("the dates run backwards"));
                }
                Ok(life)
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Lives {
    /// The life of the line that `version` of `project` is of: of several, the
    /// one that says most.
    #[must_use]
    pub fn of(&self, project: &str, version: &ProjectVersion) -> Option<&Life> {
        self.0
            .iter()
            .filter(|life| life.project == project && version.is_of_line(&life.line))
            .max_by_key(|life| life.line.to_string().len())
    }

    /// Every line of `project`, oldest first.
    pub fn lines<'l>(&'l self, project: &'l str) -> impl Iterator<Item = &'l Life> {
        self.0.iter().filter(move |life| life.project == project)
    }
}

#[cfg(test)]
mod tests {
    use crate::Knowledge;
    use jiff::civil::date;

    #[test]
    fn a_version_has_the_life_of_its_line() {
        let lives = Knowledge::embedded().project_lives();
        let life = |project: &str, version: &str| lives.of(project, &version.parse().unwrap());
        let istio = life("istio", "1.29.4").unwrap();
        assert_eq!(istio.end_of_life, Some(date(2026, 8, 31)));
        assert_eq!(istio.ended_on(date(2026, 8, 31)), Some(false));
        assert_eq!(istio.ended_on(date(2026, 9, 1)), Some(true));
        // 1.2 is not the beginning of 1.29.
        assert_eq!(life("istio", "1.299.0"), None);
        assert_eq!(life("no-such-project", "1.0.0"), None);
    }

    #[test]
    fn what_has_no_announced_end_has_not_ended() {
        let lives = Knowledge::embedded().project_lives();
        let argo = lives.of("argo-cd", &"3.5.1".parse().unwrap()).unwrap();
        assert_eq!(argo.ended_on(date(2030, 1, 1)), None);
    }
}
