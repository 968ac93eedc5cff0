//! The upgrade policy: the limits that people set to when work may start.

use crate::duration::Seconds;
use crate::governance::ApprovalRules;
use crate::hash::ContentHash;
use crate::step::EstimateBasis;
use jiff::civil;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An upgrade policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpgradePolicy {
    /// The version of this format.
    pub api_version: String,
    /// Always `UpgradePolicy`.
    pub kind: PolicyKind,
    /// What it is called.
    pub name: String,
    /// When work may start and has to end. Without any it always may.
    #[serde(default)]
    pub windows: Vec<Window>,
    /// When it may not, whatever the windows say.
    #[serde(default)]
    pub freezes: Vec<Freeze>,
    /// Who has to say yes to plans; one yes of anybody when absent.
    #[serde(default, skip_serializing_if = "ApprovalRules::is_plain")]
    pub approvals: ApprovalRules,
    /// The time that a window has to leave for going back, beside what the plan
    /// takes; nothing when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_reserve: Option<Seconds>,
}

/// The `kind` of a policy file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PolicyKind {
    /// The only one.
    #[default]
    UpgradePolicy,
}

/// A time that comes again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Period {
    /// The first time, on the clocks of the zone, such as `2026-01-06T22:00:00`.
    pub start: civil::DateTime,
    /// The IANA zone, such as `Europe/Berlin`. There is no default: an offset
    /// would be wrong for half of the year.
    pub zone: String,
    /// How long it lasts, in time that passes: at most a week for a window, at most
    /// a year for a freeze.
    pub duration: Seconds,
    /// When it comes again, as the value of an `RRULE` (RFC 5545, section
    /// 3.3.10), such as `FREQ=WEEKLY;BYDAY=TU,WE,TH`; once when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// A time in which work may be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Window {
    /// What it is called.
    pub name: String,
    /// When.
    pub when: Period,
}

/// A time in which nothing may be started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Freeze {
    /// What it is called.
    pub name: String,
    /// Who asked for it, and can take it back.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// When.
    pub when: Period,
}

/// When a plan can be carried out under a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Schedule {
    /// The version of this format.
    pub api_version: String,
    /// Always `Schedule`.
    pub kind: ScheduleKind,
    /// The plan, by its hash.
    pub plan: ContentHash,
    /// The policy, by its name.
    pub policy: String,
    /// When it was asked.
    pub now: jiff::Timestamp,
    /// What the plan needs.
    pub needs: PlanTime,
    /// The openings of the next 60 days.
    pub openings: Vec<Slot>,
    /// When it can start first; absent where it fits nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<jiff::Timestamp>,
}

/// The `kind` of a schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ScheduleKind {
    /// The only one.
    #[default]
    Schedule,
}

/// The time that a plan needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanTime {
    /// What its steps take, one after the other.
    pub work: Seconds,
    /// How much of that is known in which way.
    pub by_basis: BTreeMap<EstimateBasis, Seconds>,
    /// How many steps change or wait for something and say nothing of how long
    /// they take: they are not in the sum.
    pub without_estimate: usize,
    /// What is kept for going back.
    pub rollback_reserve: Seconds,
    /// Both.
    pub total: Seconds,
}

/// One opening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Slot {
    /// When it opens.
    pub opens: jiff::Timestamp,
    /// When it closes.
    pub closes: jiff::Timestamp,
    /// The windows that make it.
    pub windows: Vec<String>,
    /// The freeze that closes it, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
    /// Whether the plan fits.
    pub fits: bool,
}
