//! API versions in use, against the life of each.
//!
//! What breaks when a version goes is a *writer*: the next apply of a manifest,
//! the next `helm upgrade`, the next write of a client. Stored objects stay and
//! are served at another version, if the target has one for their kind. So each
//! route of evidence is asked what it says about a writer; see [`weight`].

use crate::codes;
use crate::finding::{finding, identity, object, strongest_first};
use crate::scene::{Found, Scene};
use refit_knowledge::api::{ApiStatus, Apis, Lifecycle, NotKnown, ObjectClass};
use refit_knowledge::migration::Migration;
use refit_model::assessment::{Evidence, Finding, Severity};
use refit_model::code::CodePage;
use refit_model::name::Key;
use refit_model::object::{ApiUse, EvidenceTier, GroupVersionKind};
use refit_model::version::{KubeVersion, Minor};
use std::collections::BTreeMap;

/// Field managers that are part of Kubernetes: they move with the upgrade, so
/// the version that they last wrote through says nothing about the target.
///
/// Source: user agents of the components; `pkg/registry/flowcontrol/ensurer` and
/// `apiserver/pkg/util/flowcontrol` for the two of priority and fairness.
const OWN_WRITERS: [&str; 7] = [
    "api-priority-and-fairness-config-consumer-v1",
    "api-priority-and-fairness-config-producer-v1",
    "cloud-controller-manager",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
];

/// What there is to say about a version at the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Concern {
    /// Gone at the target, and still there at present as far as is known.
    Gone(Minor),
    /// Gone at present already.
    GoneAlready(Minor),
    /// Comes after the target.
    ToCome(Minor),
    /// Discouraged; a removal is carried out or scheduled.
    Going(Minor),
    /// Discouraged, with no end in sight.
    Discouraged,
    /// Served only where it was turned on.
    Off,
    /// Nothing is known.
    NotKnown(NotKnown),
}

/// One version in use, and what is known of it at the target.
struct Reading<'k> {
    concern: Concern,
    life: Option<&'k Lifecycle>,
    replacement: Option<&'k GroupVersionKind>,
}

impl Reading<'_> {
    /// Whether objects of the kind are still served at the target, under
    /// another version: a server converts what it stores between the versions
    /// of one kind, across groups too, but never into another kind.
    fn kept(&self) -> bool {
        match (self.life, self.replacement) {
            (Some(life), Some(replacement)) => life.api.kind == replacement.kind,
            (Some(_) | None, _) => false,
        }
    }
}

/// Findings about API versions in use.
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    let mut found = Found::default();
    let Some(kubernetes) = scene.kubernetes() else {
        return found;
    };
    let apis = scene.knowledge.apis();
    let mut readings: BTreeMap<&GroupVersionKind, Option<Reading<'_>>> = BTreeMap::new();
    let mut uses: BTreeMap<(&GroupVersionKind, &Key), Vec<&ApiUse>> = BTreeMap::new();
    for used in &kubernetes.api_uses {
        let reading = readings
            .entry(&used.api)
            .or_insert_with(|| read(scene, apis, &used.api));
        if reading.is_some() && !is_own_write(used) {
            uses.entry((&used.api, &used.object))
                .or_default()
                .push(used);
        }
    }
    if uses.is_empty() {
        return found;
    }
    for ((api, key), uses) in uses {
        if let Some(Some(reading)) = readings.get(api) {
            found
                .findings
                .extend(judge(scene, reading, api, key, &uses));
        }
    }
    found
}

pub(crate) fn is_own_write(used: &ApiUse) -> bool {
    used.tier == EvidenceTier::ManagedFields && OWN_WRITERS.contains(&used.by.as_str())
}

/// By which command of kubectl an object was written, as the name of the field
/// manager tells: `kubectl-edit`, and before 1.18 the name of the program.
enum Kubectl<'u> {
    /// From a file, which will be used again.
    File,
    /// By a change of the object itself, for which there is no file.
    Change(&'u str),
}

