//! What behaves otherwise on the way to the target, as far as this cluster
//! shows that it is concerned: one finding for each change, however many objects
//! show it.
//!
//! Not every sign can be looked for in a snapshot. What would need one that
//! cannot is never passed over in silence: all of it together is one gap, in an
//! area of its own, and says which forms of signs were not looked for. Gates and
//! flags that stop a component, and fields that go, are found by the families that
//! read them; what is found here, but for objects that have to go first, warns.

mod sight;

use crate::codes;
use crate::finding::{count, finding, identity, strongest_first, thing};
use crate::scene::{Found, Scene, gap};
use refit_knowledge::behaviour::{Act, Behaviour, ChangeKind, Detector, Form};
use refit_model::assessment::{Evidence, Finding, Severity};
use refit_model::seen::Unseen;
use refit_model::snapshot::Area;
use refit_model::version::{KubeVersion, Minor};
use sight::{Sight, look};
use std::collections::BTreeSet;

/// How many places a finding names before it only counts them: enough to find
/// the rest by.
const SHOWN: usize = 10;

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
    if scene.from.is_none() && scene.kubernetes().is_some() {
        // All changes since the oldest minor that is known would bury those of the
        // last hop, and most of them lie behind whoever asks.
        found.gaps.push(gap(
            Area::Behaviour,
            format!(
                "the changes of behaviour before Kubernetes {}: which minor runs was not seen",
                scene.target.minor()
            ),
            Unseen::NotInSource,
            "kubectl version -o json > version.json",
        ));
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
