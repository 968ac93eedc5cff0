//! Projects that run in the cluster: whether they go with every minor on the way
//! to the target, and whether they still get fixes.

pub(crate) mod way;

use crate::finding::{finding, identity, named};
use crate::scene::{Found, Scene};
use crate::{codes, life};
use refit_knowledge::detection::Recognised;
use refit_knowledge::project::{Project, ProjectVersion, Requirement, Support};
use refit_model::assessment::{Evidence, Finding, FindingSubject, Severity};
use refit_model::code::CodePage;
use refit_model::object::{Application, ApplicationSign, EvidenceTier};
use refit_model::version::Minor;
use std::collections::BTreeMap;

/// One version of one project in one namespace.
type Installed = (String, String, Option<String>);

/// How a project was recognised.
struct Sighting<'k> {
    project: &'k Project,
    mover: Mover,
    version: Option<ProjectVersion>,
    application: Option<Application>,
    evidence: Vec<Evidence>,
}

/// Who moves what was recognised to another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mover {
    /// The upgrade of the cluster: it is a static pod of the control plane.
    Cluster,
    /// Whoever runs it.
    Operator,
}

/// Findings about projects.
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    let mut findings: Vec<Finding> = Vec::new();
    for (installed, sighting) in sightings(scene) {
        let subject = subject(&installed);
        findings.extend(ended(scene, &subject, &sighting));
        findings.extend(line_ended(scene, &subject, &sighting));
        findings.extend(judged(scene, &subject, &sighting));
    }
    Found {
        findings,
        gaps: Vec::new(),
    }
}

/// What is to be said of the version that was recognised and the minors on the way.
fn judged(scene: &Scene<'_>, subject: &FindingSubject, sighting: &Sighting<'_>) -> Option<Finding> {
    match &sighting.version {
        None => {
            let title = format!(
                "it is not known whether {} goes with Kubernetes {}: its version does not show",
                sighting.project.title,
                scene.target.minor()
            );
            Some(not_known(subject, sighting, title, &[]))
        }
        Some(version) => judge(scene, subject, sighting, version),
    }
}

fn subject((project, _, namespace): &Installed) -> FindingSubject {
    FindingSubject {
        api_version: String::new(),
        kind: "Project".to_owned(),
        namespace: namespace.clone(),
        name: project.clone(),
    }
}

/// Every version of a project that was recognised: the project, its version,
/// and what told us first.
pub(crate) fn recognised<'s>(
    scene: &Scene<'s>,
) -> impl Iterator<Item = (String, Option<String>, String)> + use<'s> {
    sightings(scene).into_values().map(|sighting| {
        let by = sighting.evidence.into_iter().next();
        (
            sighting.project.name.clone(),
            sighting.version.map(|version| version.to_string()),
            by.map_or_else(String::new, |evidence| evidence.detail),
        )
    })
}

/// Every project that was recognised, by release first and then by image: a
/// release says what was installed, an image what runs. Where both say the same
/// they are one sighting.
fn sightings<'s>(scene: &Scene<'s>) -> BTreeMap<Installed, Sighting<'s>> {
    let mut sightings: BTreeMap<Installed, Sighting<'s>> = BTreeMap::new();
    let Some(kubernetes) = scene.kubernetes() else {
        return sightings;
    };
    let (projects, detection) = (scene.knowledge.projects(), scene.knowledge.detection());
    let mut add = |recognised: Recognised<'s>,
                   mover: Mover,
                   namespace: Option<String>,
                   application: Option<Application>,
                   evidence: Evidence| {
        // Most projects are only known by name, for `refit inventory`: of those an
        // assessment has nothing to say, not even that it is not known.
        let is_judged = |project: &&Project| {
            project.end_of_life.is_some() || projects.requirements(&project.name).next().is_some()
        };
        let Some(project) = projects.find(recognised.project).filter(is_judged) else {
            return;
        };
        let version = recognised
            .version
            .as_ref()
            .map_or_else(String::new, ToString::to_string);
        sightings
            .entry((project.name.clone(), version, namespace))
            .and_modify(|sighting| {
                // 10 places are enough to find it by.
                if sighting.evidence.len() < 10 {
                    sighting.evidence.push(evidence.clone());
                }
                if mover == Mover::Operator {
                    sighting.mover = Mover::Operator;
                }
            })
            .or_insert_with(|| Sighting {
                project,
                mover,
                version: recognised.version,
                application,
                evidence: vec![evidence.clone()],
            });
    };
    for (key, release) in &kubernetes.releases.items {
        let app_version = release.app_version.as_deref().unwrap_or_default();
        let chart = (release.chart.as_str(), release.chart_version.as_str());
        if let Some(recognised) = detection.by_chart(chart, app_version, &release.publishers) {
            let evidence = Evidence {
                tier: EvidenceTier::HelmManifest,
                source: key.to_string(),
                location: release.location.clone(),
                detail: format!(
                    "the Helm release {key} is chart {} {} with appVersion {}",
                    release.chart,
                    release.chart_version,
                    if app_version.is_empty() {
                        "unset"
                    } else {
                        app_version
                    }
                ),
            };
            let application = Application {
                name: key.name.to_string(),
                by: ApplicationSign::HelmRelease,
            };
            let namespace = key.namespace.as_ref().map(ToString::to_string);
            let mover = Mover::Operator;
            add(recognised, mover, namespace, Some(application), evidence);
        }
    }
    for (key, pod) in &kubernetes.pods.items {
        for image in &pod.images {
            if let Some(recognised) = detection.by_image(image) {
                let detail = format!("the pod {key} runs {image}");
                let evidence = scene.evidence("", "Pod", key, detail);
                let namespace = key.namespace.as_ref().map(ToString::to_string);
                let mover = if pod.mirror {
                    Mover::Cluster
                } else {
                    Mover::Operator
                };
                add(
                    recognised,
                    mover,
                    namespace,
                    Some(pod.application.clone()),
                    evidence,
                );
            }
        }
    }
    sightings
}

