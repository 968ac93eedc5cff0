//! The upgrade template: an environment's reusable workflow, as data.
//!
//! A template says *what* happens to *which kind* of thing, in which order, and
//! what must hold; the planner makes it specific to one landscape. Its
//! conditions and acts are written as in a plan, with placeholders such as
//! `{{node}}` inside their texts; a placeholder fills one text and can never
//! become a second argument of a command.

use crate::act::EffectClass;
use crate::command::is_plain;
use crate::duration::Seconds;
use crate::expression::Expression;
use crate::kubernetes::Distribution;
use crate::name::{ObjectName, ParameterName, RoleName, StageId, StepId, TemplateName};
use crate::step::{Estimate, Settle, StepKind, WayBack};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An upgrade template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpgradeTemplate {
    /// The version of this format.
    pub api_version: String,
    /// Always `UpgradeTemplate`.
    pub kind: TemplateKind,
    /// What it is called.
    pub metadata: TemplateMetadata,
    /// For which landscapes it is.
    pub applies_to: AppliesTo,
    /// What a person may set.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// What has to be known before a plan can be made, and is shown by a
    /// program or a file alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
    /// Its stages.
    pub stages: Vec<StageTemplate>,
}

/// The `kind` of a template file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TemplateKind {
    /// The only one.
    #[default]
    UpgradeTemplate,
}

/// What a template is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TemplateMetadata {
    /// Its name.
    pub name: TemplateName,
    /// Its revision; any change of meaning raises it.
    pub revision: u32,
    /// One line for lists.
    pub title: String,
    /// Where the procedure comes from, and what it assumes.
    pub description: String,
}

/// For which landscapes a template is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum AppliesTo {
    /// Clusters, whose Kubernetes goes on.
    Cluster {
        /// Who built the cluster.
        distribution: Distribution,
        /// How far one plan may go.
        hop: HopSize,
    },
    /// A project with releases of its own.
    Project {
        /// Its short name; may hold placeholders for parameters.
        name: String,
        /// The fact that is the release which runs now.
        running: ParameterName,
    },
}

/// Something that has to be known before a plan can be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fact {
    /// Its name, used as `{{facts.NAME}}`.
    pub name: ParameterName,
    /// What it means, as a noun phrase.
    pub description: String,
    /// Which program or file shows it; placeholders for parameters fill it.
    pub look: Pattern,
    /// Its value: an expression over the answer, in which `facts` holds those
    /// that stand before it.
    pub is: Expression,
}

/// How far one plan of a template goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HopSize {
    /// To the next minor, or to a newer patch of the present one.
    MinorOrPatch,
    /// To a newer patch of the present minor only.
    Patch,
}

/// What a person may set when a plan is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Parameter {
    /// Its name, used as `{{parameters.NAME}}`.
    pub name: ParameterName,
    /// What it means.
    pub description: String,
    /// What it is when nobody sets it; absent means it must be set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The values it may have; any when empty.
    #[serde(default)]
    pub one_of: Vec<String>,
    /// What its values look like.
    #[serde(default, skip_serializing_if = "ParameterType::is_text")]
    pub r#type: ParameterType,
}

/// What the values of a parameter look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ParameterType {
    /// Any text on one line.
    #[default]
    Text,
    /// A name: nothing that any shell would read as more than itself, since some
    /// clients hand a line to one.
    Name,
    /// A whole number.
    Number,
    /// A time such as `30m` or `2h`.
    Duration,
    /// An address that begins with `https://` or `http://`.
    Url,
}

impl ParameterType {
    /// Whether it is any text.
    #[must_use]
    pub const fn is_text(&self) -> bool {
        matches!(self, Self::Text)
    }

    /// Whether `value` is one of its values.
    #[must_use]
    pub fn admits(self, value: &str) -> bool {
        match self {
            Self::Text => true,
            Self::Name => ObjectName::new(value).is_ok() && is_plain(value),
            Self::Number => value.parse::<u64>().is_ok(),
            Self::Duration => value.parse::<Seconds>().is_ok(),
            Self::Url => {
                (value.starts_with("https://") || value.starts_with("http://"))
                    && ObjectName::new(value).is_ok()
            }
        }
    }

    /// What its values are, in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Text => "a text on one line",
            Self::Name => "a name of letters, digits and - _ . / = : , + @ %",
            Self::Number => "a whole number",
            Self::Duration => "a time such as 30m or 2h",
            Self::Url => "an address that begins with https://",
        }
    }
}

