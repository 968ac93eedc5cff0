//! For what a stage is instantiated, and in which order.

use crate::order::natural;
use refit_model::kubernetes::{Kubernetes, NodeRole};
use refit_model::name::{ApplicationName, NodeName, ObjectName, PoolName};
use refit_model::seen::{Seen, Unseen};
use refit_model::snapshot::Snapshot;
use refit_model::step::Subject;
use refit_model::template::{NodeSet, OncePer};

/// The subjects of a stage, in order.
///
/// # Errors
/// What was not seen and decides which they are, or their order.
pub(crate) fn subjects(once_per: &OncePer, snapshot: &Snapshot) -> Result<Vec<Subject>, String> {
    match once_per {
        OncePer::Cluster => Ok(vec![Subject::Cluster]),
        OncePer::Node(set) => {
            let kubernetes = snapshot
                .kubernetes
                .as_ref()
                .ok_or_else(|| unseen("the Kubernetes side", &Unseen::NotAsked))?;
            let nodes = match set {
                NodeSet::FirstControlPlane => {
                    control_plane(kubernetes)?.into_iter().take(1).collect()
                }
                NodeSet::OtherControlPlane => {
                    control_plane(kubernetes)?.into_iter().skip(1).collect()
                }
                NodeSet::ControlPlane => control_plane(kubernetes)?,
                NodeSet::Workers => workers(kubernetes)?,
            };
            Ok(nodes.into_iter().map(Subject::Node).collect())
        }
        OncePer::Pool => {
            let kubernetes = snapshot
                .kubernetes
                .as_ref()
                .ok_or_else(|| unseen("the Kubernetes side", &Unseen::NotAsked))?;
            pools(kubernetes)
        }
        // Facts of the template's tell which these are; the caller asks for them.
        OncePer::Role { .. } | OncePer::Each { .. } => Ok(Vec::new()),
        OncePer::Application { charm } => Ok(applications(charm, snapshot)?
            .into_iter()
            .map(Subject::Application)
            .collect()),
    }
}

fn unseen(what: &str, why: &Unseen) -> String {
    format!("{what} is not known: {why}")
}

/// The nodes by their role. Every role must be known: a node of unknown role
/// could be the first of any set.
fn with_role(kubernetes: &Kubernetes, wanted: NodeRole) -> Result<Vec<NodeName>, String> {
    let nodes = kubernetes
        .nodes
        .complete()
        .map_err(|why| unseen("whether there are more nodes", &why))?;
    let mut found = Vec::new();
    for (name, node) in nodes {
        match node.role.known() {
            Ok(role) if *role == wanted => found.push(name.clone()),
            Ok(_) => {}
            Err(why) => return Err(unseen(&format!("the role of node {name}"), why)),
        }
    }
    found.sort_by(|a, b| natural(a.as_str(), b.as_str()));
    Ok(found)
}

/// The control-plane nodes, in order.
pub(crate) fn control_plane(kubernetes: &Kubernetes) -> Result<Vec<NodeName>, String> {
    with_role(kubernetes, NodeRole::ControlPlane)
}

/// The other nodes, pool by pool; those without a pool come last.
fn workers(kubernetes: &Kubernetes) -> Result<Vec<NodeName>, String> {
    let mut pooled: Vec<(Option<PoolName>, NodeName)> = Vec::new();
    for name in with_role(kubernetes, NodeRole::Worker)? {
        match kubernetes.nodes.items.get(&name).map(|node| &node.pool) {
            Some(Seen::Is(pool)) => pooled.push((pool.clone(), name)),
            Some(Seen::Gap(why)) => {
                return Err(unseen(&format!("the pool of node {name}"), why));
            }
            None => {}
        }
    }
    pooled.sort_by(|(pool, name), (other_pool, other)| {
        let by_pool = match (pool, other_pool) {
            (Some(a), Some(b)) => natural(a.as_str(), b.as_str()),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => std::cmp::Ordering::Equal,
        };
        by_pool.then_with(|| natural(name.as_str(), other.as_str()))
    });
    Ok(pooled.into_iter().map(|(_, name)| name).collect())
}

/// The pools of all nodes, in order. A node without a pool is in none.
fn pools(kubernetes: &Kubernetes) -> Result<Vec<Subject>, String> {
    let nodes = kubernetes
        .nodes
        .complete()
        .map_err(|why| unseen("whether there are more nodes", &why))?;
    let mut found: Vec<PoolName> = Vec::new();
    for (name, node) in nodes {
        match &node.pool {
            Seen::Is(pool) => found.extend(pool.clone()),
            Seen::Gap(why) => return Err(unseen(&format!("the pool of node {name}"), why)),
        }
    }
    found.sort_by(|a, b| natural(a.as_str(), b.as_str()));
    found.dedup();
    Ok(found.into_iter().map(Subject::Pool).collect())
}

/// The applications with this charm, in order.
pub(crate) fn applications(
    charm: &ObjectName,
    snapshot: &Snapshot,
) -> Result<Vec<ApplicationName>, String> {
    let model = snapshot
        .juju
        .as_ref()
        .ok_or_else(|| unseen("the Juju model", &Unseen::NotAsked))?;
    let applications = model
        .applications
        .complete()
        .map_err(|why| unseen("whether there are more applications", &why))?;
    let mut found: Vec<_> = applications
        .iter()
        .filter(|(_, application)| application.charm == *charm)
        .map(|(name, _)| name.clone())
        .collect();
    found.sort_by(|a, b| natural(a.as_str(), b.as_str()));
    Ok(found)
}
