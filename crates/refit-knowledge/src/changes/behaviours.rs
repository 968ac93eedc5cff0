//! Changes of behaviour, each tied to its pull request.

use super::{Change, Span, Who};
use crate::Knowledge;
use crate::behaviour::{Act, Actor, Behaviour};

/// What behaves otherwise in the span.
pub(super) fn changes(knowledge: &Knowledge, span: Span) -> impl Iterator<Item = (Who, Change)> {
    knowledge
        .behaviours()
        .between(span.from, span.to)
        .flat_map(|fact| who(fact).into_iter().map(move |who| (who, change(fact))))
}

fn who(fact: &Behaviour) -> Vec<Who> {
    let mut who: Vec<Who> = fact
        .actors()
        .iter()
        .map(|actor| match actor {
            Actor::NodeOperator => Who::Infrastructure,
            Actor::ClusterOperator => Who::ClusterOperators,
            Actor::ApplicationTeam => Who::ApplicationTeams,
            Actor::ToolAuthor => Who::ToolAuthors,
        })
        .collect();
    if who.is_empty() {
        who.push(Who::Nobody);
    }
    who
}

fn change(fact: &Behaviour) -> Change {
    Change {
        with: fact.id.minor.to_string(),
        what: fact.change.clone(),
        act: match &fact.act {
            Act::Nobody => String::new(),
            Act::By { action, .. } => action.clone(),
        },
        source: fact.address(),
    }
}