fn ended(scene: &Scene<'_>, subject: &FindingSubject, sighting: &Sighting<'_>) -> Option<Finding> {
    let project = sighting.project;
    let ended = project.end_of_life.filter(|day| *day < scene.today)?;
    let title = format!("{} has had no fixes since {ended}", project.title);
    Some(Finding {
        cause: project.notes.clone(),
        references: vec![
            codes::PROJECT_ENDED.source.to_owned(),
            project.source.clone(),
        ],
        ..about(
            &codes::PROJECT_ENDED,
            Severity::Warning,
            subject,
            sighting,
            title,
        )
    })
}

/// The line that the version is of gets no more fixes, or only for a while. What
/// the upgrade of the cluster itself moves is left out, and so is a project that
/// has ended as a whole.
fn line_ended(
    scene: &Scene<'_>,
    subject: &FindingSubject,
    sighting: &Sighting<'_>,
) -> Option<Finding> {
    let project = sighting.project;
    let over = project.end_of_life.is_some_and(|day| day < scene.today);
    let version = sighting.version.as_ref()?;
    let line = scene.knowledge.project_lives().of(&project.name, version)?;
    if over || sighting.mover == Mover::Cluster {
        return None;
    }
    let (severity, says) = life::fixes(line, scene.today)?;
    let page = &codes::PROJECT_LINE_ENDED;
    let title = format!("{} {version} {says}", project.title);
    Some(Finding {
        cause: life::origin(line),
        remedy: line_remedy(scene, sighting, version),
        references: vec![page.source.to_owned(), life::source(line)],
        ..about(page, severity, subject, sighting, title)
    })
}

fn line_remedy(scene: &Scene<'_>, sighting: &Sighting<'_>, version: &ProjectVersion) -> String {
    let name = &sighting.project.name;
    match life::newest(scene.knowledge.project_lives(), name, scene.today) {
        Some(life) if life.line > *version => format!(
            "Upgrade {} to a line that gets fixes, such as {}.{}",
            sighting.project.title,
            life.line,
            way::words(scene.knowledge, name, (version, &life.line))
        ),
        Some(_) | None => codes::PROJECT_LINE_ENDED.remedy.to_owned(),
    }
}

fn about(
    page: &CodePage,
    severity: Severity,
    subject: &FindingSubject,
    sighting: &Sighting<'_>,
    title: String,
) -> Finding {
    let version = sighting
        .version
        .as_ref()
        .map_or_else(String::new, ToString::to_string);
    Finding {
        id: identity(page, subject, &version),
        application: sighting.application.clone(),
        evidence: sighting.evidence.clone(),
        ..finding(page, severity, subject.clone(), title)
    }
}

fn not_known(
    subject: &FindingSubject,
    sighting: &Sighting<'_>,
    title: String,
    heard: &[&Requirement],
) -> Finding {
    let page = &codes::PROJECT_NOT_KNOWN;
    let cause = if heard.is_empty() {
        "No claim about this version was found.".to_owned()
    } else {
        format!("What is claimed does not settle it: {}.", claims(heard))
    };
    Finding {
        cause,
        references: references(page, sighting.project, heard),
        ..about(page, Severity::Info, subject, sighting, title)
    }
}

