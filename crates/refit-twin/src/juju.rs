//! A Juju model with the Canonical Kubernetes charms, as far as an upgrade
//! walks through it.
//!
//! Source of the states, words and messages: the charms' upgrade code and the
//! status samples that this crate's tests walk along. Two rules that nothing
//! may soften: a refresh without a check before it blocks every unit, and a
//! control plane that is done still waits for its workers.

mod application;

use crate::agenda::{Core, Event};
use application::{Application, CHECK, Part, Upgrade, part, status};
use refit_model::act::Refusal;
use refit_model::juju::{ActionRun, ActionStatus, JujuModel, StatusWord};
use refit_model::name::{ApplicationName, Channel, ObjectName, OpKey, UnitName};
use refit_model::query::Query;
use refit_model::seen::{Extent, Listing, Seen, Unseen};
use refit_model::version::KubeVersion;
use std::collections::{BTreeMap, BTreeSet};

/// Something that happens in the model at its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum JujuEvent {
    /// An action on a unit of an application ends.
    ActionEnds(ApplicationName, UnitName),
    /// A unit has finished its upgrade.
    UnitDone(ApplicationName, UnitName),
}

/// The Juju side.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    base: JujuModel,
    applications: BTreeMap<ApplicationName, Application>,
    operations: u32,
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
            | Query::EtcdSnapshots
            | Query::Look(_) => return None,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::TwinOptions;
    use refit_model::juju::{JujuApplication, JujuUnit};

    /// A control plane of two units, the second of which leads.
    fn model(core: &mut Core) -> Model {
        let unit = |leader| JujuUnit {
            workload: Seen::Is(status(StatusWord::Active, "Ready")),
            agent_idle: Seen::Is(true),
            leader,
            version: Seen::Is("v1.34.1".parse().unwrap()),
        };
        let application = JujuApplication {
            charm: "k8s".parse().unwrap(),
            channel: Seen::Is("1.34/stable".parse().unwrap()),
            revision: Seen::Is(1400),
            offered: Seen::Is(Some(1500)),
            claimed_version: Seen::Is(Some("v1.34.1".parse().unwrap())),
            status: Seen::Is(status(StatusWord::Active, "Ready")),
            units: Listing::whole(BTreeMap::from([
                ("k8s/0".parse().unwrap(), unit(false)),
                ("k8s/1".parse().unwrap(), unit(true)),
            ])),
            actions: Listing::whole(BTreeMap::new()),
        };
        let seen = JujuModel {
            name: "prod".parse().unwrap(),
            controller: "lxd".parse().unwrap(),
            version: Seen::Is("3.6.9".to_owned()),
            applications: Listing::whole(BTreeMap::from([("k8s".parse().unwrap(), application)])),
        };
        Model::load(core, &seen)
    }

    #[test]
    fn the_check_belongs_on_the_leader() {
        let mut core = Core::new(jiff::Timestamp::UNIX_EPOCH, TwinOptions::default());
        let mut model = model(&mut core);
        let recorded: serde_json::Value = serde_json::from_str(include_str!(
            "../tests/recorded/juju/run-pre-upgrade-check-not-leader.json"
        ))
        .unwrap();
        let unit: UnitName = "k8s/0".parse().unwrap();
        let (name, action) = ("k8s".parse().unwrap(), CHECK.parse().unwrap());
        model.run(&mut core, &name, &unit, &action, None).unwrap();
        model.happen(&mut core, &JujuEvent::ActionEnds(name.clone(), unit));
        let seen = model.observe(&Query::JujuApplications).unwrap();
        let run = &seen.applications.items[&name].actions.items[&action];
        assert_eq!(run.status, ActionStatus::Failed);
        assert_eq!(run.message, recorded["k8s/0"]["message"]);
    }
}
