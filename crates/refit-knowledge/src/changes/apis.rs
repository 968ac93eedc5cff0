//! API versions that go or are discouraged.

use super::{Change, Span, Who};
use crate::Knowledge;
use crate::api::{Decision, Lifecycle, ObjectClass};

/// What the life of every API version comes to in the span.
pub(super) fn changes(knowledge: &Knowledge, span: Span) -> impl Iterator<Item = (Who, Change)> {
    knowledge
        .apis()
        .lifecycles()
        .filter(|life| life.object == ObjectClass::Resource)
        .filter_map(move |life| change(knowledge, span, life))
        .map(|change| (Who::ApplicationTeams, change))
}

fn change(knowledge: &Knowledge, span: Span, life: &Lifecycle) -> Option<Change> {
    let apis = knowledge.apis();
    let gone = life
        .removal
        .filter(|removal| removal.decision == Decision::Decided && span.has(removal.in_minor));
    let (with, what) = match (gone, life.deprecated) {
        (Some(removal), _) => (
            removal.in_minor,
            format!("{} is not served any more", life.api),
        ),
        (None, Some(minor)) if span.has(minor) => {
            let end = match life.removal {
                Some(removal) => format!(", and is to go in {}", removal.in_minor),
                None => String::new(),
            };
            (minor, format!("{} is deprecated{end}", life.api))
        }
        (None, _) => return None,
    };
    // What few ever switch on is no reason to wake anybody.
    if !life.served_by_default {
        return None;
    }
    let act = match apis.replacement_at(&life.api, span.to) {
        Some(replacement) => format!("Write {replacement}."),
        None => knowledge
            .migrations()
            .of(&life.api)
            .map(|migration| migration.action.clone())
            .unwrap_or_default(),
    };
    let sources: Vec<&str> = apis
        .sources(life)
        .map(|basis| basis.source.as_str())
        .collect();
    Some(Change {
        with: with.to_string(),
        what,
        act,
        source: sources.join("; "),
    })
}
