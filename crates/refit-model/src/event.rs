//! Events: what happened, who did it, and when. Status, approvals, comments and
//! runs are streams of these; rows and screens are a fold of them.

use crate::name::{Actor, StreamId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An event that has not been recorded yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewEvent {
    /// When it happened, by the clock of the one who tells it.
    pub at: jiff::Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What happened, as the stream's own type writes it.
    pub body: serde_json::Value,
}

/// An event with its place in its stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Recorded {
    /// The stream.
    pub stream: StreamId,
    /// Its place, from 1 without holes.
    pub seq: u64,
    /// The event.
    pub event: NewEvent,
}
