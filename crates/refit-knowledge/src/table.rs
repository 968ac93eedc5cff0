//! The one format of the fact files: a header of comments, then a sorted table.
//!
//! ```text
//! # format: refit-knowledge/releases/1
//! # as-of: 2026-08-22
//! # source: endoflife.date, product kubernetes
//! minor,released,end_of_life
//! 1.16,2019-09-18,2020-09-02
//! ```
//!
//! The reader is strict, because the same reader takes files that people write:
//! the columns are exactly those of the schema, every row has all of them, a
//! value never spans lines, and rows ascend by their key without duplicates.
//! It knows nothing about what the values mean.

use jiff::civil::Date;
use std::cmp::Ordering;
use std::str::FromStr;

/// The longest line that is read, in bytes. The longest fact line today has 330.
const LONGEST_LINE: usize = 16 * 1024;

/// A fact file as read: who says it, when it was looked at, and the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// When somebody last checked these facts against their sources.
    pub as_of: Date,
    /// Where the facts come from, at least one.
    pub sources: Vec<String>,
    rows: Vec<Row>,
    columns: Vec<&'static str>,
    file: String,
}

/// One row and the line it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    line: usize,
    values: Vec<String>,
}

/// What a fact file must look like.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// The text after `# format:`.
    pub format: &'static str,
    /// Every column, in order.
    pub columns: &'static [&'static str],
    /// How many of the first columns identify a row; rows ascend by them.
    pub key: usize,
}

/// Why a fact file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct Error {
    /// The file, as it was named by whoever read it.
    pub file: String,
    /// One-based; 0 where the file as a whole is meant.
    pub line: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong with a fact file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The header lacks a line or has it in another form.
    #[error("the header wants {0}")]
    Header(String),
    /// The line with the column names is not the schema's.
    #[error("the columns are not {0}")]
    Columns(String),
    /// A row has too many or too few values.
    #[error("{found} values where {wanted} are wanted")]
    Values {
        /// How many the schema has.
        wanted: usize,
        /// How many are there.
        found: usize,
    },
    /// A quote opens and does not close, or text follows a closing quote.
    #[error("a quoted value does not end before the comma or the end of the line")]
    Quote,
    /// A line is longer than any fact.
    #[error("the line is longer than {LONGEST_LINE} bytes")]
    Length,
    /// A row does not come after the one before it.
    #[error("the row does not sort after the one before it")]
    Order,
    /// A value is not what its column holds.
    #[error("{column} is {value:?}, which is not {wanted}")]
    Value {
        /// The column.
        column: &'static str,
        /// What stands there.
        value: String,
        /// What would be accepted.
        wanted: &'static str,
    },
    /// There is no such file.
    #[error("there is no such fact file")]
    Missing,
    /// A fact contradicts another one in the same row or file.
    #[error("{0}")]
    Contradiction(&'static str),
}

