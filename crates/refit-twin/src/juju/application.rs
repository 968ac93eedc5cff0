//! One application of the model: its charm's states, words and messages.

use crate::agenda::Core;
use refit_model::juju::{ActionStatus, JujuApplication, JujuUnit, Status, StatusWord};
use refit_model::name::UnitName;
use refit_model::seen::{Extent, Seen};
use refit_model::version::KubeVersion;
use std::collections::BTreeMap;

/// The action that has to precede a refresh.
pub(super) const CHECK: &str = "pre-upgrade-check";

/// Where an application's upgrade stands, in the words of the charm's library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Upgrade {
    /// Nothing is under way.
    Idle,
    /// The check went well; a refresh may come.
    Ready,
    /// Units are upgraded one by one; these still have to be.
    Upgrading {
        to: KubeVersion,
        left: Vec<UnitName>,
    },
    /// It was refreshed without a check.
    Failed,
}

#[derive(Clone, Debug)]
pub(super) struct Application {
    pub(super) seen: JujuApplication,
    pub(super) upgrade: Upgrade,
    pub(super) versions: BTreeMap<UnitName, KubeVersion>,
}

/// What a charm is to the cluster.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    ControlPlane,
    Worker,
    Other,
}

pub(super) fn part(application: &JujuApplication) -> Part {
    match application.charm.as_str() {
        "k8s" => Part::ControlPlane,
        "k8s-worker" => Part::Worker,
        _ => Part::Other,
    }
}

pub(super) fn status(word: StatusWord, message: impl Into<String>) -> Status {
    Status {
        word,
        message: message.into(),
    }
}

impl Application {
    pub(super) fn load(core: &Core, seen: &JujuApplication) -> Self {
        let carried = seen
            .revision
            .get()
            .and_then(|revision| core.options.charm_versions.get(revision));
        let claimed = seen.claimed_version.get().and_then(Option::as_ref);
        let versions: BTreeMap<_, _> = seen
            .units
            .items
            .iter()
            .filter_map(|(name, unit)| {
                let version = unit.version.get().or(claimed).or(carried)?;
                Some((name.clone(), version.clone()))
            })
            .collect();
        let says = |unit: &JujuUnit, word, start: &str| {
            unit.workload
                .get()
                .is_some_and(|status| status.word == word && status.message.starts_with(start))
        };
        let units = &seen.units.items;
        let moving: Vec<_> = units
            .iter()
            .filter(|(_, unit)| says(unit, StatusWord::Maintenance, ""))
            .chain(
                units
                    .iter()
                    .filter(|(_, unit)| says(unit, StatusWord::Waiting, "other units upgrading")),
            )
            .map(|(name, _)| name.clone())
            .collect();
        let checked = seen.actions.items.iter().any(|(action, run)| {
            action.as_str() == CHECK
                && run.status == ActionStatus::Completed
                && run.at_revision.get().is_some()
                && run.at_revision == seen.revision
        });
        let upgrade = match carried {
            _ if units
                .values()
                .any(|unit| says(unit, StatusWord::Blocked, "")) =>
            {
                Upgrade::Failed
            }
            Some(to) if !moving.is_empty() => Upgrade::Upgrading {
                to: to.clone(),
                left: moving,
            },
            Some(_) | None if checked => Upgrade::Ready,
            Some(_) | None => Upgrade::Idle,
        };
        let mut seen = seen.clone();
        // Every run from here on is the twin's own to know; of those before, none
        // is assumed that was not seen.
        seen.actions.extent = Extent::Whole;
        Self {
            seen,
            upgrade,
            versions,
        }
    }

    /// The application with what really runs on its units.
    pub(super) fn show(&self) -> JujuApplication {
        let mut seen = self.seen.clone();
        for (name, unit) in &mut seen.units.items {
            if let Some(version) = self.versions.get(name) {
                unit.version = Seen::Is(version.clone());
            }
        }
        seen
    }

    /// Why the check fails on `unit`, in the charm's words.
    pub(super) fn check_failure(&self, unit: &UnitName) -> Option<&'static str> {
        let leads = self.seen.leader().is_some_and(|(leader, _)| leader == unit);
        if !leads {
            return Some("Action must be ran on the Juju leader.");
        }
        match self.upgrade {
            Upgrade::Upgrading { .. } => {
                Some("Cannot run pre-upgrade checks, cluster already upgrading.")
            }
            Upgrade::Failed => None,
            // For workers the charm looks at nothing.
            Upgrade::Idle | Upgrade::Ready if part(&self.seen) == Part::Worker => None,
            Upgrade::Idle | Upgrade::Ready => self
                .seen
                .units
                .items
                .values()
                .any(|unit| {
                    unit.workload
                        .get()
                        .is_some_and(|status| status.word != StatusWord::Active)
                })
                .then_some("Cluster is not ready"),
        }
    }

    pub(super) fn say_all(&mut self, said: &Status) {
        for unit in self.seen.units.items.values_mut() {
            unit.workload = Seen::Is(said.clone());
        }
        self.derive_status();
    }

    pub(super) fn say_leader(&mut self, said: Status) {
        if let Some(unit) = self.seen.units.items.values_mut().find(|unit| unit.leader) {
            unit.workload = Seen::Is(said);
        }
        self.derive_status();
    }

    /// The application's status is the gravest of its units', in Juju's order
    /// (`core/status/derived.go`): our own work weighs more than waiting.
    pub(super) fn derive_status(&mut self) {
        let weight = |word: StatusWord| match word {
            StatusWord::Error => 100,
            StatusWord::Blocked => 90,
            StatusWord::Maintenance => 80,
            StatusWord::Waiting => 70,
            StatusWord::Active => 60,
            StatusWord::Terminated => 50,
            StatusWord::Unknown => 40,
        };
        let gravest = self
            .seen
            .units
            .items
            .values()
            .filter_map(|unit| unit.workload.get())
            .max_by_key(|status| weight(status.word));
        if let Some(gravest) = gravest {
            self.seen.status = Seen::Is(gravest.clone());
        }
    }
}