fn kubectl(used: &ApiUse) -> Option<Kubectl<'_>> {
    let command = used.by.strip_prefix("kubectl")?;
    match command.strip_prefix('-') {
        Some("client-side-apply" | "last-applied" | "create" | "replace") => Some(Kubectl::File),
        Some(command) => Some(Kubectl::Change(command)),
        None => command.is_empty().then_some(Kubectl::File),
    }
}

/// What is to be said of `api`; nothing when the target serves it as a matter
/// of course, or when it is no business of Kubernetes.
fn read<'k>(scene: &Scene<'_>, apis: &'k Apis, api: &GroupVersionKind) -> Option<Reading<'k>> {
    let target = scene.target.minor();
    let life = apis.lifecycle(api);
    // What an API server and a webhook say to each other. No server serves it:
    // the webhook says which versions it takes (admissionReviewVersions), and the
    // end that is stated is a default of upstream's generator.
    let is_payload =
        life.is_some_and(|life| life.object == ObjectClass::Other) && api.kind.ends_with("Review");
    if is_payload {
        return None;
    }
    let concern = match apis.status_at(api, target) {
        ApiStatus::NotBuiltIn => return None,
        ApiStatus::Unknown(why) => Concern::NotKnown(why),
        ApiStatus::NotYetServed { introduced } => Concern::ToCome(introduced),
        ApiStatus::Removed { in_minor } => {
            let present = scene.from.as_ref().map(KubeVersion::minor);
            if present.is_some_and(|present| in_minor <= present) {
                Concern::GoneAlready(in_minor)
            } else {
                Concern::Gone(in_minor)
            }
        }
        ApiStatus::Deprecated { removal, .. } => match removal {
            Some(removal) => Concern::Going(removal.in_minor),
            None => Concern::Discouraged,
        },
        ApiStatus::Served if life.is_some_and(|life| !life.served_by_default) => Concern::Off,
        ApiStatus::Served => return None,
    };
    Some(Reading {
        concern,
        life,
        replacement: apis.replacement_at(api, target),
    })
}

/// How much one route of evidence weighs; nothing when it proves no use.
///
/// - A manifest, a Helm release's stored manifest and a last-applied annotation
///   will be applied again; managed fields name a client that writes so. When
///   the version is gone their next write fails: that blocks.
///   What others have written since says nothing about that client, nor does what
///   it wrote itself through another version: one name may stand for several
///   programs and files, as that of kubectl does.
/// - Where the present server refuses the version already, managed fields are
///   from before: nobody can have written so since. The file behind an
///   annotation may still be about, and cannot be applied any more: that warns.
/// - An overtaken annotation speaks of a past that is gone. It only informs.
/// - An object read at a version was read so because the reader asked for it.
///   It is lost only when the target serves its kind at no other version.
fn weight(reading: &Reading<'_>, used: &ApiUse) -> Option<Severity> {
    use EvidenceTier as Tier;
    match (reading.concern, used.tier) {
        // A warning is the answer to a request, not a trait of what is stored.
        (_, Tier::OvertakenAnnotation | Tier::ServerWarning) => Some(Severity::Info),
        (Concern::Gone(_) | Concern::GoneAlready(_) | Concern::ToCome(_), Tier::LiveObject) => {
            Some(if reading.kept() {
                Severity::Info
            } else {
                Severity::Blocking
            })
        }
        (Concern::GoneAlready(_), Tier::LastApplied) => Some(Severity::Warning),
        (Concern::GoneAlready(_), Tier::ManagedFields) => Some(Severity::Info),
        (
            Concern::Gone(_) | Concern::GoneAlready(_) | Concern::ToCome(_),
            Tier::LastApplied | Tier::ManagedFields | Tier::HelmManifest | Tier::Manifest,
        ) => Some(Severity::Blocking),
        (Concern::Going(_), Tier::LiveObject) => Some(Severity::Info),
        (
            Concern::Going(_),
            Tier::LastApplied | Tier::ManagedFields | Tier::HelmManifest | Tier::Manifest,
        ) => Some(Severity::Warning),
        (Concern::Discouraged, Tier::LiveObject) => None,
        (
            Concern::Discouraged,
            Tier::LastApplied | Tier::ManagedFields | Tier::HelmManifest | Tier::Manifest,
        ) => Some(Severity::Info),
        // What was seen in a cluster has been turned on there.
        (Concern::Off, Tier::LiveObject | Tier::ManagedFields | Tier::LastApplied) => {
            Some(Severity::Info)
        }
        // No minor up to this one is known to have it: the API server will say
        // that there is no such kind, as it does to a misspelt one.
        (Concern::NotKnown(NotKnown::Kind), Tier::HelmManifest | Tier::Manifest) => {
            Some(Severity::Blocking)
        }
        (Concern::Off, Tier::HelmManifest | Tier::Manifest)
        | (
            Concern::NotKnown(NotKnown::Kind | NotKnown::Minor),
            Tier::LastApplied
            | Tier::ManagedFields
            | Tier::HelmManifest
            | Tier::Manifest
            | Tier::LiveObject,
        ) => Some(Severity::Warning),
    }
}

