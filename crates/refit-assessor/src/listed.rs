//! Kinds whose API versions go on the way, and that nobody listed.
//!
//! A dump that lacks a whole kind looks just like a cluster without such objects.
//! Of most kinds that hides nothing: no version of theirs goes. Of the others it
//! has to be told, and so has to be that they were read without what tells who
//! writes them.

use crate::scene::{Extract, Scene, gap};
use refit_knowledge::api::{ApiStatus, Lifecycle, ObjectClass};
use refit_model::kubernetes::{Kubernetes, Writers};
use refit_model::name::ResourceName;
use refit_model::seen::{Extent, Unseen};
use refit_model::snapshot::{Area, Gap};
use refit_model::version::Minor;
use std::collections::BTreeMap;

/// Whether objects of the kind are there to be listed: events are gone within the
/// hour, and what asks for an answer is never stored.
fn is_kept(kind: &str) -> bool {
    kind != "Event" && kind != "Eviction" && !kind.ends_with("Review")
}

/// The gaps of kinds that were not listed.
pub(crate) fn gaps(scene: &Scene<'_>) -> Vec<Gap> {
    let Some(side) = scene.kubernetes() else {
        return Vec::new();
    };
    // Whoever listed everything has told what was refused. Of manifests nobody
    // asks that they be all of their kind.
    if scene.extract == Extract::Manifests || side.kinds.extent == Extent::Whole {
        return Vec::new();
    }
    if scene.from.is_none() {
        return vec![gap(
            Area::Apis,
            "which versions go on the way, since the running version is not known",
            Unseen::NotInSource,
            "kubectl version -o json > version.json",
        )];
    }
    going(scene)
        .into_iter()
        .filter_map(|(name, going)| unlisted(side, &name, &going))
        .collect()
}

/// A kind of which a version goes, and with which minor.
struct Going<'k> {
    life: &'k Lifecycle,
    minor: Minor,
    /// What it is called where its next version is in another group.
    also: Option<ResourceName>,
}

/// The kinds of which a version goes on the way that every server offers.
fn going<'k>(scene: &Scene<'k>) -> BTreeMap<ResourceName, Going<'k>> {
    let apis = scene.knowledge.apis();
    let hops = scene.hops();
    let target = scene.target.minor();
    let mut found = BTreeMap::new();
    for life in apis.lifecycles() {
        let ApiStatus::Removed { in_minor } = apis.status_at(&life.api, target) else {
            continue;
        };
        let is_listed = life.object == ObjectClass::Resource
            && life.served_by_default
            && is_kept(&life.api.kind);
        if !is_listed || !hops.contains(&in_minor) {
            continue;
        }
        let Ok(name) = ResourceName::of(&life.api.group, &life.api.kind) else {
            continue;
        };
        let also = apis
            .replacement_at(&life.api, target)
            .filter(|next| next.kind == life.api.kind && next.group != life.api.group)
            .and_then(|next| ResourceName::of(&next.group, &next.kind).ok());
        let minor = in_minor;
        found.insert(name, Going { life, minor, also });
    }
    found
}

fn unlisted(side: &Kubernetes, name: &ResourceName, going: &Going<'_>) -> Option<Gap> {
    // A file that is named after the kind and empty does not tell the group.
    let plural = ResourceName::new(name.plural()).ok();
    let names = [Some(name), going.also.as_ref(), plural.as_ref()];
    let items = &side.kinds.items;
    let writers = names.iter().flatten().find_map(|name| items.get(*name));
    let api = &going.life.api;
    let what = match writers {
        Some(Writers::Told) => return None,
        Some(Writers::LeftOut) => format!(
            "who writes the {} through {}/{}, which goes with Kubernetes {}: they were read without managed fields",
            name.plural(),
            api.group,
            api.version,
            going.minor
        ),
        None => format!(
            "the {}, whose version {} goes with Kubernetes {}",
            name.plural(),
            api.version,
            going.minor
        ),
    };
    let command = format!(
        "kubectl get {name} -A --show-managed-fields -o yaml > {}.yaml",
        name.plural()
    );
    Some(gap(Area::Apis, what, Unseen::NotInSource, &command))
}
