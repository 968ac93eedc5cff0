//! Where the approval of a plan stands.

use super::rules::{ApprovalRules, Requester, SignatureRule};
use super::said::{Conversation, LastWord, Yes};
use crate::hash::ContentHash;
use crate::name::{Actor, RoleName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// Where the approval of a plan stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum ApprovalStanding {
    /// It is approved.
    Granted {
        /// By these.
        by: Vec<Actor>,
        /// Until then; absent where it does not end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<jiff::Timestamp>,
    },
    /// Something is missing.
    Missing {
        /// Who said yes so far.
        by: Vec<Actor>,
        /// What is missing, one phrase each.
        wants: Vec<String>,
    },
    /// Somebody whose word counts said no.
    Denied {
        /// Every such no: each has to be taken back by the one who said it.
        denials: Vec<Denial>,
    },
    /// It was given up.
    Canceled {
        /// By whom.
        by: Actor,
        /// Why.
        reason: String,
    },
}

/// A no that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Denial {
    /// Whose.
    pub by: Actor,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.by, self.reason)
    }
}

/// A word that does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetAside {
    /// Whose.
    pub by: Actor,
    /// Why it does not.
    pub because: NotCounted,
}

/// Why a word does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum NotCounted {
    /// The rules name others.
    NoApprover,
    /// It is about another plan.
    OtherPlan(ContentHash),
    /// The rules ask for somebody else than the one who asked.
    Requester,
    /// It is not signed, and has to be.
    Unsigned,
    /// It is signed, with none of the keys that the plan names.
    WrongKey,
    /// It held until then.
    Lapsed(jiff::Timestamp),
}

impl fmt::Display for NotCounted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoApprover => f.write_str("is not among the approvers"),
            Self::OtherPlan(hash) => write!(f, "approved another plan, {}", hash.short()),
            Self::Requester => f.write_str("asked for the approval, and so may not give it"),
            Self::Unsigned => f.write_str("did not sign"),
            Self::WrongKey => {
                f.write_str("signed with something that is none of the keys in the plan")
            }
            Self::Lapsed(end) => write!(f, "approved until {end}, which is over"),
        }
    }
}

/// Where the approval of `plan` stands at `now`, and which words do not count.
///
/// `proven` holds the places of those yeses whose signatures were checked and
/// are of one of the approver's keys. Time that ran out means no: a yes that has
/// expired is as if it had not been given.
#[must_use]
pub fn approval_standing(
    plan: &ContentHash,
    rules: &ApprovalRules,
    said: &Conversation,
    proven: &BTreeSet<u64>,
    now: jiff::Timestamp,
) -> (ApprovalStanding, Vec<SetAside>) {
    let mut aside = Vec::new();
    if let Some((by, reason)) = &said.canceled {
        let standing = ApprovalStanding::Canceled {
            by: by.clone(),
            reason: reason.clone(),
        };
        return (standing, aside);
    }
    let mut by = Vec::new();
    let mut until = None;
    let mut denials = Vec::new();
    for (actor, word) in &said.words {
        let judged = match word {
            LastWord::Yes(yes) => counts(plan, actor, yes, rules, said, proven, now),
            LastWord::No(_) => may_speak(actor, rules).map(|()| None),
        };
        match (word, judged) {
            (_, Err(because)) => aside.push(SetAside {
                by: actor.clone(),
                because,
            }),
            (LastWord::Yes(_), Ok(ends)) => {
                by.push(actor.clone());
                until = earlier(until, ends);
            }
            (LastWord::No(reason), Ok(_)) => denials.push(Denial {
                by: actor.clone(),
                reason: reason.clone(),
            }),
        }
    }
    if !denials.is_empty() {
        return (ApprovalStanding::Denied { denials }, aside);
    }
    let wants = wants(rules, said, &by);
    let standing = if wants.is_empty() {
        ApprovalStanding::Granted { by, until }
    } else {
        ApprovalStanding::Missing { by, wants }
    };
    (standing, aside)
}

