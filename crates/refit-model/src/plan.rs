//! The plan: a template made specific to one landscape, frozen and hashed.

use crate::command::Word;
use crate::fingerprint::Fingerprint;
use crate::governance::Governance;
use crate::hash::ContentHash;
use crate::name::{ObjectName, ParameterName, StageId, StepId, TemplateName};
use crate::plan_overlay::OverlayUsed;
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
    /// The step of versions that it takes, and what people want in the end.
    pub goal: Goal,
    /// What was set when it was made.
    pub parameters: BTreeMap<ParameterName, String>,
    /// How many steps may be in flight at once. One: what two at a time would
    /// break is judged per step, not per pair.
    pub pace: u16,
    /// Who has to say yes to it, and whom it concerns.
    #[serde(default, skip_serializing_if = "Governance::is_plain")]
    pub governance: Governance,
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
    /// What people changed in it, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overlays: Vec<OverlayUsed>,
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

/// Where a plan goes, and what it is a step to. Later hops get plans of their
/// own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Goal {
    /// Kubernetes itself goes on.
    Kubernetes {
        /// The step that the plan takes.
        hop: Hop,
        /// What people want in the end.
        target: TargetVersion,
    },
    /// A project that has releases of its own.
    Project {
        /// Its short name, such as `cluedin`.
        project: ObjectName,
        /// The step that the plan takes.
        hop: ReleaseHop,
        /// The release that people want in the end.
        target: Word,
    },
}

/// One step from one release of a project to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReleaseHop {
    /// From this release, as it was observed.
    pub from: Word,
    /// To this release.
    pub to: Word,
    /// The chart that brings it, where that has a number of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chart: Option<Word>,
    /// What the data is brought to, where the step does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_version: Option<Word>,
}

/// A step of versions, of whatever goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum AnyHop {
    /// Of Kubernetes.
    Kubernetes(Hop),
    /// Of a project.
    Project(ReleaseHop),
}

impl Goal {
    /// Kubernetes' hop, when it is Kubernetes that goes on.
    #[must_use]
    pub const fn kubernetes(&self) -> Option<&Hop> {
        match self {
            Self::Kubernetes { hop, .. } => Some(hop),
            Self::Project { .. } => None,
        }
    }

    /// What people want in the end, as text.
    #[must_use]
    pub fn target(&self) -> String {
        match self {
            Self::Kubernetes { target, .. } => target.to_string(),
            Self::Project { target, .. } => target.to_string(),
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kubernetes { hop, .. } => hop.fmt(f),
            Self::Project { project, hop, .. } => write!(f, "{project} {hop}"),
        }
    }
}

impl fmt::Display for ReleaseHop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.from, self.to)
    }
}

impl fmt::Display for AnyHop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kubernetes(hop) => hop.fmt(f),
            Self::Project(hop) => hop.fmt(f),
        }
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