/// The one finding about `key` written as `api`, from every route that shows it.
fn judge(
    scene: &Scene<'_>,
    reading: &Reading<'_>,
    api: &GroupVersionKind,
    key: &Key,
    uses: &[&ApiUse],
) -> Option<Finding> {
    let severity = uses.iter().filter_map(|used| weight(reading, used)).min()?;
    let strongest = uses.iter().max_by_key(|used| used.tier)?;
    let (page, title) = headline(reading, api);
    let subject = object(api, key);
    let life = reading.life;
    let kept = reading.kept();
    let note = match reading.concern {
        Concern::Gone(_) | Concern::GoneAlready(_) | Concern::Going(_) | Concern::Discouraged => {
            scene.knowledge.migrations().of(api)
        }
        Concern::ToCome(_) | Concern::Off | Concern::NotKnown(_) => None,
    };
    Some(Finding {
        id: identity(page, &subject, ""),
        application: Some(strongest.application.clone()),
        evidence: strongest_first(uses.iter().map(|used| evidence(used)).collect()),
        deprecated_in: life
            .and_then(|life| life.deprecated)
            .map(|minor| minor.to_string()),
        removed_in: life
            .and_then(|life| life.removal)
            .map(|removal| removal.in_minor.to_string()),
        replacement: reading.replacement.cloned(),
        remedy: noted(remedy(scene, reading, strongest, page), note),
        mitigation: mitigation(reading, kept, scene.target.minor(), page),
        cause: cause(reading),
        references: references(scene, page, life, note),
        ..finding(page, severity, subject, title)
    })
}

fn headline(reading: &Reading<'_>, api: &GroupVersionKind) -> (&'static CodePage, String) {
    match reading.concern {
        Concern::Gone(minor) => (
            &codes::API_REMOVED,
            format!("{api} is not served any more from Kubernetes {minor} on"),
        ),
        Concern::GoneAlready(minor) => (
            &codes::API_ALREADY_REMOVED,
            format!("{api} has not been served since Kubernetes {minor}"),
        ),
        Concern::ToCome(minor) => (
            &codes::API_NOT_YET,
            format!("{api} is served only from Kubernetes {minor} on"),
        ),
        Concern::Going(minor) => (
            &codes::API_DEPRECATED,
            format!("{api} is deprecated, and goes with Kubernetes {minor}"),
        ),
        Concern::Discouraged => (
            &codes::API_DEPRECATED,
            format!("{api} is deprecated; no removal is known"),
        ),
        Concern::Off => (
            &codes::API_OFF_BY_DEFAULT,
            format!("{api} is served only where it was turned on"),
        ),
        Concern::NotKnown(NotKnown::Kind) => (
            &codes::API_NOT_KNOWN,
            format!("{api} is not known, though its group is Kubernetes' own"),
        ),
        Concern::NotKnown(NotKnown::Minor) => (
            &codes::API_NOT_KNOWN,
            format!("it is not known whether the target serves {api}"),
        ),
    }
}