/// Why a word of `actor` on a plan under `rules` could not count, before it is
/// said; nothing when it could.
#[must_use]
pub fn could_not_count(
    actor: &Actor,
    rules: &ApprovalRules,
    said: &Conversation,
) -> Option<NotCounted> {
    let requested = said.requested.as_ref();
    if let Err(because) = may_speak(actor, rules) {
        return Some(because);
    }
    let asked = requested.is_some_and(|(who, _)| who == actor);
    (asked && rules.requester == Requester::MayNotApprove).then_some(NotCounted::Requester)
}

/// Why a no of `actor` could not count, before it is said; nothing when it could.
#[must_use]
pub fn could_not_deny(actor: &Actor, rules: &ApprovalRules) -> Option<NotCounted> {
    may_speak(actor, rules).err()
}

/// What is missing beside the yes of these.
fn wants(rules: &ApprovalRules, said: &Conversation, by: &[Actor]) -> Vec<String> {
    let mut wants = Vec::new();
    if rules.requester == Requester::MayNotApprove && said.requested.is_none() {
        wants.push("nobody has asked for approval".to_owned());
    }
    let missing = usize::from(rules.quorum.get()).saturating_sub(by.len());
    if missing > 0 {
        wants.push(match (missing, by.is_empty()) {
            (1, true) => "somebody has to approve".to_owned(),
            (1, false) => "one more person has to approve".to_owned(),
            (number, true) => format!("{number} people have to approve"),
            (number, false) => format!("{number} more people have to approve"),
        });
    }
    let speaks_for = |role: &RoleName| {
        let roles = |actor: &Actor| {
            rules
                .approver(actor)
                .is_some_and(|it| it.roles.contains(role))
        };
        by.iter().any(roles)
    };
    for role in rules.roles.iter().filter(|role| !speaks_for(role)) {
        wants.push(format!("somebody of role {role} has to approve"));
    }
    wants
}

/// Until when a yes counts, or why it does not.
fn counts(
    plan: &ContentHash,
    actor: &Actor,
    yes: &Yes,
    rules: &ApprovalRules,
    said: &Conversation,
    proven: &BTreeSet<u64>,
    now: jiff::Timestamp,
) -> Result<Option<jiff::Timestamp>, NotCounted> {
    if let Some(because) = could_not_count(actor, rules, said) {
        return Err(because);
    }
    if yes.plan != *plan {
        return Err(NotCounted::OtherPlan(yes.plan.clone()));
    }
    if rules.signature == SignatureRule::Needed && !proven.contains(&yes.seq) {
        return Err(match yes.signature {
            None => NotCounted::Unsigned,
            Some(_) => NotCounted::WrongKey,
        });
    }
    let lapses = rules.valid_for.map(|held| held.after(yes.at));
    let ends = earlier(lapses, yes.until);
    match ends {
        Some(end) if end <= now => Err(NotCounted::Lapsed(end)),
        _ => Ok(ends),
    }
}

/// Whether the word of `actor` counts at all.
fn may_speak(actor: &Actor, rules: &ApprovalRules) -> Result<(), NotCounted> {
    if rules.approvers.is_empty() || rules.approver(actor).is_some() {
        return Ok(());
    }
    Err(NotCounted::NoApprover)
}

