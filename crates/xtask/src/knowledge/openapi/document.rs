//! One OpenAPI document, brought into the shape that the facts have.

use super::super::archive;
use crate::Outcome;
use refit_model::version::{KubeVersion, Minor};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The definitions of one minor.
#[derive(Default)]
pub(super) struct Document {
    pub(super) definitions: BTreeMap<String, Definition>,
}

/// One definition.
pub(super) struct Definition {
    /// What it is itself.
    pub(super) shape: String,
    /// Its fields and what they hold.
    pub(super) fields: BTreeMap<String, String>,
    /// Those of them that are required.
    pub(super) required: BTreeSet<String>,
    /// Defaults that are not zero values, as JSON.
    pub(super) defaults: BTreeMap<String, String>,
    /// The kinds whose objects it describes.
    pub(super) kinds: Vec<Kind>,
}

#[derive(Deserialize)]
pub(super) struct Kind {
    #[serde(default)]
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
}

#[derive(Deserialize)]
struct Raw {
    // kubernetes-validate calls it as newer JSON Schema does.
    #[serde(alias = "$defs")]
    definitions: BTreeMap<String, RawDefinition>,
}

#[derive(Deserialize)]
struct RawDefinition {
    #[serde(flatten)]
    itself: RawShape,
    #[serde(default)]
    properties: BTreeMap<String, RawShape>,
    #[serde(default)]
    required: Option<BTreeSet<String>>,
    #[serde(default, rename = "x-kubernetes-group-version-kind")]
    kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct RawShape {
    #[serde(rename = "type")]
    kind: Option<Type>,
    format: Option<String>,
    #[serde(rename = "$ref")]
    reference: Option<String>,
    items: Option<Box<Self>>,
    #[serde(rename = "additionalProperties")]
    values: Option<Values>,
    default: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Type {
    One(String),
    // kubernetes-validate lets every optional field be null.
    Several(Vec<String>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    Shape(Box<RawShape>),
    // Strict copies say that there are no others.
    Allowed(#[expect(dead_code, reason = "only that it is there is of interest")] bool),
}

#[derive(Deserialize)]
struct RawV3 {
    #[serde(default)]
    components: Components,
}

#[derive(Deserialize, Default)]
struct Components {
    #[serde(default)]
    schemas: BTreeMap<String, RawV3Definition>,
}

#[derive(Deserialize)]
struct RawV3Definition {
    #[serde(default)]
    properties: BTreeMap<String, RawV3Field>,
}

#[derive(Deserialize)]
struct RawV3Field {
    default: Option<Value>,
}

impl RawShape {
    fn text(&self) -> String {
        if let Some(reference) = &self.reference {
            let name = reference.rsplit('/').next().unwrap_or_default();
            return format!("#{name}");
        }
        let kind = match &self.kind {
            Some(Type::One(kind)) => kind.as_str(),
            Some(Type::Several(kinds)) => kinds
                .iter()
                .map(String::as_str)
                .find(|kind| *kind != "null")
                .unwrap_or_default(),
            None => "",
        };
        match (kind, &self.items, &self.values, &self.format) {
            ("array", Some(items), _, _) => format!("[]{}", items.text()),
            ("object", _, Some(Values::Shape(values)), _) => format!("{{}}{}", values.text()),
            // No type at all: JSON of any kind.
            ("", ..) => "any".to_owned(),
            (kind, _, _, Some(format)) => format!("{kind}:{format}"),
            (kind, _, _, None) => kind.to_owned(),
        }
    }
}

impl Document {
    /// Reads the JSON of definitions.
    pub(super) fn read(json: &[u8]) -> Outcome<Self> {
        let raw: Raw = serde_json::from_slice(json)?;
        let definitions = raw
            .definitions
            .into_iter()
            .map(|(name, raw)| {
                let definition = Definition {
                    shape: raw.itself.text(),
                    fields: raw
                        .properties
                        .iter()
                        .map(|(field, shape)| (field.clone(), shape.text()))
                        .collect(),
                    required: raw.required.unwrap_or_default(),
                    defaults: raw
                        .properties
                        .into_iter()
                        .filter_map(|(field, shape)| Some((field, stated(shape.default)?)))
                        .collect(),
                    kinds: raw.kinds,
                };
                (name, definition)
            })
            .collect();
        Ok(Self { definitions })
    }

    /// Adds the defaults that a document of the newer format states; the older
    /// format has none.
    fn add_defaults(&mut self, json: &[u8]) -> Outcome<()> {
        let raw: RawV3 = serde_json::from_slice(json)?;
        for (name, schema) in raw.components.schemas {
            let Some(definition) = self.definitions.get_mut(&name) else {
                continue;
            };
            for (field, raw) in schema.properties {
                if let Some(default) = stated(raw.default)
                    && definition.fields.contains_key(&field)
                {
                    definition.defaults.insert(field, default);
                }
            }
        }
        Ok(())
    }
}

/// A default that says something. The generator writes the zero value for every
/// field that is no pointer in Go; nobody decided those.
fn stated(default: Option<Value>) -> Option<String> {
    let value = default?;
    let zero = match &value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    };
    (!zero).then(|| value.to_string())
}

/// The document of a source tree and the release it is of: a module as it is
/// served, `v1.36.4.zip`, or the same unpacked.
pub(super) fn tree(path: &Path) -> Outcome<(KubeVersion, Document)> {
    let mut document = None;
    let mut defaults = Vec::new();
    let mut release = release_of(&path.to_string_lossy());
    let members = archive::members(path, &|name| {
        name.contains("api/openapi-spec/")
            && (name.ends_with("/swagger.json")
                || (name.contains("/v3/") && name.ends_with(".json")))
    })?;
    for (name, content) in members {
        release = release.or_else(|| release_of(&name));
        if name.ends_with("/swagger.json") {
            document = Some(Document::read(&content).map_err(|error| format!("{name}: {error}"))?);
        } else {
            defaults.push((name, content));
        }
    }
    let place = path.display();
    let release = release.ok_or_else(|| {
        format!("{place}: which release is it? Name it as its module does, such as v1.36.4")
    })?;
    let mut document =
        document.ok_or_else(|| format!("{place}: there is no api/openapi-spec/swagger.json"))?;
    for (name, content) in defaults {
        document
            .add_defaults(&content)
            .map_err(|error| format!("{name}: {error}"))?;
    }
    Ok((release, document))
}

/// The release that a part of a path names: `v1.36.4.zip`, `kubernetes@v1.36.4`.
pub(in crate::knowledge) fn release_of(path: &str) -> Option<KubeVersion> {
    path.split('/').rev().find_map(|part| {
        let part = part.rsplit('@').next()?;
        part.trim_end_matches(".zip")
            .strip_prefix('v')?
            .parse()
            .ok()
    })
}

/// The minor in a path such as `.../v1.25.0-local/_definitions.json`.
pub(super) fn minor_of(path: &str) -> Option<Minor> {
    let directory = path.rsplit('/').nth(1)?;
    let release = directory.strip_prefix('v')?.split('-').next()?;
    release.strip_suffix(".0")?.parse().ok()
}
