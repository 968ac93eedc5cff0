//! The families of findings: what `--only` chooses among.

use crate::review::Code;
use crate::snapshot::Area;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A family of findings; its letter is the first after `RF` in their codes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// API versions, definitions and aggregated APIs: `RFA`.
    Api,
    /// Versions, skew, hops and support: `RFC`.
    Versions,
    /// Nodes: `RFN`.
    Nodes,
    /// Workloads, pods and disruption budgets: `RFW`.
    Workloads,
    /// Webhooks: `RFH`.
    Webhooks,
    /// Projects installed in the cluster: `RFP`.
    Projects,
    /// Changes of behaviour from minor to minor: `RFB`.
    Behaviour,
    /// Juju: `RFJ`.
    Juju,
    /// What the upgrade does not touch: `RFU`.
    Untouched,
}

impl Family {
    /// All families, in the order in which help texts list them.
    pub const ALL: [Self; 9] = [
        Self::Api,
        Self::Versions,
        Self::Nodes,
        Self::Workloads,
        Self::Webhooks,
        Self::Projects,
        Self::Behaviour,
        Self::Juju,
        Self::Untouched,
    ];

    /// What people type.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Versions => "versions",
            Self::Nodes => "nodes",
            Self::Workloads => "workloads",
            Self::Webhooks => "webhooks",
            Self::Projects => "projects",
            Self::Behaviour => "behaviour",
            Self::Juju => "juju",
            Self::Untouched => "untouched",
        }
    }

    /// The letter in the codes.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Api => 'A',
            Self::Versions => 'C',
            Self::Nodes => 'N',
            Self::Workloads => 'W',
            Self::Webhooks => 'H',
            Self::Projects => 'P',
            Self::Behaviour => 'B',
            Self::Juju => 'J',
            Self::Untouched => 'U',
        }
    }

    /// The family of a finding's code; `None` for codes of other things.
    #[must_use]
    pub fn of(code: Code) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|family| family.letter() == code.family())
    }

    /// The areas that a finding of this family could hide in. Every area is one
    /// of some family, so that whoever asks for all of them is told of all gaps.
    #[must_use]
    pub const fn areas(self) -> &'static [Area] {
        match self {
            Self::Api => &[
                Area::Apis,
                Area::Definitions,
                Area::ApiServices,
                Area::Releases,
            ],
            Self::Versions => &[Area::ControlPlane, Area::Nodes],
            Self::Nodes => &[Area::Nodes],
            Self::Workloads => &[Area::Workloads, Area::Budgets],
            Self::Webhooks => &[Area::Webhooks, Area::Workloads, Area::Definitions],
            Self::Projects => &[Area::Workloads, Area::Releases, Area::Definitions],
            Self::Behaviour => &[Area::Behaviour, Area::Apis, Area::Nodes, Area::Workloads],
            Self::Juju => &[Area::Juju],
            // No upgrade makes a backup of what it leaves alone.
            Self::Untouched => &[
                Area::Workloads,
                Area::Definitions,
                Area::Releases,
                Area::Backups,
            ],
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no family.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no family of findings; there are api, versions, nodes, workloads, webhooks, projects, behaviour, juju, untouched"
)]
pub struct FamilyError(pub String);

impl FromStr for Family {
    type Err = FamilyError;
    fn from_str(text: &str) -> Result<Self, FamilyError> {
        Self::ALL
            .into_iter()
            .find(|family| family.name() == text)
            .ok_or_else(|| FamilyError(text.chars().take(32).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_letters_lead_back() {
        for family in Family::ALL {
            assert_eq!(family.name().parse(), Ok(family));
            assert_eq!(Family::of(Code::new(family.letter(), 101)), Some(family));
        }
        for area in Area::ALL {
            assert!(
                Family::ALL
                    .iter()
                    .any(|family| family.areas().contains(&area))
            );
        }
        assert_eq!(Family::of(Code::new('O', 101)), None);
        let error = "nodse".parse::<Family>().unwrap_err();
        for family in Family::ALL {
            assert!(error.to_string().contains(family.name()), "{error}");
        }
    }
}
