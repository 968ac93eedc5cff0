//! The inventory: which projects run in a landscape, in which versions, how sure
//! that is and why, and what runs there that nobody could name.

use crate::assessment::AssessmentMetadata;
use crate::snapshot::Gap;
use crate::version::{KubeVersion, TargetVersion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Inventory {
    /// The version of this format.
    pub api_version: String,
    /// Always `Inventory`.
    pub kind: InventoryKind,
    /// Where it comes from.
    pub metadata: AssessmentMetadata,
    /// The version that runs, where it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<KubeVersion>,
    /// What support was asked about: the target, or what runs where none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetVersion>,
    /// The projects, by name and namespace.
    pub projects: Vec<FoundProject>,
    /// How many workloads there are, and which nobody could name.
    pub workloads: Naming,
    /// What was not looked at, and what would show it.
    pub gaps: Vec<Gap>,
}

/// The `kind` of an inventory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum InventoryKind {
    /// The only one.
    #[default]
    Inventory,
}

/// One project in one namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FoundProject {
    /// Its short name.
    pub project: String,
    /// Its name as it writes it itself.
    pub title: String,
    /// Where its source is.
    pub repository: String,
    /// Where it runs; absent for what has no namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its version, where a sign carries one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<FoundVersion>,
    /// Other versions that signs carry: they disagree, or several run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_versions: Vec<FoundVersion>,
    /// How sure it is that this is the project.
    pub sureness: Sureness,
    /// Why: the signs, strongest first.
    pub why: Vec<Sign>,
    /// Who rebuilt its images, where they are not its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rebuilt_by: Option<String>,
    /// Its workloads, as `Kind/namespace/name`.
    pub workloads: Vec<String>,
    /// Projects or releases that bring it along.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<String>,
    /// Other projects that signs of the same things name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disputed_by: Vec<String>,
    /// Whether it still gets fixes.
    pub life: Life,
    /// Whether the target supports it; absent where there is neither a target nor
    /// a version that runs, and for Kubernetes itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<FoundSupport>,
}

/// A version, and what carries it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FoundVersion {
    /// The version.
    pub version: String,
    /// The kind of sign, such as `image`.
    pub by: String,
}

/// How sure a name is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Sureness {
    /// Signs agree, or Helm itself says so.
    Certain,
    /// One sign that only the project writes.
    Likely,
    /// Signs that anybody can set.
    Possible,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sign {
    /// The kind of sign, such as `image` or `chart label`.
    pub signal: String,
    /// What was seen.
    pub seen: String,
    /// The pattern of the knowledge that it matches.
    pub pattern: String,
    /// Where that pattern is from.
    pub source: String,
}

/// Whether a version of a project still gets fixes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", tag = "status", deny_unknown_fields)]
pub enum Life {
    /// It gets none any more.
    Ended {
        /// The day after which there are no fixes, as `YYYY-MM-DD`.
        on: String,
        /// Where that is said.
        source: String,
    },
    /// It gets them until a day.
    Ending {
        /// The day after which there will be no fixes.
        on: String,
        /// Where that is said.
        source: String,
    },
    /// Its line is known, and no end of it is announced.
    Open {
        /// Where that is said.
        source: String,
    },
    /// Nothing is known of an end. That is not a promise.
    NotKnown,
}

/// Whether a version goes with a minor of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FoundSupport {
    /// The answer.
    pub answer: SupportAnswer,
    /// The claims that it rests on; those that were heard and do not settle it,
    /// where the answer is that it is not known.
    pub on: Vec<SupportClaim>,
}

/// The answer about support.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SupportAnswer {
    /// Somebody says it does not go together.
    NotSupported,
    /// Nobody says, or the version does not show.
    NotKnown,
    /// Somebody says it goes together, and nobody says it does not.
    Supported,
}

/// One claim about support.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SupportClaim {
    /// What it rests on: declared, tested, chart or built against.
    pub basis: String,
    /// The versions of the project that it is about.
    pub versions: String,
    /// The minors that it names.
    pub kubernetes: String,
    /// Where it is made.
    pub source: String,
}

/// How many workloads were named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Naming {
    /// All workloads: what makes pods, and pods that nothing makes.
    pub all: usize,
    /// Those of which the project is named.
    pub named: usize,
    /// Those that no rule could name, in hundredths of all, rounded up: a share
    /// that is small is not none.
    pub unnamed_percent: usize,
    /// Those that no rule could name.
    pub unnamed: Vec<UnnamedWorkload>,
}

/// A workload that no rule could name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UnnamedWorkload {
    /// `Kind/namespace/name`.
    pub workload: String,
    /// The application that it belongs to.
    pub application: String,
    /// The images it runs, as far as they were seen.
    pub images: Vec<String>,
}
