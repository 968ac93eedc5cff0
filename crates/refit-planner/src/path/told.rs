//! How facts are told on a path.

use refit_knowledge::project::route::{Rule, Waypoint};
use refit_knowledge::project::{Requirement, Upper};
use refit_model::path::{Because, Reason};

/// A claim about the minors that versions of a project go with.
pub(super) fn claim(reason: Reason, claim: &Requirement) -> Because {
    let least = claim
        .min
        .map_or_else(|| "any".to_owned(), |minor| minor.to_string());
    let most = match claim.max {
        Upper::Last(minor) => minor.to_string(),
        Upper::AndNewer => "newer".to_owned(),
        Upper::NotStated => "not stated".to_owned(),
    };
    Because {
        reason,
        detail: format!(
            "{} {} is {} for Kubernetes {least} to {most}",
            claim.project, claim.versions, claim.basis
        ),
        source: format!("{} at {}", claim.source, claim.source_version),
    }
}

/// A rule of a project about the way to its versions.
pub(super) fn waypoint(way: &Waypoint) -> Because {
    let asked = match &way.rule {
        Rule::AtMostMinors(most) if most.get() == 1 => "one minor at a time".to_owned(),
        Rule::AtMostMinors(most) => format!("at most {most} minors at a time"),
        Rule::AtLeast(least) => format!("from {least} or newer"),
    };
    let notes = match way.notes.as_str() {
        "" => String::new(),
        notes => format!(" ({notes})"),
    };
    Because {
        reason: Reason::Route,
        detail: format!("{} is upgraded {asked}{notes}", way.project),
        source: format!("{} at {}", way.source, way.source_version),
    }
}
