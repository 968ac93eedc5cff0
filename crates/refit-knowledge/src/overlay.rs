//! Lays facts of somebody's own over the built-in ones.
//!
//! An overlay adds rows, or puts a row in the place of the built-in one with the
//! same key. It has to pass the same readers, and every built-in value that it
//! contradicts is told.

use crate::files::{EVERY, FactFile, Files};
use crate::table::{self, Schema, Table};
use refit_model::overlay::{KnowledgeOverlay, OverlayFacts};
use std::cmp::Ordering;

/// Files with an overlay laid over them.
#[derive(Clone, Debug)]
pub struct Laid {
    /// The files.
    pub files: Files,
    /// Every row of the overlay that is not as it was built in.
    pub rows: Vec<LaidRow>,
}

/// A row of an overlay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaidRow {
    /// The file it belongs to.
    pub file: &'static str,
    /// The values of the columns that identify it.
    pub key: Vec<String>,
    /// Where it comes from, as its overlay says.
    pub source: String,
    /// How it stands to what is built in.
    pub stand: Stand,
}

/// How a row of an overlay stands to what is built in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stand {
    /// There is no such row.
    Added,
    /// There is one, and these values differ.
    Contradicts(Vec<Difference>),
}

/// A value that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The column.
    pub column: &'static str,
    /// What is built in.
    pub built_in: String,
    /// What the overlay says.
    pub overlay: String,
}

/// Why an overlay cannot be laid over what is built in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OverlayError {
    /// It names a file that there is not.
    #[error("there is no fact file {file}")]
    NoSuchFile {
        /// As it was named.
        file: String,
    },
    /// A row names a column that its file does not have.
    #[error("{file} has no column {column}; its columns are {columns}")]
    NoSuchColumn {
        /// The file.
        file: &'static str,
        /// As it was named.
        column: String,
        /// Those there are.
        columns: String,
    },
    /// A row leaves out what identifies it.
    #[error("row {row} for {file} says nothing in any of {columns}, which identify it")]
    NoKey {
        /// The file.
        file: &'static str,
        /// The place of the row, from one.
        row: usize,
        /// The columns of the key.
        columns: String,
    },
    /// Two rows of it have the same key.
    #[error("two rows for {file} say {key}")]
    Twice {
        /// The file.
        file: &'static str,
        /// The key.
        key: String,
    },
    /// A value is more than one line.
    #[error("{column} of row {row} for {file} is more than one line")]
    Lines {
        /// The file.
        file: &'static str,
        /// The place of the row, from one.
        row: usize,
        /// The column.
        column: &'static str,
    },
    /// It says nothing of where its facts come from.
    #[error("the facts for {file} have no source")]
    NoSource {
        /// The file.
        file: &'static str,
    },
    /// What came of it is not as its reader wants it.
    #[error("with the overlay the facts are not as they must be")]
    Refused(#[from] table::Error),
}

/// Lays `overlay` over `files`.
///
/// The result is not read yet: [`crate::Knowledge::read`] says whether the facts
/// go together.
///
/// # Errors
/// When the overlay names files or columns that there are not, or says too little
/// to place a row.
pub fn lay(files: Files, overlay: &KnowledgeOverlay) -> Result<Laid, OverlayError> {
    let mut laid = Laid {
        files,
        rows: Vec::new(),
    };
    for facts in &overlay.facts {
        let file = EVERY
            .iter()
            .find(|file| file.path == facts.file)
            .ok_or_else(|| OverlayError::NoSuchFile {
                file: facts.file.clone(),
            })?;
        lay_facts(&mut laid, file, facts)?;
    }
    Ok(laid)
}

