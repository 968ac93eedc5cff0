//! The way to the version of a project that the target needs: what must be there
//! first, what somebody has to act on, and what to look at before and after.

use super::{sightings, subject};
use crate::codes;
use crate::finding::{count, identity, named};
use crate::scene::Scene;
use refit_knowledge::Knowledge;
use refit_knowledge::project::ProjectVersion;
use refit_knowledge::project::breaking::Change;
use refit_knowledge::project::check::When;
use refit_knowledge::project::route::{Force, Rule, Waypoint};
use refit_model::assessment::{Dependency, Finding};

/// How many changes and checks a remedy names before it only counts them.
const NAMED: usize = 5;

/// What a remedy says of the way of `project` from one version to another:
/// sentences, each with a space before it; empty where nothing is known.
pub(super) fn words(
    knowledge: &Knowledge,
    project: &str,
    (from, to): (&ProjectVersion, &ProjectVersion),
) -> String {
    let mut words = String::new();
    for waypoint in knowledge.project_routes().objections(project, from, to) {
        words.push_str(&stop(waypoint, from));
    }
    let changes: Vec<&Change> = knowledge
        .project_changes()
        .between(project, from, to)
        .collect();
    if !changes.is_empty() {
        let told = changes
            .iter()
            .map(|change| format!("{} ({}: {})", change.remedy, change.version, change.what));
        words.push_str(&format!(
            " On the way {} somebody to act: {}.",
            count(changes.len(), "change asks", "changes ask"),
            listed(told)
        ));
    }
    for (when, word) in [(When::Before, "Before"), (When::After, "After")] {
        let checks = knowledge.project_checks().of(project, when, to);
        let told = listed(checks.map(|check| check.what.clone()));
        if !told.is_empty() {
            words.push_str(&format!(" {word} it, see that: {told}."));
        }
    }
    words
}

/// At most [`NAMED`] of them with semicolons between, since commas stand in them.
fn listed(told: impl Iterator<Item = String>) -> String {
    named(told.map(|one| one.replace(", ", "\u{0}")), NAMED)
        .replace(", ", "; ")
        .replace('\u{0}', ", ")
}

fn stop(waypoint: &Waypoint, from: &ProjectVersion) -> String {
    let notes = match waypoint.notes.as_str() {
        "" => String::new(),
        notes => format!(" ({notes})"),
    };
    let what = match &waypoint.rule {
        Rule::AtLeast(least) => format!("take it to {least} first"),
        Rule::AtMostMinors(most) if most.get() == 1 => {
            format!("take it there minor by minor from {from} on")
        }
        Rule::AtMostMinors(most) => {
            format!("take it there by at most {most} minors at a time from {from} on")
        }
    };
    match waypoint.force {
        Force::Required => format!(" Not in one step: {what}{notes}."),
        Force::Recommended => format!(" The project advises: {what}{notes}."),
    }
}

/// The stops that projects make necessary on their way, as what must move before
/// what; `findings` are those about projects that the target does not go with.
pub(crate) fn dependencies(scene: &Scene<'_>, findings: &[&Finding]) -> Vec<Dependency> {
    // Looking for projects walks over every pod.
    if findings.is_empty() {
        return Vec::new();
    }
    let (projects, routes) = (scene.knowledge.projects(), scene.knowledge.project_routes());
    let mut rows = Vec::new();
    for (installed, sighting) in sightings(scene) {
        let (project, subject) = (sighting.project, subject(&installed));
        let needed = projects.earliest_supporting(&project.name, scene.target.minor());
        let (Some(from), Some(needed)) = (&sighting.version, needed) else {
            continue;
        };
        let id = identity(&codes::PROJECT_NOT_SUPPORTED, &subject, &from.to_string());
        if !findings.iter().any(|finding| finding.id == id) {
            continue;
        }
        let to = needed.versions.first();
        for waypoint in routes.objections(&project.name, from, to) {
            let first = match (waypoint.force, &waypoint.rule) {
                (Force::Recommended, _) => continue,
                (Force::Required, Rule::AtLeast(least)) => format!("{subject} to {least}"),
                (Force::Required, Rule::AtMostMinors(most)) => format!(
                    "{subject} to a version at most {most} {} older than {to}",
                    if most.get() == 1 { "minor" } else { "minors" }
                ),
            };
            rows.push(Dependency {
                first,
                then: format!("{subject} to {to}"),
                because: format!(
                    "{} asks for it ({} at {}).",
                    project.title, waypoint.source, waypoint.source_version
                ),
                findings: vec![id.clone()],
            });
        }
    }
    rows
}
