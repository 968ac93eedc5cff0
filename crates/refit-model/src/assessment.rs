//! The assessment: scope, impact, dependencies, findings and coverage, for one
//! snapshot and one target.

mod comparison;
mod family;
mod overview;

pub use comparison::{BaselineUsed, Cleared, Comparison, NotSeenAgain, Proof, ProofSort};
pub use family::{Family, FamilyError};
pub use overview::{
    ApplicationImpact, ApplicationScope, Blocked, Dependency, Impact, PoolScope, ProjectScope,
    Scope, VersionCount,
};

use crate::object::{Application, EvidenceTier, GroupVersionKind, Location};
use crate::overlay::OverlayUsed;
use crate::review::Code;
use crate::snapshot::{Area, ClusterIdentity, Gap};
use crate::version::{KubeVersion, TargetVersion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// What an upgrade to a target would meet in a landscape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Assessment {
    /// The version of this format.
    pub api_version: String,
    /// Always `Assessment`.
    pub kind: AssessmentKind,
    /// Where it comes from.
    pub metadata: AssessmentMetadata,
    /// The present release, as the API servers run it, when it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<KubeVersion>,
    /// The target.
    pub target: TargetVersion,
    /// The result in numbers.
    pub summary: Summary,
    /// What runs in the landscape.
    pub scope: Scope,
    /// What stands in the way, and who must act.
    pub impact: Impact,
    /// What must move before what.
    pub dependencies: Vec<Dependency>,
    /// What was found, worst first.
    pub findings: Vec<Finding>,
    /// What was looked at, and what could not be.
    pub coverage: Vec<Coverage>,
    /// What the authors of the files that were read should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
    /// What is new since an earlier assessment, when one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
}

/// Something that the author of a file should know: that a key is given twice, or
/// that Kubernetes cuts the file elsewhere. It is no finding, since no upgrade is
/// concerned, and no gap, since it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Remark {
    /// Where, if it is about one place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// What.
    pub text: String,
}

impl Assessment {
    /// The findings that people are told of: all of them, except beside an
    /// earlier assessment, where only what is new or worse is news.
    #[must_use]
    pub fn told(&self) -> Vec<&Finding> {
        let Some(comparison) = &self.comparison else {
            return self.findings.iter().collect();
        };
        let news: BTreeSet<&String> = comparison.new.iter().chain(&comparison.worse).collect();
        self.findings
            .iter()
            .filter(|finding| news.contains(&finding.id))
            .collect()
    }
}

/// The `kind` of an assessment file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AssessmentKind {
    /// The only one.
    #[default]
    Assessment,
}

/// Where an assessment comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AssessmentMetadata {
    /// The time that it takes as the present.
    pub now: jiff::Timestamp,
    /// The version of Refit.
    pub refit: String,
    /// The knowledge it rests on.
    pub knowledge: KnowledgeUsed,
    /// The landscape.
    pub cluster: ClusterIdentity,
    /// The families of findings that were asked for; empty when all were.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub only: BTreeSet<Family>,
}

impl AssessmentMetadata {
    /// That only some families of findings were asked for, as a sentence without
    /// its end; nothing when all were.
    #[must_use]
    pub fn asked(&self) -> Option<String> {
        if self.only.is_empty() {
            return None;
        }
        let names: Vec<&str> = self.only.iter().map(|family| family.name()).collect();
        Some(format!(
            "only these families of findings were asked for: {}",
            names.join(", ")
        ))
    }
}

/// Which knowledge an answer rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KnowledgeUsed {
    /// Its version.
    pub version: String,
    /// The day its facts were last checked, as `YYYY-MM-DD`.
    pub as_of: String,
    /// What was laid over it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overlays: Vec<OverlayUsed>,
}

/// An assessment in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Summary {
    /// The verdict.
    pub verdict: Verdict,
    /// How many findings block.
    pub blocking: usize,
    /// How many warn.
    pub warning: usize,
    /// How many only inform.
    pub info: usize,
    /// How many findings somebody accepted; the three numbers above leave them out.
    #[serde(default)]
    pub waived: usize,
    /// How many objects were looked at.
    pub objects: usize,
}

/// What an assessment comes to.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing stands in the way.
    Ready,
    /// Nothing stands in the way, but somebody should read the warnings.
    ReadyWithWarnings,
    /// Something stands in the way.
    Blocked,
    /// Nothing was found to stand in the way, but a gap could hide it.
    Unseen,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ready => "ready",
            Self::ReadyWithWarnings => "ready with warnings",
            Self::Blocked => "blocked",
            Self::Unseen => "unseen",
        })
    }
}

/// A fact that touches this landscape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Finding {
    /// Stable over unrelated changes, so that two assessments can be compared.
    pub id: String,
    /// Its code, which has a page.
    pub code: Code,
    /// One line.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub subject: FindingSubject,
    /// Whose it is, when that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<Application>,
    /// How we know.
    pub evidence: Vec<Evidence>,
    /// For APIs: the minor since which it is deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated_in: Option<String>,
    /// For APIs: the minor that no longer serves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_in: Option<String>,
    /// For APIs: what the target serves instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<GroupVersionKind>,
    /// What ends it for good.
    pub remedy: String,
    /// What helps until then; empty when nothing does.
    pub mitigation: String,
    /// Why it is so.
    pub cause: String,
    /// The facts it rests on.
    pub references: Vec<String>,
    /// Who accepted it, when somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<Waived>,
}

/// That somebody accepted a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Waived {
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The last day on which it counts, in UTC.
    pub until: jiff::civil::Date,
}

impl fmt::Display for Waived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (by {}, until {})", self.reason, self.by, self.until)
    }
}

/// How bad a finding is, worst first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The upgrade, or a part of it, cannot go through.
    Blocking,
    /// Something may break.
    Warning,
    /// Good to know.
    Info,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Blocking => "blocking",
            Self::Warning => "warning",
            Self::Info => "info",
        })
    }
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FindingSubject {
    /// Such as `apps/v1`; empty for what is no Kubernetes object.
    pub api_version: String,
    /// Such as `Deployment`, or `Cluster`.
    pub kind: String,
    /// Absent for what has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

impl fmt::Display for FindingSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// How a finding is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Evidence {
    /// By which route.
    pub tier: EvidenceTier,
    /// Who or what tells it: the field manager, the release, the annotation's
    /// writer; empty where the route says it all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// Where it was read, if in a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// What was seen, in one sentence.
    pub detail: String,
}

/// What was looked at in one area, and what could not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Coverage {
    /// The area.
    pub area: Area,
    /// How many things were looked at.
    pub seen: usize,
    /// How many documents no rule needs: their kind and version were read, the
    /// rest was not.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skipped: usize,
    /// Whether one of the gaps could hide something that blocks.
    #[serde(default, skip_serializing_if = "is_false")]
    pub could_hide: bool,
    /// What could not be, and what would show it.
    pub gaps: Vec<Gap>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}
