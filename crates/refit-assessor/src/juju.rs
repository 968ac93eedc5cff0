//! The Juju side: units that an upgrade would trip over, and what the charms
//! offer.

use crate::codes;
use crate::finding::{count, finding, named, thing};
use crate::scene::{Found, Scene, gap};
use refit_model::assessment::{Finding, Severity};
use refit_model::code::CodePage;
use refit_model::juju::{JujuApplication, JujuModel, JujuUnit, StatusWord};
use refit_model::name::{ApplicationName, UnitName};
use refit_model::object::{Application, ApplicationSign};
use refit_model::seen::{Seen, Unseen};
use refit_model::snapshot::Area;

/// The oldest Juju that the upgrade guides of Canonical Kubernetes assume.
const OLDEST_JUJU: (u32, u32) = (3, 3);

/// How many units a sentence names before it only counts them.
const NAMED_UNITS: usize = 20;

/// Findings about a Juju model.
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    let mut found = Found::default();
    let Some(model) = &scene.snapshot.juju else {
        return found;
    };
    found.findings.extend(old_juju(scene, model));
    for (name, application) in &model.applications.items {
        found.findings.extend(offered(scene, name, application));
        for (unit, seen) in &application.units.items {
            found.findings.extend(unsettled(scene, name, unit, seen));
        }
    }
    found
}

/// Juju's version as its first two numbers.
fn series(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split('.');
    let major = numbers.next()?.parse().ok()?;
    // `3.3-beta1` has no third number.
    let minor = numbers.next()?.split('-').next()?.parse().ok()?;
    Some((major, minor))
}

fn old_juju(scene: &Scene<'_>, model: &JujuModel) -> Option<Finding> {
    let version = model.version.get()?;
    (series(version)? < OLDEST_JUJU).then(|| Finding {
        evidence: vec![scene.seen(format!("the agents of the model run Juju {version}"))],
        ..finding(
            &codes::JUJU_OLD,
            Severity::Warning,
            thing("JujuModel", model.name.as_str()),
            format!(
                "the model runs Juju {version}, and the guides assume {}.{} or newer",
                OLDEST_JUJU.0, OLDEST_JUJU.1
            ),
        )
    })
}

fn about(
    scene: &Scene<'_>,
    page: &CodePage,
    severity: Severity,
    (kind, name): (&str, &str),
    application: &ApplicationName,
    title: String,
) -> Finding {
    Finding {
        application: Some(Application {
            name: application.to_string(),
            by: ApplicationSign::TopOwner,
        }),
        evidence: vec![scene.seen(title.clone())],
        ..finding(page, severity, thing(kind, name), title)
    }
}

fn offered(
    scene: &Scene<'_>,
    name: &ApplicationName,
    application: &JujuApplication,
) -> Option<Finding> {
    let Seen::Is(Some(revision)) = application.offered else {
        return None;
    };
    let channel = application
        .channel
        .get()
        .map_or_else(String::new, |channel| format!(" in {channel}"));
    let present = application
        .revision
        .get()
        .map_or_else(String::new, |present| format!(", and {present} runs"));
    let title = format!("revision {revision} of {name} is offered{channel}{present}");
    let subject = ("JujuApplication", name.as_str());
    let page = &codes::REFRESH_OFFERED;
    Some(about(scene, page, Severity::Info, subject, name, title))
}

fn unsettled(
    scene: &Scene<'_>,
    application: &ApplicationName,
    name: &UnitName,
    unit: &JujuUnit,
) -> Option<Finding> {
    let status = unit.workload.get()?;
    let (page, severity) = match status.word {
        StatusWord::Active if unit.agent_idle == Seen::Is(false) => {
            (&codes::UNIT_UNSETTLED, Severity::Warning)
        }
        StatusWord::Active => return None,
        StatusWord::Blocked | StatusWord::Error => (&codes::UNIT_IN_TROUBLE, Severity::Blocking),
        StatusWord::Maintenance
        | StatusWord::Waiting
        | StatusWord::Terminated
        | StatusWord::Unknown => (&codes::UNIT_UNSETTLED, Severity::Warning),
    };
    let title = match status.word {
        StatusWord::Active => format!("the agent of unit {name} is not idle"),
        StatusWord::Blocked
        | StatusWord::Error
        | StatusWord::Maintenance
        | StatusWord::Waiting
        | StatusWord::Terminated
        | StatusWord::Unknown => format!("the unit {name} is {status}"),
    };
    let subject = ("JujuUnit", name.as_str());
    Some(about(scene, page, severity, subject, application, title))
}

/// What the model's own tools did not show: the version on each machine, which
/// no status carries, and readings that failed.
pub(crate) fn unseen(model: &JujuModel) -> Vec<refit_model::snapshot::Gap> {
    let units = || {
        model
            .applications
            .items
            .values()
            .flat_map(|application| &application.units.items)
    };
    let mut gaps = Vec::new();
    let mut add = |what: &str, command: &str, missing: Vec<(&UnitName, &Unseen)>| {
        if let Some((_, why)) = missing.first() {
            let names = named(missing.iter().map(|(name, _)| name), NAMED_UNITS);
            gaps.push(gap(
                Area::Juju,
                format!(
                    "{what} of {}: {names}",
                    count(missing.len(), "unit", "units")
                ),
                (*why).clone(),
                command,
            ));
        }
    };
    add(
        "the Kubernetes version on the machines",
        "juju exec --application k8s,k8s-worker -- snap list k8s",
        units()
            .filter_map(|(name, unit)| Some((name, unit.version.known().err()?)))
            .collect(),
    );
    add(
        "the status",
        "juju status --format json",
        units()
            .filter_map(|(name, unit)| Some((name, unit.workload.known().err()?)))
            .collect(),
    );
    if let Err(why) = model.version.known() {
        gaps.push(gap(
            Area::Juju,
            "the Juju version of the model",
            why.clone(),
            "juju status --format json",
        ));
    }
    gaps
}
