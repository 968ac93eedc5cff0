//! A Juju model with the Canonical Kubernetes charms, as far as an upgrade
//! walks through it.
//!
//! Source of the states, words and messages: the charms' upgrade code and the
//! status samples that this crate's tests walk along. Two rules that nothing
//! may soften: a refresh without a check before it blocks every unit, and a
//! control plane that is done still waits for its workers.

use crate::agenda::{Core, Event};
use refit_model::act::Refusal;
use refit_model::juju::{
    ActionRun, ActionStatus, JujuApplication, JujuModel, JujuUnit, Status, StatusWord,
};
use refit_model::name::{ApplicationName, Channel, ObjectName, OpKey, UnitName};
use refit_model::query::Query;
use refit_model::seen::{Extent, Listing, Seen, Unseen};
use refit_model::version::KubeVersion;
use std::collections::{BTreeMap, BTreeSet};

/// The action that has to precede a refresh.
const CHECK: &str = "pre-upgrade-check";

/// Something that happens in the model at its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum JujuEvent {
    /// An action on a unit of an application ends.
    ActionEnds(ApplicationName, UnitName),
    /// A unit has finished its upgrade.
    UnitDone(ApplicationName, UnitName),
}

/// Where an application's upgrade stands, in the words of the charm's library.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Upgrade {
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
struct Application {
    seen: JujuApplication,
    upgrade: Upgrade,
    versions: BTreeMap<UnitName, KubeVersion>,
}

/// The Juju side.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    base: JujuModel,
    applications: BTreeMap<ApplicationName, Application>,
    operations: u32,
}

/// What a charm is to the cluster.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    ControlPlane,
    Worker,
    Other,
}

fn part(application: &JujuApplication) -> Part {
    match application.charm.as_str() {
        "k8s" => Part::ControlPlane,
        "k8s-worker" => Part::Worker,
        _ => Part::Other,
    }
}

fn status(word: StatusWord, message: impl Into<String>) -> Status {
    Status {
        word,
        message: message.into(),
    }
}

impl Model {
    /// The model that `seen` shows. An upgrade that was under way goes on.
    pub(crate) fn load(core: &mut Core, seen: &JujuModel) -> Self {
        let mut model = Self {
            base: JujuModel {
                applications: Listing::whole(BTreeMap::new()),
                ..seen.clone()
            },
            applications: BTreeMap::new(),
            operations: 0,
        };
        model.base.applications.extent = seen.applications.extent.clone();
        for (name, application) in &seen.applications.items {
            let loaded = Application::load(core, application);
            model.applications.insert(name.clone(), loaded);
        }
        let names: Vec<_> = model.applications.keys().cloned().collect();
        for name in names {
            model.resume(core, &name);
        }
        model
    }

    fn resume(&mut self, core: &mut Core, name: &ApplicationName) {
        let Some(application) = self.applications.get(name) else {
            return;
        };
        if let Upgrade::Upgrading { .. } = application.upgrade {
            self.start_next(core, name);
        }
        let running: Vec<_> = self
            .applications
            .get(name)
            .into_iter()
            .flat_map(|application| application.seen.actions.items.values())
            .filter(|run| run.status == ActionStatus::Running)
            .map(|run| run.unit.clone())
            .collect();
        for unit in running {
            let event = JujuEvent::ActionEnds(name.clone(), unit);
            core.after(core.options.action, Event::Juju(event));
        }
    }

    /// The Juju side of the answer to `query`; `None` for questions about
    /// another side.
    pub(crate) fn observe(&self, query: &Query) -> Option<JujuModel> {
        let mut seen = self.base.clone();
        let all = || {
            self.applications
                .iter()
                .map(|(name, application)| (name.clone(), application.show()))
                .collect()
        };
        match query {
            Query::Everything | Query::JujuApplications => seen.applications.items = all(),
            Query::JujuModel => seen.applications = Listing::unseen(Unseen::NotAsked),
            Query::JujuApplication(name) => {
                seen.applications = Listing {
                    items: self
                        .applications
                        .get(name)
                        .map(|application| (name.clone(), application.show()))
                        .into_iter()
                        .collect(),
                    extent: Extent::Only(BTreeSet::from([name.clone()])),
                };
            }
            Query::ControlPlane
            | Query::Nodes
            | Query::Node(_)
            | Query::PodsOn(_)
            | Query::Pods
            | Query::Budgets
            | Query::Workloads
            | Query::EtcdSnapshots => return None,
        }
        Some(seen)
    }

    /// `juju run APPLICATION/leader ACTION`; returns the operation's number.
    pub(crate) fn run_on_leader(
        &mut self,
        core: &mut Core,
        name: &ApplicationName,
        action: &ObjectName,
        key: Option<&OpKey>,
    ) -> Result<String, Refusal> {
        let leader = self
            .applications
            .get(name)
            .ok_or_else(|| no_application(name))?
            .seen
            .leader()
            .map(|(unit, _)| unit.clone())
            .ok_or_else(|| Refusal::Later {
                why: format!("no unit of {name} leads"),
                after: None,
            })?;
        self.run(core, name, &leader, action, key)
    }

