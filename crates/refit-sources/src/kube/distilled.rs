//! What one object tells.
//!
//! Taking an object apart needs that object alone, and is most of the work: it is
//! done where the object is read, beside others. Joining what was taken from it
//! is for [`Gathering::take`](super::gathering::Gathering::take).

use super::evidence::{Applied, Witness, witnesses};
use super::kinds::Kind;
use super::lineage::Lineage;
use super::parts::Parts;
use super::released::{self, Revision};
use super::scaler::{self, Scaled};
use super::volume::LocalVolume;
use super::{Refused, application, distribution, field, settings, volume};
use crate::interest;
use crate::watch::{Shows, Watch};
use refit_model::kubernetes::{ComponentSettings, Distribution, FieldUser, Writers};
use refit_model::name::Key;
use refit_model::object::{ApiUse, Application, EvidenceTier, GroupVersionKind, Location, Owner};
use refit_model::snapshot::Area;
use serde_json::Value;

/// What one object tells; see [`distil`].
#[derive(Debug)]
pub struct Distilled {
    /// What it tells components at their start, or why that cannot be read.
    pub(super) settings: Result<Vec<ComponentSettings>, String>,
    /// Of a file for a component, which has no name and is on no server, there
    /// is nothing more.
    pub(super) object: Option<Object>,
}

impl Distilled {
    /// The part of the landscape that lacks what cannot be had of it.
    pub(crate) fn area(&self) -> Area {
        let listed = self.object.as_ref().and_then(|object| object.area);
        listed.unwrap_or(Area::Apis)
    }
}

/// What an object with a name tells.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) key: Key,
    pub(super) kind: Option<Kind>,
    /// The part of the landscape that it is listed under.
    pub(super) area: Option<Area>,
    pub(super) origin: Origin,
    pub(super) uses: Vec<PendingUse>,
    /// The watched fields that it shows, where its kind has any.
    pub(super) fields: Option<Shows>,
    pub(super) revision: Option<Revision>,
    /// What a snapshot keeps of it. That it cannot be had does not take away
    /// that the object is there.
    pub(super) parts: Result<Parts, Refused>,
    pub(super) scaled: Scaled,
}

/// Where an object comes from.
#[derive(Debug)]
pub(super) enum Origin {
    /// A server gave it out.
    Live(Box<Live>),
    /// Somebody wrote it.
    Written,
}

/// What a live object tells beside its contents.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) lineage: Option<(String, Lineage)>,
    pub(super) mark: Option<Distribution>,
    pub(super) newest: Option<jiff::Timestamp>,
    pub(super) volume: Option<LocalVolume>,
    pub(super) writers: Writers,
}

/// A use of an API whose application may still be found by its owners.
#[derive(Debug)]
pub(super) struct PendingUse {
    pub(super) found: ApiUse,
    pub(super) owner: Option<String>,
}

/// Takes `object` apart. `place` is where it stands, if it was read from a file;
/// who sets the fields of `watch` is told.
///
/// # Errors
/// When the object states no kind.
pub fn distil(
    object: &Value,
    place: Option<&Location>,
    watch: &Watch,
) -> Result<Distilled, Refused> {
    let api = field::api(object)?;
    let settings = settings::of(object, place);
    let object = if settings::is_file(&api) {
        None
    } else {
        Some(named(&api, object, place, watch))
    };
    Ok(Distilled { settings, object })
}

fn named(
    api: &GroupVersionKind,
    object: &Value,
    place: Option<&Location>,
    watch: &Watch,
) -> Object {
    let area = interest::area(api);
    let (key, owner, refused) = identified(object);
    // Of a kind that nothing is listed of, what it is written in is all there is to
    // tell: what tools read beside manifests has no name, and names that are filled
    // in later are none yet.
    let refused = refused.filter(|_| area.is_some());
    let kind = Kind::of(api);
    let is_live = is_live(api, object);
    let signed = application::signed(object);
    let pod = (kind == Some(Kind::Pod)).then_some(object);
    let own = signed
        .clone()
        .unwrap_or_else(|| application::unsigned(&key, owner.as_ref(), pod));
    let tier = if is_live {
        EvidenceTier::LiveObject
    } else {
        EvidenceTier::Manifest
    };
    let applied = Applied::of(object);
    let user = || FieldUser {
        object: key.clone(),
        by: String::new(),
        application: own.clone(),
        location: place.cloned(),
    };
    let shown = (api, object, applied.as_ref());
    let fields = fields(shown, tier, owner.as_ref(), watch, &user);
    let owner = owner.map(|owner| owner.uid);
    let origin = if is_live {
        Origin::Live(Box::new(live(object, &key, owner.as_deref(), signed, kind)))
    } else {
        Origin::Written
    };
    let witnesses = witnesses(api, object, applied.as_ref());
    let uses = uses((api, tier), witnesses, &key, &own, owner.as_deref(), place);
    let mut parts = Parts::default();
    let mut added = match (refused, kind, area) {
        (Some(refused), ..) => Err(refused),
        // A node is a machine that has reported: what somebody wrote of one says
        // nothing of what runs there.
        (None, Some(Kind::Node), _) if !is_live => Ok(()),
        (None, Some(kind), Some(_)) => parts.add(kind, object),
        (None, _, _) => Ok(()),
    };
    let mut scaled = Scaled::new();
    if added.is_ok() && !is_live && scaler::is_scaler(api) {
        added = scaler::scaled(object).map(|found| scaled.extend(found));
    }
    Object {
        kind,
        area,
        origin,
        uses,
        fields,
        revision: released::revision(object, place),
        parts: added.map(|()| parts),
        scaled,
        key,
    }
}