/// Whether the version goes with every minor from the next hop to the target.
fn judge(
    scene: &Scene<'_>,
    subject: &FindingSubject,
    sighting: &Sighting<'_>,
    version: &ProjectVersion,
) -> Option<Finding> {
    let project = sighting.project;
    let supports = |minor| {
        scene
            .knowledge
            .projects()
            .supports(&project.name, version, minor)
    };
    let mut hops = scene.hops();
    if hops.is_empty() {
        hops.push(scene.target.minor());
    }
    let mut unsettled = None;
    for hop in hops {
        match supports(hop) {
            Support::NotSupported { on } => {
                let present = scene.from.as_ref().map(|from| supports(from.minor()));
                let outside = matches!(present, Some(Support::NotSupported { .. }));
                return Some(refused(
                    scene,
                    subject,
                    sighting,
                    (version, hop),
                    &on,
                    outside,
                ));
            }
            Support::NotKnown { heard } => {
                unsettled.get_or_insert((hop, heard));
            }
            Support::Supported { .. } => {}
        }
    }
    let (hop, heard) = unsettled?;
    let title = format!(
        "it is not known whether {} {version} goes with Kubernetes {hop}",
        project.title
    );
    let goes = scene
        .knowledge
        .projects()
        .earliest_supporting(&project.name, scene.target.minor())
        .map(|requirement| requirement.versions.first())
        .filter(|goes| *goes > version)
        .map_or_else(String::new, |goes| {
            format!(
                " {} {goes} is known to go with Kubernetes {}.{}",
                project.title,
                scene.target.minor(),
                way::words(scene.knowledge, &project.name, (version, goes))
            )
        });
    let told = not_known(subject, sighting, title, &heard);
    Some(Finding {
        remedy: format!("{}{goes}", told.remedy),
        ..told
    })
}

/// The finding about a version that a claim rules out from `hop` on. What is
/// outside its own support already and runs all the same only warns.
fn refused(
    scene: &Scene<'_>,
    subject: &FindingSubject,
    sighting: &Sighting<'_>,
    (version, hop): (&ProjectVersion, Minor),
    on: &[&Requirement],
    outside: bool,
) -> Finding {
    let project = sighting.project;
    let projects = scene.knowledge.projects();
    let page = &codes::PROJECT_NOT_SUPPORTED;
    let earliest = projects.earliest_supporting(&project.name, scene.target.minor());
    let remedy = earliest.map_or_else(
        || {
            format!(
                "No version of {} is known to go with Kubernetes {}: look for one, or for something else.",
                project.title,
                scene.target.minor()
            )
        },
        |requirement| {
            let from = scene
                .from
                .as_ref()
                .map(|from| (from.minor(), projects.supports(&project.name, requirement.versions.first(), from.minor())));
            let now = match from {
                Some((minor, Support::Supported { .. })) => {
                    format!(" It goes with {minor} too, so it can be installed now.")
                }
                Some((minor, Support::NotSupported { .. } | Support::NotKnown { .. })) => format!(
                    " It is not known to go with {minor}, so look for a version in between."
                ),
                None => String::new(),
            };
            format!(
                "Upgrade {} to {} or newer before the hop to {hop}.{now}{}",
                project.title,
                requirement.versions.first(),
                way::words(
                    scene.knowledge,
                    &project.name,
                    (version, requirement.versions.first())
                )
            )
        },
    );
    let severity = if outside {
        Severity::Warning
    } else {
        Severity::Blocking
    };
    let already = if outside {
        " nor with what runs now"
    } else {
        ""
    };
    Finding {
        cause: format!("{}.", claims(on)),
        remedy,
        references: references(page, project, on),
        ..about(
            page,
            severity,
            subject,
            sighting,
            format!(
                "{} {version} does not go with Kubernetes {hop}{already}",
                project.title
            ),
        )
    }
}

/// What the claims say, each with who says so.
fn claims(requirements: &[&Requirement]) -> String {
    let claims = requirements.iter().map(|requirement| {
        use refit_knowledge::project::Upper;
        let least = requirement
            .min
            .map_or_else(|| "any".to_owned(), |minor| minor.to_string());
        let most = match requirement.max {
            Upper::Last(minor) => minor.to_string(),
            Upper::AndNewer => "newer".to_owned(),
            Upper::NotStated => "not stated".to_owned(),
        };
        format!(
            "{} for {}: Kubernetes {least} to {most} ({})",
            requirement.basis, requirement.versions, requirement.source
        )
    });
    named(claims, 5)
}

fn references(page: &CodePage, project: &Project, requirements: &[&Requirement]) -> Vec<String> {
    std::iter::once(page.source.to_owned())
        .chain(
            requirements.iter().map(|requirement| {
                format!("{} at {}", requirement.source, requirement.source_version)
            }),
        )
        .chain(std::iter::once(project.source.clone()))
        .collect()
}