impl Schema {
    /// How two rows stand to each other by their key: versions by their numbers,
    /// so that 1.9 comes before 1.10 as a reader expects, else by bytes.
    #[must_use]
    pub fn order(&self, left: &[String], right: &[String]) -> Ordering {
        let numbers = |text: &str| -> Option<Vec<u32>> {
            text.split('.').map(|part| part.parse().ok()).collect()
        };
        left.iter()
            .zip(right)
            .take(self.key)
            .map(|(a, b)| match (numbers(a), numbers(b)) {
                (Some(a), Some(b)) => a.cmp(&b),
                (None, _) | (_, None) => a.cmp(b),
            })
            .find(|ordering| ordering.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl Table {
    /// Reads `text` by `schema`; `file` is for messages.
    ///
    /// # Errors
    /// At the first line that is not as the schema wants it.
    pub fn read(file: &str, text: &str, schema: &Schema) -> Result<Self, Error> {
        let fail = |line: usize, problem: Problem| Error {
            file: file.to_owned(),
            line,
            problem,
        };
        let mut as_of = None;
        let mut sources = Vec::new();
        let mut format = None;
        let mut columns_seen = false;
        let mut rows: Vec<Row> = Vec::new();
        for (index, content) in text.lines().enumerate() {
            let line = index + 1;
            if content.len() > LONGEST_LINE {
                return Err(fail(line, Problem::Length));
            }
            if !columns_seen {
                if let Some(comment) = content.strip_prefix('#') {
                    match comment.trim().split_once(": ") {
                        Some(("format", value)) => format = Some(value.trim().to_owned()),
                        Some(("as-of", value)) => {
                            as_of = Some(value.trim().parse::<Date>().map_err(|_| {
                                fail(line, Problem::Header("\"# as-of: YYYY-MM-DD\"".to_owned()))
                            })?);
                        }
                        Some(("source", value)) => sources.push(value.trim().to_owned()),
                        Some(_) | None => {}
                    }
                    continue;
                }
                let wanted = schema.columns.join(",");
                if content != wanted {
                    return Err(fail(line, Problem::Columns(wanted)));
                }
                columns_seen = true;
                continue;
            }
            let values = values(content).ok_or_else(|| fail(line, Problem::Quote))?;
            if values.len() != schema.columns.len() {
                return Err(fail(
                    line,
                    Problem::Values {
                        wanted: schema.columns.len(),
                        found: values.len(),
                    },
                ));
            }
            if rows
                .last()
                .is_some_and(|before| schema.order(&before.values, &values).is_ge())
            {
                return Err(fail(line, Problem::Order));
            }
            rows.push(Row { line, values });
        }
        if format.as_deref() != Some(schema.format) {
            let wanted = format!("\"# format: {}\"", schema.format);
            return Err(fail(0, Problem::Header(wanted)));
        }
        if sources.is_empty() || sources.iter().any(String::is_empty) {
            return Err(fail(0, Problem::Header("a \"# source:\" line".to_owned())));
        }
        let Some(as_of) = as_of else {
            return Err(fail(0, Problem::Header("an \"# as-of:\" line".to_owned())));
        };
        if !columns_seen {
            return Err(fail(0, Problem::Columns(schema.columns.join(","))));
        }
        Ok(Self {
            as_of,
            sources,
            rows,
            columns: schema.columns.to_vec(),
            file: file.to_owned(),
        })
    }

    /// The rows in order.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.rows.iter().map(|row| Record { table: self, row })
    }
}

/// One row, read by column name.
#[derive(Clone, Copy, Debug)]
pub struct Record<'t> {
    table: &'t Table,
    row: &'t Row,
}

impl<'t> Record<'t> {
    /// The text of `column`; empty where the schema has no such column.
    #[must_use]
    pub fn text(&self, column: &str) -> &'t str {
        self.table
            .columns
            .iter()
            .position(|name| *name == column)
            .and_then(|index| self.row.values.get(index))
            .map_or("", String::as_str)
    }

    /// All values, in the order of the columns.
    pub fn values(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        self.row.values.iter().map(String::as_str)
    }

    /// The text of a column that may not be empty.
    ///
    /// # Errors
    /// When it is.
    pub fn required(&self, column: &'static str) -> Result<&'t str, Error> {
        let text = self.text(column);
        if text.is_empty() {
            return Err(self.refuse(column, "given"));
        }
        Ok(text)
    }

    /// The value of `column`.
    ///
    /// # Errors
    /// When the text is not one.
    pub fn value<T: FromStr>(
        &self,
        column: &'static str,
        wanted: &'static str,
    ) -> Result<T, Error> {
        self.text(column)
            .parse()
            .map_err(|_| self.refuse(column, wanted))
    }

    /// The value of `column`, or `None` where it is empty.
    ///
    /// # Errors
    /// When there is a text and it is not one.
    pub fn optional<T: FromStr>(
        &self,
        column: &'static str,
        wanted: &'static str,
    ) -> Result<Option<T>, Error> {
        if self.text(column).is_empty() {
            return Ok(None);
        }
        self.value(column, wanted).map(Some)
    }

    /// Which of the `choices` stands in `column`.
    ///
    /// # Errors
    /// When none does.
    pub fn choice<T: Copy>(
        &self,
        column: &'static str,
        choices: &[(&str, T)],
        wanted: &'static str,
    ) -> Result<T, Error> {
        let text = self.text(column);
        choices
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, value)| *value)
            .ok_or_else(|| self.refuse(column, wanted))
    }

    /// The error that this row contradicts itself.
    #[must_use]
    pub fn contradiction(&self, what: &'static str) -> Error {
        self.fail(Problem::Contradiction(what))
    }

    /// The error that `column` does not hold what it should.
    #[must_use]
    pub fn refuse(&self, column: &'static str, wanted: &'static str) -> Error {
        self.fail(Problem::Value {
            column,
            value: self.text(column).to_owned(),
            wanted,
        })
    }

    fn fail(&self, problem: Problem) -> Error {
        Error {
            file: self.table.file.clone(),
            line: self.row.line,
            problem,
        }
    }
}

