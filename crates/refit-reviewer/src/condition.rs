//! What a condition demands, taken apart.

use refit_model::condition::Condition;
use refit_model::name::{ApplicationName, NodeName};

/// The conditions that must hold for all of `conditions` to hold, as far as
/// they are demanded without an alternative.
pub(crate) fn demanded(conditions: &[Condition]) -> Vec<&Condition> {
    let mut found = Vec::new();
    let mut left: Vec<&Condition> = conditions.iter().rev().collect();
    while let Some(condition) = left.pop() {
        if let Condition::All(parts) = condition {
            left.extend(parts.iter().rev());
        } else {
            found.push(condition);
        }
    }
    found
}

/// What a condition speaks of.
pub(crate) enum Mention<'c> {
    Node(&'c NodeName),
    Application(&'c ApplicationName),
}

/// The nodes and applications that a condition speaks of.
pub(crate) fn mentions(condition: &Condition) -> Vec<Mention<'_>> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().flat_map(mentions).collect(),
        Condition::Not(inner) => mentions(inner),
        Condition::ComponentsAt { node, .. }
        | Condition::EtcdSnapshotTaken { node, .. }
        | Condition::KubeletAt { node, .. }
        | Condition::NodeReady(node)
        | Condition::NodeCordoned(node)
        | Condition::NodeReleased(node)
        | Condition::NodeDrained(node)
        | Condition::BudgetsOpen(node)
        | Condition::NoBudgetBlocks(node)
        | Condition::NoBarePods(node) => vec![Mention::Node(node)],
        Condition::NodesReady { except } => except.iter().map(Mention::Node).collect(),
        Condition::WorkloadsServed { on } => on.iter().map(Mention::Node).collect(),
        Condition::ServersAt(_)
        | Condition::ControlPlaneReady
        | Condition::Quorum(_)
        | Condition::JujuAtLeast { .. }
        | Condition::Shows { .. } => Vec::new(),
        Condition::ApplicationSettled(application)
        | Condition::UpgradeOffered(application)
        | Condition::CharmAt { application, .. }
        | Condition::FollowsChannel { application, .. }
        | Condition::ActionCompleted { application, .. }
        | Condition::UnitsAt { application, .. }
        | Condition::ClaimsVersion { application, .. }
        | Condition::UnitsChanging(application)
        | Condition::NoUnitBlocked(application) => vec![Mention::Application(application)],
        Condition::LeaderAwaitsWorkers {
            application,
            workers,
        } => std::iter::once(application)
            .chain(workers)
            .map(Mention::Application)
            .collect(),
    }
}
