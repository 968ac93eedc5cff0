//! `kubernetes/api-lifecycle.csv` from the table that was extracted from the
//! tags of k8s.io/api and from OpenAPI documents.
//!
//! The table is material, not truth: corrections are checked-in rows with a
//! reason each, applied here, and a correction that the table no longer needs is
//! an error. So is a row that contradicts itself and is not corrected.

use super::{Derived, get, header, rows};
use crate::Outcome;
use refit_knowledge::api::SCHEMA;
use refit_knowledge::table;
use refit_model::version::Minor;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub(super) const FILE: &str = "kubernetes/api-lifecycle.csv";

/// The first minor whose tags were mined: a type that is there in it may be older.
const FIRST_MINED: Minor = Minor::new(1, 16);

/// Staging modules whose tags were not mined over the whole range, so that the
/// first tag with a type says nothing about when it came.
const PARTLY_MINED: [&str; 2] = ["apiextensions.k8s.io", "apiregistration.k8s.io"];

type Row = BTreeMap<&'static str, String>;

pub(super) fn derive(source: &Path, knowledge: &Path) -> Outcome<Derived> {
    let mut corrections = corrections(knowledge)?;
    let mut left_out = left_out(knowledge)?;
    let mut lines = Vec::new();
    for from in rows(source)? {
        let name = [
            get(&from, "group")?,
            get(&from, "version")?,
            get(&from, "kind")?,
        ]
        .map(str::to_owned);
        if left_out.remove(&name) {
            continue;
        }
        let mut row = translate(&from)?;
        correct(&mut row, &name, &mut corrections)?;
        check(&row, &from, &name)?;
        let values: Vec<String> = SCHEMA
            .columns
            .iter()
            .map(|column| row.get(column).cloned().unwrap_or_default())
            .collect();
        lines.push(values);
    }
    if let Some((name, column)) = corrections.keys().next() {
        return Err(format!("a correction of {column} in {name:?} corrects nothing").into());
    }
    if let Some(name) = left_out.first() {
        return Err(format!("{name:?} is left out and is not there").into());
    }
    lines.sort_by(|a, b| SCHEMA.order(a, b));
    let mut text = header(&knowledge.join(FILE))?;
    text.push_str(&SCHEMA.columns.join(","));
    text.push('\n');
    for values in lines {
        text.push_str(&table::line(values));
        text.push('\n');
    }
    Ok(Derived { path: FILE, text })
}

/// A row of the table in the columns of ours.
fn translate(from: &[(String, String)]) -> Outcome<Row> {
    let mut row = Row::new();
    for column in [
        "group",
        "version",
        "kind",
        "stage",
        "introduced",
        "deprecated",
        "replacement",
        "first_openapi",
        "last_openapi",
        "notes",
    ] {
        row.insert(column, get(from, column)?.to_owned());
    }
    row.insert("object", get(from, "object_type")?.to_owned());
    row.insert(
        "served_by_default",
        get(from, "served_by_default_when_present")?.to_owned(),
    );
    row.insert("introduced_basis", basis(get(from, "introduced_basis")?)?);
    row.insert("deprecated_basis", basis(get(from, "deprecated_basis")?)?);
    row.insert("removal_basis", basis(get(from, "removed_basis")?)?);
    row.insert("replacement_basis", basis(get(from, "replacement_basis")?)?);
    let removed = get(from, "removed")?.to_owned();
    let stated_by = if get(from, "removed_basis")?.contains("openapi") {
        // The document of that minor shows it.
        removed.clone()
    } else if removed.is_empty() {
        String::new()
    } else {
        // The newest tag that has the type states it.
        get(from, "last_go_tag")?.to_owned()
    };
    row.insert("removal_stated_by", stated_by);
    match get(from, "status")? {
        "removed" => row.insert("removed", removed),
        "scheduled" => row.insert("removal_scheduled", removed),
        "served" if removed.is_empty() => None,
        other => return Err(format!("status {other:?} with removal {removed:?}").into()),
    };
    Ok(row)
}

