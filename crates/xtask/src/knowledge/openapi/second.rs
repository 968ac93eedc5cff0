//! What others say of the same documents: `kubernetes-validate` is made from
//! them, `k8s-openapi` is generated from them by another program.
//!
//! All of it would be larger than the facts, so that a hash of it is checked in
//! for each minor, over the lines that `lines` describes. A test builds the
//! same lines from the facts; where its hash is another, [`compare`] names the
//! lines.

use super::document::{Document, minor_of};
use super::{Documents, SECOND};
use crate::knowledge::{Derived, archive, get, rows, second_sources};
use crate::{Outcome, root, say};
use refit_knowledge::Knowledge;
use refit_knowledge::table;
use refit_model::version::Minor;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What a second source says of each minor.
pub(in crate::knowledge) struct Said {
    name: &'static str,
    about: String,
    minors: BTreeMap<Minor, BTreeSet<[String; 3]>>,
}

/// `kubernetes-validate`: definitions, fields with their shapes, and what is
/// required. It writes two definitions in its own way, `IntOrString` and
/// `Quantity`, so that what a definition is itself is not compared.
pub(in crate::knowledge) fn kubernetes_validate(packages: &[PathBuf]) -> Outcome<Said> {
    let mut documents = Documents::new();
    for package in packages {
        for (name, content) in
            archive::members(package, &|name| name.ends_with("-local/_definitions.json"))?
        {
            let minor = minor_of(&name).ok_or_else(|| format!("{name}: of which minor?"))?;
            documents.insert(minor, Document::read(&content)?);
        }
    }
    let (first, last) = Knowledge::embedded().covers();
    let minors = documents
        .iter()
        .filter(|(minor, _)| (first..=last).contains(minor))
        .map(|(minor, document)| (*minor, of_document(document)))
        .collect();
    Ok(Said {
        name: "kubernetes-validate",
        about: "PyPI kubernetes-validate, _definitions.json of every minor: the sdist of 1.24.1 for 1.16 to 1.24, the wheel of 1.37.0 for 1.25 to 1.37 (Apache-2.0)".to_owned(),
        minors,
    })
}

fn of_document(document: &Document) -> BTreeSet<[String; 3]> {
    let mut lines = BTreeSet::new();
    for (name, definition) in &document.definitions {
        lines.insert(line(name, "", "definition"));
        for (field, shape) in &definition.fields {
            lines.insert(line(name, field, shape));
        }
        for field in &definition.required {
            lines.insert(line(name, field, "required"));
        }
    }
    lines
}

/// The crate `k8s-openapi`: definitions and the names of their fields. Its types
/// are Rust's, so that shapes are not compared.
pub(in crate::knowledge) fn k8s_openapi(crate_directory: &Path) -> Outcome<Said> {
    let mut minors: BTreeMap<Minor, BTreeSet<[String; 3]>> = BTreeMap::new();
    for entry in fs::read_dir(crate_directory.join("src"))? {
        let module = entry?.path();
        let name = module.file_name().and_then(|name| name.to_str());
        let Some(minor) = name
            .and_then(|name| name.strip_prefix('v'))
            .and_then(|name| name.replace('_', ".").parse().ok())
        else {
            continue;
        };
        let lines = minors.entry(minor).or_default();
        for (_, content) in archive::members(&module, &|name| name.ends_with(".rs"))? {
            of_source(&String::from_utf8(content)?, lines);
        }
    }
    let version = second_sources::crate_version(crate_directory)?;
    Ok(Said {
        name: "k8s-openapi",
        about: format!(
            "crate k8s-openapi {version}, the definition that each source file names and the fields that it deserializes (Apache-2.0)"
        ),
        minors,
    })
}

fn of_source(source: &str, lines: &mut BTreeSet<[String; 3]>) {
    let Some(definition) = source
        .lines()
        .next()
        .and_then(|first| first.strip_prefix("// Generated from definition "))
        // The crate's own generic type for all lists: no document has it.
        .filter(|name| *name != "io.k8s.List")
    else {
        return;
    };
    lines.insert(line(definition, "", "definition"));
    let Some(fields) = source
        .split_once("deserialize_struct(")
        .and_then(|(_, call)| call.split_once("&["))
        .and_then(|(_, list)| list.split_once(']'))
        .map(|(list, _)| list)
    else {
        return;
    };
    for field in fields.split('"').skip(1).step_by(2) {
        lines.insert(line(definition, field, "field"));
    }
}

