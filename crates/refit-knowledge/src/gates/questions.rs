//! What setting gates does when a component goes from one version to another.

use super::{At, Component, GateStage, GateState, GateStatus, Gates, Lock, Switch, set_of};
use std::collections::{BTreeMap, BTreeSet};

/// The gates that somebody sets at one component, by name. Names and values are
/// as the component reads them; `AllAlpha` and `AllBeta` are among them.
pub type Settings = BTreeMap<String, Switch>;

/// What one setting does at the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consequence<'g> {
    /// The gate.
    pub gate: String,
    /// What it is set to.
    pub value: Switch,
    /// What comes of it.
    pub what: What<'g>,
}

/// What comes of a setting at the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What<'g> {
    /// The component does not start.
    Refused(Refusal<'g>),
    /// It is accepted with a warning, since the gate is on its way out.
    Leaving {
        /// What the gate is at the target.
        at_target: &'g GateState,
    },
    /// It asks for what became the default on the way: it is needless.
    BecameDefault {
        /// What the gate is at the target.
        at_target: &'g GateState,
    },
    /// It is accepted and does at the target what it did before.
    Accepted {
        /// What the gate is at the target.
        at_target: &'g GateState,
    },
    /// Nobody looked: at this version, or at this gate in this component.
    NotKnown,
}

/// Why a component does not start with a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal<'g> {
    /// The name is not known there.
    Unknown {
        /// What it was last; `None` where it was never there before.
        last: Option<&'g GateState>,
        /// What it is first, later.
        next: Option<&'g GateState>,
    },
    /// The gate is locked to the other value.
    Locked {
        /// What the gate is at the target.
        at_target: &'g GateState,
    },
    /// The name is there for a later minor and cannot be set yet.
    NotYet,
    /// It would be on while gates that it depends on are off.
    Dependencies {
        /// Those that are off, by name.
        off: BTreeSet<String>,
    },
}

/// A gate whose default changes, at a component where nobody sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flip<'g> {
    /// The gate.
    pub gate: &'g str,
    /// What it was.
    pub before: &'g GateState,
    /// What it will be.
    pub after: &'g GateState,
}

impl Gates {
    /// What each of `settings` does at `component` when it goes from the version
    /// `from` to the version `to`, by the name of the gate. A gate that is on
    /// without being set is told too, where that stops the component.
    #[must_use]
    pub fn consequences(
        &self,
        component: Component,
        settings: &Settings,
        from: impl Into<At>,
        to: impl Into<At>,
    ) -> Vec<Consequence<'_>> {
        let (from, to) = (from.into(), to.into());
        let mut found: Vec<Consequence<'_>> = settings
            .iter()
            .map(|(gate, value)| Consequence {
                gate: gate.clone(),
                value: *value,
                what: self.consequence(component, gate, *value, from, to),
            })
            .collect();
        // The parser looks at dependencies once every setting has been accepted.
        let refused = |one: &Consequence<'_>| matches!(one.what, What::Refused(_));
        if found.iter().any(refused) {
            return found;
        }
        for (gate, off) in self.unmet(component, settings, to) {
            let what = What::Refused(Refusal::Dependencies { off });
            match found.iter_mut().find(|one| one.gate == gate) {
                Some(one) => one.what = what,
                None => found.push(Consequence {
                    gate: gate.to_owned(),
                    value: Switch::On,
                    what,
                }),
            }
        }
        found.sort_by(|a, b| a.gate.cmp(&b.gate));
        found
    }

    /// The gates whose default at `component` is another at `to` than at `from`
    /// and which `settings` leave alone.
    #[must_use]
    pub fn flips(
        &self,
        component: Component,
        settings: &Settings,
        from: impl Into<At>,
        to: impl Into<At>,
    ) -> Vec<Flip<'_>> {
        let (from, to) = (from.into(), to.into());
        self.of(set_of(component))
            .filter(|(gate, _)| !settings.contains_key(*gate))
            .filter_map(|(gate, _)| {
                let (before, after) = (
                    known(self.status(component, gate, from))?,
                    known(self.status(component, gate, to))?,
                );
                (before.default != after.default).then_some(Flip {
                    gate,
                    before,
                    after,
                })
            })
            .collect()
    }

    fn consequence(
        &self,
        component: Component,
        gate: &str,
        value: Switch,
        from: At,
        to: At,
    ) -> What<'_> {
        let at_target = match self.status(component, gate, to) {
            GateStatus::Known(state) => state,
            GateStatus::Absent { last, next } => {
                return What::Refused(Refusal::Unknown { last, next });
            }
            GateStatus::NotKnownHere(_) | GateStatus::NotCovered => return What::NotKnown,
        };
        // kubeadm refuses names only: its features.go has no other check.
        let parser = component != Component::Kubeadm;
        if parser && at_target.stage == GateStage::PreAlpha {
            return What::Refused(Refusal::NotYet);
        }
        if parser && at_target.lock == Lock::ToDefault && at_target.default != value {
            return What::Refused(Refusal::Locked { at_target });
        }
        match at_target.stage {
            GateStage::Ga | GateStage::Deprecated => What::Leaving { at_target },
            GateStage::PreAlpha | GateStage::Alpha | GateStage::Beta => {
                let before = known(self.status(component, gate, from));
                let was_default = before.is_some_and(|state| state.default == value);
                if at_target.default == value && !was_default {
                    What::BecameDefault { at_target }
                } else {
                    What::Accepted { at_target }
                }
            }
        }
    }

    /// The gates that would be on at `component` while others that they depend
    /// on would be off.
    fn unmet(
        &self,
        component: Component,
        settings: &Settings,
        at: At,
    ) -> Vec<(&str, BTreeSet<String>)> {
        // What a gate depends on is registered wherever the gate is, or the
        // component would not start at all.
        let is_on = |gate: &str| match self.status(component, gate, at) {
            GateStatus::Known(state) | GateStatus::NotKnownHere(state) => {
                effective(gate, state, settings) == Switch::On
            }
            GateStatus::Absent { .. } | GateStatus::NotCovered => false,
        };
        self.of(set_of(component))
            .filter_map(|(gate, _)| {
                let state = known(self.status(component, gate, at))?;
                if effective(gate, state, settings) == Switch::Off {
                    return None;
                }
                let off: BTreeSet<String> = state
                    .dependencies
                    .iter()
                    .filter(|on| !is_on(on))
                    .cloned()
                    .collect();
                (!off.is_empty()).then_some((gate, off))
            })
            .collect()
    }
}

fn known(status: GateStatus<'_>) -> Option<&GateState> {
    match status {
        GateStatus::Known(state) => Some(state),
        GateStatus::Absent { .. } | GateStatus::NotKnownHere(_) | GateStatus::NotCovered => None,
    }
}

/// What a gate is under `settings`: as set, else as `AllAlpha` or `AllBeta` say
/// for its stage, else its default.
fn effective(gate: &str, state: &GateState, settings: &Settings) -> Switch {
    let all = match state.stage {
        GateStage::Alpha if gate != "AllAlpha" && gate != "AllBeta" => Some("AllAlpha"),
        GateStage::Beta if gate != "AllAlpha" && gate != "AllBeta" => Some("AllBeta"),
        GateStage::PreAlpha
        | GateStage::Alpha
        | GateStage::Beta
        | GateStage::Ga
        | GateStage::Deprecated => None,
    };
    settings
        .get(gate)
        .or_else(|| settings.get(all?))
        .copied()
        .unwrap_or(state.default)
}
