//! The overlay of a template: what people add to, change in and take out of the
//! plans that are made from it.
//!
//! It is laid over the template before a plan is made, so that it survives
//! every regeneration, and so that placeholders work in it.

use crate::hash::ContentHash;
use crate::name::{ObjectName, StageId, StepId, TemplateName};
use crate::template::{StageTemplate, StepTemplate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What people change in the plans of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanOverlay {
    /// The version of this format.
    pub api_version: String,
    /// Always `PlanOverlay`.
    pub kind: PlanOverlayKind,
    /// What it is called.
    pub name: ObjectName,
    /// The template that it is for.
    pub template: TemplateName,
    /// Why it is there, and who wants it.
    pub reason: String,
    /// The changes, one after the other.
    pub changes: Vec<Change>,
}

/// The `kind` of an overlay file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PlanOverlayKind {
    /// The only one.
    #[default]
    PlanOverlay,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Change {
    /// A stage of one's own.
    AddStage {
        /// The stages that start only once it has ended.
        #[serde(default)]
        before: Vec<StageId>,
        /// The stage, as templates write it.
        stage: StageTemplate,
    },
    /// A step of one's own.
    AddStep {
        /// Into this stage.
        to: StageId,
        /// The step, as templates write it; its `before` and `after` say where.
        step: Box<StepTemplate>,
    },
    /// Other values of a step.
    EditStep {
        /// Of this stage.
        of: StageId,
        /// The step.
        step: StepId,
        /// The fields that change, as templates write them; `null` takes a field
        /// out, and a map changes what it names (RFC 7396). The step's id stays.
        set: Map<String, Value>,
    },
    /// A step that is not wanted. What comes after it comes after what came
    /// before it.
    RemoveStep {
        /// Of this stage.
        of: StageId,
        /// The step.
        step: StepId,
        /// Why it can be done without.
        reason: String,
    },
    /// Other order of stages.
    EditStage {
        /// The stage.
        stage: StageId,
        /// The fields that change, without its steps and its id.
        set: Map<String, Value>,
    },
}

/// An overlay that a plan was made with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OverlayUsed {
    /// Its name.
    pub name: ObjectName,
    /// The hash of what it said.
    pub content_hash: ContentHash,
}
