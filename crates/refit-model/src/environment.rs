//! The environment: clusters that share templates, policy and stakeholders.

use crate::governance::{Governance, Stakeholder};
use crate::name::{ClusterId, ObjectName, ParameterName};
use crate::policy::UpgradePolicy;
use crate::snapshot::ClusterIdentity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A named set of clusters and what they share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Environment {
    /// The version of this format.
    pub api_version: String,
    /// Always `Environment`.
    pub kind: EnvironmentKind,
    /// What it is called.
    pub name: ObjectName,
    /// Its clusters and other landscapes.
    pub clusters: Vec<Member>,
    /// The file of its `UpgradePolicy`, beside this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The files of its `PlanOverlay`s, beside this one, in the order in which
    /// they are laid over a template.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overlays: Vec<String>,
    /// Which templates plans may be made from.
    #[serde(default)]
    pub templates: TemplatesAllowed,
    /// What the parameters of templates are here; a template that has no such
    /// parameter is not concerned, and what is set by hand goes first.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<ParameterName, String>,
    /// Who is told of upgrades.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stakeholders: Vec<Stakeholder>,
    /// Where people turn to when something is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<String>,
}

/// The `kind` of an environment file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum EnvironmentKind {
    /// The only one.
    #[default]
    Environment,
}

/// A cluster of an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Member {
    /// What it is known by: the UID of its `kube-system` namespace, or the name
    /// that is given where there is none.
    pub id: ClusterId,
    /// Where it is, such as `eu-west-1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// Which templates plans of an environment may be made from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TemplatesAllowed {
    /// Any.
    #[default]
    Any,
    /// Only those that somebody approved, after they were rehearsed.
    Approved,
}

impl Environment {
    /// The entry of this cluster; nothing when it is no member.
    #[must_use]
    pub fn member(&self, cluster: &ClusterIdentity) -> Option<&Member> {
        self.clusters.iter().find(|member| member.id == cluster.id)
    }

    /// What is laid down for a plan of this member under `policy`.
    #[must_use]
    pub fn governance(&self, member: &Member, policy: Option<&UpgradePolicy>) -> Governance {
        Governance {
            environment: Some(self.name.clone()),
            region: member.region.clone(),
            policy: policy.map(|policy| policy.name.clone()),
            approvals: policy.map_or_else(Default::default, |policy| policy.approvals.clone()),
            stakeholders: self.stakeholders.clone(),
            support: self.support.clone(),
        }
    }
}
