//! What people say about templates, and where each stands.

use crate::event::Recorded;
use crate::hash::ContentHash;
use crate::name::{Actor, ClusterId, TemplateName};
use crate::rehearsal::Grade;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Something that happened to a template: the body of an event of the stream of
/// its name. A template is known by the hash of its content; the same name has
/// had other contents before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum TemplateEvent {
    /// Its plan for a landscape was reviewed and run on the twin.
    Rehearsed(TemplateRehearsal),
    /// Somebody approved it for use.
    Approved {
        /// The template.
        template: ContentHash,
        /// What those who use it should know.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Somebody withdrew it.
    Canceled {
        /// The template.
        template: ContentHash,
        /// Why.
        reason: String,
    },
}

/// How the rehearsal of a template came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TemplateRehearsal {
    /// The template.
    pub template: ContentHash,
    /// Its revision.
    pub revision: u32,
    /// The landscape that the plan was made for.
    pub cluster: ClusterId,
    /// Where the plan went.
    pub goal: String,
    /// The plan.
    pub plan: ContentHash,
    /// The version of the knowledge.
    pub knowledge: String,
    /// What the rehearsal is worth.
    pub grade: Grade,
    /// How many steps the twin does not model.
    pub not_rehearsed: usize,
    /// What speaks against the template; empty when nothing does.
    pub against: Vec<String>,
}

/// Where a template stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TemplateStatus {
    /// What it is called.
    pub name: TemplateName,
    /// Its revision.
    pub revision: u32,
    /// One line; absent where only the record knows the template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its content.
    pub template: ContentHash,
    /// Where it stands in its life.
    pub state: TemplateState,
    /// How it was rehearsed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearsed: Option<TemplateRehearsal>,
    /// Who approved it, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<(Actor, jiff::Timestamp)>,
}

/// All templates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TemplateList {
    /// The version of this format.
    pub api_version: String,
    /// Always `TemplateList`.
    pub kind: TemplateListKind,
    /// Each with its state.
    pub templates: Vec<TemplateStatus>,
}

/// The `kind` of a list of templates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TemplateListKind {
    /// The only one.
    #[default]
    TemplateList,
}

/// Where a template stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TemplateState {
    /// It is there, and nobody has approved it.
    Available,
    /// Somebody approved it.
    Approved,
    /// Somebody approved it, and its rehearsal was judged by older knowledge.
    Stale,
    /// A later content of this name was approved.
    Superseded,
    /// Somebody withdrew it.
    Canceled,
}

impl fmt::Display for TemplateState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Available => "available",
            Self::Approved => "approved",
            Self::Stale => "stale",
            Self::Superseded => "superseded",
            Self::Canceled => "canceled",
        })
    }
}

/// What the record knows of one content of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateRecord {
    /// How it was rehearsed last.
    pub rehearsed: Option<TemplateRehearsal>,
    /// Who approved it, when, and the place of that.
    pub approved: Option<(Actor, jiff::Timestamp, u64)>,
    /// Who withdrew it, and why.
    pub canceled: Option<(Actor, String)>,
    /// Whether another content was approved after it.
    pub is_superseded: bool,
}

impl TemplateRecord {
    /// What the events of a template's name say of the content `template`.
    ///
    /// # Errors
    /// When an event is none of ours: a newer version may have written it.
    pub fn fold(events: &[Recorded], template: &ContentHash) -> Result<Self, serde_json::Error> {
        let mut record = Self::default();
        for recorded in events {
            let by = &recorded.event.actor;
            match serde_json::from_value(recorded.event.body.clone())? {
                TemplateEvent::Rehearsed(rehearsal) => {
                    if rehearsal.template == *template {
                        record.rehearsed = Some(rehearsal);
                    }
                }
                TemplateEvent::Approved { template: of, .. } => {
                    if of == *template {
                        record.approved = Some((by.clone(), recorded.event.at, recorded.seq));
                        record.canceled = None;
                        record.is_superseded = false;
                    } else if record.approved.is_some() {
                        record.is_superseded = true;
                    }
                }
                TemplateEvent::Canceled {
                    template: of,
                    reason,
                } => {
                    if of == *template {
                        record.canceled = Some((by.clone(), reason));
                    }
                }
            }
        }
        Ok(record)
    }

    /// Where it stands, judged by knowledge of this version.
    #[must_use]
    pub fn state(&self, knowledge: &str) -> TemplateState {
        if self.canceled.is_some() {
            return TemplateState::Canceled;
        }
        if self.approved.is_none() {
            return TemplateState::Available;
        }
        if self.is_superseded {
            return TemplateState::Superseded;
        }
        match &self.rehearsed {
            Some(rehearsal) if rehearsal.knowledge == knowledge => TemplateState::Approved,
            Some(_) | None => TemplateState::Stale,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::NewEvent;
    use crate::name::StreamId;
    use serde_json::{Value, json};

    #[track_caller]
    fn check(lines: &[&str], expected: TemplateState) {
        let (one, two) = (ContentHash::of_bytes(b"1"), ContentHash::of_bytes(b"2"));
        let events: Vec<Recorded> = lines
            .iter()
            .zip(1..)
            .map(|(line, seq)| {
                let of = if line.ends_with('2') { &two } else { &one };
                let rehearsed = |knowledge: &str| -> Value {
                    json!({"rehearsed": {
                        "template": of, "revision": 1, "cluster": "c", "goal": "1 to 2",
                        "plan": of, "knowledge": knowledge, "grade": "R2",
                        "notRehearsed": 0, "against": [],
                    }})
                };
                let body = match line.trim_end_matches([' ', '2']) {
                    "rehearsed" => rehearsed("7"),
                    "rehearsed long ago" => rehearsed("6"),
                    "approved" => json!({"approved": {"template": of}}),
                    "canceled" => json!({"canceled": {"template": of, "reason": "-"}}),
                    other => panic!("{other}"),
                };
                Recorded {
                    stream: StreamId::new("template/t").unwrap(),
                    seq,
                    event: NewEvent {
                        at: jiff::Timestamp::UNIX_EPOCH,
                        actor: Actor::new("ada").unwrap(),
                        body,
                    },
                }
            })
            .collect();
        let record = TemplateRecord::fold(&events, &one).unwrap();
        assert_eq!(record.state("7"), expected, "{lines:?}");
    }

    #[test]
    fn the_life_of_a_template() {
        check(&[], TemplateState::Available);
        check(&["rehearsed"], TemplateState::Available);
        check(&["rehearsed", "approved"], TemplateState::Approved);
        check(&["rehearsed long ago", "approved"], TemplateState::Stale);
        check(
            &["rehearsed", "approved", "approved 2"],
            TemplateState::Superseded,
        );
        check(
            &["rehearsed", "approved", "approved 2", "approved"],
            TemplateState::Approved,
        );
        check(
            &["rehearsed", "approved", "canceled"],
            TemplateState::Canceled,
        );
        check(
            &["rehearsed", "approved", "canceled 2"],
            TemplateState::Approved,
        );
    }
}
