//! What keeps a project from following, and whose move that is.

use super::route::{Beyond, Goal, Question, Stuck, route};
use super::told;
use refit_model::path::{Blocker, Installation, Mover, Reason, Whose};

/// What to tell of a project that is stuck.
pub(super) fn blocker(
    question: Question<'_>,
    installation: &Installation,
    stuck: &Stuck<'_>,
) -> Blocker {
    let project = question.project;
    let before = before(&question, stuck);
    let mut facts = told::ruling_out(&stuck.ruled_out);
    let (whose, remedy) = match (pin(&question), &stuck.beyond) {
        (Some((reason, what)), _) => {
            facts.push(told::asked(reason, project, &what));
            let remedy = format!("Leave open where {project} goes: then there is a way.");
            (Whose::Pinned, remedy)
        }
        (None, Beyond::Nothing(newest, claims)) => {
            facts.extend(told::ruling_out(claims));
            let remedy = format!(
                "Wait for a release of {project} that goes with {before} ({newest} is the newest that is known), or find out whether one does and say so in a KnowledgeOverlay."
            );
            (Whose::Upstream, remedy)
        }
        (None, Beyond::NoBridge(version, claims)) => {
            facts.extend(told::ruling_out(claims));
            let remedy = match question.stops {
                // Kubernetes stays where it is.
                [_] | [] => "Choose another version, or another Kubernetes first.".to_owned(),
                [..] => format!(
                    "{project} {version} is the first on the far side, and no version is known that goes with both sides: plan it to be away while the control plane moves, or find out whether one does and say so in a KnowledgeOverlay."
                ),
            };
            (Whose::Ours, remedy)
        }
        (None, Beyond::NoWay(version, ways)) => {
            facts.extend(ways.iter().map(|way| told::waypoint(way)));
            let remedy = format!(
                "Find the versions between {} and {version} that {project} leads through.",
                stuck.at
            );
            (Whose::Ours, remedy)
        }
    };
    facts.sort();
    facts.dedup();
    Blocker {
        subject: Mover::Project(installation.clone()),
        at: stuck.at.to_string(),
        before,
        whose,
        facts,
        remedy,
    }
}

/// What it would have to reach: the next minor, or its goal where Kubernetes
/// stays.
fn before(question: &Question<'_>, stuck: &Stuck<'_>) -> String {
    match (question.stops.get(stuck.stop + 1), question.goal) {
        (Some(minor), _) => format!("Kubernetes {minor}"),
        (None, Goal::At(goal)) => goal.to_string(),
        (None, Goal::Anywhere | Goal::Stay) => question
            .stops
            .last()
            .map_or_else(String::new, |minor| format!("Kubernetes {minor}")),
    }
}

/// The wish without which there would be a way, in words. A project whose path
/// is asked for by itself has no other goal, and then it is none.
fn pin(question: &Question<'_>) -> Option<(Reason, String)> {
    let wish = match question.goal {
        Goal::Anywhere => return None,
        Goal::Stay => (Reason::Kept, "stays where it is".to_owned()),
        Goal::At(goal) => (Reason::Asked, format!("is wanted at {goal}")),
    };
    let free = Question {
        goal: Goal::Anywhere,
        ..*question
    };
    (question.stops.len() > 1 && route(free).is_ok()).then_some(wish)
}
