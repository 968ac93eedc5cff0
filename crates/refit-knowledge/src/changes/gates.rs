//! Feature gates whose defaults change, and flags that go: what keeps a
//! component from starting, or makes it behave otherwise unasked.

use super::{Change, Span, Who};
use crate::Knowledge;
use crate::gates::{Component, Flip, GateStage, Settings};
use std::collections::BTreeMap;

/// Where the defaults of gates are listed, as `refit knowledge list` names it.
const GATES: &str = "knowledge kubernetes/feature-gates.csv";

/// What changes for components that set no gate, and the flags that go.
pub(super) fn changes(knowledge: &Knowledge, span: Span) -> Vec<(Who, Change)> {
    let mut changes = defaults(knowledge, span);
    let facts = knowledge.settings();
    changes.extend(facts.flags().filter_map(|(flag, life)| {
        let (with, what) = match (life.removed, life.deprecated) {
            (Some(gone), _) if span.has(gone) => (gone, "is not known any more"),
            (_, Some(minor)) if span.has(minor) => (minor, "is deprecated"),
            (_, Some(_) | None) => return None,
        };
        let is_gone = life.removed == Some(with);
        Some((
            who(life.component),
            Change {
                with: with.to_string(),
                what: format!("the flag --{flag} of {} {what}", life.component.name()),
                act: if is_gone {
                    "Take it out of the arguments, or the component does not start.".to_owned()
                } else {
                    String::new()
                },
                source: life.notes.clone(),
            },
        ))
    }));
    changes
}

/// A default is told once, with every component that it changes in, hop by hop.
fn defaults(knowledge: &Knowledge, span: Span) -> Vec<(Who, Change)> {
    let mut changes = Vec::new();
    let mut minor = span.from;
    while minor < span.to {
        let next = minor.next();
        let mut flips: BTreeMap<&str, (Flip<'_>, Vec<Component>)> = BTreeMap::new();
        for component in Component::ALL {
            let found = knowledge
                .gates()
                .flips(component, &Settings::default(), minor, next);
            for flip in found {
                flips
                    .entry(flip.gate)
                    .or_insert_with(|| (flip, Vec::new()))
                    .1
                    .push(component);
            }
        }
        for (gate, (flip, components)) in flips {
            // An alpha that is off everywhere changes for nobody.
            if flip.before.default == flip.after.default || flip.after.stage == GateStage::Alpha {
                continue;
            }
            let names: Vec<&str> = components.iter().map(|one| one.name()).collect();
            changes.push((
                Who::Nobody,
                Change {
                    with: next.to_string(),
                    what: format!(
                        "the feature gate {gate} ({}) is {} by default in {}",
                        flip.after.stage,
                        flip.after.default,
                        names.join(", ")
                    ),
                    act: String::new(),
                    source: GATES.to_owned(),
                },
            ));
        }
        minor = next;
    }
    changes
}

const fn who(component: Component) -> Who {
    match component {
        Component::Kubelet | Component::KubeProxy => Who::Infrastructure,
        Component::KubeApiserver
        | Component::KubeControllerManager
        | Component::KubeScheduler
        | Component::Kubeadm => Who::ClusterOperators,
    }
}
