//! What a charm asks for on the way to a new minor: the channel of that minor,
//! the newest patch before it, workers that it accepts, and a datastore that it
//! still has.

use crate::charm::{CONTROL_PLANE, WORKER};
use crate::codes;
use crate::condition::demanded;
use crate::pen::Pen;
use refit_knowledge::Knowledge;
use refit_knowledge::canonical::{NoHop, Weight};
use refit_model::act::{Act, JujuAct};
use refit_model::condition::Condition;
use refit_model::juju::{JujuApplication, JujuModel};
use refit_model::name::{ApplicationName, Channel};
use refit_model::plan::{Hop, UpgradePlan};
use refit_model::step::Step;
use refit_model::version::Minor;
use std::collections::BTreeSet;

/// The option of the charm that names its datastore; a look that asks for it
/// shows what the cluster keeps its objects in.
const DATASTORE: &str = "bootstrap-datastore";

/// The minor and the risk that a channel such as `1.35/stable` names.
fn parts(channel: &Channel) -> Option<(Minor, &str)> {
    let (track, rest) = channel.as_str().split_once('/')?;
    let risk = rest.split('/').next()?;
    Some((track.parse().ok()?, risk))
}

/// Whether an application follows the channel of an older minor than the hop
/// goes to.
pub(crate) fn is_behind(application: &JujuApplication, hop: &Hop) -> bool {
    application
        .channel
        .get()
        .and_then(parts)
        .is_some_and(|(minor, _)| minor < hop.to.minor())
}

/// Looks at one refresh.
pub(crate) fn refresh(
    step: &Step,
    (name, application): (&ApplicationName, &JujuApplication),
    channel: Option<&Channel>,
    hop: &Hop,
    pen: &mut Pen,
) {
    let present = application.channel.get();
    let behind = is_behind(application, hop);
    let stays = !behind && hop.from.minor() == hop.to.minor();
    match channel {
        Some(channel) if stays && present == Some(channel) => {}
        Some(channel) if stays => pen.fatal(
            &codes::CHANNEL_CHANGE,
            Some(&step.id),
            format!("it goes to channel {channel}, and the hop is {hop}"),
        ),
        Some(channel) => {
            let risk = present.and_then(parts).map(|(_, risk)| risk);
            let fits = parts(channel).is_some_and(|(minor, wanted)| {
                minor == hop.to.minor() && risk.is_none_or(|risk| risk == wanted)
            });
            if !fits {
                let present =
                    present.map_or_else(String::new, |present| format!(", from {present}"));
                pen.fatal(
                    &codes::WRONG_CHANNEL,
                    Some(&step.id),
                    format!("it goes to channel {channel}{present}, and the hop is {hop}"),
                );
            }
        }
        None if behind => pen.fatal(
            &codes::WRONG_CHANNEL,
            Some(&step.id),
            format!("it leaves {name} on its channel, and the hop is {hop}"),
        ),
        None => {}
    }
    if channel.is_some()
        && behind
        && application.charm.as_str() == CONTROL_PLANE
        && let Some(Some(revision)) = application.offered.get()
    {
        pen.fatal(
            &codes::PATCH_FIRST,
            Some(&step.id),
            format!("revision {revision} of {name} is offered on the present channel"),
        );
    }
}

/// Looks at a plan that takes the control plane to a new minor.
pub(crate) fn look(
    plan: &UpgradePlan,
    hop: &Hop,
    model: &JujuModel,
    knowledge: &Knowledge,
    pen: &mut Pen,
) {
    let by_charm = |charm: &str| -> BTreeSet<&ApplicationName> {
        let found = model.applications.items.iter();
        found
            .filter(|(_, application)| application.charm.as_str() == charm)
            .map(|(name, _)| name)
            .collect()
    };
    let control_planes = by_charm(CONTROL_PLANE);
    let first = plan.steps().find(|(_, step)| {
        matches!(&step.act, Some(Act::Juju(JujuAct::Refresh { application, channel: Some(_) }))
            if control_planes.contains(application))
    });
    let Some((_, first)) = first else {
        return;
    };
    for name in by_charm(WORKER) {
        if let Some(application) = model.applications.items.get(name) {
            workers(first, (name, application), hop, knowledge, pen);
        }
    }
    let gates = knowledge
        .canonical_k8s()
        .gates(hop.from.minor(), hop.to.minor());
    for gate in gates.filter(|gate| gate.weight == Weight::Blocks) {
        let is_seen = plan
            .steps()
            .take_while(|(_, step)| step.id != first.id)
            .any(|(_, step)| asks_for_datastore(step));
        if !is_seen {
            pen.fatal(
                &codes::DATASTORE_UNSEEN,
                Some(&first.id),
                format!("no step before it looks at the datastore: {}", gate.what),
            );
        }
    }
}

fn asks_for_datastore(step: &Step) -> bool {
    demanded(&step.reaches).into_iter().any(|condition| {
        matches!(condition, Condition::Shows { look, .. }
            if look.to_string().split(' ').any(|word| word == DATASTORE))
    })
}

/// Whether the charm of the new minor takes the workers that are there.
fn workers(
    step: &Step,
    (name, application): (&ApplicationName, &JujuApplication),
    hop: &Hop,
    knowledge: &Knowledge,
    pen: &mut Pen,
) {
    let to = hop.to.minor();
    let units = application.units.items.values();
    let seen: BTreeSet<Minor> = units
        .filter_map(|unit| unit.version.get())
        .chain(application.claimed_version.get().into_iter().flatten())
        .map(refit_model::version::KubeVersion::minor)
        .collect();
    if seen.is_empty() {
        pen.fatal(
            &codes::CANNOT_JUDGE,
            Some(&step.id),
            format!("what {name} runs is not known"),
        );
    }
    for minor in seen {
        match knowledge.canonical_k8s().hop(&[minor], to) {
            Ok(_) => {}
            Err(why @ NoHop::NotAccepted { .. }) => pen.fatal(
                &codes::WORKERS_TOO_OLD,
                Some(&step.id),
                format!("{name}: {why}"),
            ),
            Err(why @ NoHop::NoCharm { .. }) => {
                pen.caution(&codes::NO_CHARM_KNOWN, Some(&step.id), why.to_string());
                if !matches!(to.ahead_of(minor), Some(0 | 1)) {
                    pen.fatal(
                        &codes::WORKERS_TOO_OLD,
                        Some(&step.id),
                        format!(
                            "{name} runs {minor}, and no charm has taken workers two minors behind"
                        ),
                    );
                }
            }
        }
    }
}
