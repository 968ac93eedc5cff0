//! PodDisruptionBudgets: what they ask for and what a limit means in pods.
//!
//! Source of the arithmetic: the disruption controller of Kubernetes 1.36
//! (`pkg/controller/disruption`), measured on 1.36.3: both kinds of percentage
//! round up.

use crate::name::Key;
use crate::seen::Seen;
use crate::selector::Selector;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A PodDisruptionBudget as it was observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Budget {
    /// Namespace and name.
    pub key: Key,
    /// Which pods it covers. Absent matches none, empty matches every pod of
    /// the namespace.
    pub selector: Option<Selector>,
    /// What it asks for; a budget with neither bound is accepted by the server
    /// and allows nothing.
    pub bound: Option<Bound>,
    /// Whether pods that are not ready may go.
    pub unhealthy: UnhealthyPods,
    /// The generation of the spec.
    pub generation: i64,
    /// What the controller last wrote.
    pub status: Seen<BudgetStatus>,
}

/// The one bound that a budget may have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Bound {
    /// At least so many pods stay healthy.
    MinAvailable(Amount),
    /// At most so many pods are missing.
    MaxUnavailable(Amount),
}

/// A number of pods, or a share of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub enum Amount {
    /// So many pods.
    Pods(u32),
    /// So many per cent of the expected pods, rounded up.
    Percent(u32),
}

impl Amount {
    /// The number of pods that the amount means out of `expected`.
    #[must_use]
    pub const fn of(self, expected: u32) -> u32 {
        match self {
            Self::Pods(count) => count,
            Self::Percent(share) => {
                // Widened, since 100 % of the largest count must not overflow.
                let scaled = (share as u64 * expected as u64).div_ceil(100);
                if scaled > u32::MAX as u64 {
                    u32::MAX
                } else {
                    #[expect(clippy::cast_possible_truncation, reason = "bounded just above")]
                    let pods = scaled as u32;
                    pods
                }
            }
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pods(count) => write!(f, "{count}"),
            Self::Percent(share) => write!(f, "{share}%"),
        }
    }
}

/// A text that is neither a count of pods nor a percentage.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a number of pods nor a percentage")]
pub struct AmountError(pub String);

impl FromStr for Amount {
    type Err = AmountError;
    fn from_str(text: &str) -> Result<Self, AmountError> {
        let refuse = |_| AmountError(text.chars().take(64).collect());
        match text.strip_suffix('%') {
            Some(share) => share.parse().map(Self::Percent).map_err(refuse),
            None => text.parse().map(Self::Pods).map_err(refuse),
        }
    }
}

impl TryFrom<String> for Amount {
    type Error = AmountError;
    fn try_from(text: String) -> Result<Self, AmountError> {
        text.parse()
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> Self {
        amount.to_string()
    }
}

/// `spec.unhealthyPodEvictionPolicy`; absent means [`Self::IfHealthyBudget`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum UnhealthyPods {
    /// A pod that is not ready may go while the budget is met without it.
    #[default]
    IfHealthyBudget,
    /// A pod that is not ready may always go.
    AlwaysAllow,
}

/// `status` of a budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BudgetStatus {
    /// The generation that the numbers belong to; 0 when the controller never
    /// got through.
    pub observed_generation: i64,
    /// How many pods may go now.
    pub disruptions_allowed: i64,
    /// How many pods are healthy.
    pub current_healthy: i64,
    /// How many must be.
    pub desired_healthy: i64,
    /// How many there should be.
    pub expected_pods: i64,
    /// The message of `DisruptionAllowed=False, reason SyncFailed`, when the
    /// controller could not work the budget out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync_failure: Option<String>,
}

impl BudgetStatus {
    /// Whether the controller has worked out the current spec.
    #[must_use]
    pub const fn is_current(&self, generation: i64) -> bool {
        self.sync_failure.is_none() && self.observed_generation >= generation
    }
}

impl Bound {
    /// How many of `expected` pods must stay healthy.
    #[must_use]
    pub const fn desired_healthy(&self, expected: u32) -> u32 {
        match self {
            Self::MinAvailable(amount) => amount.of(expected),
            Self::MaxUnavailable(amount) => expected.saturating_sub(amount.of(expected)),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MinAvailable(amount) => write!(f, "minAvailable {amount}"),
            Self::MaxUnavailable(amount) => write!(f, "maxUnavailable {amount}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bound: &Bound, desired: u32) {
        assert_eq!(bound.desired_healthy(5), desired, "{bound}");
    }

    /// The nine settings on five replicas that were recorded on 1.36.3.
    #[test]
    fn percentages_round_up_on_both_sides() {
        let max = |text: &str| Bound::MaxUnavailable(text.parse().unwrap());
        let min = |text: &str| Bound::MinAvailable(text.parse().unwrap());
        check(&max("30%"), 3);
        check(&max("1%"), 4);
        check(&max("0%"), 5);
        check(&max("0"), 5);
        check(&min("50%"), 3);
        check(&min("99%"), 5);
        check(&min("1%"), 1);
        check(&min("0"), 0);
        check(&min("7"), 7);
    }
}
