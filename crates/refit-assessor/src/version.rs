//! The present release, the target, and the calendar.

use crate::codes;
use crate::finding::{CLUSTER, finding, named, thing};
use crate::scene::{Found, Scene};
use crate::support;
use refit_knowledge::calendar::Release;
use refit_model::assessment::{Finding, FindingSubject, Severity};
use refit_model::code::CodePage;
use refit_model::version::{KubeVersion, TargetVersion};

/// Findings about versions and dates.
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    let mut findings = Vec::new();
    if let Some(from) = &scene.from {
        findings.extend(distance(scene, from));
        findings.extend(support::find(
            scene,
            &codes::PRESENT_SUPPORT,
            "present",
            from.minor(),
            cluster(scene),
        ));
        findings.extend(newer_patch(scene, from));
    }
    let same = scene
        .from
        .as_ref()
        .is_some_and(|from| from.minor() == scene.target.minor());
    if !same {
        let minor = scene.target.minor();
        findings.extend(support::find(
            scene,
            &codes::TARGET_SUPPORT,
            "target",
            minor,
            cluster(scene),
        ));
    }
    findings.extend(target_patch(scene));
    Found {
        findings,
        gaps: Vec::new(),
    }
}

fn cluster(scene: &Scene<'_>) -> FindingSubject {
    thing(CLUSTER, &scene.snapshot.cluster.name)
}

/// Whether the target lies behind, or more than one hop ahead.
fn distance(scene: &Scene<'_>, from: &KubeVersion) -> Option<Finding> {
    let target = scene.target;
    let older = match target {
        TargetVersion::Minor(minor) => *minor < from.minor(),
        // What a distribution appends does not order releases.
        TargetVersion::Release(release) => {
            (release.minor(), release.patch()) < (from.minor(), from.patch())
        }
    };
    let evidence = vec![scene.seen(format!("the oldest API server runs {from}"))];
    if older {
        return Some(Finding {
            evidence,
            ..finding(
                &codes::TARGET_OLDER,
                Severity::Blocking,
                cluster(scene),
                format!("the target {target} is older than {from}, which runs"),
            )
        });
    }
    let hops = scene.hops();
    (hops.len() > 1).then(|| Finding {
        evidence,
        ..finding(
            &codes::SEVERAL_HOPS,
            Severity::Info,
            cluster(scene),
            format!(
                "{} is {} hops ahead: {}",
                target.minor(),
                hops.len(),
                // 40 hops are more than Kubernetes has minors.
                named(hops, 40)
            ),
        )
    })
}

fn newer_patch(scene: &Scene<'_>, from: &KubeVersion) -> Option<Finding> {
    let release = scene.knowledge.calendar().release(from.minor())?;
    (release.latest.patch() > from.patch()).then(|| Finding {
        evidence: vec![scene.seen(format!("the oldest API server runs {from}"))],
        references: references(&codes::NEWER_PATCH, release),
        ..finding(
            &codes::NEWER_PATCH,
            Severity::Info,
            cluster(scene),
            format!(
                "{} of {} is newer than {from}",
                release.latest, release.latest_date
            ),
        )
    })
}

fn target_patch(scene: &Scene<'_>) -> Option<Finding> {
    let TargetVersion::Release(target) = scene.target else {
        return None;
    };
    let release = scene.knowledge.calendar().release(target.minor())?;
    let title = match target.patch().cmp(&release.latest.patch()) {
        std::cmp::Ordering::Equal => return None,
        std::cmp::Ordering::Less => format!(
            "{} of {} is newer than the target {target}",
            release.latest, release.latest_date
        ),
        std::cmp::Ordering::Greater => format!(
            "the target {target} is newer than {}, the newest patch known on {}",
            release.latest,
            scene.knowledge.calendar().as_of()
        ),
    };
    Some(Finding {
        evidence: vec![scene.seen(format!(
            "the newest patch of {} is {} of {}",
            target.minor(),
            release.latest,
            release.latest_date
        ))],
        references: references(&codes::TARGET_PATCH, release),
        ..finding(&codes::TARGET_PATCH, Severity::Info, cluster(scene), title)
    })
}

fn references(page: &CodePage, release: &Release) -> Vec<String> {
    vec![page.source.to_owned(), release.source.clone()]
}