fn earlier(
    one: Option<jiff::Timestamp>,
    other: Option<jiff::Timestamp>,
) -> Option<jiff::Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{NewEvent, Recorded};
    use crate::name::StreamId;
    use serde_json::{Value, json};

    /// A story: who says what, one line each, as `ada: yes`; then where the
    /// approval stands, in one line.
    fn story(rules: Value, lines: &[&str], now: &str) -> String {
        let rules: ApprovalRules = serde_json::from_value(rules).unwrap();
        let plan = ContentHash::of_bytes(b"plan");
        let fingerprint = json!({});
        let mut proven = BTreeSet::new();
        let events: Vec<Recorded> = lines
            .iter()
            .zip(1..)
            .map(|(line, seq)| {
                let (by, word) = line.split_once(": ").unwrap();
                let yes = |plan: &ContentHash, more: Value| {
                    let mut yes = json!({"plan": plan, "fingerprint": fingerprint});
                    yes.as_object_mut()
                        .unwrap()
                        .extend(more.as_object().unwrap().clone());
                    json!({ "approved": yes })
                };
                let body = match word {
                    "asks" => json!({"requested": {}}),
                    "yes" => yes(&plan, json!({})),
                    "yes, signed" => {
                        proven.insert(seq);
                        yes(&plan, json!({"signature": "-----"}))
                    }
                    "yes, forged" => yes(&plan, json!({"signature": "-----"})),
                    "yes to another" => yes(&ContentHash::of_bytes(b"other"), json!({})),
                    "yes until noon" => yes(&plan, json!({"until": "2026-12-01T12:00:00Z"})),
                    "no" => json!({"denied": {"reason": "a release party"}}),
                    "takes it back" => json!({"revoked": {"reason": "a mistake"}}),
                    "reopens" => json!({"reopened": {"reason": "it was the only one"}}),
                    "cancels" => json!({"canceled": {"reason": "another way was found"}}),
                    other => panic!("{other}"),
                };
                Recorded {
                    stream: StreamId::new("plan/x").unwrap(),
                    seq,
                    event: NewEvent {
                        at: "2026-12-01T08:00:00Z".parse().unwrap(),
                        actor: Actor::new(by).unwrap(),
                        body,
                    },
                }
            })
            .collect();
        let said = Conversation::fold(&events).unwrap();
        let (standing, aside) =
            approval_standing(&plan, &rules, &said, &proven, now.parse().unwrap());
        let names = |by: &[Actor]| by.iter().map(Actor::as_str).collect::<Vec<_>>().join("+");
        let mut told = match standing {
            ApprovalStanding::Granted { by, until } => match until {
                Some(until) => format!("granted by {} until {until}", names(&by)),
                None => format!("granted by {}", names(&by)),
            },
            ApprovalStanding::Missing { by, wants } => {
                format!("missing after {}: {}", names(&by), wants.join(", "))
            }
            ApprovalStanding::Denied { denials } => {
                let all: Vec<_> = denials.iter().map(ToString::to_string).collect();
                format!("denied by {}", all.join(" and by "))
            }
            ApprovalStanding::Canceled { by, reason } => format!("canceled by {by}: {reason}"),
        };
        for aside in aside {
            told.push_str(&format!("; {} {}", aside.by, aside.because));
        }
        told
    }

    #[track_caller]
    fn check(rules: Value, lines: &[&str], expected: &str) {
        assert_eq!(story(rules, lines, "2026-12-01T09:00:00Z"), expected);
    }

    #[test]
    fn one_yes_of_anybody_is_enough_where_no_rule_is() {
        check(json!({}), &[], "missing after : somebody has to approve");
        check(json!({}), &["ada: yes"], "granted by ada");
        check(json!({}), &["ada: asks", "ada: yes"], "granted by ada");
        check(
            json!({}),
            &["ada: yes to another"],
            &format!(
                "missing after : somebody has to approve; ada approved another plan, {}",
                ContentHash::of_bytes(b"other").short()
            ),
        );
    }

    #[test]
    fn a_quorum_is_of_people() {
        let two = || json!({"quorum": 2});
        check(two(), &[], "missing after : 2 people have to approve");
        check(
            two(),
            &["ada: yes", "ada: yes"],
            "missing after ada: one more person has to approve",
        );
        check(two(), &["ada: yes", "bob: yes"], "granted by ada+bob");
        check(
            two(),
            &["ada: yes", "bob: yes", "ada: takes it back"],
            "missing after bob: one more person has to approve",
        );
    }

    #[test]
    fn who_asks_does_not_approve() {
        let other = || json!({"requester": "may-not-approve"});
        check(
            other(),
            &["bob: yes"],
            "missing after bob: nobody has asked for approval",
        );
        check(other(), &["ada: asks", "bob: yes"], "granted by bob");
        check(
            other(),
            &["ada: asks", "ada: yes"],
            "missing after : somebody has to approve; ada asked for the approval, and so may not give it",
        );
        // Who asks second does not free the first.
        check(
            other(),
            &["ada: asks", "bob: asks", "ada: yes"],
            "missing after : somebody has to approve; ada asked for the approval, and so may not give it",
        );
    }

    #[test]
    fn roles_and_names() {
        let rules = || {
            json!({
                "quorum": 2,
                "approvers": [
                    {"name": "ada", "roles": ["lead"]}, {"name": "bob"}, {"name": "eve", "roles": ["security"]},
                ],
                "roles": ["security"],
            })
        };
        check(
            rules(),
            &["ada: yes", "bob: yes"],
            "missing after ada+bob: somebody of role security has to approve",
        );
        check(rules(), &["ada: yes", "eve: yes"], "granted by ada+eve");
        check(
            rules(),
            &["eve: yes", "mallory: yes"],
            "missing after eve: one more person has to approve; mallory is not among the approvers",
        );
    }

    #[test]
    fn a_no_stands_until_it_is_taken_back() {
        check(
            json!({}),
            &["ada: yes", "bob: no"],
            "denied by bob: a release party",
        );
        check(
            json!({}),
            &["ada: yes", "bob: no", "bob: yes"],
            "granted by ada+bob",
        );
        check(
            json!({}),
            &["ada: yes", "bob: no", "bob: takes it back"],
            "granted by ada",
        );
        // Of those whose word counts.
        check(
            json!({"approvers": [{"name": "ada"}]}),
            &["ada: yes", "mallory: no"],
            "granted by ada; mallory is not among the approvers",
        );
        // Each has to take back their own.
        check(
            json!({}),
            &["ada: no", "bob: no"],
            "denied by ada: a release party and by bob: a release party",
        );
        check(
            json!({}),
            &["ada: no", "bob: no", "bob: yes"],
            "denied by ada: a release party",
        );
        check(
            json!({}),
            &["ada: yes", "bob: cancels"],
            "canceled by bob: another way was found",
        );
    }

    /// What was said before a plan was given up is of no use to the one that is
    /// begun again.
    #[test]
    fn a_plan_that_is_opened_again_is_a_draft() {
        let other = || json!({"requester": "may-not-approve"});
        check(
            other(),
            &["ada: asks", "bob: yes", "ada: cancels", "ada: reopens"],
            "missing after : nobody has asked for approval, somebody has to approve",
        );
        // Somebody else may ask now, and the first one approve.
        check(
            other(),
            &[
                "ada: asks",
                "ada: cancels",
                "bob: reopens",
                "bob: asks",
                "ada: yes",
            ],
            "granted by ada",
        );
    }

    #[test]
    fn time_that_runs_out_means_no() {
        let day = || json!({"validFor": "4h"});
        check(
            day(),
            &["ada: yes"],
            "granted by ada until 2026-12-01T12:00:00Z",
        );
        check(
            json!({}),
            &["ada: yes until noon"],
            "granted by ada until 2026-12-01T12:00:00Z",
        );
        assert_eq!(
            story(day(), &["ada: yes"], "2026-12-01T12:00:00Z"),
            "missing after : somebody has to approve; ada approved until 2026-12-01T12:00:00Z, which is over"
        );
    }

    #[test]
    fn signatures_are_proven_or_nothing() {
        let rules = || {
            json!({
                "signature": "needed",
                "approvers": [{"name": "ada", "keys": ["ssh-ed25519 AAAAC3Nz"]}],
            })
        };
        check(rules(), &["ada: yes, signed"], "granted by ada");
        check(
            rules(),
            &["ada: yes, forged"],
            "missing after : somebody has to approve; ada signed with something that is none of the keys in the plan",
        );
        check(
            rules(),
            &["ada: yes"],
            "missing after : somebody has to approve; ada did not sign",
        );
    }
}
