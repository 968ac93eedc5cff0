//! The plan: a template made specific to one landscape, frozen and hashed.

use crate::fingerprint::Fingerprint;
use crate::hash::ContentHash;
use crate::name::{ParameterName, StageId, StepId, TemplateName};
use crate::snapshot::ClusterIdentity;
use crate::step::{Step, Subject};
use crate::version::{KubeVersion, TargetVersion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A plan for one hop of one landscape.
///
/// Nothing is left to the one who carries it out: subjects are resolved and
/// listed, versions are pinned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpgradePlan {
    /// The version of this format.
    pub api_version: String,
    /// Always `UpgradePlan`.
    pub kind: PlanKind,
    /// The hash of everything else in this file. An edited plan no longer
    /// matches it, and is refused.
    pub content_hash: ContentHash,
    /// What the plan is.
    pub spec: PlanBody,
}

/// The `kind` of a plan file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PlanKind {
    /// The only one.
    #[default]
    UpgradePlan,
}

/// What a plan says; this is what its hash is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanBody {
    /// For which landscape. Acting on another one is refused.
    pub cluster: ClusterIdentity,
    /// From what it was made.
    pub made_from: MadeFrom,
    /// The step of versions that it takes.
    pub hop: Hop,
    /// What people want in the end; later hops get plans of their own.
    pub target: TargetVersion,
    /// What was set when it was made.
    pub parameters: BTreeMap<ParameterName, String>,
    /// How many steps may be in flight at once. One: what two at a time would
    /// break is judged per step, not per pair.
    pub pace: u16,
    /// Its stages, in an order that fulfils every constraint.
    pub stages: Vec<Stage>,
}

/// From what a plan was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MadeFrom {
    /// The template.
    pub template: TemplateName,
    /// Its revision.
    pub revision: u32,
    /// The version of the knowledge.
    pub knowledge: String,
    /// The snapshot's time.
    pub snapshot_taken_at: jiff::Timestamp,
    /// What in the snapshot binds an approval.
    pub fingerprint: Fingerprint,
}

/// One version step of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Hop {
    /// From this release, as the API servers run it.
    pub from: KubeVersion,
    /// To this release.
    pub to: KubeVersion,
}

impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.from, self.to)
    }
}

/// A part of a plan: what happens to one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Stage {
    /// Unique within the plan.
    pub id: StageId,
    /// What people read.
    pub title: String,
    /// What it is about.
    pub subject: Subject,
    /// Its steps, in an order that fulfils every constraint.
    pub steps: Vec<Step>,
}

impl UpgradePlan {
    /// The plan with this content, and its hash.
    ///
    /// # Errors
    /// Only when it cannot be written as JSON, which is a defect.
    pub fn seal(spec: PlanBody) -> Result<Self, serde_json::Error> {
        Ok(Self {
            api_version: crate::API_VERSION.to_owned(),
            kind: PlanKind::UpgradePlan,
            content_hash: ContentHash::of(&spec)?,
            spec,
        })
    }

    /// Whether the plan is as it was sealed.
    ///
    /// # Errors
    /// Only when it cannot be written as JSON, which is a defect.
    pub fn is_intact(&self) -> Result<bool, serde_json::Error> {
        Ok(ContentHash::of(&self.spec)? == self.content_hash)
    }

    /// Every step with its stage, in order.
    pub fn steps(&self) -> impl Iterator<Item = (&Stage, &Step)> {
        self.spec
            .stages
            .iter()
            .flat_map(|stage| stage.steps.iter().map(move |step| (stage, step)))
    }

    /// The step of this id.
    #[must_use]
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps()
            .map(|(_, step)| step)
            .find(|step| step.id == *id)
    }
}
