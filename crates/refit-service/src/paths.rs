//! The use case *path*: what moves on the way to a target, in which order,
//! through which versions, and why.

use crate::assess::covered;
use crate::exit;
use crate::failure::{Failure, FailureKind};
use crate::planning::{no_way, present, unseen_present};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use refit_assessor::near::nearest;
use refit_knowledge::Knowledge;
use refit_knowledge::project::{ProjectVersion, ProjectVersionError};
use refit_model::inventory::Inventory;
use refit_model::kubernetes::Distribution;
use refit_model::path::{Installation, UpgradePath};
use refit_model::snapshot::Snapshot;
use refit_model::version::{KubeVersion, Minor, TargetVersion};
use refit_planner::path::{
    Installed, PathRequest, ProjectPathError, Wishes, landscape_path, project_path,
};

/// What people want of single projects, as they write it.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Names of projects that stay where they are.
    pub keep: Vec<String>,
    /// Projects with the versions that they go to, as `NAME=VERSION`.
    pub go: Vec<String>,
}

/// The path of the cluster of `snapshot` to `target`, with every project in it.
///
/// # Errors
/// When what runs was not seen, a wish cannot be read or names no project of the
/// cluster, or the control plane has no way to the target.
pub fn of_landscape(
    snapshot: &Snapshot,
    target: &TargetVersion,
    asked: &Asked,
    now: Timestamp,
    knowledge: &Knowledge,
) -> Result<UpgradePath, Failure> {
    let from = present(snapshot).ok_or_else(unseen_present)?;
    let inventory = refit_assessor::inventory(snapshot, knowledge, Some(target), now);
    let installed = installed(&inventory);
    let kubernetes = snapshot.kubernetes.as_ref();
    let is_canonical = kubernetes.is_none() && snapshot.juju.is_some();
    let distribution = kubernetes
        .and_then(|side| side.distribution.get().copied())
        .or_else(|| is_canonical.then_some(Distribution::CanonicalK8s));
    let request = PathRequest {
        target: target.clone(),
        distribution,
        oldest_kubelet: kubernetes.and_then(|side| {
            let nodes = side.nodes.items.values();
            nodes.filter_map(|node| node.kubelet.get()).min().cloned()
        }),
        wishes: wishes(asked, &installed)?,
        installed,
        today: now.to_zoned(TimeZone::UTC).date(),
        from,
    };
    found(&request, knowledge)
}

/// The path of a control plane alone, from one release to a target.
///
/// # Errors
/// When no way leads there.
pub fn of_versions(
    from: &KubeVersion,
    target: &TargetVersion,
    now: Timestamp,
    knowledge: &Knowledge,
) -> Result<UpgradePath, Failure> {
    let request = PathRequest {
        from: from.clone(),
        target: target.clone(),
        distribution: None,
        oldest_kubelet: None,
        installed: Vec::new(),
        wishes: Wishes::default(),
        today: now.to_zoned(TimeZone::UTC).date(),
    };
    found(&request, knowledge)
}

/// The path of one project. `kubernetes`, where it is given, is what it runs on.
///
/// # Errors
/// When the project or one of the versions is not known, or it would go back.
pub fn of_project(
    project: &str,
    from: &str,
    to: &str,
    kubernetes: Option<Minor>,
    knowledge: &Knowledge,
) -> Result<UpgradePath, Failure> {
    project_path(project, from, to, kubernetes, knowledge).map_err(|error| {
        let (kind, near) = match &error {
            ProjectPathError::Backwards { .. } => (FailureKind::Refused, None),
            ProjectPathError::NoProject { name, known } => {
                let near = nearest(name, known.iter().map(String::as_str));
                (FailureKind::Usage, near.map(str::to_owned))
            }
            ProjectPathError::Version(_)
            | ProjectPathError::Release(_)
            | ProjectPathError::Number(_)
            | ProjectPathError::NoCluedIn(_)
            | ProjectPathError::NoOsism(_) => (FailureKind::Usage, None),
        };
        let failure = Failure::new(
            kind,
            format!("could not find a path of {project} from {from} to {to}"),
        )
        .because(error)
        .hint("`refit knowledge coverage` lists the projects; cluedin and osism have graphs of their own");
        match near {
            Some(near) => failure.hint(format!("did you mean {near}?")),
            None => failure,
        }
    })
}

