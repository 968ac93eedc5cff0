//! Looking for one sign of a change in a snapshot.

use crate::api;
use crate::field::{is_made_by_another, route};
use crate::finding::count;
use crate::scene::Scene;
use refit_knowledge::behaviour::{ApiPattern, Behaviour, ChangeKind, Release, Sign, Tested};
use refit_model::assessment::Evidence;
use refit_model::kubernetes::{
    ContainerRuntime, FieldState, FieldUse, FieldUser, Kubernetes, WatchedField,
};
use refit_model::object::{ApiUse, EvidenceTier, GroupVersionKind};
use refit_model::seen::{Extent, Listing, Seen};
use refit_model::version::KubeVersion;

/// What looking for one sign came to.
pub(super) enum Sight {
    /// It is there, in these places.
    Shown(Vec<Evidence>),
    /// Everything that could show it was looked at, and nothing does.
    Absent,
    /// What would show it was not looked at, or not all of it.
    NotLooked,
}

/// Looks for `sign`, which would show that `fact` concerns the cluster.
pub(super) fn look(scene: &Scene<'_>, fact: &Behaviour, sign: &Sign) -> Sight {
    let Some(side) = scene.kubernetes() else {
        return Sight::NotLooked;
    };
    match sign {
        // The family of APIs tells of it, object by object.
        Sign::Api(_) if matches!(fact.kind, ChangeKind::Removal | ChangeKind::Deprecation) => {
            Sight::Absent
        }
        Sign::Api(pattern) => uses(side, pattern),
        Sign::Label(kind, label) if kind == "Node" => nodes(scene, side, label),
        // The family of labels and taints tells who selects by one that goes.
        Sign::Selector(_) if is_whole(&side.pods) => Sight::Absent,
        Sign::Selector(_) => Sight::NotLooked,
        // The family of nodes tells of a runtime that a kubelet leaves behind.
        Sign::Runtime(_) if fact.kind == ChangeKind::Removal => Sight::Absent,
        Sign::Runtime(release) => runtimes(scene, side, release),
        Sign::Toleration(..) => Sight::Absent,
        Sign::Image(prefix) => images(scene, side, prefix),
        Sign::Distribution(name) => match &side.distribution {
            Seen::Is(built) if built.to_string() == *name => {
                Sight::Shown(vec![scene.seen(format!("the cluster was built by {name}"))])
            }
            Seen::Is(_) => Sight::Absent,
            Seen::Gap(_) => Sight::NotLooked,
        },
        Sign::Field(..) | Sign::Pod(_) | Sign::Provisioner(_) | Sign::Volume(_) => {
            fields(scene, side, fact, sign)
        }
        Sign::Annotation(_)
        | Sign::Config(..)
        | Sign::Driver(_)
        | Sign::Flag(..)
        | Sign::Gate(..)
        | Sign::Label(..)
        | Sign::Metric(..) => Sight::NotLooked,
    }
}

fn uses(side: &Kubernetes, pattern: &ApiPattern) -> Sight {
    let places = side
        .api_uses
        .iter()
        .filter(|used| matches(pattern, &used.api) && is_in_use(used))
        .map(|used| Evidence {
            tier: used.tier,
            source: used.by.clone(),
            location: used.location.clone(),
            detail: format!(
                "{} {} is in use as {}",
                used.api.kind, used.object, used.api
            ),
        })
        .collect();
    // Whether every object was seen is told in the area of APIs.
    shown(places, true)
}

/// Whether it speaks of the present, and of a writer that does not move with the
/// upgrade by itself.
fn is_in_use(used: &ApiUse) -> bool {
    match used.tier {
        EvidenceTier::OvertakenAnnotation | EvidenceTier::ServerWarning => false,
        EvidenceTier::LastApplied
        | EvidenceTier::ManagedFields
        | EvidenceTier::HelmManifest
        | EvidenceTier::Manifest
        | EvidenceTier::LiveObject => !api::is_own_write(used),
    }
}

fn matches(pattern: &ApiPattern, api: &GroupVersionKind) -> bool {
    let accepts = |wanted: &Option<String>, text: &str| {
        wanted.as_ref().is_none_or(|wanted| wanted.as_str() == text)
    };
    pattern.group == api.group
        && accepts(&pattern.version, &api.version)
        && accepts(&pattern.kind, &api.kind)
}

fn nodes(scene: &Scene<'_>, side: &Kubernetes, label: &Tested) -> Sight {
    let places = side
        .nodes
        .items
        .iter()
        .filter_map(|(name, node)| {
            let value = node.labels.get(&label.name).map(String::as_str);
            label.test.holds_of(value).then(|| {
                let value = value.map_or_else(String::new, |value| format!("={value}"));
                scene.seen(format!(
                    "the node {name} has the label {}{value}",
                    label.name
                ))
            })
        })
        .collect();
    shown(places, is_whole(&side.nodes))
}

