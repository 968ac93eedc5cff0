//! What people say about a plan, and what that comes to.

use crate::event::Recorded;
use crate::fingerprint::Fingerprint;
use crate::hash::ContentHash;
use crate::name::{Actor, StepId};
use crate::review::{Code, Objection};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Something that was said about a plan: the body of an event of its stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum PlanEvent {
    /// Somebody asked for approval.
    Requested {
        /// What they want the approvers to know.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Somebody said yes.
    Approved {
        /// To this plan.
        plan: ContentHash,
        /// For the landscape that it was made from.
        fingerprint: Fingerprint,
        /// It holds no longer than this: an objection that was waived stands
        /// again then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<jiff::Timestamp>,
        /// What proves who said it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signature: Option<Signature>,
    },
    /// Somebody said no.
    Denied {
        /// Why.
        reason: String,
    },
    /// Somebody took their yes, or their no, back.
    Revoked {
        /// Why.
        reason: String,
    },
    /// Somebody answers for going on in spite of an objection.
    Waived(Waived),
    /// Somebody remarked something.
    Commented {
        /// On this step; on the plan when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<StepId>,
        /// What.
        text: String,
    },
    /// The plan has a new owner.
    Owned {
        /// Who.
        owner: Actor,
    },
    /// A step is somebody's.
    Assigned {
        /// Which.
        step: StepId,
        /// Whose.
        to: Actor,
        /// Until when it is due.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<jiff::Timestamp>,
    },
    /// The plan was given up before it ran.
    Canceled {
        /// Why.
        reason: String,
    },
    /// The plan that was given up is a draft again: nothing that was said for or
    /// against it before carries over.
    Reopened {
        /// Why.
        reason: String,
    },
    /// What the plan promises was compared with what was observed.
    Verified {
        /// What does not hold; empty when all of it does.
        broken: Vec<String>,
    },
}

/// An objection that somebody answers for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Waived {
    /// Its code.
    pub code: Code,
    /// Its step; every one of the code when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// Why it may stand.
    pub reason: String,
    /// Until when.
    pub until: jiff::Timestamp,
}

impl Waived {
    /// Whether `objection` is one that this is about.
    #[must_use]
    pub fn covers(&self, objection: &Objection) -> bool {
        self.code == objection.code && (self.step.is_none() || self.step == objection.step)
    }
}

/// A signature of a [`Statement`], as `ssh-keygen -Y sign` writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Signature(pub String);

/// What a signed yes says: the very bytes that are signed are the canonical
/// JSON of this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Statement {
    /// The plan.
    pub plan: ContentHash,
    /// The landscape that it was made from, as one hash.
    pub fingerprint: ContentHash,
    /// Who says yes.
    pub by: Actor,
    /// When.
    pub at: jiff::Timestamp,
    /// Until when at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<jiff::Timestamp>,
}

/// A yes, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Yes {
    /// Its place in the stream.
    pub seq: u64,
    /// When.
    pub at: jiff::Timestamp,
    /// To which plan.
    pub plan: ContentHash,
    /// For which landscape.
    pub fingerprint: Fingerprint,
    /// Until when at most.
    pub until: Option<jiff::Timestamp>,
    /// What proves it.
    pub signature: Option<Signature>,
}

/// Whose a step is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Assignment {
    /// Whose.
    pub to: Actor,
    /// Until when it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<jiff::Timestamp>,
}

/// A remark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Comment {
    /// Who made it.
    pub by: Actor,
    /// When.
    pub at: jiff::Timestamp,
    /// On which step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// What it says.
    pub text: String,
}

/// What a person's last word on a plan is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LastWord {
    /// Yes.
    Yes(Yes),
    /// No, and why.
    No(String),
}

/// What all that was said about a plan comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversation {
    /// Who asked for approval first, and when.
    pub requested: Option<(Actor, jiff::Timestamp)>,
    /// Each person's last word, unless they took it back.
    pub words: BTreeMap<Actor, LastWord>,
    /// The objections that were waived, and by whom.
    pub waived: Vec<(Actor, Waived)>,
    /// Who owns it.
    pub owner: Option<Actor>,
    /// Whose each step is.
    pub assigned: BTreeMap<StepId, Assignment>,
    /// What was remarked.
    pub comments: Vec<Comment>,
    /// Who gave it up, and why.
    pub canceled: Option<(Actor, String)>,
    /// What did not hold when it was verified last.
    pub verified: Option<Vec<String>>,
}

impl Conversation {
    /// What the events of a plan's stream come to.
    ///
    /// # Errors
    /// When one is none of ours: a newer version may have written it.
    pub fn fold(events: &[Recorded]) -> Result<Self, serde_json::Error> {
        let mut all = Self::default();
        for recorded in events {
            let event = serde_json::from_value(recorded.event.body.clone())?;
            all.hear(recorded, event);
        }
        Ok(all)
    }

    fn hear(&mut self, recorded: &Recorded, event: PlanEvent) {
        let (by, at) = (&recorded.event.actor, recorded.event.at);
        match event {
            PlanEvent::Requested { .. } => {
                self.requested.get_or_insert_with(|| (by.clone(), at));
            }
            PlanEvent::Approved {
                plan,
                fingerprint,
                until,
                signature,
            } => {
                let yes = Yes {
                    seq: recorded.seq,
                    at,
                    plan,
                    fingerprint,
                    until,
                    signature,
                };
                self.words.insert(by.clone(), LastWord::Yes(yes));
            }
            PlanEvent::Denied { reason } => {
                self.words.insert(by.clone(), LastWord::No(reason));
            }
            PlanEvent::Revoked { .. } => {
                self.words.remove(by);
            }
            PlanEvent::Waived(waived) => self.waived.push((by.clone(), waived)),
            PlanEvent::Commented { step, text } => self.comments.push(Comment {
                by: by.clone(),
                at,
                step,
                text,
            }),
            PlanEvent::Owned { owner } => self.owner = Some(owner),
            PlanEvent::Assigned { step, to, due } => {
                self.assigned.insert(step, Assignment { to, due });
            }
            PlanEvent::Canceled { reason } => {
                self.canceled.get_or_insert_with(|| (by.clone(), reason));
            }
            PlanEvent::Reopened { .. } => {
                self.requested = None;
                self.words.clear();
                self.waived.clear();
                self.canceled = None;
            }
            PlanEvent::Verified { broken } => self.verified = Some(broken),
        }
    }

    /// The waiver that covers `objection` at `now`, the one that lasts longest.
    #[must_use]
    pub fn waiver_of(
        &self,
        objection: &Objection,
        now: jiff::Timestamp,
    ) -> Option<&(Actor, Waived)> {
        let covering = self
            .waived
            .iter()
            .filter(|(_, waived)| waived.covers(objection) && waived.until > now);
        covering.max_by_key(|(_, waived)| waived.until)
    }
}
