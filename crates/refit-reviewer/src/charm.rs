//! The walk through a plan for Canonical Kubernetes under Juju.

use crate::channel;
use crate::codes;
use crate::condition::{Mention, demanded, mentions};
use crate::pen::Pen;
use refit_knowledge::Knowledge;
use refit_model::act::{Act, JujuAct};
use refit_model::condition::{Condition, judge};
use refit_model::juju::{JujuApplication, JujuModel, StatusWord};
use refit_model::name::{ApplicationName, Channel, ObjectName};
use refit_model::plan::{Hop, UpgradePlan};
use refit_model::snapshot::Snapshot;
use refit_model::step::Step;
use std::collections::BTreeSet;

/// The charm of the control plane.
pub(crate) const CONTROL_PLANE: &str = "k8s";
/// The charm of the workers.
pub(crate) const WORKER: &str = "k8s-worker";
/// The action that has to come before each refresh.
const CHECK: &str = "pre-upgrade-check";

pub(crate) fn look(
    plan: &UpgradePlan,
    hop: &Hop,
    snapshot: &Snapshot,
    knowledge: &Knowledge,
    pen: &mut Pen,
) {
    let through_juju = plan
        .steps()
        .any(|(_, step)| matches!(step.act, Some(Act::Juju(_))));
    let Some(model) = &snapshot.juju else {
        if through_juju {
            pen.fatal(
                &codes::CANNOT_JUDGE,
                None,
                "the plan works through Juju, and the snapshot holds no model",
            );
        }
        return;
    };
    if let Err(why) = model.applications.complete() {
        pen.fatal(
            &codes::CANNOT_JUDGE,
            None,
            format!("whether the model has more applications is not known: {why}"),
        );
    }
    channel::look(plan, hop, model, knowledge, pen);
    let mut account = Account::open(hop, model, snapshot);
    for (_, step) in plan.steps() {
        account.names(step, pen);
        match &step.act {
            Some(Act::Juju(JujuAct::RunAction {
                application,
                action,
            })) if action.as_str() == CHECK => {
                account.checked.insert(application.clone());
            }
            Some(Act::Juju(JujuAct::Refresh {
                application,
                channel,
            })) => account.refresh(step, application, channel.as_ref(), pen),
            Some(
                Act::Juju(JujuAct::RunAction { .. })
                | Act::Kube(_)
                | Act::Kubeadm(_)
                | Act::Etcd(_)
                | Act::Helm(_)
                | Act::Osism(_)
                | Act::Exec(_)
                | Act::Edit(_)
                | Act::Person(_),
            ) => {}
            None => account.observe(step),
        }
    }
    account.close(pen);
}

struct Account<'a> {
    hop: &'a Hop,
    model: &'a JujuModel,
    /// Applications whose check has completed since their last refresh.
    checked: BTreeSet<ApplicationName>,
    refreshed: BTreeSet<ApplicationName>,
    unverified: BTreeSet<ApplicationName>,
}

impl<'a> Account<'a> {
    fn open(hop: &'a Hop, model: &'a JujuModel, snapshot: &Snapshot) -> Self {
        let action = ObjectName::new(CHECK).ok();
        let completed = |name: &ApplicationName| {
            action.as_ref().is_some_and(|action| {
                let condition = Condition::ActionCompleted {
                    application: name.clone(),
                    action: action.clone(),
                };
                judge(&condition, snapshot).holds()
            })
        };
        Self {
            hop,
            model,
            checked: model
                .applications
                .items
                .keys()
                .filter(|name| completed(name))
                .cloned()
                .collect(),
            refreshed: BTreeSet::new(),
            unverified: BTreeSet::new(),
        }
    }

    /// Every application that the step speaks of must exist.
    fn names(&self, step: &Step, pen: &mut Pen) {
        let conditions = [&step.expects, &step.keeps, &step.passes, &step.reaches];
        let mut named: BTreeSet<&ApplicationName> = conditions
            .into_iter()
            .flatten()
            .flat_map(mentions)
            .filter_map(|mention| match mention {
                Mention::Application(name) => Some(name),
                Mention::Node(_) => None,
            })
            .collect();
        if let Some(Act::Juju(
            JujuAct::RunAction { application, .. } | JujuAct::Refresh { application, .. },
        )) = &step.act
        {
            named.insert(application);
        }
        for name in named {
            if !self.model.applications.items.contains_key(name) {
                pen.fatal(
                    &codes::UNKNOWN_SUBJECT,
                    Some(&step.id),
                    format!("application {name} was not observed"),
                );
            }
        }
    }

    fn refresh(
        &mut self,
        step: &Step,
        name: &ApplicationName,
        channel: Option<&Channel>,
        pen: &mut Pen,
    ) {
        let expects_check = demanded(&step.expects).into_iter().any(|condition| {
            matches!(condition, Condition::ActionCompleted { application, action }
                if application == name && action.as_str() == CHECK)
        });
        if !self.checked.remove(name) {
            pen.fatal(
                &codes::NO_CHARM_CHECK,
                Some(&step.id),
                format!("{CHECK} does not run on {name} before it"),
            );
        } else if !expects_check {
            pen.fatal(
                &codes::NO_CHARM_CHECK,
                Some(&step.id),
                format!("it does not expect that {CHECK} completed on {name}"),
            );
        }
        let Some(application) = self.model.applications.items.get(name) else {
            return;
        };
        channel::refresh(step, (name, application), channel, self.hop, pen);
        if application.charm.as_str() == WORKER
            && let Some(first) = self
                .waiting(CONTROL_PLANE)
                .into_iter()
                .find(|other| !self.refreshed.contains(*other))
        {
            pen.fatal(
                &codes::CHARM_WORKER_FIRST,
                Some(&step.id),
                format!("{first} runs the control plane and is refreshed later, or not at all"),
            );
        }
        revision(step, name, application, channel, pen);
        self.unseen(step, name, application, pen);
        self.refreshed.insert(name.clone());
        self.unverified.insert(name.clone());
    }

