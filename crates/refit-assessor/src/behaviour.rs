//! What behaves otherwise on the way to the target, as far as this cluster
//! shows that it is concerned: one finding for each change, however many objects
//! show it.
//!
//! Not every sign can be looked for in a snapshot. What would need one that
//! cannot is never passed over in silence: all of it together is one gap, in an
//! area of its own, and says which forms of signs were not looked for. Gates,
//! flags and fields that stop a component are found by the families that read
//! them; what is found here, but for objects that have to go first, warns.

use crate::api;
use crate::codes;
use crate::finding::{count, finding, identity, strongest_first, thing};
use crate::scene::{Found, Scene, gap};
use refit_knowledge::behaviour::{
    Act, ApiPattern, Behaviour, ChangeKind, Detector, Form, Release, Sign, Tested,
};
use refit_model::assessment::{Evidence, Finding, Severity};
use refit_model::kubernetes::{ContainerRuntime, Kubernetes};
use refit_model::object::{ApiUse, EvidenceTier, GroupVersionKind};
use refit_model::seen::{Extent, Listing, Seen, Unseen};
use refit_model::snapshot::Area;
use refit_model::version::{KubeVersion, Minor};
use std::collections::BTreeSet;

/// How many places a finding names before it only counts them: enough to find
/// the rest by.
const SHOWN: usize = 10;

/// What looking for one sign came to.
enum Sight {
    /// It is there, in these places.
    Shown(Vec<Evidence>),
    /// Everything that could show it was looked at, and nothing does.
    Absent,
    /// What would show it was not looked at, or not all of it.
    NotLooked,
}

/// What asking one change came to.
enum Outcome {
    Concerned(Box<Finding>),
    NotConcerned,
    /// None of its signs was seen, and these forms were not looked at.
    NotEvaluated(BTreeSet<Form>),
}

/// Findings about changes of behaviour.
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    let mut found = Found::default();
    let (mut changes, mut forms) = (0_usize, BTreeSet::new());
    for fact in ahead(scene) {
        match ask(scene, fact) {
            Outcome::Concerned(finding) => found.findings.push(*finding),
            Outcome::NotConcerned => {}
            Outcome::NotEvaluated(unseen) => {
                changes += 1;
                forms.extend(unseen);
            }
        }
    }
    if changes > 0 {
        let forms: Vec<&str> = forms.into_iter().map(Form::title).collect();
        found.gaps.push(gap(
            Area::Behaviour,
            format!(
                "what would show {} up to Kubernetes {}: {}",
                count(changes, "change of behaviour", "changes of behaviour"),
                scene.target.minor(),
                forms.join(", ")
            ),
            Unseen::NotAsked,
            &command(scene),
        ));
    }
    found
}

/// The page that tells every change: whoever reads it sees what no detector does.
fn command(scene: &Scene<'_>) -> String {
    let to = scene.target.minor();
    let from = scene.from.as_ref().map_or_else(
        || Minor::new(to.major(), to.minor().saturating_sub(1)),
        KubeVersion::minor,
    );
    format!("refit knowledge diff {from} {to}")
}

/// How many changes lie ahead that somebody may have to act on.
pub(crate) fn asked(scene: &Scene<'_>) -> usize {
    ahead(scene).count()
}

/// The changes of every hop that somebody has to act on and a cluster can show.
fn ahead<'s>(scene: &Scene<'s>) -> impl Iterator<Item = &'s Behaviour> + use<'s> {
    let hops: BTreeSet<Minor> = scene.hops().into_iter().collect();
    let facts = scene.knowledge.behaviours().all();
    facts.iter().filter(move |fact| {
        hops.contains(&fact.id.minor)
            && fact.act != Act::Nobody
            && !matches!(fact.detector, Detector::Nothing(_))
    })
}