/// Who an object is and who owns it, and what is wrong with either. What has no
/// usable name goes by one that says so.
fn identified(object: &Value) -> (Key, Option<Owner>, Option<Refused>) {
    let (owner, unowned) = match field::owner(object) {
        Ok(owner) => (owner, None),
        Err(refused) => (None, Some(refused)),
    };
    match field::key(object) {
        Ok(key) => (key, owner, unowned),
        Err(refused) => (field::nameless(object), owner, Some(refused)),
    }
}

/// The version that an object stands in, and those that its metadata names.
pub(super) fn uses(
    (api, tier): (&GroupVersionKind, EvidenceTier),
    witnesses: Vec<Witness>,
    key: &Key,
    application: &Application,
    owner: Option<&str>,
    place: Option<&Location>,
) -> Vec<PendingUse> {
    let own = Witness {
        api: api.clone(),
        tier,
        by: String::new(),
    };
    std::iter::once(own)
        .chain(witnesses)
        .map(|witness| PendingUse {
            found: ApiUse {
                api: witness.api,
                object: key.clone(),
                tier: witness.tier,
                by: witness.by,
                application: application.clone(),
                location: place.cloned(),
            },
            owner: owner.map(str::to_owned),
        })
        .collect()
}

/// The watched fields that an object sets, and those of the manifest that it was
/// last applied from. That is read as a whole only where it mentions one.
fn fields(
    (api, object, applied): (&GroupVersionKind, &Value, Option<&Applied<'_>>),
    tier: EvidenceTier,
    owner: Option<&Owner>,
    watch: &Watch,
    user: &dyn Fn() -> FieldUser,
) -> Option<Shows> {
    if !watch.concerns(api) {
        return None;
    }
    let mut fields = Shows::of(watch.clone());
    let shown = || (user(), owner.map(|owner| owner.uid.clone()));
    let made_by = owner.map(|owner| &owner.api);
    fields.take((api, object), tier, made_by, &shown);
    if let Some(applied) = applied
        && watch.is_mentioned(api, applied.text.as_bytes())
        && let Ok(manifest) = serde_json::from_str::<Value>(applied.text)
    {
        let tier = applied.tier();
        fields.take((&applied.api, &manifest), tier, made_by, &shown);
    }
    (!fields.is_empty()).then_some(fields)
}

/// What a live object tells beside its contents.
pub(super) fn live(
    object: &Value,
    key: &Key,
    owner: Option<&str>,
    signed: Option<Application>,
    kind: Option<Kind>,
) -> Live {
    // Pods own nothing, and they are most of what there is; a node owns its
    // static pods, but is not what they are for.
    let may_own = !matches!(kind, Some(Kind::Pod | Kind::Node));
    let uid = field::filled(object, &["metadata", "uid"]).filter(|_| may_own);
    Live {
        lineage: uid.map(|uid| {
            let lineage = Lineage {
                name: key.name.as_str().to_owned(),
                owner: owner.map(str::to_owned),
                signed,
            };
            (uid.to_owned(), lineage)
        }),
        mark: distribution::mark(object),
        newest: field::newest_time(object),
        volume: (field::text(object, &["kind"]) == Some("PersistentVolume"))
            .then(|| volume::local(object))
            .flatten(),
        writers: if field::list(object, &["metadata", "managedFields"]).is_empty() {
            Writers::LeftOut
        } else {
            Writers::Told
        },
    }
}

/// A server has given the object out: it bears what only a server writes. What was
/// tidied up may have lost that; a node that has reported and a pod that has a
/// phase have been in a cluster all the same.
fn is_live(api: &GroupVersionKind, object: &Value) -> bool {
    let has_reported = |field: &[&str]| field::at(object, field).is_some_and(field::is_filled);
    field::filled(object, &["metadata", "uid"]).is_some()
        || field::filled(object, &["metadata", "resourceVersion"]).is_some()
        || !field::list(object, &["metadata", "managedFields"]).is_empty()
        || (api.group.is_empty() && api.kind == "Node" && has_reported(&["status"]))
        || (api.group.is_empty()
            && api.kind == "Pod"
            && field::filled(object, &["status", "phase"]).is_some())
}
