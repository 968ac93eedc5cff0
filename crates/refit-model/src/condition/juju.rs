//! Conditions on a Juju model.

use super::Judgement;
use crate::juju::{ActionStatus, JujuApplication, JujuModel, JujuUnit, StatusWord};
use crate::name::{ApplicationName, Channel, ObjectName, UnitName};
use crate::seen::Unseen;
use crate::snapshot::Snapshot;
use crate::version::KubeVersion;
use std::collections::BTreeMap;

fn model(snapshot: &Snapshot) -> Result<&JujuModel, Unseen> {
    snapshot.juju.as_ref().ok_or(Unseen::NotAsked)
}

/// Judges a reading of one application.
fn on_application(
    name: &ApplicationName,
    snapshot: &Snapshot,
    judge: impl FnOnce(&JujuApplication) -> Judgement,
) -> Judgement {
    match model(snapshot).and_then(|m| m.applications.find(name)) {
        Ok(Some(application)) => judge(application),
        Ok(None) => Judgement::Fails(format!("application {name} does not exist")),
        Err(why) => Judgement::unseen(&format!("application {name}"), &why),
    }
}

/// Judges all units of one application, of which there must be at least one.
fn on_units(
    name: &ApplicationName,
    snapshot: &Snapshot,
    judge: impl FnOnce(&BTreeMap<UnitName, JujuUnit>) -> Judgement,
) -> Judgement {
    on_application(name, snapshot, |application| {
        match application.units.complete() {
            Ok(units) if units.is_empty() => {
                Judgement::Fails(format!("application {name} has no unit"))
            }
            Ok(units) => judge(units),
            Err(why) => Judgement::unseen(&format!("the units of {name}"), &why),
        }
    })
}

pub(super) fn at_least(major: u16, minor: u16, snapshot: &Snapshot) -> Judgement {
    let version = match model(snapshot) {
        Ok(model) => match model.version.known() {
            Ok(version) => version,
            Err(why) => return Judgement::unseen("the model's Juju version", why),
        },
        Err(why) => return Judgement::unseen("the model's Juju version", &why),
    };
    let mut numbers = version.split(['.', '-']).map(str::parse::<u16>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(found_major)), Some(Ok(found_minor))) => Judgement::of(
            (found_major, found_minor) >= (major, minor),
            format!("the model runs Juju {version}"),
        ),
        _ => Judgement::Unknown(format!(
            "{version:?} is not a Juju version that can be compared"
        )),
    }
}

pub(super) fn settled(name: &ApplicationName, snapshot: &Snapshot) -> Judgement {
    on_units(name, snapshot, |units| {
        for (unit, seen) in units {
            match resting(unit, seen) {
                Judgement::Holds(_) => {}
                other @ (Judgement::Fails(_) | Judgement::Unknown(_)) => return other,
            }
        }
        Judgement::Holds(format!(
            "all {} units of {name} are active and idle",
            units.len()
        ))
    })
}

/// Whether one unit is active and its agent idle.
fn resting(name: &UnitName, unit: &JujuUnit) -> Judgement {
    match (unit.workload.known(), unit.agent_idle.known()) {
        (Ok(status), Ok(idle)) => {
            if status.word != StatusWord::Active {
                Judgement::Fails(format!("{name} is {status}"))
            } else if *idle {
                Judgement::Holds(format!("{name} is {status}"))
            } else {
                Judgement::Fails(format!("the agent of {name} is busy"))
            }
        }
        (Err(why), _) | (_, Err(why)) => Judgement::unseen(&format!("the status of {name}"), why),
    }
}

pub(super) fn upgrade_offered(name: &ApplicationName, snapshot: &Snapshot) -> Judgement {
    on_application(name, snapshot, |application| {
        match application.offered.known() {
            Ok(Some(revision)) => {
                Judgement::Holds(format!("revision {revision} of {name} is offered"))
            }
            Ok(None) => Judgement::Fails(format!("the channel offers nothing newer for {name}")),
            Err(why) => Judgement::unseen(&format!("what is offered for {name}"), why),
        }
    })
}

pub(super) fn charm_at(name: &ApplicationName, revision: u32, snapshot: &Snapshot) -> Judgement {
    on_application(name, snapshot, |application| {
        match application.revision.known() {
            Ok(found) => Judgement::of(
                *found == revision,
                format!("the charm of {name} is at revision {found}"),
            ),
            Err(why) => Judgement::unseen(&format!("the charm revision of {name}"), why),
        }
    })
}

pub(super) fn follows_channel(
    name: &ApplicationName,
    channel: &Channel,
    snapshot: &Snapshot,
) -> Judgement {
    on_application(name, snapshot, |application| {
        match application.channel.known() {
            Ok(found) => Judgement::of(found == channel, format!("{name} follows channel {found}")),
            Err(why) => Judgement::unseen(&format!("the channel of {name}"), why),
        }
    })
}

pub(super) fn action_completed(
    name: &ApplicationName,
    action: &ObjectName,
    snapshot: &Snapshot,
) -> Judgement {
    on_application(name, snapshot, |application| {
        let run = match application.actions.find(action) {
            Ok(Some(run)) => run,
            Ok(None) => return Judgement::Fails(format!("{action} was not run on {name}")),
            Err(why) => return Judgement::unseen(&format!("the runs of {action} on {name}"), &why),
        };
        match (run.at_revision.known(), application.revision.known()) {
            (Ok(then), Ok(now)) if then != now => Judgement::Fails(format!(
                "{action} on {name} was run at revision {then}, before the present {now}"
            )),
            (Ok(_), Ok(_)) => match run.status {
                ActionStatus::Completed => {
                    Judgement::Holds(format!("{action} on {} completed", run.unit))
                }
                ActionStatus::Running => {
                    Judgement::Fails(format!("{action} on {} is still running", run.unit))
                }
                ActionStatus::Failed | ActionStatus::Cancelled => Judgement::Fails(format!(
                    "{action} on {} did not complete: {}",
                    run.unit, run.message
                )),
            },
            (Err(why), _) | (_, Err(why)) => {
                Judgement::unseen(&format!("the charm revision of {name}"), why)
            }
        }
    })
}

