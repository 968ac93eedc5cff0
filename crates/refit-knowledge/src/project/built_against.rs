//! What versions of projects are built against, extracted from their `go.mod`.

use super::{Basis, Project, Requirement, Upper, VersionSpan, known_project};
use crate::files::Files;
use crate::table::{Error, Schema};
use refit_model::version::Minor;
use std::collections::BTreeMap;

const PATH: &str = "projects/built-against.csv";

/// The columns of `projects/built-against.csv`.
pub const BUILT_AGAINST: Schema = Schema {
    format: "refit-knowledge/built-against/1",
    columns: &[
        "project",
        "from_version",
        "to_version",
        "kubernetes",
        "library",
        "module",
    ],
    key: 2,
};

/// The claims of that file. Its rows hold releases that exist, from the first to
/// the last: a version between them that was never released is nobody's.
pub(super) fn read(
    files: &Files,
    projects: &BTreeMap<String, Project>,
) -> Result<Vec<Requirement>, Error> {
    let table = files.table(PATH, &BUILT_AGAINST)?;
    let as_of = table.as_of;
    table
        .records()
        .map(|record| {
            let (first, last) = (
                record.value("from_version", "a version")?,
                record.value("to_version", "a version")?,
            );
            let kubernetes: Minor = record.value("kubernetes", "a minor")?;
            let source_version = if first == last {
                format!("v{first}")
            } else {
                format!("v{first} to v{last}")
            };
            Ok(Requirement {
                project: known_project(record, projects)?,
                versions: VersionSpan::new(first, last)
                    .ok_or_else(|| record.contradiction("the versions run backwards"))?,
                basis: Basis::BuiltAgainst,
                min: Some(kubernetes),
                max: Upper::Last(kubernetes),
                source: format!(
                    "{} go.mod, {}",
                    record.required("module")?,
                    record.required("library")?
                ),
                source_version,
                as_of,
                notes: String::new(),
            })
        })
        .collect()
}
