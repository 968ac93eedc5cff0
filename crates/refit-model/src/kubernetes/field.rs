//! Which objects set fields that some minor of Kubernetes takes away.

use crate::name::Key;
use crate::object::{Application, EvidenceTier, GroupVersionKind, Location};
use crate::version::Minor;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How an object stands to a field.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum FieldState {
    /// The object sets it.
    #[default]
    Set,
    /// The object has what the field stands in, and does not set it.
    Missing,
    /// The object sets it to this text, number or truth, or to a list that has it.
    Is(String),
    /// The object sets it to what holds this text.
    Holds(String),
}

/// A field to look for in the objects of a kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WatchedField {
    /// The kind, at one version.
    pub api: GroupVersionKind,
    /// Where in the object, such as `spec.volumes[].ephemeral.readOnly`; `*`
    /// stands for any key of a map.
    pub path: String,
    /// What of it is worth telling.
    pub state: FieldState,
    /// The first minor that takes it away, wants it or acts otherwise on it.
    pub minor: Minor,
}

/// What was seen of the fields that were watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldUses {
    /// The last minor whose changes were watched for: a later one may take away
    /// what nobody looked for.
    pub through: Minor,
    /// The last minor whose changes of behaviour were watched for; absent where
    /// nobody looked for what shows these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behaviours_through: Option<Minor>,
    /// The uses, by field and kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<FieldUse>,
}

/// One field of one kind, and who sets it; of its value no more than was asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldUse {
    /// The kind that sets it, at the version that it is written in.
    pub api: GroupVersionKind,
    /// Where in the object.
    pub path: String,
    /// How these objects stand to it.
    #[serde(default)]
    pub state: FieldState,
    /// By which route it was seen.
    pub tier: EvidenceTier,
    /// The kind of what made these objects; absent for those that nothing made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<GroupVersionKind>,
    /// How many objects.
    pub count: usize,
    /// The first of them by name.
    pub first: Vec<FieldUser>,
}

impl FieldUse {
    /// The most objects that [`Self::first`] names.
    pub const NAMED: usize = 10;
}

/// An object that sets a field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldUser {
    /// The object.
    pub object: Key,
    /// The release that holds it in its stored manifest, else empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// Which application it belongs to.
    pub application: Application,
    /// Where it was read, if it came from a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}