/// A stage of a template: steps that belong together, once for each subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StageTemplate {
    /// Unique within the template.
    pub id: StageId,
    /// What people read.
    pub title: String,
    /// For what it is instantiated.
    pub once_per: OncePer,
    /// The stages that must have ended before it starts.
    #[serde(default)]
    pub after: Vec<StageId>,
    /// It is left out unless each of these placeholders has the value beside
    /// it; a list has every value that is in it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub when: BTreeMap<String, String>,
    /// Its steps.
    pub steps: Vec<StepTemplate>,
}

/// For what a stage is instantiated. Instances of one stage follow each other,
/// one at a time, in the order of their names within their pools.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum OncePer {
    /// The landscape.
    Cluster,
    /// A node of some role.
    Node(NodeSet),
    /// A Juju application with this charm.
    Application {
        /// The charm.
        charm: ObjectName,
    },
    /// A pool of nodes.
    Pool,
    /// Each of several things, by their names.
    Each {
        /// What they are called, as a noun: the placeholder `{{thing}}` is one
        /// of them.
        noun: ObjectName,
        /// The placeholder of the list of their names, such as `facts.volumes`;
        /// where one is `NAME=VALUE`, `{{thing.value}}` is the value.
        of: String,
    },
    /// A role of an OSISM landscape that is deployed, in the order of a
    /// published profile.
    Role {
        /// The profile's name; a placeholder for a parameter fills it.
        profile: String,
        /// The names of the roles that are deployed, separated by commas; a
        /// placeholder fills it.
        deployed: String,
        /// Only roles whose images can be pulled beforehand.
        #[serde(default)]
        only: RoleSet,
    },
}

/// Which roles a stage is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RoleSet {
    /// Every one.
    #[default]
    All,
    /// Those whose images can be pulled beforehand.
    WithImages,
}

/// Which nodes a stage is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NodeSet {
    /// The control-plane node that goes first: the first by name.
    FirstControlPlane,
    /// The other control-plane nodes.
    OtherControlPlane,
    /// Every control-plane node.
    ControlPlane,
    /// Every other node, pool by pool.
    Workers,
}

/// A step of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StepTemplate {
    /// Unique within its stage.
    pub id: StepId,
    /// What people read, with placeholders.
    pub title: String,
    /// What it is for.
    pub kind: StepKind,
    /// It is only there for this step of its stage, or for these, and is left
    /// out with them.
    #[serde(default, skip_serializing_if = "Serves::is_none")]
    pub serves: Serves,
    /// It undoes this step of its stage, and is there when that one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<StepId>,
    /// It is left out when one of these parameters has the value beside it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unless: BTreeMap<ParameterName, String>,
    /// It is left out unless each of these placeholders has the value beside
    /// it; a list has every value that is in it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub when: BTreeMap<String, String>,
    /// The steps of its stage that must have ended before it starts.
    #[serde(default)]
    pub after: Vec<StepId>,
    /// The steps of its stage that start only once it has ended.
    #[serde(default)]
    pub before: Vec<StepId>,
    /// What it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Pattern>,
    /// What must hold before it starts.
    #[serde(default)]
    pub expects: Vec<Pattern>,
    /// What must hold all the while.
    #[serde(default)]
    pub keeps: Vec<Pattern>,
    /// The states that it passes through.
    #[serde(default)]
    pub passes: Vec<Pattern>,
    /// What holds when it is done.
    #[serde(default)]
    pub reaches: Vec<Pattern>,
    /// What a lost answer means; the act's own class when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<EffectClass>,
    /// When waiting becomes a failure: a time such as `30m`, or a placeholder
    /// for one.
    pub timeout: Pattern,
    /// When no change at all becomes a failure; likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stall: Option<Pattern>,
    /// When an end counts as reached.
    #[serde(default)]
    pub settle: Settle,
    /// The interval at which the act is sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resend: Option<Seconds>,
    /// The way back.
    pub way_back: WayBack,
    /// Who is responsible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<RoleName>,
    /// What people see while it runs, with placeholders.
    pub shows: String,
    /// How long it usually takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Estimate>,
    /// What the reader should know besides, such as where a vendor's page
    /// prints something else, and why; with placeholders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// The steps for which another one is there: the name of one, or a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Serves {
    /// One step.
    One(StepId),
    /// Any of several steps; with none, it is there for itself.
    AnyOf(Vec<StepId>),
}

impl Default for Serves {
    fn default() -> Self {
        Self::AnyOf(Vec::new())
    }
}

impl Serves {
    /// The steps.
    #[must_use]
    pub fn steps(&self) -> &[StepId] {
        match self {
            Self::One(step) => std::slice::from_ref(step),
            Self::AnyOf(steps) => steps,
        }
    }

    /// Whether the step is there for itself.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.steps().is_empty()
    }
}

/// A condition or an act with placeholders in its texts: plain data until the
/// planner fills it and reads it as what it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Pattern(pub serde_json::Value);