fn runtimes(scene: &Scene<'_>, side: &Kubernetes, sought: &Release) -> Sight {
    let first_that_does_not_count = |text: &str| -> Option<KubeVersion> {
        let runtime: ContainerRuntime = format!("{}://{text}", sought.name).parse().ok()?;
        runtime.release()
    };
    let before = sought.before.as_deref().map(first_that_does_not_count);
    let (mut places, mut all) = (Vec::new(), is_whole(&side.nodes));
    for (name, node) in &side.nodes.items {
        let Seen::Is(runtime) = &node.runtime else {
            all = false;
            continue;
        };
        if runtime.name() != sought.name {
            continue;
        }
        let counts = match &before {
            None => Some(true),
            Some(before) => before
                .as_ref()
                .zip(runtime.release())
                .map(|(before, release)| release < *before),
        };
        match counts {
            Some(true) => places.push(scene.seen(format!("the node {name} runs {runtime}"))),
            Some(false) => {}
            None => all = false,
        }
    }
    shown(places, all)
}

fn images(scene: &Scene<'_>, side: &Kubernetes, prefix: &str) -> Sight {
    let places = side
        .pods
        .items
        .iter()
        .filter_map(|(pod, what)| {
            let image = what.images.iter().find(|image| image.starts_with(prefix))?;
            let detail = format!("the pod {pod} runs {image}");
            Some(scene.evidence("", "Pod", pod, detail))
        })
        .collect();
    shown(places, is_whole(&side.pods))
}

/// Looks for a sign that fields show, in what was told of those that were watched.
fn fields(scene: &Scene<'_>, side: &Kubernetes, fact: &Behaviour, sign: &Sign) -> Sight {
    let Seen::Is(watched) = &side.fields else {
        return Sight::NotLooked;
    };
    let sought = sign.fields(scene.knowledge.apis(), fact.id.minor);
    let is_watched = watched
        .behaviours_through
        .is_some_and(|through| fact.id.minor <= through);
    if sought.is_empty() || !is_watched {
        return Sight::NotLooked;
    }
    let uses: Vec<&FieldUse> = watched
        .uses
        .iter()
        .filter(|used| sought.iter().any(|field| is_of(field, used)))
        .collect();
    let (mut places, mut more) = (Vec::new(), 0);
    for used in uses {
        // What another object makes is told there.
        if used.tier == EvidenceTier::OvertakenAnnotation || is_made_by_another(used, watched) {
            continue;
        }
        let (own, others): (Vec<_>, Vec<_>) =
            used.first.iter().partition(|user| is_built_in(used, user));
        more += used.count.saturating_sub(own.len() + others.len());
        places.extend(others.into_iter().map(|user| set_by(used, user)));
    }
    if more > 0 && !places.is_empty() {
        places.push(scene.seen(format!(
            "and {}",
            count(more, "more object", "more objects")
        )));
    }
    // Whether every object was seen is told in the area of APIs.
    shown(places, true)
}

/// Whether `used` tells of `field`. One spelling of a path marks its lists and the
/// other does not.
fn is_of(field: &WatchedField, used: &FieldUse) -> bool {
    field.api == used.api
        && field.state == used.state
        && field
            .path
            .split('.')
            .eq(used.path.split('.').map(|name| name.trim_end_matches("[]")))
}

/// Whether the object came with the API server, which looks after it: nobody is
/// asked to change that.
fn is_built_in(used: &FieldUse, user: &FieldUser) -> bool {
    used.api.group == "rbac.authorization.k8s.io"
        && user.object.name.as_str().starts_with("system:")
}

fn set_by(used: &FieldUse, user: &FieldUser) -> Evidence {
    let (kind, object, path) = (&used.api.kind, &user.object, &used.path);
    let does = match &used.state {
        FieldState::Set => format!("sets {path}"),
        FieldState::Missing => format!("leaves out {path}"),
        FieldState::Is(value) => format!("has {value} in {path}"),
        FieldState::Holds(text) => format!("has {text} within {path}"),
    };
    let (application, route) = (&user.application.name, route(used.tier));
    Evidence {
        tier: used.tier,
        source: user.by.clone(),
        location: user.location.clone(),
        detail: format!("{kind} {object} {does}, of {application} {route}")
            .trim_end()
            .to_owned(),
    }
}

fn shown(places: Vec<Evidence>, whole: bool) -> Sight {
    match (places.is_empty(), whole) {
        (false, _) => Sight::Shown(places),
        (true, true) => Sight::Absent,
        (true, false) => Sight::NotLooked,
    }
}

fn is_whole<K: Ord, V, By: Ord>(listing: &Listing<K, V, By>) -> bool {
    matches!(listing.extent, Extent::Whole)
}