    /// The applications with this charm for which a newer revision is offered, or
    /// that follow the channel of an older minor.
    fn waiting(&self, charm: &str) -> Vec<&'a ApplicationName> {
        self.model
            .applications
            .items
            .iter()
            .filter(|(_, application)| {
                application.charm.as_str() == charm
                    && (matches!(application.offered.get(), Some(Some(_)))
                        || channel::is_behind(application, self.hop))
            })
            .map(|(name, _)| name)
            .collect()
    }

    /// The state of the units that are about to be changed.
    fn unseen(
        &self,
        step: &Step,
        name: &ApplicationName,
        application: &JujuApplication,
        pen: &mut Pen,
    ) {
        if let Err(why) = application.units.complete() {
            pen.fatal(
                &codes::CANNOT_JUDGE,
                Some(&step.id),
                format!("which units {name} has is not known: {why}"),
            );
        }
        for (unit, seen) in &application.units.items {
            let status = match seen.workload.known() {
                Ok(status) => status,
                Err(why) => {
                    pen.fatal(
                        &codes::CANNOT_JUDGE,
                        Some(&step.id),
                        format!("the status of {unit} is not known: {why}"),
                    );
                    continue;
                }
            };
            match status.word {
                StatusWord::Blocked | StatusWord::Error => pen.fatal(
                    &codes::UNIT_BLOCKED,
                    Some(&step.id),
                    format!("{unit} is {status}"),
                ),
                // A leader that waits for workers is at rest between the two
                // halves of an upgrade.
                StatusWord::Waiting if self.refreshed.is_empty() && !seen.leader => pen.caution(
                    &codes::UNITS_BUSY,
                    Some(&step.id),
                    format!("{unit} is {status}"),
                ),
                StatusWord::Maintenance | StatusWord::Terminated | StatusWord::Unknown => pen
                    .caution(
                        &codes::UNITS_BUSY,
                        Some(&step.id),
                        format!("{unit} is {status}"),
                    ),
                StatusWord::Active | StatusWord::Waiting => {}
            }
        }
    }

    /// What a step without an act looks at.
    fn observe(&mut self, step: &Step) {
        let seen: Vec<ApplicationName> = self
            .unverified
            .iter()
            .filter(|name| {
                let wanted = Condition::UnitsAt {
                    application: (*name).clone(),
                    version: self.hop.to.clone(),
                };
                demanded(&step.reaches).contains(&&wanted)
            })
            .cloned()
            .collect();
        for name in seen {
            self.unverified.remove(&name);
        }
    }

    fn close(&self, pen: &mut Pen) {
        for (name, application) in &self.model.applications.items {
            if !matches!(application.charm.as_str(), CONTROL_PLANE | WORKER) {
                continue;
            }
            match application.offered.known() {
                Err(why) => pen.fatal(
                    &codes::CANNOT_JUDGE,
                    None,
                    format!("what is offered for {name} is not known: {why}"),
                ),
                Ok(Some(revision)) if !self.refreshed.contains(name) => pen.fatal(
                    &codes::APPLICATION_LEFT_BEHIND,
                    None,
                    format!("revision {revision} is offered for {name}, which stays as it is"),
                ),
                Ok(_)
                    if channel::is_behind(application, self.hop)
                        && !self.refreshed.contains(name) =>
                {
                    pen.fatal(
                        &codes::APPLICATION_LEFT_BEHIND,
                        None,
                        format!(
                            "{name} stays on the channel of an older minor than {}",
                            self.hop.to
                        ),
                    );
                }
                Ok(_) => {}
            }
        }
        for name in &self.unverified {
            pen.fatal(
                &codes::UNITS_NOT_VERIFIED,
                None,
                format!(
                    "no step looks whether every unit of {name} runs {}",
                    self.hop.to
                ),
            );
        }
    }
}

/// Whether the refresh waits for the revision that it brings.
fn revision(
    step: &Step,
    name: &ApplicationName,
    application: &JujuApplication,
    channel: Option<&Channel>,
    pen: &mut Pen,
) {
    let Some(Some(offered)) = application.offered.get() else {
        return;
    };
    let mut awaited = None;
    for condition in demanded(&step.reaches) {
        if let Condition::CharmAt {
            application,
            revision,
        } = condition
            && application == name
        {
            awaited = Some(*revision);
        }
    }
    if let (Some(awaited), None) = (awaited, channel)
        && awaited != *offered
    {
        pen.fatal(
            &codes::OTHER_REVISION,
            Some(&step.id),
            format!("it waits for revision {awaited}, and {offered} is offered"),
        );
    }
}