/// The values of one line; `None` where a quote is not closed properly.
#[must_use]
pub fn values(line: &str) -> Option<Vec<String>> {
    let mut values = Vec::new();
    let mut rest = line;
    loop {
        let (value, after) = if let Some(quoted) = rest.strip_prefix('"') {
            unquote(quoted)?
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            let (value, after) = rest.split_at(end);
            if value.contains('"') {
                return None;
            }
            (value.to_owned(), after)
        };
        values.push(value);
        match after.strip_prefix(',') {
            Some(more) => rest = more,
            None if after.is_empty() => return Some(values),
            None => return None,
        }
    }
}

/// The value behind an opening quote, and what follows its closing quote.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let (piece, after) = rest.split_once('"')?;
        value.push_str(piece);
        match after.strip_prefix('"') {
            Some(more) => {
                value.push('"');
                rest = more;
            }
            None => return Some((value, after)),
        }
    }
}

/// One line of a fact file from its values, quoted where they need it.
#[must_use]
pub fn line(values: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let quoted: Vec<String> = values
        .into_iter()
        .map(|value| {
            let value = value.as_ref();
            if value.contains([',', '"']) {
                format!("\"{}\"", value.replace('"', "\"\""))
            } else {
                value.to_owned()
            }
        })
        .collect();
    quoted.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: Schema = Schema {
        format: "refit-knowledge/example/1",
        columns: &["minor", "note"],
        key: 1,
    };
    const HEAD: &str =
        "# format: refit-knowledge/example/1\n# as-of: 2026-08-22\n# source: a page\n";

    #[track_caller]
    fn check(body: &str, expected: Result<&[&str], &str>) {
        let found = Table::read("example.csv", &format!("{HEAD}{body}"), &SCHEMA);
        match (found, expected) {
            (Ok(table), Ok(notes)) => {
                let found: Vec<_> = table.records().map(|record| record.text("note")).collect();
                assert_eq!(found, notes, "{body:?}");
            }
            (found, expected) => {
                let found = found.map(|_| ()).map_err(|error| error.to_string());
                assert_eq!(
                    found,
                    expected.map(|_| ()).map_err(str::to_owned),
                    "{body:?}"
                );
            }
        }
    }

    #[test]
    fn rows() {
        check(
            "minor,note\n1.9,a\n1.10,\"b, \"\"c\"\"\"\n",
            Ok(&["a", "b, \"c\""]),
        );
        check("minor,note\n", Ok(&[]));
        check(
            "minor,remark\n",
            Err("example.csv:4: the columns are not minor,note"),
        );
        check("", Err("example.csv:0: the columns are not minor,note"));
        check(
            "minor,note\n1.9\n",
            Err("example.csv:5: 1 values where 2 are wanted"),
        );
        check(
            "minor,note\n1.10,a\n1.9,b\n",
            Err("example.csv:6: the row does not sort after the one before it"),
        );
        check(
            "minor,note\n1.9,a\n1.9,b\n",
            Err("example.csv:6: the row does not sort after the one before it"),
        );
        for broken in ["\"open", "\"closed\"x", "in\"side"] {
            check(
                &format!("minor,note\n1.9,{broken}\n"),
                Err(
                    "example.csv:5: a quoted value does not end before the comma or the end of the line",
                ),
            );
        }
        check(
            &format!("minor,note\n1.9,{}\n", "x".repeat(LONGEST_LINE)),
            Err("example.csv:5: the line is longer than 16384 bytes"),
        );
    }

    #[test]
    fn header() {
        let read = |head: &str| {
            Table::read("example.csv", &format!("{head}minor,note\n"), &SCHEMA)
                .map(|_| ())
                .map_err(|error| error.problem)
        };
        for (head, wanted) in [
            (
                "# as-of: 2026-08-22\n# source: x\n",
                "\"# format: refit-knowledge/example/1\"",
            ),
            (
                "# format: refit-knowledge/example/1\n# source: x\n",
                "an \"# as-of:\" line",
            ),
            (
                "# format: refit-knowledge/example/1\n# as-of: 2026-08-22\n",
                "a \"# source:\" line",
            ),
            ("# as-of: yesterday\n", "\"# as-of: YYYY-MM-DD\""),
        ] {
            assert_eq!(
                read(head),
                Err(Problem::Header(wanted.to_owned())),
                "{head:?}"
            );
        }
    }

    #[test]
    fn written_lines_read_back() {
        for row in [["a", "b"], ["a,b", "\"c\""], ["", ""], ["\"", ",,"]] {
            assert_eq!(values(&line(row)).unwrap(), row, "{row:?}");
        }
    }
}
