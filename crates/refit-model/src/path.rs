//! The path: which things move on the way to a target, in which order, through
//! which versions, and why.

use crate::API_VERSION;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A path, as far as there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpgradePath {
    /// The version of this format.
    pub api_version: String,
    /// Always `UpgradePath`.
    pub kind: PathKind,
    /// The version of the knowledge that it rests on.
    pub knowledge: String,
    /// The moves, in their order. Where something blocks, those that are
    /// possible before it.
    pub hops: Vec<PathHop>,
    /// Every project that was asked about, and whether it has to move.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub projects: Vec<ProjectOnPath>,
    /// What keeps the target from being reached; nothing where it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocked: Vec<Blocker>,
    /// What nobody says anything about. It is not fine; it is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_known: Vec<NotKnown>,
    /// What else the reader should know, such as which release a name without a
    /// patch was taken for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl UpgradePath {
    /// A path without anything on it.
    #[must_use]
    pub fn empty(knowledge: &str) -> Self {
        Self {
            api_version: API_VERSION.to_owned(),
            kind: PathKind::UpgradePath,
            knowledge: knowledge.to_owned(),
            hops: Vec::new(),
            projects: Vec::new(),
            blocked: Vec::new(),
            not_known: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// The `kind` of a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PathKind {
    /// The only one.
    #[default]
    UpgradePath,
}

/// What moves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Mover {
    /// The control plane.
    ControlPlane,
    /// The kubelets.
    Nodes,
    /// A project.
    Project(Installation),
}

impl fmt::Display for Mover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ControlPlane => f.write_str("control plane"),
            Self::Nodes => f.write_str("nodes"),
            Self::Project(installation) => installation.fmt(f),
        }
    }
}

/// A project in the place where it is installed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Installation {
    /// Its short name.
    pub project: String,
    /// Its namespace; absent where it has none, or none was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

impl fmt::Display for Installation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} in {namespace}", self.project),
            None => f.write_str(&self.project),
        }
    }
}

/// One move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PathHop {
    /// What moves.
    pub subject: Mover,
    /// What it is at before.
    pub from: String,
    /// What it is at after.
    pub to: String,
    /// The chart that brings it, where that has a number of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chart: Option<String>,
    /// What the data is brought to, where the move does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_version: Option<String>,
    /// The facts that force it.
    pub because: Vec<Because>,
    /// Who says that the projects go with where the control plane is after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<Companion>,
}

impl fmt::Display for PathHop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} to {}", self.subject, self.from, self.to)
    }
}

/// A fact that forces a move.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Because {
    /// In one word.
    pub reason: Reason,
    /// In a sentence.
    pub detail: String,
    /// Where it is said.
    pub source: String,
}

/// Why something moves, or why a way is closed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Kubernetes goes one minor at a time.
    NextMinor,
    /// The newest patch of a minor comes before, or instead of, another one.
    NewestPatch,
    /// The nodes would lag too far behind the control plane.
    NodeSkew,
    /// The nodes end where the control plane does.
    NodesFollow,
    /// What is installed does not go with the next minor.
    NotSupported,
    /// The project leads through this version.
    Route,
    /// A page of the vendor leads here.
    Page,
    /// The move carries an upgrade of data.
    DataUpgrade,
    /// A person wants it.
    Asked,
    /// A person forbids it.
    Kept,
    /// What is installed gets no more fixes.
    EndOfLife,
    /// It goes with every version on the way.
    SupportedThroughout,
    /// Newer versions are known and go with the target.
    NewerSupported,
    /// A newer version does not go with a version on the way.
    NewerNotSupported,
    /// Nobody says whether it does.
    NotKnown,
}

/// Who says that a version of a project goes with a minor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Companion {
    /// What.
    pub installation: Installation,
    /// In which version.
    pub version: String,
    /// On what that rests: `tested`, `declared` or `not known`.
    pub basis: String,
}

/// A project on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProjectOnPath {
    /// What.
    pub installation: Installation,
    /// Its version, where it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whether it has to move.
    pub need: Need,
    /// Why.
    pub because: Vec<Because>,
}

/// Whether a move is called for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// Without it the target cannot be reached.
    Required,
    /// The target can be reached without, and there is a reason for it.
    Optional,
    /// There is none, or there is one against it.
    NotRecommended,
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Required => "required",
            Self::Optional => "optional",
            Self::NotRecommended => "not recommended",
        })
    }
}

/// Something that keeps the target from being reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Blocker {
    /// What cannot go on.
    pub subject: Mover,
    /// At which version it stands then.
    pub at: String,
    /// What it would have to reach.
    pub before: String,
    /// Whose move it is.
    pub whose: Whose,
    /// The smallest set of facts that block it.
    pub facts: Vec<Because>,
    /// What to do about it.
    pub remedy: String,
}

/// Who can open the way.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Whose {
    /// We can fix it.
    Ours,
    /// We have pinned it.
    Pinned,
    /// No version is known that could: we wait for its makers.
    Upstream,
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ours => "ours to fix",
            Self::Pinned => "pinned by us",
            Self::Upstream => "waiting for upstream",
        })
    }
}

/// Something that nobody says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotKnown {
    /// Of what.
    pub installation: Installation,
    /// In which version; absent where that does not show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// With which minors of Kubernetes.
    pub kubernetes: Vec<String>,
    /// How to find out.
    pub remedy: String,
}