    /// `juju run UNIT ACTION`.
    pub(crate) fn run(
        &mut self,
        core: &mut Core,
        name: &ApplicationName,
        unit: &UnitName,
        action: &ObjectName,
        key: Option<&OpKey>,
    ) -> Result<String, Refusal> {
        let Some(application) = self.applications.get_mut(name) else {
            return Err(no_application(name));
        };
        if action.as_str() != CHECK || part(&application.seen) == Part::Other {
            return Err(Refusal::Denied(format!(
                "action {action} is not defined for unit {unit}"
            )));
        }
        self.operations += 1;
        let run = ActionRun {
            unit: unit.clone(),
            status: ActionStatus::Running,
            message: String::new(),
            key: key.cloned(),
            at_revision: application.seen.revision.clone(),
        };
        application.seen.actions.items.insert(action.clone(), run);
        let event = JujuEvent::ActionEnds(name.clone(), unit.clone());
        core.after(core.options.action, Event::Juju(event));
        Ok(self.operations.to_string())
    }

    /// `juju refresh APPLICATION`; says whether it moved the charm.
    pub(crate) fn refresh(
        &mut self,
        core: &mut Core,
        name: &ApplicationName,
        channel: Option<&Channel>,
    ) -> Result<Refreshed, Refusal> {
        let Some(application) = self.applications.get(name) else {
            return Err(no_application(name));
        };
        let other = channel.filter(|wanted| application.seen.channel.get() != Some(*wanted));
        let revision = match other {
            None => match application.seen.offered.get() {
                Some(Some(revision)) => *revision,
                Some(None) | None => return Ok(Refreshed::NothingNewer),
            },
            Some(channel) => {
                let head = (application.seen.charm.clone(), channel.clone());
                match core.options.channel_heads.get(&head) {
                    Some(revision) => *revision,
                    None => {
                        return Err(Refusal::Denied(format!(
                            "which revision of {} channel {channel} holds is not known to the twin",
                            head.0
                        )));
                    }
                }
            }
        };
        let kubernetes = part(&application.seen) != Part::Other;
        let to = core.options.charm_versions.get(&revision).cloned();
        if kubernetes && to.is_none() {
            return Err(Refusal::Denied(format!(
                "which release revision {revision} of {} carries is not known to the twin",
                application.seen.charm
            )));
        }
        let range = self.worker_range_problem(name, to.as_ref());
        let Some(application) = self.applications.get_mut(name) else {
            return Err(no_application(name));
        };
        application.seen.revision = Seen::Is(revision);
        application.seen.offered = Seen::Is(None);
        if let Some(channel) = other {
            application.seen.channel = Seen::Is(channel.clone());
        }
        let Some(to) = to else {
            return Ok(Refreshed::Moved(revision));
        };
        if application.upgrade != Upgrade::Ready {
            application.upgrade = Upgrade::Failed;
            application.say_all(&status(
                StatusWord::Blocked,
                "Unit was upgraded without a pre-upgrade-check",
            ));
            return Ok(Refreshed::Moved(revision));
        }
        if let Some(message) = range {
            application.upgrade = Upgrade::Failed;
            application.say_leader(status(StatusWord::Blocked, message));
            return Ok(Refreshed::Moved(revision));
        }
        // The charm takes the units from a set of Python's, whose order nobody
        // may rely on: here it is drawn.
        let mut units: Vec<_> = application.seen.units.items.keys().cloned().collect();
        let mut left = Vec::new();
        while !units.is_empty() {
            left.push(units.remove(core.lot.place(units.len())));
        }
        application.upgrade = Upgrade::Upgrading { to, left };
        application.say_all(&status(
            StatusWord::Waiting,
            "other units upgrading first...",
        ));
        self.start_next(core, name);
        Ok(Refreshed::Moved(revision))
    }

