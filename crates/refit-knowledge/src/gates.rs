//! Feature gates: what each component accepts in `--feature-gates` and in its
//! configuration, version by version, and what setting one does over an upgrade.
//!
//! A component does not start with a gate that it does not know, with one that
//! is locked to the other value, and (since 1.35) with one that is on while a
//! gate it depends on is off. These are errors of the flag's parser
//! (k8s.io/component-base/featuregate, `unsafeSetFromMap` and `Validate`), so
//! they hold for every component that uses it. kubeadm has a set of its own and
//! only refuses names that it does not know.

mod file;
mod questions;

use crate::files::{Family, Files};
use crate::table;
use refit_model::version::{KubeVersion, Minor, TargetVersion};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use file::{NOT_READ, SCHEMA};
pub use questions::{Consequence, Flip, Refusal, Settings, What};
pub use refit_model::kubernetes::ConfiguredComponent as Component;

/// Which gates go together: one name may be in both and mean two things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GateSet {
    /// The one that the API server, the controller manager, the proxy, the
    /// scheduler and the kubelet share.
    Kubernetes,
    /// kubeadm's own.
    Kubeadm,
}

/// Whether a gate is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Switch {
    /// `false`.
    Off,
    /// `true`.
    On,
}

impl fmt::Display for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "false",
            Self::On => "true",
        })
    }
}

/// How far a gate has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GateStage {
    /// The name is there for a later minor; it can be set to nothing yet.
    PreAlpha,
    /// Off by default, may go in any release.
    Alpha,
    /// Mostly on by default.
    Beta,
    /// Done; the gate will go.
    Ga,
    /// There only to get something back for a while.
    Deprecated,
}

impl fmt::Display for GateStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PreAlpha => "pre-alpha",
            Self::Alpha => "alpha",
            Self::Beta => "beta",
            Self::Ga => "GA",
            Self::Deprecated => "deprecated",
        })
    }
}

/// What is true of a gate over a span of versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateState {
    /// The first version.
    pub from: KubeVersion,
    /// The last one; `None` for its patch where it holds to the end of its minor.
    pub to: (Minor, Option<u16>),
    /// How far it has come.
    pub stage: GateStage,
    /// What it is when nobody sets it.
    pub default: Switch,
    /// Whether it can only be set to its default.
    pub lock: Lock,
    /// The components of which the sources show that they know it.
    pub known_in: BTreeSet<Component>,
    /// The packages that register it, without `k8s.io/`.
    pub registered_in: Vec<String>,
    /// The gates that must be on where this one is.
    pub dependencies: BTreeSet<String>,
}

/// Whether a gate can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// To either value.
    Free,
    /// Only to its default.
    ToDefault,
}

impl GateState {
    fn holds(&self, at: &At) -> bool {
        let end = (self.to.0, self.to.1.unwrap_or(u16::MAX));
        (self.from.minor(), self.from.patch()) <= at.0 && at.0 <= end
    }
}

/// A version to ask about: a release, or the newest patch of a minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct At((Minor, u16));

impl At {
    /// The next patch of the same minor, if there can be one.
    fn next(self) -> Option<Self> {
        Some(Self((self.0.0, self.0.1.checked_add(1)?)))
    }
}

impl From<&KubeVersion> for At {
    /// What a distribution appends to a version is not looked at.
    fn from(version: &KubeVersion) -> Self {
        Self((version.minor(), version.patch()))
    }
}

impl From<Minor> for At {
    fn from(minor: Minor) -> Self {
        Self((minor, u16::MAX))
    }
}

impl From<&TargetVersion> for At {
    fn from(target: &TargetVersion) -> Self {
        match target {
            TargetVersion::Minor(minor) => (*minor).into(),
            TargetVersion::Release(release) => release.into(),
        }
    }
}

/// Where a gate stands in one component at one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateStatus<'g> {
    /// The component knows it.
    Known(&'g GateState),
    /// No component of the set knows it.
    Absent {
        /// What it was last, before; `None` where it came later or never.
        last: Option<&'g GateState>,
        /// What it is first, after.
        next: Option<&'g GateState>,
    },
    /// It is there, but not known to be in this component.
    NotKnownHere(&'g GateState),
    /// The version is outside what was looked at, or its sources were not at hand
    /// and the releases around it differ.
    NotCovered,
}

/// Every gate.
#[derive(Clone, Debug)]
pub struct Gates {
    gates: BTreeMap<(GateSet, String), Vec<GateState>>,
    covers: (At, At),
    /// Releases between the two whose sources were not at hand.
    not_read: BTreeSet<At>,
}

impl Family for Gates {
    fn read_from(files: &Files) -> Result<Self, table::Error> {
        file::read(
            &files.table(file::PATH, &SCHEMA)?,
            &files.table(file::NOT_READ_PATH, &NOT_READ)?,
        )
    }
}

impl Gates {
    /// Where `gate` stands in `component` at a version.
    #[must_use]
    pub fn status(&self, component: Component, gate: &str, at: impl Into<At>) -> GateStatus<'_> {
        let at = at.into();
        if at < self.covers.0 || at > self.covers.1 {
            return GateStatus::NotCovered;
        }
        let states = self
            .gates
            .get(&(set_of(component), gate.to_owned()))
            .map_or(&[][..], Vec::as_slice);
        let at_or_before = |at: At| states.iter().find(|state| state.holds(&at));
        // What was not read is in the span before it, which says something only
        // where the next release that was read says the same.
        let read = std::iter::successors(Some(at), |at| at.next())
            .find(|at| !self.not_read.contains(at))
            .unwrap_or(at);
        if at_or_before(at) != at_or_before(read) {
            return GateStatus::NotCovered;
        }
        match at_or_before(at) {
            Some(state) if state.known_in.contains(&component) => GateStatus::Known(state),
            Some(state) => GateStatus::NotKnownHere(state),
            None => {
                let after = |state: &&GateState| At::from(&state.from) > at;
                GateStatus::Absent {
                    last: states.iter().rev().find(|state| !after(state)),
                    next: states.iter().find(after),
                }
            }
        }
    }

    /// All gates of a set with their spans in order.
    pub fn of(&self, set: GateSet) -> impl Iterator<Item = (&str, &[GateState])> {
        self.gates
            .iter()
            .filter(move |((of, _), _)| *of == set)
            .map(|((_, gate), states)| (gate.as_str(), states.as_slice()))
    }
}

const fn set_of(component: Component) -> GateSet {
    match component {
        Component::KubeApiserver
        | Component::KubeControllerManager
        | Component::KubeProxy
        | Component::KubeScheduler
        | Component::Kubelet => GateSet::Kubernetes,
        Component::Kubeadm => GateSet::Kubeadm,
    }
}

#[cfg(test)]
mod tests;