fn ask(scene: &Scene<'_>, fact: &Behaviour) -> Outcome {
    let signs = match &fact.detector {
        Detector::Nothing(_) => return Outcome::NotConcerned,
        Detector::Always => {
            let evidence = scene.seen(format!("every cluster that reaches {}", fact.id.minor));
            let finding = tell(scene, fact, Severity::Info, vec![evidence]);
            return Outcome::Concerned(Box::new(finding));
        }
        Detector::AnyOf(signs) => signs,
    };
    let (mut evidence, mut severity, mut unseen) = (Vec::new(), None, BTreeSet::new());
    for sign in signs {
        match look(scene, fact, sign) {
            Sight::Shown(places) => {
                let own = weight(fact.kind, sign.form());
                severity = Some(severity.map_or(own, |worst: Severity| worst.min(own)));
                evidence.extend(places);
            }
            Sight::Absent => {}
            Sight::NotLooked => {
                unseen.insert(sign.form());
            }
        }
    }
    match severity {
        Some(severity) => Outcome::Concerned(Box::new(tell(scene, fact, severity, evidence))),
        None if unseen.is_empty() => Outcome::NotConcerned,
        None => Outcome::NotEvaluated(unseen),
    }
}

/// How much a change weighs that a sign of this form shows.
///
/// Objects that must be gone before the servers change cannot be deleted
/// afterwards: they block. How a cluster was built shows only that it may be
/// concerned.
const fn weight(kind: ChangeKind, form: Form) -> Severity {
    match (kind, form) {
        (ChangeKind::Requirement, Form::Api) => Severity::Blocking,
        (_, Form::Distribution) | (ChangeKind::Addition | ChangeKind::Deprecation, _) => {
            Severity::Info
        }
        (
            ChangeKind::DefaultChange
            | ChangeKind::Fix
            | ChangeKind::Removal
            | ChangeKind::Rename
            | ChangeKind::Requirement
            | ChangeKind::Security,
            _,
        ) => Severity::Warning,
    }
}

fn look(scene: &Scene<'_>, fact: &Behaviour, sign: &Sign) -> Sight {
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
        Sign::Annotation(_)
        | Sign::Config(..)
        | Sign::Driver(_)
        | Sign::Field(..)
        | Sign::Flag(..)
        | Sign::Gate(..)
        | Sign::Label(..)
        | Sign::Metric(..)
        | Sign::Pod(_)
        | Sign::Provisioner(_)
        | Sign::Volume(_) => Sight::NotLooked,
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

fn tell(
    scene: &Scene<'_>,
    fact: &Behaviour,
    severity: Severity,
    evidence: Vec<Evidence>,
) -> Finding {
    let page = &codes::BEHAVIOUR_CHANGES;
    let subject = thing("Cluster", &scene.snapshot.cluster.name);
    let mut evidence = strongest_first(evidence);
    let more = evidence.len().saturating_sub(SHOWN);
    evidence.truncate(SHOWN);
    if more > 0 {
        evidence.push(scene.seen(format!("and {more} more")));
    }
    let remedy = match &fact.act {
        Act::By { action, .. } => action.clone(),
        Act::Nobody => page.remedy.to_owned(),
    };
    let components: Vec<&str> = fact.components.iter().map(|one| one.name()).collect();
    let notes = match fact.notes.trim_end_matches('.') {
        "" => String::new(),
        notes => format!(" Note: {notes}."),
    };
    Finding {
        id: identity(page, &subject, &fact.id.to_string()),
        evidence,
        remedy,
        cause: format!(
            "It is a {} in {}, by pull request {} of Kubernetes.{notes}",
            fact.kind,
            components.join(", "),
            fact.id.pull_request
        ),
        references: vec![
            page.source.to_owned(),
            fact.address(),
            format!(
                "kubernetes/kubernetes {} at {}",
                fact.source, fact.source_version
            ),
        ],
        ..finding(
            page,
            severity,
            subject,
            format!("Kubernetes {}: {}", fact.id.minor, fact.change),
        )
    }
}