/// The version of `project` in the landscape, where exactly one shows.
///
/// # Errors
/// When none or several show.
pub fn version_in(
    snapshot: &Snapshot,
    project: &str,
    now: Timestamp,
    knowledge: &Knowledge,
) -> Result<String, Failure> {
    let inventory = refit_assessor::inventory(snapshot, knowledge, None, now);
    let mut versions: Vec<&str> = inventory
        .projects
        .iter()
        .filter(|found| found.project == project)
        .filter_map(|found| Some(found.version.as_ref()?.version.as_str()))
        .collect();
    versions.sort_unstable();
    versions.dedup();
    match versions.as_slice() {
        [one] => Ok((*one).to_owned()),
        [] => Err(Failure::new(
            FailureKind::Unseen,
            format!("no version of {project} shows in {}", snapshot.cluster.name),
        )
        .hint("name it with --from")),
        several => Err(Failure::new(
            FailureKind::Usage,
            format!(
                "several versions of {project} run in {}: {}",
                snapshot.cluster.name,
                several.join(", ")
            ),
        )
        .hint("name the one that is meant with --from")),
    }
}

/// The exit code: a target that cannot be reached refuses.
#[must_use]
pub const fn exit_code(path: &UpgradePath) -> u8 {
    if path.blocked.is_empty() {
        exit::FINE
    } else {
        exit::REFUSED
    }
}

fn found(request: &PathRequest, knowledge: &Knowledge) -> Result<UpgradePath, Failure> {
    covered(&request.target, knowledge)?;
    landscape_path(request, knowledge)
        .map_err(|blocked| no_way(&request.from, &request.target, blocked))
}

/// What the inventory found. Kubernetes itself moves by its own rules.
fn installed(inventory: &Inventory) -> Vec<Installed> {
    inventory
        .projects
        .iter()
        .filter(|found| found.project != "kubernetes")
        .map(|found| Installed {
            installation: Installation {
                project: found.project.clone(),
                namespace: found.namespace.clone(),
            },
            version: found
                .version
                .as_ref()
                .and_then(|version| version.version.parse().ok()),
        })
        .collect()
}

fn wishes(asked: &Asked, installed: &[Installed]) -> Result<Wishes, Failure> {
    let is_there = |name: &str| {
        let names = || {
            installed
                .iter()
                .map(|one| one.installation.project.as_str())
        };
        if names().any(|there| there == name) {
            return Ok(());
        }
        let failure = Failure::new(
            FailureKind::Usage,
            format!("no project {name:?} was found in the cluster"),
        );
        Err(match nearest(name, names()) {
            Some(near) => failure.hint(format!("did you mean {near}?")),
            None => failure.hint("`refit inventory` lists what was found"),
        })
    };
    let mut wishes = Wishes::default();
    for name in &asked.keep {
        is_there(name)?;
        wishes.keep.insert(name.clone());
    }
    for wish in &asked.go {
        let (name, version) = wish.split_once('=').ok_or_else(|| {
            Failure::new(
                FailureKind::Usage,
                format!("--move {wish:?} is not of the form NAME=VERSION"),
            )
            .hint("for one, --move cert-manager=1.19.2")
        })?;
        is_there(name)?;
        if wishes.keep.contains(name) {
            return Err(Failure::new(
                FailureKind::Usage,
                format!("{name} can be kept or moved, not both"),
            )
            .hint("leave out --keep or --move"));
        }
        let version: ProjectVersion = version.parse().map_err(|error: ProjectVersionError| {
            let what = format!("--move {wish:?} names no version");
            Failure::new(FailureKind::Usage, what)
                .because(error)
                .hint("for one, --move cert-manager=1.19.2")
        })?;
        let mut others = installed.iter();
        if let Some(newer) = others
            .find(|one| one.installation.project == name && one.version.as_ref() > Some(&version))
        {
            let has = newer
                .version
                .as_ref()
                .map_or_else(String::new, ToString::to_string);
            return Err(Failure::new(
                FailureKind::Usage,
                format!(
                    "--move {wish:?} goes back: {} is at {has}",
                    newer.installation
                ),
            )
            .hint("a path goes forward; `--keep` leaves it where it is"));
        }
        wishes.go.insert(name.to_owned(), version);
    }
    Ok(wishes)
}