fn evidence(used: &ApiUse) -> Evidence {
    let by = if used.by.is_empty() {
        String::new()
    } else {
        format!(" by {}", used.by)
    };
    let detail = match used.tier {
        EvidenceTier::Manifest => format!("the manifest is written as {}", used.api),
        EvidenceTier::HelmManifest if used.by.is_empty() => {
            format!(
                "a Helm release's stored manifest is written as {}",
                used.api
            )
        }
        EvidenceTier::HelmManifest => format!(
            "the stored manifest of the Helm release {} is written as {}",
            used.by, used.api
        ),
        EvidenceTier::LiveObject => format!("the object was read as {}", used.api),
        EvidenceTier::ServerWarning => {
            format!("the API server warns about requests at {}", used.api)
        }
        EvidenceTier::ManagedFields => format!("it was written through {}{by}", used.api),
        EvidenceTier::LastApplied => format!("it was last applied as {}{by}", used.api),
        EvidenceTier::OvertakenAnnotation => format!(
            "it was once applied as {}{by}; a later write has overtaken that, so the evidence is weak",
            used.api
        ),
    };
    Evidence {
        tier: used.tier,
        source: used.by.clone(),
        location: used.location.clone(),
        detail,
    }
}

/// What ends it, in the words of whoever has to act.
fn remedy(scene: &Scene<'_>, reading: &Reading<'_>, strongest: &ApiUse, page: &CodePage) -> String {
    match reading.concern {
        Concern::Gone(_)
        | Concern::GoneAlready(_)
        | Concern::ToCome(_)
        | Concern::Going(_)
        | Concern::Discouraged => {}
        Concern::Off | Concern::NotKnown(_) => return page.remedy.to_owned(),
    }
    let Some(replacement) = reading.replacement else {
        return format!(
            "Kubernetes {} serves nothing in its place: take the object out, and replace what it was for.",
            scene.target.minor()
        );
    };
    let by = if strongest.by.is_empty() {
        "the client that writes it".to_owned()
    } else {
        strongest.by.clone()
    };
    let act = match strongest.tier {
        EvidenceTier::Manifest => format!("Write the manifest as {replacement}"),
        EvidenceTier::HelmManifest => format!(
            "Upgrade the Helm release to a chart that writes {replacement}, while the old version is still served"
        ),
        EvidenceTier::ManagedFields => match kubectl(strongest) {
            Some(Kubectl::File) => {
                format!("Write the file that it was applied from as {replacement}, and apply it")
            }
            Some(Kubectl::Change(command)) => format!(
                "No file stands behind this: somebody changed the object with `kubectl {command}`. If a script did, let it name {replacement}; if a person did, write the same fields again through {replacement} with `kubectl apply --server-side --field-manager=kubectl-{command} --force-conflicts`, and accept this finding with a waiver if it stays"
            ),
            None => format!("Bring {by} to a version that writes {replacement}"),
        },
        EvidenceTier::LastApplied | EvidenceTier::OvertakenAnnotation => {
            format!("Write the file that it was applied from as {replacement}, and apply it")
        }
        EvidenceTier::LiveObject | EvidenceTier::ServerWarning => {
            format!("Make sure that whatever writes the object writes {replacement}")
        }
    };
    let since = scene.from.as_ref().and_then(|from| {
        match scene.knowledge.apis().status_at(replacement, from.minor()) {
            ApiStatus::NotYetServed { introduced } => Some(introduced),
            ApiStatus::Served
            | ApiStatus::Deprecated { .. }
            | ApiStatus::Removed { .. }
            | ApiStatus::Unknown(_)
            | ApiStatus::NotBuiltIn => None,
        }
    });
    if let Concern::Gone(gone) = reading.concern
        && let Some(life) = reading.life
        && let Some(text) = bridge(scene, &life.api, replacement, gone, &act)
    {
        return text;
    }
    match (since, reading.concern) {
        (Some(since), Concern::Gone(gone)) if since < gone => format!(
            "{act}. It is served from Kubernetes {since} on, so do it after that hop and before the hop to {gone}."
        ),
        (Some(since), _) => format!("{act}. It is served from Kubernetes {since} on."),
        (None, Concern::Gone(gone)) => format!("{act}, before the hop to Kubernetes {gone}."),
        (None, _) => format!("{act}."),
    }
}

