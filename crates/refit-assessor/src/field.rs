//! Fields that a minor on the way takes away, or wants from then on, and who in
//! this cluster is concerned: one finding for each field of each kind.
//!
//! What breaks when a field goes is the next write from a file: the server
//! itself drops what it does not know and only warns, but `kubectl` and Helm ask
//! it to refuse the whole object. See [`weight`].

use crate::codes;
use crate::finding::{count, finding, identity, strongest_first};
use crate::scene::{Found, Scene, gap};
use refit_knowledge::api::ApiStatus;
use refit_knowledge::schema::{Effect, Kind, Loss};
use refit_model::assessment::{Evidence, Finding, FindingSubject, Severity};
use refit_model::kubernetes::{FieldState, FieldUse, FieldUses};
use refit_model::object::{Application, EvidenceTier};
use refit_model::seen::{Seen, Unseen};
use refit_model::snapshot::Area;
use refit_model::version::{KubeVersion, Minor};
use std::collections::BTreeMap;

/// The command that takes a snapshot in which the fields are watched.
const COMMAND: &str = "refit snapshot";

/// Findings about fields that go or are wanted.
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    let mut found = Found::default();
    let Some(kubernetes) = scene.kubernetes() else {
        return found;
    };
    let target = scene.target.minor();
    let losses: Vec<Loss<'_>> = scene
        .knowledge
        .schemas()
        .losses()
        .into_iter()
        .filter(|loss| loss.minor <= target)
        .collect();
    let watched = match &kubernetes.fields {
        Seen::Is(watched) => watched,
        Seen::Gap(why) => {
            found
                .gaps
                .extend(unwatched(scene, &losses, None, why.clone()));
            return found;
        }
    };
    found.gaps.extend(unwatched(
        scene,
        &losses,
        Some(watched.through),
        Unseen::NotAsked,
    ));
    for loss in &losses {
        let uses: Vec<&FieldUse> = of(loss, watched).collect();
        if !uses.is_empty() && is_served(scene, loss) {
            found.findings.push(tell(scene, loss, &uses));
        }
    }
    found
}

