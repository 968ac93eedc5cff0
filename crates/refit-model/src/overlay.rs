//! Knowledge overlays: facts that somebody adds to what Refit knows, or puts in
//! the place of what it knows.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A file of facts laid over the built-in ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KnowledgeOverlay {
    /// The version of this format.
    pub api_version: String,
    /// Always `KnowledgeOverlay`.
    pub kind: KnowledgeOverlayKind,
    /// What answers that rest on it call it, such as `harbour-platform`.
    pub name: String,
    /// The facts, by the file that they belong to.
    pub facts: Vec<OverlayFacts>,
}

/// The `kind` of an overlay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum KnowledgeOverlayKind {
    /// The only one.
    #[default]
    KnowledgeOverlay,
}

/// Facts for one of the fact files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OverlayFacts {
    /// The file, as `refit knowledge list` names it: `projects/requirements.csv`.
    pub file: String,
    /// Where the facts come from.
    pub source: String,
    /// When somebody last compared them with that source.
    pub as_of: Date,
    /// The rows. A column that is absent is empty; a row with the key of a
    /// built-in one takes its place.
    pub rows: Vec<BTreeMap<String, String>>,
}

/// What of an overlay an answer may rest on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OverlayUsed {
    /// Its name.
    pub name: String,
    /// How many facts it adds.
    pub added: usize,
    /// Each built-in fact that it contradicts, as a sentence.
    pub contradicts: Vec<String>,
}