fn line(definition: &str, field: &str, what: &str) -> [String; 3] {
    [definition, field, what].map(str::to_owned)
}

/// `second-sources/schemas.csv` from all that is said.
pub(in crate::knowledge) fn derive(said: &[Said]) -> Outcome<Derived> {
    let mut text = "# format: refit-knowledge/second-source-schemas/1\n# as-of: \n".to_owned();
    for said in said {
        text.push_str(&format!("# source: {}\n", said.about));
    }
    text.push_str("second_source,minor,definitions,lines,sha256\n");
    for Said { name, minors, .. } in said {
        for (minor, lines) in minors {
            let definitions = lines
                .iter()
                .filter(|[_, field, _]| field.is_empty())
                .count();
            text.push_str(&table::line([
                name,
                minor.to_string().as_str(),
                &definitions.to_string(),
                &lines.len().to_string(),
                &hash(lines),
            ]));
            text.push('\n');
        }
    }
    Ok(Derived { path: SECOND, text })
}

/// SHA-256 over the lines, ascending, each with spaces between and a line feed.
fn hash(lines: &BTreeSet<[String; 3]>) -> String {
    let mut hasher = Sha256::new();
    for line in lines {
        hasher.update(line.join(" ").as_bytes());
        hasher.update(b"\n");
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Compares what is said with the facts, line by line.
///
/// # Errors
/// Naming the first lines that one side has alone and the ledger does not explain.
pub(in crate::knowledge) fn compare(said: &[Said]) -> Outcome<()> {
    let ledger = rows(&root().join("knowledge/second-sources/schema-ledger.csv"))?;
    let schemas = Knowledge::embedded().schemas();
    for said in said {
        let mut unexplained = Vec::new();
        let mut compared = 0;
        for (minor, theirs) in &said.minors {
            let mut ours = BTreeSet::new();
            for definition in schemas.definitions_at(*minor) {
                let name = definition.name();
                ours.insert(line(name, "", "definition"));
                for field in definition.fields() {
                    if said.name == "k8s-openapi" {
                        ours.insert(line(name, field.name, "field"));
                        continue;
                    }
                    ours.insert(line(name, field.name, field.shape));
                    if field.required {
                        ours.insert(line(name, field.name, "required"));
                    }
                }
            }
            compared += theirs.len();
            for (side, lines) in [
                ("only-there", theirs.difference(&ours)),
                ("only-here", ours.difference(theirs)),
            ] {
                for line in lines {
                    if !explained(&ledger, (said.name, *minor, side), line)? {
                        unexplained.push(format!("  {minor} {side}: {}", line.join(" ")));
                    }
                }
            }
        }
        if !unexplained.is_empty() {
            // Twenty lines show what kind of difference it is.
            unexplained.truncate(20);
            return Err(format!(
                "{} says otherwise than knowledge/{}, and schema-ledger.csv does not explain it:\n{}",
                said.name,
                super::FIELDS,
                unexplained.join("\n")
            )
            .into());
        }
        say(&format!(
            "{}: {compared} lines about {} minors are as in knowledge/{}",
            said.name,
            said.minors.len(),
            super::FIELDS
        ))?;
    }
    Ok(())
}

fn explained(
    ledger: &[Vec<(String, String)>],
    (source, minor, side): (&str, Minor, &str),
    line: &[String; 3],
) -> Outcome<bool> {
    for row in ledger {
        let [definition, field, what] = line;
        let span: refit_knowledge::schema::Span = get(row, "minors")?
            .parse()
            .map_err(|()| "schema-ledger.csv: minors are not a span such as 1.25..1.28")?;
        if get(row, "second_source")? == source
            && get(row, "side")? == side
            && span.holds(minor)
            && fits(get(row, "definition")?, definition)
            && fits(get(row, "field")?, field)
            && fits(get(row, "what")?, what)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether `value` is what a ledger column means: itself, or a beginning, `*`,
/// and an end.
fn fits(pattern: &str, value: &str) -> bool {
    pattern
        .split_once('*')
        .map_or(pattern == value, |(start, end)| {
            value.starts_with(start) && value.ends_with(end)
        })
}
