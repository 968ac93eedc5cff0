//! Canonical Kubernetes under Juju: what its control plane runs, which channel
//! an application goes to, and whether its workers let the control plane go on.

use crate::error::PlanError;
use crate::hop::{Asked, Chosen, Running, levelled};
use crate::placeholder::Unread;
use crate::subjects::applications;
use refit_knowledge::Knowledge;
use refit_knowledge::canonical::NoHop;
use refit_model::juju::{JujuApplication, JujuModel};
use refit_model::name::{ApplicationName, Channel, ObjectName};
use refit_model::plan::Hop;
use refit_model::seen::Unseen;
use refit_model::snapshot::Snapshot;
use refit_model::template::UpgradeTemplate;
use refit_model::version::{KubeVersion, Minor, TargetVersion};

/// The charm of Canonical Kubernetes' control plane (charmhub.io/k8s).
pub(crate) const CONTROL_PLANE_CHARM: &str = "k8s";
/// The charm of its workers (charmhub.io/k8s-worker).
pub(crate) const WORKER_CHARM: &str = "k8s-worker";

/// Where a refresh takes an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refresh {
    /// To the newest revision of the channel that it follows.
    Revision,
    /// To another channel.
    Channel(Channel),
}

/// What the application with the control plane's charm claims to run.
pub(crate) fn claimed(
    template: &UpgradeTemplate,
    snapshot: &Snapshot,
) -> Result<(ApplicationName, Running), PlanError> {
    let no_side = |side| PlanError::NoSide {
        template: template.metadata.name.clone(),
        side,
    };
    let model = snapshot
        .juju
        .as_ref()
        .ok_or_else(|| no_side("a Juju model"))?;
    model
        .applications
        .complete()
        .map_err(|why| PlanError::Unseen {
            what: "which applications the Juju model has".to_owned(),
            why,
        })?;
    let mut names = ObjectName::new(CONTROL_PLANE_CHARM)
        .map_err(|_| ())
        .and_then(|charm| applications(&charm, snapshot).map_err(|_| ()))
        .unwrap_or_default()
        .into_iter();
    let name = names
        .next()
        .ok_or_else(|| no_side("an application with the charm k8s"))?;
    if let Some(second) = names.next() {
        return Err(PlanError::SeveralControlPlanes {
            first: name,
            second,
        });
    }
    let unseen = |why: Unseen| PlanError::Unseen {
        what: format!("the version that {name} claims"),
        why,
    };
    let claim = model
        .applications
        .items
        .get(&name)
        .map(|application| application.claimed_version.known())
        .ok_or_else(|| unseen(Unseen::NotAsked))?
        .map_err(|why| unseen(why.clone()))?;
    let version = claim.clone().ok_or_else(|| unseen(Unseen::NotInSource))?;
    let running = Running {
        lowest: version.clone(),
        highest: version,
    };
    Ok((name, running))
}

/// Where a refresh takes an application on `hop`. A channel is named after the
/// minor whose patches it brings, and its risk stays as it is.
pub(crate) fn refresh(
    name: &ApplicationName,
    application: &JujuApplication,
    hop: &Hop,
) -> Result<Refresh, Unread> {
    let unread = |why| Unread {
        what: format!("the channel that {name} goes to"),
        why,
    };
    let channel = application
        .channel
        .known()
        .map_err(|why| unread(why.clone()))?;
    let mut parts = channel.as_str().split('/');
    let (track, risk) = (parts.next().unwrap_or_default(), parts.next());
    let to = hop.to.minor();
    match (track.parse::<Minor>(), risk) {
        (Ok(minor), Some(_)) if minor == to => Ok(Refresh::Revision),
        (Ok(minor), Some(risk)) if minor < to => Channel::new(format!("{to}/{risk}"))
            .map(Refresh::Channel)
            .map_err(|error| unread(Unseen::Failed(error.to_string()))),
        (Ok(_), Some(_)) => Err(unread(Unseen::Failed(format!(
            "it follows {channel}, which is ahead of {to}"
        )))),
        // `latest/edge` brings whatever is newest: a patch as well as a minor.
        (Ok(_) | Err(_), _) if hop.from.minor() == to => Ok(Refresh::Revision),
        (Ok(_) | Err(_), _) => Err(unread(Unseen::Failed(format!(
            "channel {channel} names no minor"
        )))),
    }
}

