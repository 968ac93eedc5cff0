//! Well-known labels and taints that go.

use super::{Change, Span, Who};
use crate::Knowledge;
use crate::label::{KeyKind, KeyLife, SinceMinor};

/// The keys that go or are discouraged in the span.
pub(super) fn changes(knowledge: &Knowledge, span: Span) -> impl Iterator<Item = (Who, Change)> {
    knowledge
        .well_known_keys()
        .lives()
        .iter()
        .filter_map(move |life| change(span, life))
        .map(|change| (Who::ApplicationTeams, change))
}

fn change(span: Span, life: &KeyLife) -> Option<Change> {
    let kind = match life.kind {
        KeyKind::Label => "label",
        KeyKind::Taint => "taint",
    };
    let deprecated = life.deprecated.and_then(|since| match since {
        SinceMinor::In(minor) => span.has(minor).then_some(minor),
        SinceMinor::Before(_) => None,
    });
    let (with, what) = match (life.removed, deprecated) {
        (Some(gone), _) if span.has(gone) => (
            gone,
            format!("the {kind} {} is set or read no more", life.key),
        ),
        (_, Some(minor)) => (minor, format!("the {kind} {} is deprecated", life.key)),
        (_, None) => return None,
    };
    Some(Change {
        with: with.to_string(),
        what,
        act: if life.replacement.is_empty() {
            String::new()
        } else {
            format!("Use {}.", life.replacement)
        },
        source: life.source.clone(),
    })
}
