//! The use case *knowledge*: what is known, as rows that people search and read.

use crate::failure::{Failure, FailureKind};
use refit_assessor::near::nearest;
use refit_knowledge::Knowledge;
use refit_knowledge::changes::{Change, between};
use refit_knowledge::files::{EVERY, FactFile};
use refit_knowledge::project::ProjectVersion;
use refit_knowledge::table::{Record, Table};
use refit_model::version::Minor;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};

/// One fact file, as a list of them shows it.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FactFileShown {
    /// Its path below `knowledge/`.
    pub file: &'static str,
    /// What one row says.
    pub says: &'static str,
    /// How many rows it has.
    pub rows: usize,
    /// When somebody last compared the facts with their sources.
    pub as_of: String,
    /// Where they come from.
    pub sources: Vec<String>,
    /// Its columns; the first of them identify a row.
    pub columns: Vec<&'static str>,
}

/// One row of a fact file.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fact {
    /// The file.
    pub file: &'static str,
    /// The values of the columns that identify it.
    pub key: Vec<String>,
    /// The other values that there are, by column, in the order of the columns.
    #[serde(serialize_with = "by_column")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub values: Vec<(&'static str, String)>,
}

fn by_column<S: Serializer>(
    values: &[(&'static str, String)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(values.iter().map(|(column, value)| (column, value)))
}

/// All fact files, in the order of their paths.
///
/// # Errors
/// When a file cannot be read, which is a defect.
pub fn files(knowledge: &Knowledge) -> Result<Vec<FactFileShown>, Failure> {
    EVERY
        .iter()
        .map(|file| {
            let table = table(knowledge, file)?;
            Ok(FactFileShown {
                file: file.path,
                says: file.says,
                rows: table.records().count(),
                as_of: table.as_of.to_string(),
                sources: table.sources,
                columns: file.schema.columns.to_vec(),
            })
        })
        .collect()
}

/// The rows of the file that `name` means: its path, or the end of it with or
/// without `.csv`.
///
/// # Errors
/// When no file or more than one is meant.
pub fn rows(knowledge: &Knowledge, name: &str) -> Result<Vec<Fact>, Failure> {
    let meant: Vec<&FactFile> = EVERY.iter().filter(|file| is_meant(file, name)).collect();
    match meant.as_slice() {
        [file] => rows_of(knowledge, file),
        [] => {
            let failure = Failure::new(FailureKind::Usage, format!("there is no fact file {name}"));
            let short = EVERY.iter().map(|file| short(file.path));
            Err(match nearest(name, short) {
                Some(near) => failure.hint(format!("{near} may be meant")),
                None => failure,
            }
            .hint("`refit knowledge list` names them all"))
        }
        several => {
            let names: Vec<&str> = several.iter().map(|file| file.path).collect();
            Err(Failure::new(
                FailureKind::Usage,
                format!("{name} may be any of {}", names.join(", ")),
            )
            .hint("name one by its whole path"))
        }
    }
}

/// The facts about `subject`: the rows of which a value of the key is it.
///
/// # Errors
/// When there is none; the failure names what is near.
pub fn about(knowledge: &Knowledge, subject: &str) -> Result<Vec<Fact>, Failure> {
    let wanted = subject.to_lowercase();
    let mut found = Vec::new();
    let mut subjects = BTreeSet::new();
    for file in EVERY {
        for fact in rows_of(knowledge, file)? {
            if fact.key.iter().any(|value| value.to_lowercase() == wanted) {
                found.push(fact);
            } else {
                subjects.extend(fact.key.into_iter().filter(|key| is_word(key)));
            }
        }
    }
    if found.is_empty() {
        let failure = Failure::new(FailureKind::Usage, format!("no fact is about {subject:?}"));
        return Err(match nearest(subject, subjects) {
            Some(near) => failure.hint(format!("{near} may be meant")),
            None => failure,
        }
        .hint("`refit knowledge search TEXT` looks into every value"));
    }
    Ok(found)
}

/// The facts with `text` in any value, in any case.
///
/// # Errors
/// When a file cannot be read, which is a defect.
pub fn search(knowledge: &Knowledge, text: &str) -> Result<Vec<Fact>, Failure> {
    let wanted = text.to_lowercase();
    let mut found = Vec::new();
    for file in EVERY {
        found.extend(rows_of(knowledge, file)?.into_iter().filter(|fact| {
            fact.key
                .iter()
                .chain(fact.values.iter().map(|(_, value)| value))
                .any(|value| value.to_lowercase().contains(&wanted))
        }));
    }
    Ok(found)
}

/// What changes from one minor to another.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The minor that runs.
    pub from: Minor,
    /// The minor that is aimed at.
    pub to: Minor,
    /// What changes, by who must act; infrastructure first.
    pub groups: Vec<Changes>,
}

/// What some must act on.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// Who.
    pub who: &'static str,
    /// On what.
    pub changes: Vec<Changed>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Changed {
    /// The release with which it comes.
    pub with: String,
    /// What changes.
    pub what: String,
    /// What to do; empty where nothing is to be done.
    pub act: String,
    /// Where that can be looked up.
    pub source: String,
}

/// What changes after `from` and not after `to`.
///
/// # Errors
/// When the knowledge does not cover both, or `to` does not come after `from`.
pub fn difference(knowledge: &Knowledge, from: Minor, to: Minor) -> Result<Difference, Failure> {
    let (first, last) = knowledge.covers();
    for minor in [from, to] {
        if !(first..=last).contains(&minor) {
            return Err(Failure::new(
                FailureKind::Usage,
                format!("nothing is known about Kubernetes {minor}"),
            )
            .hint(format!("the knowledge covers {first} to {last}")));
        }
    }
    if from >= to {
        return Err(Failure::new(
            FailureKind::Usage,
            format!("{to} does not come after {from}"),
        )
        .hint("name the minor that runs first, then the one that is aimed at"));
    }
    let groups = between(knowledge, from, to)
        .into_iter()
        .map(|(who, changes)| Changes {
            who: who.title(),
            changes: in_order(changes),
        })
        .collect();
    Ok(Difference { from, to, groups })
}

/// By the release, so that the page can be read hop by hop.
fn in_order(mut changes: Vec<Change>) -> Vec<Changed> {
    let numbers = |change: &Change| -> Vec<u32> {
        change
            .with
            .split('.')
            .filter_map(|part| part.parse().ok())
            .collect()
    };
    changes.sort_by(|one, other| (numbers(one), &one.what).cmp(&(numbers(other), &other.what)));
    changes
        .into_iter()
        .map(
            |Change {
                 with,
                 what,
                 act,
                 source,
             }| Changed {
                with,
                what,
                act,
                source,
            },
        )
        .collect()
}

/// How much is known of one project.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectCoverage {
    /// The project.
    pub project: String,
    /// How many claims about the Kubernetes it needs there are, by basis.
    pub claims: BTreeMap<String, usize>,
    /// How many minor versions of it those claims speak of.
    pub minors: usize,
    /// How many facts of other files there are, by file.
    pub facts: BTreeMap<&'static str, usize>,
}