/// Looks at what a charm asks for before it goes to a new minor: the newest
/// patch of the present one, and workers that are no older than it accepts.
/// Where workers are too old, they are brought to what the control plane runs
/// first.
pub(crate) fn with_workers(
    chosen: Chosen,
    (name, running): (&ApplicationName, &Running),
    snapshot: &Snapshot,
    knowledge: &Knowledge,
    asked: Asked<'_>,
) -> Result<Chosen, PlanError> {
    let Some(model) = &snapshot.juju else {
        return Ok(chosen);
    };
    let to = chosen.hop.to.minor();
    // On the way already, the workers are what is left to do.
    if running.lowest.minor() == to {
        return Ok(chosen);
    }
    if asked.hop.is_none() && !chosen.later.is_empty() {
        return Err(PlanError::ReleaseNotNamed {
            application: name.clone(),
            target: TargetVersion::Minor(to),
        });
    }
    let impossible = |why: String| PlanError::HopImpossible {
        hop: chosen.hop.clone(),
        why,
    };
    let stopped = |barrier: String| {
        Ok(Chosen {
            barrier: Some(barrier),
            ..chosen.clone()
        })
    };
    for (name, application) in of_kubernetes(model) {
        match application.offered.known() {
            Ok(None) => {}
            Ok(Some(revision)) => {
                return Err(impossible(format!(
                    "revision {revision} of {name} is offered on the present channel, and the newest patch comes before the next minor"
                )));
            }
            Err(why) => {
                return stopped(format!(
                    "what the channel offers for {name} is not known: {why}"
                ));
            }
        }
    }
    let mut refusal = None;
    for (name, application) in of_kubernetes(model) {
        if application.charm.as_str() != WORKER_CHARM {
            continue;
        }
        let minors = match minors(application) {
            Ok(minors) => minors,
            Err(why) => return stopped(format!("the version of {name} is not known: {why}")),
        };
        for minor in minors {
            if let Some(why) = refused(minor, to, knowledge) {
                if running.lowest.minor().ahead_of(minor) != Some(1) {
                    return Err(impossible(format!("{name}: {why}")));
                }
                refusal.get_or_insert(format!("{name}: {why}"));
            }
        }
    }
    let Some(why) = refusal else {
        return Ok(chosen);
    };
    if asked.hop.is_some() {
        return Err(impossible(why));
    }
    let hop = levelled(running);
    let mut later = vec![Hop {
        from: hop.to.clone(),
        ..chosen.hop
    }];
    later.extend(chosen.later);
    Ok(Chosen {
        hop,
        later,
        barrier: None,
    })
}

/// The applications of Kubernetes itself.
fn of_kubernetes(model: &JujuModel) -> impl Iterator<Item = (&ApplicationName, &JujuApplication)> {
    model.applications.items.iter().filter(|(_, application)| {
        matches!(
            application.charm.as_str(),
            CONTROL_PLANE_CHARM | WORKER_CHARM
        )
    })
}

/// The minors that an application runs: what its units really run where that
/// was seen, and what it claims.
fn minors(application: &JujuApplication) -> Result<Vec<Minor>, Unseen> {
    let mut found: Vec<Minor> = application
        .units
        .items
        .values()
        .filter_map(|unit| unit.version.get().map(KubeVersion::minor))
        .collect();
    match application.claimed_version.known() {
        Ok(Some(version)) => found.push(version.minor()),
        Ok(None) if !found.is_empty() => {}
        Ok(None) => return Err(Unseen::NotInSource),
        Err(why) => return Err(why.clone()),
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Why the charm of `to` does not take workers at `minor`. Of a series whose
/// charm nothing is known of, the rule of every known one is taken: the minor
/// before, or its own.
fn refused(minor: Minor, to: Minor, knowledge: &Knowledge) -> Option<String> {
    match knowledge.canonical_k8s().hop(&[minor], to) {
        Ok(_) => None,
        Err(no_hop @ NoHop::NotAccepted { .. }) => Some(no_hop.to_string()),
        Err(NoHop::NoCharm { .. }) => (!matches!(to.ahead_of(minor), Some(0 | 1)))
            .then(|| format!("the charm of {to} is not expected to take workers at {minor}")),
    }
}
