//! Puts the answers to several queries together into one snapshot, so that a
//! step is judged once, from all that it needs.
//!
//! Nothing is judged here: where one answer saw and another did not ask, what
//! was seen stays; where both saw, the later one does.

use refit_model::juju::JujuModel;
use refit_model::kubernetes::Kubernetes;
use refit_model::look::Looked;
use refit_model::seen::{Extent, Listing, Seen, Unseen};
use refit_model::snapshot::Snapshot;

/// Adds what `later` saw to `earlier`.
#[must_use]
pub fn gather(earlier: Snapshot, later: Snapshot) -> Snapshot {
    let mut gaps = earlier.gaps;
    gaps.extend(later.gaps);
    gaps.sort();
    gaps.dedup();
    Snapshot {
        api_version: earlier.api_version,
        kind: earlier.kind,
        cluster: earlier.cluster,
        taken_at: earlier.taken_at.max(later.taken_at),
        objects: None,
        kubernetes: both(earlier.kubernetes, later.kubernetes, kubernetes),
        juju: both(earlier.juju, later.juju, juju),
        looks: looks(earlier.looks, later.looks),
        gaps,
    }
}

/// The answers of both, a later one in the place of an earlier one to the same
/// question.
fn looks(earlier: Vec<Looked>, later: Vec<Looked>) -> Vec<Looked> {
    let mut found: Vec<Looked> = earlier
        .into_iter()
        .filter(|old| later.iter().all(|new| new.look != old.look))
        .collect();
    found.extend(later);
    found
}

fn both<T>(earlier: Option<T>, later: Option<T>, join: impl FnOnce(T, T) -> T) -> Option<T> {
    match (earlier, later) {
        (Some(earlier), Some(later)) => Some(join(earlier, later)),
        (earlier, later) => later.or(earlier),
    }
}

fn kubernetes(earlier: Kubernetes, later: Kubernetes) -> Kubernetes {
    let mut api_uses = earlier.api_uses;
    for api_use in later.api_uses {
        if !api_uses.contains(&api_use) {
            api_uses.push(api_use);
        }
    }
    let mut server_warnings = earlier.server_warnings;
    server_warnings.extend(later.server_warnings);
    server_warnings.sort();
    server_warnings.dedup();
    // A later look that asks for no pods sees no settings.
    let settings = if later.settings.is_empty() {
        earlier.settings
    } else {
        later.settings
    };
    Kubernetes {
        distribution: reading(earlier.distribution, later.distribution),
        server: reading(earlier.server, later.server),
        components: listing(earlier.components, later.components),
        nodes: listing(earlier.nodes, later.nodes),
        pods: listing(earlier.pods, later.pods),
        workloads: listing(earlier.workloads, later.workloads),
        budgets: listing(earlier.budgets, later.budgets),
        webhooks: listing(earlier.webhooks, later.webhooks),
        definitions: listing(earlier.definitions, later.definitions),
        api_services: listing(earlier.api_services, later.api_services),
        services: listing(earlier.services, later.services),
        releases: listing(earlier.releases, later.releases),
        etcd_snapshots: reading(earlier.etcd_snapshots, later.etcd_snapshots),
        api_uses,
        kinds: listing(earlier.kinds, later.kinds),
        server_warnings,
        settings,
        fields: reading(earlier.fields, later.fields),
    }
}

fn juju(earlier: JujuModel, later: JujuModel) -> JujuModel {
    JujuModel {
        name: later.name,
        controller: later.controller,
        version: reading(earlier.version, later.version),
        applications: listing(earlier.applications, later.applications),
    }
}

/// A reading that was made stays; of two reasons that none was made, the one
/// that says more.
fn reading<T>(earlier: Seen<T>, later: Seen<T>) -> Seen<T> {
    match (earlier, later) {
        (_, Seen::Is(value)) | (Seen::Is(value), Seen::Gap(_)) => Seen::Is(value),
        (Seen::Gap(first), Seen::Gap(second)) => Seen::Gap(reason(first, second)),
    }
}

/// Not having asked explains nothing when somebody else asked.
fn reason(first: Unseen, second: Unseen) -> Unseen {
    if second == Unseen::NotAsked {
        first
    } else {
        second
    }
}

fn listing<K: Ord, V, By: Ord>(
    earlier: Listing<K, V, By>,
    later: Listing<K, V, By>,
) -> Listing<K, V, By> {
    let mut items = earlier.items;
    items.extend(later.items);
    Listing {
        items,
        extent: extent(earlier.extent, later.extent),
    }
}

fn extent<By: Ord>(earlier: Extent<By>, later: Extent<By>) -> Extent<By> {
    match (earlier, later) {
        (Extent::Whole, _) | (_, Extent::Whole) => Extent::Whole,
        (Extent::Only(mut these), Extent::Only(those)) => {
            these.extend(those);
            Extent::Only(these)
        }
        (Extent::Only(these), Extent::Part(_)) | (Extent::Part(_), Extent::Only(these)) => {
            Extent::Only(these)
        }
        (Extent::Part(first), Extent::Part(second)) => Extent::Part(reason(first, second)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn what_one_answer_saw_is_not_lost_to_another_that_did_not_ask() {
        let only = |node: &'static str, pod: u8| Listing {
            items: BTreeMap::from([(pod, node)]),
            extent: Extent::Only(BTreeSet::from([node])),
        };
        let joined = listing(only("a", 1), only("b", 2));
        assert_eq!(joined.items.len(), 2);
        assert!(joined.covers(&"a").is_ok() && joined.covers(&"b").is_ok());
        let joined = listing(only("a", 1), Listing::unseen(Unseen::NotAsked));
        assert!(joined.covers(&"a").is_ok());
        let failed = Unseen::Failed("503".to_owned());
        let joined = listing::<u8, &str, &str>(
            Listing::unseen(failed.clone()),
            Listing::unseen(Unseen::NotAsked),
        );
        assert_eq!(joined.covers(&"a"), Err(failed.clone()));
        assert_eq!(
            reading(Seen::Is(1), Seen::Gap(Unseen::NotAsked)),
            Seen::Is(1)
        );
        assert_eq!(
            reading::<u8>(Seen::Gap(failed.clone()), Seen::Gap(Unseen::NotAsked)),
            Seen::Gap(failed)
        );
    }
}