/// What to do where no release serves both the old version and its replacement:
/// a version in between carries the object over, or nothing does.
fn bridge(
    scene: &Scene<'_>,
    old: &GroupVersionKind,
    replacement: &GroupVersionKind,
    gone: Minor,
    act: &str,
) -> Option<String> {
    let apis = scene.knowledge.apis();
    let introduced = |api| apis.lifecycle(api).map(|life| life.introduced.minor());
    let since = introduced(replacement).filter(|since| *since >= gone)?;
    let between = apis
        .lifecycles()
        .filter(|life| life.api.group == old.group && life.api.kind == old.kind)
        .filter(|life| life.introduced.minor() < gone)
        .filter(|life| {
            matches!(
                apis.status_at(&life.api, gone),
                ApiStatus::Served | ApiStatus::Deprecated { .. }
            )
        })
        .max_by_key(|life| life.introduced.minor())
        .map(|life| &life.api);
    Some(match between {
        Some(between) => format!(
            "{act}. It is served from Kubernetes {since} on, so write {between} before the hop to {gone}, and {replacement} once {since} runs."
        ),
        None => format!(
            "{act}. It is served from Kubernetes {since} on, and no release serves it beside the old version: take the object out before the hop to {gone}, and put it in again after the hop to {since}."
        ),
    })
}

/// The remedy with what else is to be heeded in writing the other version.
fn noted(remedy: String, note: Option<&Migration>) -> String {
    let Some(note) = note else {
        return remedy;
    };
    [
        remedy.as_str(),
        note.differs().unwrap_or_default(),
        &note.action,
    ]
    .into_iter()
    .filter(|text| !text.is_empty())
    .collect::<Vec<_>>()
    .join(" ")
}

/// What holds until the writers have moved.
fn mitigation(reading: &Reading<'_>, kept: bool, target: Minor, page: &CodePage) -> String {
    match (reading.concern, reading.replacement) {
        (Concern::Gone(_), Some(replacement)) if kept => format!(
            "Stored objects stay: Kubernetes {target} serves them as {replacement}. Only writing them the old way fails."
        ),
        (Concern::Gone(minor), _) => {
            format!("Hold the API servers below Kubernetes {minor}: everything goes on there.")
        }
        (
            Concern::GoneAlready(_)
            | Concern::ToCome(_)
            | Concern::Going(_)
            | Concern::Discouraged
            | Concern::Off
            | Concern::NotKnown(_),
            _,
        ) => page.mitigation.to_owned(),
    }
}

fn cause(reading: &Reading<'_>) -> String {
    let mut sentences = Vec::new();
    if let Some(life) = reading.life {
        if let Some(since) = life.deprecated {
            sentences.push(format!("It is deprecated since Kubernetes {since}."));
        }
        match reading.concern {
            Concern::Gone(minor) | Concern::GoneAlready(minor) => {
                sentences.push(format!("Kubernetes {minor} is the first without it."));
            }
            Concern::Going(minor) => sentences.push(format!(
                "Upstream has it that Kubernetes {minor} is the first without it."
            )),
            Concern::ToCome(minor) => {
                sentences.push(format!("Kubernetes {minor} is the first with it."));
            }
            Concern::Off => sentences.push(format!(
                "It is at stage {} and not served by default.",
                life.stage
            )),
            Concern::Discouraged | Concern::NotKnown(_) => {}
        }
        if !life.notes.is_empty() {
            sentences.push(format!("Note: {}.", life.notes.trim_end_matches('.')));
        }
    }
    if sentences.is_empty() {
        sentences.push("No fact speaks of this version.".to_owned());
    }
    sentences.join(" ")
}

fn references(
    scene: &Scene<'_>,
    page: &CodePage,
    life: Option<&Lifecycle>,
    note: Option<&Migration>,
) -> Vec<String> {
    let mut references = vec![page.source.to_owned()];
    if let Some(life) = life {
        references.extend(
            scene
                .knowledge
                .apis()
                .sources(life)
                .map(|basis| basis.source.clone()),
        );
    }
    references.extend(note.map(Migration::reference));
    references
}