/// What is known of each project, and of which nothing is known but its name.
///
/// # Errors
/// When a file cannot be read, which is a defect.
pub fn coverage(knowledge: &Knowledge) -> Result<Vec<ProjectCoverage>, Failure> {
    let mut covered: BTreeMap<String, (ProjectCoverage, BTreeSet<(u32, u32)>)> = BTreeMap::new();
    for file in EVERY {
        if file.schema.columns.first() != Some(&"project") {
            continue;
        }
        let table = table(knowledge, file)?;
        for record in table.records() {
            let project = record.text("project").to_owned();
            let (known, minors) = covered.entry(project.clone()).or_insert_with(|| {
                let known = ProjectCoverage {
                    project,
                    claims: BTreeMap::new(),
                    minors: 0,
                    facts: BTreeMap::new(),
                };
                (known, BTreeSet::new())
            });
            match claim(file, record) {
                Some((basis, first, last)) => {
                    *known.claims.entry(basis).or_default() += 1;
                    minors.extend(lines(&first, &last));
                }
                None if file.path == PROJECTS => {}
                None => *known.facts.entry(short(file.path)).or_default() += 1,
            }
        }
    }
    Ok(covered
        .into_values()
        .map(|(mut known, minors)| {
            known.minors = minors.len();
            known
        })
        .collect())
}

const PROJECTS: &str = "projects/projects.csv";

/// The basis of a row that says what a project needs, and the first and the last
/// version that it speaks of; the last is empty where it speaks of all that follow.
fn claim(file: &FactFile, record: Record<'_>) -> Option<(String, String, String)> {
    let basis = match file.path {
        "projects/requirements.csv" => record.text("basis"),
        "projects/built-against.csv" => "built-against",
        _ => return None,
    };
    let text = |column| record.text(column).to_owned();
    Some((basis.to_owned(), text("from_version"), text("to_version")))
}

