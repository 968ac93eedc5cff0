//! What an assessment opens with: scope, impact and dependencies.

use crate::object::Application;
use crate::review::Code;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What runs in a landscape. Only what was seen is counted; the coverage says
/// what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scope {
    /// Nodes.
    pub nodes: usize,
    /// Namespaces that something was seen in.
    pub namespaces: usize,
    /// Workloads that nothing else owns.
    pub workloads: usize,
    /// Pods.
    pub pods: usize,
    /// Helm releases.
    pub releases: usize,
    /// Which component runs at which version, and how often.
    pub versions: Vec<VersionCount>,
    /// The pools of nodes.
    pub pools: Vec<PoolScope>,
    /// Whose the objects are, most objects first.
    pub applications: Vec<ApplicationScope>,
    /// Projects that were recognized.
    pub projects: Vec<ProjectScope>,
}

/// How often a component runs at a version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VersionCount {
    /// Such as `kubelet`.
    pub component: String,
    /// Its version; `unseen` where it did not show.
    pub version: String,
    /// How many of them.
    pub count: usize,
}

/// One pool of nodes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PoolScope {
    /// Its name; the role of its nodes where no pool shows.
    pub name: String,
    /// How many nodes it has.
    pub nodes: usize,
    /// How many of them are ready.
    pub ready: usize,
    /// The versions of their kubelets, lowest first.
    pub kubelets: Vec<String>,
}

/// What one application has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApplicationScope {
    /// The application.
    pub application: Application,
    /// Its workloads that nothing else owns.
    pub workloads: usize,
    /// Its pods.
    pub pods: usize,
}

/// A project that was recognized.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProjectScope {
    /// The project.
    pub project: String,
    /// Its version; absent where it does not show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What told us.
    pub by: String,
}

/// What stands in the way, and who must act. Findings that somebody accepted
/// are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Impact {
    /// What blocks, one row a code.
    pub blocks: Vec<Blocked>,
    /// Who must act, most blocking findings first. Findings that are nobody's in
    /// particular stand under no application: they are for whoever runs the cluster.
    pub applications: Vec<ApplicationImpact>,
}

/// All blocking findings of one code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Blocked {
    /// The code.
    pub code: Code,
    /// The title of its page.
    pub title: String,
    /// The identities of the findings.
    pub findings: Vec<String>,
}

/// What one application, or whoever runs the cluster, must act on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApplicationImpact {
    /// Whose they are; absent for whoever runs the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<Application>,
    /// How many findings block.
    pub blocking: usize,
    /// How many warn.
    pub warning: usize,
    /// The identities of both.
    pub findings: Vec<String>,
}

/// Something that must have moved before something else can.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Dependency {
    /// What must move first, as a noun phrase.
    pub first: String,
    /// What can only move then.
    pub then: String,
    /// Why, in one sentence.
    pub because: String,
    /// The findings that say so; empty where a rule of Kubernetes does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
}
