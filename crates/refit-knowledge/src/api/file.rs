//! Reads `kubernetes/api-lifecycle.csv`.

use super::{Decision, Lifecycle, ObjectClass, Removal, Since, Stage};
use crate::basis::Bases;
use crate::files::Files;
use crate::table::{Error, Record, Schema};
use refit_model::object::GroupVersionKind;
use refit_model::version::Minor;
use std::collections::{BTreeMap, BTreeSet};

const FILE: &str = "kubernetes/api-lifecycle.csv";

/// The columns of `kubernetes/api-lifecycle.csv`; its README explains each.
pub const SCHEMA: Schema = Schema {
    format: "refit-knowledge/api-lifecycle/1",
    columns: &[
        "group",
        "version",
        "kind",
        "object",
        "stage",
        "served_by_default",
        "introduced",
        "introduced_basis",
        "deprecated",
        "deprecated_basis",
        "removed",
        "removal_scheduled",
        "removal_basis",
        "removal_stated_by",
        "replacement",
        "replacement_basis",
        "first_openapi",
        "last_openapi",
        "notes",
    ],
    key: 3,
};

const MINOR: &str = "a minor such as 1.34";

pub(super) fn read(
    files: &Files,
    bases: &Bases,
) -> Result<BTreeMap<GroupVersionKind, Lifecycle>, Error> {
    let table = files.table(FILE, &SCHEMA)?;
    let mut lifecycles = BTreeMap::new();
    for record in table.records() {
        let lifecycle = lifecycle(record, bases)?;
        lifecycles.insert(lifecycle.api.clone(), lifecycle);
    }
    for record in table.records() {
        let replacement = record.optional::<GroupVersionKind>("replacement", "an API")?;
        if replacement.is_some_and(|api| !lifecycles.contains_key(&api)) {
            return Err(record.refuse("replacement", "an API of this file"));
        }
    }
    Ok(lifecycles)
}

fn lifecycle(record: Record<'_>, bases: &Bases) -> Result<Lifecycle, Error> {
    let (version, kind) = (record.required("version")?, record.required("kind")?);
    let api = GroupVersionKind {
        group: record.text("group").to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
    };
    let introduced = since(record)?;
    let deprecated = record.optional::<Minor>("deprecated", MINOR)?;
    let removal = removal(record)?;
    let replacement = record.optional::<GroupVersionKind>("replacement", "an API and kind")?;
    let first = record.optional::<Minor>("first_openapi", MINOR)?;
    let last = record.optional::<Minor>("last_openapi", MINOR)?;
    let openapi = match (first, last) {
        (Some(first), Some(last)) if first <= last => Some((first, last)),
        (None, None) => None,
        (Some(_), Some(_) | None) | (None, Some(_)) => {
            return Err(record.contradiction("first_openapi and last_openapi are not a span"));
        }
    };
    if let Some(removal) = removal {
        if removal.in_minor <= introduced.minor() {
            return Err(record.contradiction("it is removed before it is introduced"));
        }
        if deprecated.is_some_and(|minor| minor >= removal.in_minor) {
            return Err(record.contradiction("it is deprecated after it is removed"));
        }
    }
    if replacement.as_ref() == Some(&api) {
        return Err(record.contradiction("it replaces itself"));
    }
    Ok(Lifecycle {
        object: record.choice(
            "object",
            &[
                ("resource", ObjectClass::Resource),
                ("other", ObjectClass::Other),
                ("openapi-only", ObjectClass::OpenApiOnly),
            ],
            "resource, other or openapi-only",
        )?,
        stage: record.choice(
            "stage",
            &[
                ("alpha", Stage::Alpha),
                ("beta", Stage::Beta),
                ("ga", Stage::Ga),
            ],
            "alpha, beta or ga",
        )?,
        served_by_default: record.choice(
            "served_by_default",
            &[("yes", true), ("no", false)],
            "yes or no",
        )?,
        bases: named_bases(
            record,
            bases,
            deprecated.is_some(),
            removal.is_some(),
            replacement.is_some(),
        )?,
        notes: record.text("notes").to_owned(),
        api,
        introduced,
        deprecated,
        removal,
        replacement,
        openapi,
    })
}

fn since(record: Record<'_>) -> Result<Since, Error> {
    let text = record.text("introduced");
    let (bare, exact) = text
        .strip_prefix("<=")
        .map_or((text, true), |bare| (bare, false));
    let minor = bare
        .parse()
        .map_err(|_| record.refuse("introduced", "a minor such as 1.34 or <=1.10"))?;
    Ok(if exact {
        Since::Exactly(minor)
    } else {
        Since::AtLatest(minor)
    })
}

fn removal(record: Record<'_>) -> Result<Option<Removal>, Error> {
    let removed = record.optional::<Minor>("removed", MINOR)?;
    let scheduled = record.optional::<Minor>("removal_scheduled", MINOR)?;
    let (in_minor, decision) = match (removed, scheduled) {
        (Some(minor), None) => (minor, Decision::Decided),
        (None, Some(minor)) => (minor, Decision::Scheduled),
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(record.contradiction("it is removed and yet scheduled to be"));
        }
    };
    Ok(Some(Removal {
        in_minor,
        decision,
        stated_by: record.value("removal_stated_by", MINOR)?,
    }))
}

/// The bases of a row. Each fact that is there must name one that is described.
fn named_bases(
    record: Record<'_>,
    bases: &Bases,
    deprecated: bool,
    removal: bool,
    replacement: bool,
) -> Result<BTreeSet<String>, Error> {
    let mut named = BTreeSet::new();
    for (column, wanted) in [
        ("introduced_basis", true),
        ("deprecated_basis", deprecated),
        ("removal_basis", removal),
        ("replacement_basis", replacement),
    ] {
        let text = record.text(column);
        if wanted == text.is_empty() {
            return Err(record.refuse(column, "given exactly where its fact is"));
        }
        for name in text.split('+').filter(|name| !name.is_empty()) {
            if bases.find(name).is_none() {
                return Err(record.refuse(column, "a basis of bases.csv"));
            }
            named.insert(name.to_owned());
        }
    }
    Ok(named)
}