fn lay_facts(
    laid: &mut Laid,
    file: &'static FactFile,
    facts: &OverlayFacts,
) -> Result<(), OverlayError> {
    let FactFile { path, schema, .. } = *file;
    if facts.source.trim().is_empty() {
        return Err(OverlayError::NoSource { file: path });
    }
    let text = laid.files.text(path)?.into_owned();
    let table = Table::read(path, &text, schema)?;
    let mut rows: Vec<Vec<String>> = table
        .records()
        .map(|record| record.values().map(str::to_owned).collect())
        .collect();
    let mut given = placed(path, schema, facts)?;
    given.sort_by(|left, right| schema.order(left, right));
    if let Some(pair) = given
        .windows(2)
        .find(|pair| matches!(pair, [one, other] if schema.order(one, other).is_eq()))
    {
        let key = pair.first().map(|row| key(schema, row)).unwrap_or_default();
        return Err(OverlayError::Twice {
            file: path,
            key: key.join(" "),
        });
    }
    for row in given {
        let found = rows.binary_search_by(|built_in| schema.order(built_in, &row));
        let stand = match found {
            Ok(at) => match rows.get_mut(at) {
                Some(built_in) => {
                    let differences = differences(schema, built_in, &row);
                    built_in.clone_from(&row);
                    Stand::Contradicts(differences)
                }
                None => continue,
            },
            Err(at) => {
                rows.insert(at, row.clone());
                Stand::Added
            }
        };
        // What only confirms changes nothing.
        if stand != Stand::Contradicts(Vec::new()) {
            laid.rows.push(LaidRow {
                file: path,
                key: key(schema, &row),
                source: format!("{} ({})", facts.source, facts.as_of),
                stand,
            });
        }
    }
    let head = text.lines().take_while(|line| line.starts_with('#'));
    let lines = head
        .map(str::to_owned)
        .chain([schema.columns.join(",")])
        .chain(rows.iter().map(table::line));
    let text = lines.fold(String::new(), |all, line| all + &line + "\n");
    laid.files = std::mem::take(&mut laid.files).with(path, text);
    Ok(())
}

/// The rows of `facts` with their values in the order of the columns.
fn placed(
    file: &'static str,
    schema: &Schema,
    facts: &OverlayFacts,
) -> Result<Vec<Vec<String>>, OverlayError> {
    let mut placed = Vec::new();
    for (number, row) in (1..).zip(&facts.rows) {
        if let Some(column) = row
            .keys()
            .find(|column| !schema.columns.contains(&column.as_str()))
        {
            return Err(OverlayError::NoSuchColumn {
                file,
                column: column.clone(),
                columns: schema.columns.join(", "),
            });
        }
        let mut values = Vec::new();
        for column in schema.columns {
            let value = row.get(*column).cloned().unwrap_or_default();
            if value.contains(['\n', '\r']) {
                return Err(OverlayError::Lines {
                    file,
                    row: number,
                    column,
                });
            }
            values.push(value);
        }
        if key(schema, &values).iter().all(String::is_empty) {
            let columns: Vec<&str> = schema.columns.iter().take(schema.key).copied().collect();
            return Err(OverlayError::NoKey {
                file,
                row: number,
                columns: columns.join(", "),
            });
        }
        placed.push(values);
    }
    Ok(placed)
}

fn key(schema: &Schema, row: &[String]) -> Vec<String> {
    row.iter().take(schema.key).cloned().collect()
}

fn differences(schema: &Schema, built_in: &[String], overlay: &[String]) -> Vec<Difference> {
    schema
        .columns
        .iter()
        .zip(built_in.iter().zip(overlay))
        .filter(|(_, (built_in, overlay))| built_in.cmp(overlay) != Ordering::Equal)
        .map(|(column, (built_in, overlay))| Difference {
            column,
            built_in: built_in.clone(),
            overlay: overlay.clone(),
        })
        .collect()
}

impl LaidRow {
    /// Whether `text` speaks of what this row is about: it has every value of the
    /// key that is a word.
    #[must_use]
    pub fn is_about(&self, text: &str) -> bool {
        self.key
            .iter()
            .filter(|value| value.chars().any(char::is_alphabetic))
            .all(|value| text.contains(value.as_str()))
    }

    /// The built-in facts that it contradicts, in one sentence; none where it adds.
    #[must_use]
    pub fn contradiction(&self) -> Option<String> {
        let Stand::Contradicts(differences) = &self.stand else {
            return None;
        };
        let told: Vec<String> = differences
            .iter()
            .map(|difference| {
                format!(
                    "{} is {}, built in as {}",
                    difference.column,
                    quoted(&difference.overlay),
                    quoted(&difference.built_in)
                )
            })
            .collect();
        Some(format!(
            "{} {}: {}",
            self.file,
            self.key.join(" "),
            told.join("; ")
        ))
    }
}

