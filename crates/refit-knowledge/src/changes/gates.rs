//! Feature gates whose defaults change, and flags that go: what keeps a
//! component from starting, or makes it behave otherwise unasked.

use super::{Change, Span, Who};
use crate::Knowledge;
use crate::behaviour::{Behaviour, Sign};
use crate::gates::{Component, Flip, GateStage, Settings};
use refit_model::version::Minor;
use std::collections::BTreeMap;

/// Where the defaults of gates are listed, as `refit knowledge list` names it.
const GATES: &str = "knowledge kubernetes/feature-gates.csv";

/// What changes for components that set no gate, and the flags that go.
pub(super) fn changes(knowledge: &Knowledge, span: Span) -> Vec<(Who, Change)> {
    let mut changes = defaults(knowledge, span);
    changes.extend(flags(knowledge, span));
    changes
}

/// What happens to a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Gone,
    Discouraged,
}

/// What is the same for the flags of one change, in the order in which they are told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Same<'k> {
    with: Minor,
    who: Who,
    fate: Fate,
    source: &'k str,
    components: String,
    /// The flag, where it is told by itself.
    alone: &'k str,
}

/// The flags that go or are discouraged: one change for a flag, with every
/// component that loses it, and one for all that go from the same components
/// together. A flag that a change of behaviour tells of is left to that.
fn flags(knowledge: &Knowledge, span: Span) -> Vec<(Who, Change)> {
    let mut components: BTreeMap<(Minor, Who, Fate, &str, &str), Vec<&str>> = BTreeMap::new();
    for (flag, life) in knowledge.settings().flags() {
        let (with, fate) = match (life.removed, life.deprecated) {
            (Some(gone), _) if span.has(gone) => (gone, Fate::Gone),
            (_, Some(minor)) if span.has(minor) => (minor, Fate::Discouraged),
            (_, Some(_) | None) => continue,
        };
        if is_told(knowledge, with, life.component, flag) {
            continue;
        }
        let key = (with, who(life.component), fate, life.notes.as_str(), flag);
        components
            .entry(key)
            .or_default()
            .push(life.component.name());
    }
    let mut together: BTreeMap<Same<'_>, Vec<&str>> = BTreeMap::new();
    for ((with, who, fate, source, flag), components) in components {
        // Of two flags that are discouraged together one may be gone by the end of
        // a longer way, and then only the other is told as such.
        let alone = match fate {
            Fate::Gone => "",
            Fate::Discouraged => flag,
        };
        let same = Same {
            with,
            who,
            fate,
            source,
            components: components.join(", "),
            alone,
        };
        together.entry(same).or_default().push(flag);
    }
    together
        .into_iter()
        .map(|(same, flags)| (same.who, tell(&same, &flags)))
        .collect()
}

fn tell(same: &Same<'_>, flags: &[&str]) -> Change {
    let names = format!("--{} of {}", flags.join(", --"), same.components);
    let (names, them) = if flags.len() == 1 {
        (format!("the flag {names} is"), "it")
    } else {
        (format!("the flags {names} are"), "them")
    };
    let (what, act) = match same.fate {
        Fate::Gone => (
            "not known any more",
            format!("Take {them} out of the arguments, or the component does not start."),
        ),
        Fate::Discouraged => ("deprecated", String::new()),
    };
    Change {
        with: same.with.to_string(),
        what: format!("{names} {what}"),
        act,
        source: same.source.to_owned(),
    }
}

/// Whether a change of behaviour of that minor names the flag.
fn is_told(knowledge: &Knowledge, minor: Minor, component: Component, flag: &str) -> bool {
    let facts = knowledge.behaviours().all().iter();
    facts
        .filter(|fact| fact.id.minor == minor)
        .flat_map(Behaviour::signs)
        .any(|sign| {
            if let Sign::Flag(of, tested) = sign {
                of.as_deref().is_none_or(|of| of == component.name())
                    && tested.name.trim_start_matches('-') == flag
            } else {
                false
            }
        })
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