pub(super) fn units_at(
    name: &ApplicationName,
    version: &KubeVersion,
    snapshot: &Snapshot,
) -> Judgement {
    on_units(name, snapshot, |units| {
        for (unit, seen) in units {
            match seen.version.known() {
                Ok(found) if found == version => {}
                Ok(found) => return Judgement::Fails(format!("{unit} really runs {found}")),
                Err(why) => return Judgement::unseen(&format!("what {unit} really runs"), why),
            }
        }
        Judgement::Holds(format!("every unit of {name} really runs {version}"))
    })
}

pub(super) fn claims_version(
    name: &ApplicationName,
    version: &KubeVersion,
    snapshot: &Snapshot,
) -> Judgement {
    on_application(name, snapshot, |application| {
        match application.claimed_version.known() {
            Ok(Some(found)) => Judgement::of(found == version, format!("{name} claims {found}")),
            Ok(None) => Judgement::Fails(format!("{name} claims no version")),
            Err(why) => Judgement::unseen(&format!("the version that {name} claims"), why),
        }
    })
}

pub(super) fn units_changing(name: &ApplicationName, snapshot: &Snapshot) -> Judgement {
    on_units(name, snapshot, |units| {
        let mut unseen = None;
        for (unit, seen) in units {
            match (seen.workload.known(), seen.agent_idle.known()) {
                (Ok(status), Ok(idle)) => {
                    // "other units upgrading first..." is the charm's own word
                    // for a unit that waits for its turn.
                    let turn = status.word == StatusWord::Waiting
                        && status.message.starts_with("other units upgrading first");
                    if status.word == StatusWord::Maintenance || turn || !idle {
                        return Judgement::Holds(format!("{unit} is {status}"));
                    }
                }
                (Err(why), _) | (_, Err(why)) => {
                    unseen = unseen.or(Some(Judgement::unseen(
                        &format!("the status of {unit}"),
                        why,
                    )));
                }
            }
        }
        unseen.unwrap_or_else(|| Judgement::Fails(format!("no unit of {name} is changing")))
    })
}

pub(super) fn no_unit_blocked(name: &ApplicationName, snapshot: &Snapshot) -> Judgement {
    on_units(name, snapshot, |units| {
        let mut unseen = None;
        for (unit, seen) in units {
            match seen.workload.known() {
                Ok(status) if matches!(status.word, StatusWord::Blocked | StatusWord::Error) => {
                    return Judgement::Fails(format!("{unit} is {status}"));
                }
                Ok(_) => {}
                Err(why) => {
                    unseen = unseen.or(Some(Judgement::unseen(
                        &format!("the status of {unit}"),
                        why,
                    )));
                }
            }
        }
        unseen.unwrap_or_else(|| Judgement::Holds(format!("no unit of {name} is blocked")))
    })
}

pub(super) fn leader_awaits_workers(
    name: &ApplicationName,
    workers: &[ApplicationName],
    snapshot: &Snapshot,
) -> Judgement {
    on_units(name, snapshot, |units| {
        let mut leader = None;
        for (unit, seen) in units {
            if seen.leader {
                leader = Some((unit, seen));
                continue;
            }
            match resting(unit, seen) {
                Judgement::Holds(_) => {}
                other @ (Judgement::Fails(_) | Judgement::Unknown(_)) => return other,
            }
        }
        let Some((unit, seen)) = leader else {
            return Judgement::Unknown(format!("no unit of {name} is known to lead"));
        };
        let (status, idle) = match (seen.workload.known(), seen.agent_idle.known()) {
            (Ok(status), Ok(idle)) => (status, idle),
            (Err(why), _) | (_, Err(why)) => {
                return Judgement::unseen(&format!("the status of {unit}"), why);
            }
        };
        let own = match seen.version.known() {
            Ok(version) => version,
            Err(why) => return Judgement::unseen(&format!("what {unit} really runs"), why),
        };
        let older = match older_units(own, workers, snapshot) {
            Ok(count) => count,
            Err(judgement) => return judgement,
        };
        let noun = if older == 1 { "Worker" } else { "Workers" };
        let expected = format!("Waiting for {older} {noun} to upgrade");
        Judgement::of(
            *idle && older > 0 && status.word == StatusWord::Waiting && status.message == expected,
            format!("{unit} is {status}, and {older} worker units are older than it"),
        )
    })
}

/// How many units of `workers` run something older than `own`.
fn older_units(
    own: &KubeVersion,
    workers: &[ApplicationName],
    snapshot: &Snapshot,
) -> Result<usize, Judgement> {
    let mut older = 0;
    for name in workers {
        let mut count = 0;
        let judgement = on_units(name, snapshot, |units| {
            for (unit, seen) in units {
                match seen.version.known() {
                    Ok(version) if version < own => count += 1,
                    Ok(_) => {}
                    Err(why) => {
                        return Judgement::unseen(&format!("what {unit} really runs"), why);
                    }
                }
            }
            Judgement::Holds(String::new())
        });
        if !judgement.holds() {
            return Err(judgement);
        }
        older += count;
    }
    Ok(older)
}