/// What nobody watched for although it lies ahead: all of it, or what comes after
/// the minor that was watched through.
fn unwatched(
    scene: &Scene<'_>,
    losses: &[Loss<'_>],
    through: Option<Minor>,
    why: Unseen,
) -> Option<refit_model::snapshot::Gap> {
    let hops = scene.hops();
    let ahead = losses.iter().any(|loss| {
        hops.contains(&loss.minor) && through.is_none_or(|through| loss.minor > through)
    });
    ahead.then(|| {
        let what = format!(
            "who sets fields that go up to Kubernetes {}",
            scene.target.minor()
        );
        gap(Area::Apis, what, why, COMMAND)
    })
}

/// The uses that a loss concerns, but for those of objects that others make
/// which set the field themselves: who writes these is told there.
fn of<'s>(loss: &Loss<'_>, watched: &'s FieldUses) -> impl Iterator<Item = &'s FieldUse> {
    watched.uses.iter().filter(move |used| {
        used.api == *loss.api
            && used.path == loss.path
            && used.state == loss.state()
            && !is_made_by_another(used, watched)
    })
}

/// Whether what makes these objects shows the same of itself.
pub(crate) fn is_made_by_another(used: &FieldUse, watched: &FieldUses) -> bool {
    let last = |path: &str| path.rsplit('.').next().map(str::to_owned);
    used.made_by.as_ref().is_some_and(|maker| {
        watched.uses.iter().any(|other| {
            other.api.group == maker.group
                && other.api.kind == maker.kind
                && other.state == used.state
                && last(&other.path) == last(&used.path)
        })
    })
}

/// Whether the target serves the version at all. Where it does not, the family
/// of APIs tells of every object that is written in it.
fn is_served(scene: &Scene<'_>, loss: &Loss<'_>) -> bool {
    match scene
        .knowledge
        .apis()
        .status_at(loss.api, scene.target.minor())
    {
        ApiStatus::Served | ApiStatus::Deprecated { .. } => true,
        ApiStatus::NotYetServed { .. }
        | ApiStatus::Removed { .. }
        | ApiStatus::Unknown(_)
        | ApiStatus::NotBuiltIn => false,
    }
}

/// Whether the servers that run have taken the step already.
fn is_past(scene: &Scene<'_>, loss: &Loss<'_>) -> bool {
    let from = scene.from.as_ref().map(KubeVersion::minor);
    from.is_some_and(|from| loss.minor <= from)
}

/// How much a use weighs.
///
/// - An object in the cluster that sets a field which goes loses it at its next
///   write, without a word: that warns.
/// - A manifest, a Helm release's manifest and the file that was last applied are
///   written by `kubectl apply`, `helm upgrade` and what builds on them. These
///   ask the server to refuse unknown fields, so that the write fails: that
///   blocks, as an API version does that is gone.
/// - An object without a field that is wanted cannot be written any more,
///   whoever writes it: that blocks.
/// - Where the present servers do the same already, the upgrade changes nothing:
///   that only informs. So does an annotation that a later write has overtaken.
fn weight(scene: &Scene<'_>, loss: &Loss<'_>, tier: EvidenceTier) -> Severity {
    if is_past(scene, loss) {
        return Severity::Info;
    }
    match (loss.kind, tier) {
        (_, EvidenceTier::OvertakenAnnotation) => Severity::Info,
        (Kind::Required, _)
        | (
            Kind::Lost,
            EvidenceTier::Manifest | EvidenceTier::HelmManifest | EvidenceTier::LastApplied,
        ) => Severity::Blocking,
        (
            Kind::Lost,
            EvidenceTier::LiveObject | EvidenceTier::ManagedFields | EvidenceTier::ServerWarning,
        ) => Severity::Warning,
    }
}

fn tell(scene: &Scene<'_>, loss: &Loss<'_>, uses: &[&FieldUse]) -> Finding {
    let page = &codes::FIELD_GOES;
    let subject = FindingSubject {
        api_version: loss.api.api_version(),
        kind: loss.api.kind.clone(),
        namespace: None,
        name: loss.path.clone(),
    };
    let severity = uses
        .iter()
        .map(|used| weight(scene, loss, used.tier))
        .min()
        .unwrap_or(Severity::Info);
    Finding {
        id: identity(page, &subject, &loss.minor.to_string()),
        application: application(uses),
        evidence: evidence(loss, uses),
        removed_in: match loss.kind {
            Kind::Lost => Some(loss.minor.to_string()),
            Kind::Required => None,
        },
        remedy: remedy(scene, loss, uses),
        cause: cause(loss),
        references: std::iter::once(page.source.to_owned())
            .chain(loss.verdict.map(|verdict| verdict.source.clone()))
            .collect(),
        ..finding(page, severity, subject, title(scene, loss, uses))
    }
}

fn title(scene: &Scene<'_>, loss: &Loss<'_>, uses: &[&FieldUse]) -> String {
    // Several routes may show one object.
    let most = uses.iter().map(|used| used.count).max().unwrap_or(0);
    let objects = count(most, "object", "objects");
    let (api, path, minor) = (loss.api, &loss.path, loss.minor);
    match (loss.kind, is_past(scene, loss)) {
        (Kind::Lost, false) => {
            format!("{api} has no field {path} from Kubernetes {minor} on, and {objects} set it")
        }
        (Kind::Lost, true) => {
            format!("{api} has had no field {path} since Kubernetes {minor}, and {objects} set it")
        }
        (Kind::Required, false) => {
            format!("{api} must set {path} from Kubernetes {minor} on, and {objects} leave it out")
        }
        (Kind::Required, true) => format!(
            "{api} has had to set {path} since Kubernetes {minor}, and {objects} leave it out"
        ),
    }
}

/// The application, where all objects that are named belong to one.
fn application(uses: &[&FieldUse]) -> Option<Application> {
    let mut all = uses.iter().flat_map(|used| &used.first);
    let first = &all.next()?.application;
    let is_whole = uses.iter().all(|used| used.first.len() == used.count);
    (is_whole && all.all(|user| user.application.name == first.name)).then(|| first.clone())
}

fn evidence(loss: &Loss<'_>, uses: &[&FieldUse]) -> Vec<Evidence> {
    let does = match loss.state() {
        FieldState::Set | FieldState::Is(_) | FieldState::Holds(_) => "sets",
        FieldState::Missing => "leaves out",
    };
    let mut named: Vec<Evidence> = uses
        .iter()
        .flat_map(|used| used.first.iter().map(move |user| (used, user)))
        .map(|(used, user)| Evidence {
            tier: used.tier,
            source: user.by.clone(),
            location: user.location.clone(),
            detail: format!(
                "{} {} {does} {}, of {} {}",
                used.api.kind,
                user.object,
                loss.path,
                user.application.name,
                route(used.tier)
            )
            .trim_end()
            .to_owned(),
        })
        .collect();
    let more: BTreeMap<EvidenceTier, usize> = uses
        .iter()
        .filter(|used| used.count > used.first.len())
        .map(|used| (used.tier, used.count - used.first.len()))
        .collect();
    named = strongest_first(named);
    named.extend(more.into_iter().rev().map(|(tier, more)| {
        Evidence {
            tier,
            source: String::new(),
            location: None,
            detail: format!("and {more} more {}", route(tier))
                .trim_end()
                .to_owned(),
        }
    }));
    named
}

/// What tells the routes apart beside the place.
pub(crate) const fn route(tier: EvidenceTier) -> &'static str {
    match tier {
        EvidenceTier::LastApplied => "(as it was last applied)",
        EvidenceTier::OvertakenAnnotation => "(as it was once applied)",
        EvidenceTier::HelmManifest => "(in the manifest that Helm has stored)",
        EvidenceTier::Manifest
        | EvidenceTier::LiveObject
        | EvidenceTier::ManagedFields
        | EvidenceTier::ServerWarning => "",
    }
}