/// The table's name of a basis in ours.
fn basis(name: &str) -> Outcome<String> {
    Ok(match name {
        "" => "",
        "lifecycle-gen" => "lifecycle-tag",
        "openapi-presence" => "openapi-presence",
        "openapi-absence" => "openapi-absence",
        "tag" | "explicit" | "explicit-tag" | "upstream-tag" => "source-tag",
        "tag+openapi" => "openapi-absence+source-tag",
        "default(+3)" | "generator-default(dep+3)" => "generator-default",
        "doc-comment" => "doc-comment",
        derived if derived.starts_with("derived(openapi ") => "openapi-successor",
        other => return Err(format!("unknown basis {other:?}").into()),
    }
    .to_owned())
}

/// What a correction says, by the row and the column it is for.
type Corrections = BTreeMap<([String; 3], String), [String; 4]>;

fn corrections(knowledge: &Path) -> Outcome<Corrections> {
    let mut all = Corrections::new();
    for row in rows(&knowledge.join("kubernetes/api-lifecycle-corrections.csv"))? {
        let name = [
            get(&row, "group")?,
            get(&row, "version")?,
            get(&row, "kind")?,
        ];
        let said = [
            get(&row, "stated")?,
            get(&row, "corrected")?,
            get(&row, "corrected_basis")?,
            get(&row, "reason")?,
        ];
        let key = (name.map(str::to_owned), get(&row, "column")?.to_owned());
        all.insert(key, said.map(str::to_owned));
    }
    Ok(all)
}

fn left_out(knowledge: &Path) -> Outcome<BTreeSet<[String; 3]>> {
    rows(&knowledge.join("kubernetes/api-lifecycle-left-out.csv"))?
        .iter()
        .map(|row| {
            let name = [get(row, "group")?, get(row, "version")?, get(row, "kind")?];
            Ok(name.map(str::to_owned))
        })
        .collect()
}

/// Applies what is to be corrected in one row, and takes it off the list.
fn correct(row: &mut Row, name: &[String; 3], corrections: &mut Corrections) -> Outcome<()> {
    for (column, basis) in [
        ("introduced", "introduced_basis"),
        ("deprecated", "deprecated_basis"),
        ("replacement", "replacement_basis"),
    ] {
        let Some([stated, corrected, corrected_basis, reason]) =
            corrections.remove(&(name.clone(), column.to_owned()))
        else {
            continue;
        };
        let found = row.get(column).cloned().unwrap_or_default();
        if found != stated {
            return Err(
                format!("{name:?}: {column} is {found:?}, not {stated:?} as corrected").into(),
            );
        }
        row.insert(column, corrected);
        row.insert(basis, corrected_basis);
        let notes = row.entry("notes").or_default();
        if !notes.is_empty() {
            notes.push_str("; ");
        }
        let what = if stated.is_empty() {
            format!("{column} added")
        } else {
            format!("{column} {stated} corrected")
        };
        notes.push_str(&format!("{what}: {reason}"));
    }
    Ok(())
}

/// Refuses what cannot be true and was not corrected.
fn check(row: &Row, from: &[(String, String)], name: &[String; 3]) -> Outcome<()> {
    let minor = |text: &str| -> Option<Minor> { text.trim_start_matches("<=").parse().ok() };
    let of = |column: &str| row.get(column).and_then(|text| minor(text));
    let introduced =
        of("introduced").ok_or_else(|| format!("{name:?}: introduced is not known"))?;
    let first_tag = minor(get(from, "first_go_tag")?);
    let mined = !PARTLY_MINED.contains(&name[0].as_str());
    if mined && first_tag.is_some_and(|tag| tag > FIRST_MINED && tag > introduced) {
        return Err(format!("{name:?}: introduced {introduced}, and yet in no tree before").into());
    }
    if let (Some(deprecated), Some(removed)) = (of("deprecated"), of("removed"))
        && deprecated >= removed
    {
        return Err(format!("{name:?}: deprecated {deprecated} and removed {removed}").into());
    }
    Ok(())
}
