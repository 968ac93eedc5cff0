//! How facts and moves are told on a path.

use super::route::{Move, Question, Why};
use refit_knowledge::project::route::{Rule, Waypoint};
use refit_knowledge::project::{Requirement, Upper};
use refit_model::path::{Because, Installation, Mover, PathHop, Reason};

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

/// Claims that rule a version out.
pub(super) fn ruling_out(claims: &[&Requirement]) -> Vec<Because> {
    let claims = claims.iter();
    claims.map(|one| claim(Reason::NotSupported, one)).collect()
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

/// What a person wants of a project.
pub(super) fn asked(reason: Reason, project: &str, what: &str) -> Because {
    Because {
        reason,
        detail: format!("{project} {what}"),
        source: "whoever asked for this path".to_owned(),
    }
}

/// One move of a project.
pub(super) fn hop(question: &Question<'_>, installation: &Installation, one: &Move<'_>) -> PathHop {
    PathHop {
        subject: Mover::Project(installation.clone()),
        from: one.from.to_string(),
        to: one.to.to_string(),
        chart: None,
        data_version: None,
        because: why(question, one),
        with: Vec::new(),
    }
}

/// What forces a move.
pub(super) fn why(question: &Question<'_>, one: &Move<'_>) -> Vec<Because> {
    let project = question.project;
    match &one.why {
        Why::RuledOut(_, claims) => ruling_out(claims),
        Why::Through(beyond, way) => {
            let mut because = waypoint(way);
            because.detail = format!("on the way to {beyond}: {}", because.detail);
            vec![because]
        }
        Why::NotKnown(minor) => vec![Because {
            reason: Reason::NotKnown,
            detail: format!(
                "nobody says that {project} {} goes with Kubernetes {minor}",
                one.from
            ),
            source: format!("knowledge {}", question.knowledge.version()),
        }],
        Why::Asked => vec![asked(
            Reason::Asked,
            project,
            &format!("is wanted at {}", one.to),
        )],
    }
}

/// What the makers of a project recommend and a move does not do.
pub(super) fn advice(
    question: &Question<'_>,
    installation: &Installation,
    one: &Move<'_>,
) -> Vec<String> {
    let ways = question.advising_against(&one.from, &one.to);
    let told = ways.into_iter().map(|way| {
        let advice = waypoint(way);
        format!(
            "{installation} {} to {}: {}, its makers recommend ({})",
            one.from, one.to, advice.detail, advice.source
        )
    });
    told.collect()
}