    /// The charm's own rule, tighter than the skew policy: workers are at most
    /// one minor behind the control plane's new release.
    fn worker_range_problem(
        &self,
        name: &ApplicationName,
        to: Option<&KubeVersion>,
    ) -> Option<&'static str> {
        let to = to?;
        let application = self.applications.get(name)?;
        if part(&application.seen) != Part::ControlPlane {
            return None;
        }
        let outside = self.worker_versions().any(|version| {
            to.minor()
                .ahead_of(version.minor())
                .is_none_or(|ahead| !(0..=1).contains(&ahead))
        });
        outside.then_some("The k8s worker version requirements are not met.")
    }

    fn worker_versions(&self) -> impl Iterator<Item = &KubeVersion> {
        self.applications
            .values()
            .filter(|application| part(&application.seen) == Part::Worker)
            .flat_map(|application| application.versions.values())
    }

    pub(crate) fn happen(&mut self, core: &mut Core, event: &JujuEvent) {
        match event {
            JujuEvent::ActionEnds(name, unit) => self.action_ends(name, unit),
            JujuEvent::UnitDone(name, unit) => self.unit_done(core, name, unit),
        }
    }

    fn action_ends(&mut self, name: &ApplicationName, unit: &UnitName) {
        let Some(application) = self.applications.get_mut(name) else {
            return;
        };
        let failure = application.check_failure(unit);
        if failure.is_none() {
            match application.upgrade {
                // In the failed state the check enters recovery, silently.
                Upgrade::Failed => application.say_all(&status(
                    StatusWord::Blocked,
                    "ready to rollback application",
                )),
                Upgrade::Idle | Upgrade::Ready => application.upgrade = Upgrade::Ready,
                Upgrade::Upgrading { .. } => {}
            }
        }
        for run in application.seen.actions.items.values_mut() {
            if run.status == ActionStatus::Running && run.unit == *unit {
                run.status = if failure.is_none() {
                    ActionStatus::Completed
                } else {
                    ActionStatus::Failed
                };
                run.message = failure.unwrap_or_default().to_owned();
            }
        }
    }

    /// Lets the next unit of an application begin, or ends the upgrade.
    fn start_next(&mut self, core: &mut Core, name: &ApplicationName) {
        let Some(application) = self.applications.get_mut(name) else {
            return;
        };
        let Upgrade::Upgrading { left, .. } = &application.upgrade else {
            return;
        };
        if let Some(unit) = left.first().cloned() {
            if let Some(seen) = application.seen.units.items.get_mut(&unit) {
                seen.workload = Seen::Is(status(StatusWord::Maintenance, "Upgrading the snap."));
                seen.agent_idle = Seen::Is(false);
            }
            application.derive_status();
            let event = JujuEvent::UnitDone(name.clone(), unit);
            core.after(core.options.unit_upgrade, Event::Juju(event));
        } else {
            application.upgrade = Upgrade::Idle;
            application.derive_status();
            self.tell_leaders();
        }
    }

    fn unit_done(&mut self, core: &mut Core, name: &ApplicationName, unit: &UnitName) {
        let Some(application) = self.applications.get_mut(name) else {
            return;
        };
        let Upgrade::Upgrading { to, left } = &mut application.upgrade else {
            return;
        };
        let to = to.clone();
        left.retain(|other| other != unit);
        application.versions.insert(unit.clone(), to.clone());
        if let Some(seen) = application.seen.units.items.get_mut(unit) {
            seen.workload = Seen::Is(status(StatusWord::Active, "Ready"));
            seen.agent_idle = Seen::Is(true);
            if seen.leader {
                application.seen.claimed_version = Seen::Is(Some(to));
            }
        }
        application.derive_status();
        self.tell_leaders();
        self.start_next(core, name);
    }

    /// The leader of a control plane that is done counts the worker units whose
    /// release differs from its own.
    fn tell_leaders(&mut self) {
        let workers: Vec<_> = self.worker_versions().cloned().collect();
        for application in self.applications.values_mut() {
            if part(&application.seen) != Part::ControlPlane
                || !matches!(application.upgrade, Upgrade::Idle | Upgrade::Ready)
            {
                continue;
            }
            let Some(own) = application
                .seen
                .leader()
                .and_then(|(unit, _)| application.versions.get(unit))
            else {
                continue;
            };
            let waiting = workers.iter().filter(|version| *version != own).count();
            let said = match waiting {
                0 => status(StatusWord::Active, "Ready"),
                1 => status(StatusWord::Waiting, "Waiting for 1 Worker to upgrade"),
                count => status(
                    StatusWord::Waiting,
                    format!("Waiting for {count} Workers to upgrade"),
                ),
            };
            application.say_leader(said);
        }
    }
}

/// What a refresh did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refreshed {
    /// The charm moved to this revision.
    Moved(u32),
    /// The channel holds nothing newer.
    NothingNewer,
}

fn no_application(name: &ApplicationName) -> Refusal {
    Refusal::Denied(format!("application {name} does not exist"))
}

impl Application {
    fn load(core: &Core, seen: &JujuApplication) -> Self {
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
    fn show(&self) -> JujuApplication {
        let mut seen = self.seen.clone();
        for (name, unit) in &mut seen.units.items {
            if let Some(version) = self.versions.get(name) {
                unit.version = Seen::Is(version.clone());
            }
        }
        seen
    }

    /// Why the check fails on `unit`, in the charm's words.
    fn check_failure(&self, unit: &UnitName) -> Option<&'static str> {
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

    fn say_all(&mut self, said: &Status) {
        for unit in self.seen.units.items.values_mut() {
            unit.workload = Seen::Is(said.clone());
        }
        self.derive_status();
    }

    fn say_leader(&mut self, said: Status) {
        if let Some(unit) = self.seen.units.items.values_mut().find(|unit| unit.leader) {
            unit.workload = Seen::Is(said);
        }
        self.derive_status();
    }

    /// The application's status is the gravest of its units', in Juju's order
    /// (`core/status/derived.go`): our own work weighs more than waiting.
    fn derive_status(&mut self) {
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