/// The minor versions that a run from `first` to `last` is known to hold: all that
/// lie between two of one major; across majors the ends, and one of each major
/// between them, since nobody says how many a major has.
fn lines(first: &str, last: &str) -> BTreeSet<(u32, u32)> {
    let line = |text: &str| text.parse::<ProjectVersion>().ok()?.line();
    let Some(from) = line(first) else {
        return BTreeSet::new();
    };
    let to = line(last).filter(|to| *to > from).unwrap_or(from);
    if from.0 == to.0 {
        return (from.1..=to.1).map(|minor| (from.0, minor)).collect();
    }
    let between = (from.0 + 1..to.0).map(|major| (major, 0));
    between.chain([from, to]).collect()
}

fn table(knowledge: &Knowledge, file: &FactFile) -> Result<Table, Failure> {
    knowledge
        .files()
        .table(file.path, file.schema)
        .map_err(|error| {
            Failure::new(FailureKind::Broken, "could not read the knowledge").because(error)
        })
}

fn rows_of(knowledge: &Knowledge, file: &FactFile) -> Result<Vec<Fact>, Failure> {
    let (path, key, columns) = (file.path, file.schema.key, file.schema.columns);
    Ok(table(knowledge, file)?
        .records()
        .map(|record| Fact {
            file: path,
            key: record.values().take(key).map(str::to_owned).collect(),
            values: columns
                .iter()
                .zip(record.values())
                .skip(key)
                .filter(|(_, value)| !value.is_empty())
                .map(|(column, value)| (*column, value.to_owned()))
                .collect(),
        })
        .collect())
}

fn is_meant(file: &FactFile, name: &str) -> bool {
    let name = name.strip_suffix(".csv").unwrap_or(name);
    let path = file.path.strip_suffix(".csv").unwrap_or(file.path);
    path == name || path.ends_with(&format!("/{name}"))
}

/// `releases` of `kubernetes/releases.csv`.
fn short(path: &'static str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".csv").unwrap_or(name)
}

/// Whether a key is something that people would type: a name, no number.
fn is_word(key: &str) -> bool {
    key.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_meant_by_their_ends() {
        let knowledge = Knowledge::embedded();
        for name in [
            "kubernetes/releases.csv",
            "kubernetes/releases",
            "releases",
            "releases.csv",
        ] {
            assert!(!rows(knowledge, name).unwrap().is_empty(), "{name}");
        }
        let failure = rows(knowledge, "relases").unwrap_err();
        assert!(
            failure.hints.contains(&"releases may be meant".to_owned()),
            "{:?}",
            failure.hints
        );
    }

    #[test]
    fn minor_versions_of_a_run() {
        for (first, last, expected) in [
            ("1.18.0", "1.18", vec![(1, 18)]),
            ("1.18.0", "1.20.3", vec![(1, 18), (1, 19), (1, 20)]),
            ("1.18.0", "", vec![(1, 18)]),
            ("73.0.0", "75.2.1", vec![(73, 0), (74, 0), (75, 2)]),
            ("latest", "1.2.3", vec![]),
        ] {
            let found: Vec<(u32, u32)> = lines(first, last).into_iter().collect();
            assert_eq!(found, expected, "{first} to {last}");
        }
    }

    #[test]
    fn every_project_is_covered_by_what_its_claims_speak_of() {
        let covered = coverage(Knowledge::embedded()).unwrap();
        let minors = |name: &str| {
            let of = covered.iter().find(|project| project.project == name);
            of.map(|project| project.minors)
        };
        // Antrea is known by what it is built against alone.
        assert!(minors("antrea") >= Some(6), "{:?}", minors("antrea"));
        assert!(minors("kube-prometheus-stack") >= Some(6));
        // As many as Kubernetes was set up with since 1.16.
        assert!(minors("etcd") >= Some(5), "{:?}", minors("etcd"));
        assert_eq!(minors("alloy"), Some(0));
    }

    #[test]
    fn facts_are_found_by_subject_and_by_text() {
        let knowledge = Knowledge::embedded();
        let found = about(knowledge, "flowschema").unwrap();
        assert!(
            found
                .iter()
                .all(|fact| fact.key.contains(&"FlowSchema".to_owned()))
        );
        assert!(found.len() >= 4, "{}", found.len());
        let failure = about(knowledge, "cert-manger").unwrap_err();
        assert!(
            failure
                .hints
                .contains(&"cert-manager may be meant".to_owned()),
            "{:?}",
            failure.hints
        );
        assert!(search(knowledge, "VERSION-SKEW-POLICY").unwrap().len() > 5);
        assert_eq!(search(knowledge, "no such text anywhere").unwrap(), []);
    }
}
