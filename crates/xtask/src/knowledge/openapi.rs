//! The fields of every definition of every minor, out of the OpenAPI documents
//! in the source trees of Kubernetes.
//!
//! What others made from those documents is read by the same code, so that both
//! can be compared field by field.

use super::Derived;
use crate::{Outcome, say};
pub(super) use document::release_of;
use document::{Definition, Document, Kind};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use refit_knowledge::schema::Span;
use refit_knowledge::table;
use refit_model::version::Minor;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

mod document;
mod second;

pub(super) use second::{Said, compare, derive as second, k8s_openapi, kubernetes_validate};
pub(super) const FIELDS: &str = "kubernetes/schemas/fields.csv";
pub(super) const KINDS: &str = "kubernetes/schemas/kinds.csv";
pub(super) const SECOND: &str = "second-sources/schemas.csv";

/// The documents of several minors.
type Documents = BTreeMap<Minor, Document>;

/// What holds for one field in one minor: shape, `required`, default.
type Facts = [String; 3];

/// `kubernetes/schemas/*.csv` from source trees, or the modules they are served as.
pub(super) fn derive(trees: &[PathBuf]) -> Outcome<Vec<Derived>> {
    let mut documents = Documents::new();
    let mut releases = BTreeMap::new();
    for tree in trees {
        let (release, document) = document::tree(tree)?;
        let minor = release.minor();
        if let Some(other) = releases.insert(minor, release.clone()) {
            return Err(format!("{other} and {release} are of one minor; give one of them").into());
        }
        documents.insert(minor, document);
    }
    let releases: Vec<String> = releases.values().map(ToString::to_string).collect();
    let head = |format: &str, columns: &[&str]| {
        format!(
            "# format: {format}\n# as-of: \n# source: kubernetes/kubernetes api/openapi-spec/swagger.json, and v3/*.json for the defaults, at {} (Apache-2.0)\n{}\n",
            releases.join(", "),
            columns.join(","),
        )
    };
    let fields = Derived {
        path: FIELDS,
        text: head(
            refit_knowledge::schema::FIELDS.format,
            refit_knowledge::schema::FIELDS.columns,
        ) + &lines(folded(fields(&documents)).into_iter().map(
            |([definition, field], span, [shape, required, default])| {
                vec![
                    definition,
                    field,
                    span.to_string(),
                    shape,
                    required,
                    default,
                ]
            },
        )),
    };
    let kinds = Derived {
        path: KINDS,
        text: head(
            refit_knowledge::schema::KINDS.format,
            refit_knowledge::schema::KINDS.columns,
        ) + &lines(folded(kinds(&documents)?).into_iter().map(
            |([group, version, kind], span, definition)| {
                vec![group, version, kind, span.to_string(), definition]
            },
        )),
    };
    for file in [&fields, &kinds] {
        say(&format!(
            "{} rows, {} bytes, {} deflated: knowledge/{}",
            file.text.lines().count() - 4,
            file.text.len(),
            deflated(&file.text)?,
            file.path
        ))?;
    }
    Ok(vec![fields, kinds])
}

/// What each minor says of each field. A definition itself is its own field
/// without a name.
fn fields(documents: &Documents) -> BTreeMap<[String; 2], BTreeMap<Minor, Facts>> {
    let mut found: BTreeMap<[String; 2], BTreeMap<Minor, Facts>> = BTreeMap::new();
    for (minor, document) in documents {
        for (name, definition) in &document.definitions {
            let itself = [definition.shape.clone(), String::new(), String::new()];
            let fields = definition.fields.iter().map(|(field, shape)| {
                let required = if definition.required.contains(field) {
                    "required"
                } else {
                    ""
                };
                let default = definition.defaults.get(field).cloned().unwrap_or_default();
                (field.clone(), [shape.clone(), required.to_owned(), default])
            });
            for (field, facts) in std::iter::once((String::new(), itself)).chain(fields) {
                found
                    .entry([name.clone(), field])
                    .or_default()
                    .insert(*minor, facts);
            }
        }
    }
    found
}

/// The definition of each kind in each minor.
fn kinds(documents: &Documents) -> Outcome<BTreeMap<[String; 3], BTreeMap<Minor, String>>> {
    let mut found: BTreeMap<[String; 3], BTreeMap<Minor, String>> = BTreeMap::new();
    for (minor, document) in documents {
        for (name, Definition { kinds, .. }) in &document.definitions {
            for Kind {
                group,
                version,
                kind,
            } in kinds
            {
                let other = found
                    .entry([group.clone(), version.clone(), kind.clone()])
                    .or_default()
                    .insert(*minor, name.clone());
                if let Some(other) = other {
                    return Err(format!(
                        "{minor}: {group}/{version} {kind} is both {other} and {name}"
                    )
                    .into());
                }
            }
        }
    }
    Ok(found)
}

/// One entry for each run of minors in which nothing changes.
fn folded<K: Clone, F: PartialEq>(facts: BTreeMap<K, BTreeMap<Minor, F>>) -> Vec<(K, Span, F)> {
    let mut all = Vec::new();
    for (key, minors) in facts {
        let mut spans: Vec<(K, Span, F)> = Vec::new();
        for (minor, facts) in minors {
            match spans.last_mut() {
                Some((_, span, same)) if span.last.next() == minor && *same == facts => {
                    span.last = minor;
                }
                Some(_) | None => {
                    let span = Span {
                        first: minor,
                        last: minor,
                    };
                    spans.push((key.clone(), span, facts));
                }
            }
        }
        all.append(&mut spans);
    }
    all
}

fn lines(rows: impl Iterator<Item = Vec<String>>) -> String {
    rows.fold(String::new(), |all, row| all + &table::line(row) + "\n")
}

/// How many bytes `text` takes where it is embedded.
fn deflated(text: &str) -> Outcome<usize> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes())?;
    Ok(encoder.finish()?.len())
}