fn remedy(scene: &Scene<'_>, loss: &Loss<'_>, uses: &[&FieldUse]) -> String {
    let replacement = loss
        .verdict
        .map_or("", |verdict| verdict.replacement.as_str());
    let act = match (loss.kind, replacement) {
        (Kind::Lost, "") => {
            format!("Take {} out, and check that nobody needs it", loss.path)
        }
        (Kind::Lost, replacement) => format!("Set {replacement} in place of {}", loss.path),
        (Kind::Required, _) => format!("Set {}", loss.path),
    };
    let when = if is_past(scene, loss) {
        ".".to_owned()
    } else {
        format!(", before the hop to Kubernetes {}.", loss.minor)
    };
    let by_helm = uses
        .iter()
        .any(|used| used.tier == EvidenceTier::HelmManifest);
    let charts = if by_helm {
        " Where a chart writes it, upgrade the Helm release to one that does not, or change its values."
    } else {
        ""
    };
    format!("{act}{when}{charts}")
}

fn cause(loss: &Loss<'_>) -> String {
    let what = match loss.verdict.map(|verdict| verdict.effect) {
        Some(Effect::DroppedAlpha) => {
            "Servers drop the field from then on; before, only those kept it on which an alpha feature was turned on."
        }
        Some(Effect::Refused) => "Servers refuse an object without it from then on.",
        Some(Effect::Dropped | Effect::None | Effect::DocumentOnly) => {
            "Servers drop the field from then on."
        }
        None => match loss.kind {
            Kind::Lost => {
                "Servers drop the field from then on: what it stood in has a definition of its own."
            }
            Kind::Required => "What it stands in has a definition of its own, which wants it.",
        },
    };
    let notes = loss
        .verdict
        .map_or("", |verdict| verdict.notes.trim_end_matches('.'));
    match notes {
        "" => what.to_owned(),
        notes => format!("{what} Note: {notes}."),
    }
}