fn quoted(value: &str) -> String {
    if value.is_empty() {
        "empty".to_owned()
    } else {
        format!("{value:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Knowledge;
    use refit_model::overlay::KnowledgeOverlayKind;
    use refit_model::version::Minor;
    use std::collections::BTreeMap;

    fn overlay(file: &str, rows: &[&[(&str, &str)]]) -> KnowledgeOverlay {
        let rows: Vec<BTreeMap<String, String>> = rows
            .iter()
            .map(|row| {
                row.iter()
                    .map(|(column, value)| ((*column).to_owned(), (*value).to_owned()))
                    .collect()
            })
            .collect();
        KnowledgeOverlay {
            api_version: refit_model::API_VERSION.to_owned(),
            kind: KnowledgeOverlayKind::KnowledgeOverlay,
            name: "ours".to_owned(),
            facts: vec![OverlayFacts {
                file: file.to_owned(),
                source: "a ticket".to_owned(),
                as_of: "2026-11-29".parse().unwrap(),
                rows,
            }],
        }
    }

    const RELEASES: &str = "kubernetes/releases.csv";

    /// What was built in of the release 1.34, as an overlay gives it.
    fn built_in() -> Vec<(&'static str, String)> {
        let table = Files::embedded()
            .table(RELEASES, &crate::calendar::SCHEMA)
            .unwrap();
        let record = table
            .records()
            .find(|record| record.text("minor") == "1.34")
            .unwrap();
        crate::calendar::SCHEMA
            .columns
            .iter()
            .map(|column| (*column, record.text(column).to_owned()))
            .collect()
    }

    #[test]
    fn a_row_takes_the_place_of_the_built_in_one_and_says_so() {
        let mut row = built_in();
        for (column, value) in &mut row {
            if *column == "end_of_life" {
                *value = "2030-01-01".to_owned();
            }
        }
        let row: Vec<(&str, &str)> = row.iter().map(|(c, v)| (*c, v.as_str())).collect();
        let laid = lay(Files::embedded(), &overlay(RELEASES, &[&row])).unwrap();
        let told: Vec<_> = laid
            .rows
            .iter()
            .filter_map(LaidRow::contradiction)
            .collect();
        assert_eq!(
            told,
            [
                "kubernetes/releases.csv 1.34: end_of_life is \"2030-01-01\", built in as \
                 \"2026-10-27\""
            ]
        );
        let knowledge = Knowledge::read(laid.files).unwrap();
        let release = knowledge.calendar().release(Minor::new(1, 34)).unwrap();
        assert_eq!(release.end_of_life.to_string(), "2030-01-01");
    }

    #[test]
    fn what_only_confirms_changes_nothing() {
        let row = built_in();
        let row: Vec<(&str, &str)> = row.iter().map(|(c, v)| (*c, v.as_str())).collect();
        let laid = lay(Files::embedded(), &overlay(RELEASES, &[&row])).unwrap();
        assert_eq!(laid.rows, []);
    }

    #[test]
    fn overlays_that_cannot_be_laid_are_refused() {
        for (file, row, expected) in [
            (
                "kubernetes/release.csv",
                [("minor", "1.50")],
                "there is no fact file kubernetes/release.csv",
            ),
            (
                RELEASES,
                [("minr", "1.50")],
                "kubernetes/releases.csv has no column minr; its columns are minor, released, \
                 maintenance_from, end_of_life, end_of_life_second, latest_patch, latest_date, \
                 source, notes",
            ),
            (
                RELEASES,
                [("released", "2030-01-01")],
                "row 1 for kubernetes/releases.csv says nothing in any of minor, which identify it",
            ),
            (
                RELEASES,
                [("minor", "1.50\n1.51")],
                "minor of row 1 for kubernetes/releases.csv is more than one line",
            ),
        ] {
            let error = lay(Files::embedded(), &overlay(file, &[&row])).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn a_row_that_its_reader_refuses_is_refused() {
        let laid = lay(
            Files::embedded(),
            &overlay(RELEASES, &[&[("minor", "1.50"), ("released", "soon")]]),
        )
        .unwrap();
        assert!(Knowledge::read(laid.files).is_err());
    }
}
