//! Which versions in which order.

mod blocker;
mod control_plane;
mod landscape;
mod project;
mod route;
mod told;

pub use landscape::{Installed, PathRequest, Wishes, landscape_path};
pub use project::{ProjectPathError, WITH_GRAPHS, project_path};

use refit_knowledge::Knowledge;
use refit_model::plan::Hop;
use refit_model::version::{KubeVersion, Minor, TargetVersion};

/// Why there is no path. A "no" with its reason, not a failure of the program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathBlocked {
    /// It runs what was asked for, or a newer patch of it.
    #[error("{at} is at the target {target} already")]
    AlreadyThere {
        /// What runs.
        at: KubeVersion,
        /// What was asked for.
        target: TargetVersion,
    },
    /// What was asked for is older than what runs.
    #[error("{target} is older than {from}, and Kubernetes cannot go back")]
    Downgrade {
        /// What runs.
        from: KubeVersion,
        /// What was asked for.
        target: TargetVersion,
    },
    /// A minor on the way is not known to have been released.
    #[error("Kubernetes {minor} is not known: the newest known release is {newest}")]
    UnknownMinor {
        /// The minor.
        minor: Minor,
        /// The newest release that is known, or `none`.
        newest: String,
    },
    /// The versions belong to different majors, between which nothing is defined.
    #[error("there is no path from {from} to {target}: they are of different majors")]
    OtherMajor {
        /// What runs.
        from: KubeVersion,
        /// What was asked for.
        target: TargetVersion,
    },
}

impl PathBlocked {
    /// What a person can do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::AlreadyThere { .. } => "name a newer target, or nothing is left to do",
            Self::Downgrade { .. } | Self::OtherMajor { .. } => {
                "name a target that is newer than what runs"
            }
            Self::UnknownMinor { .. } => {
                "name a released version, or use a build whose knowledge is newer"
            }
        }
    }
}

/// The hops from the release `from` to `target`: one minor at a time, each to
/// the newest known patch of its minor, the last one to the very release when
/// the target names one.
///
/// Source of the rule: the version-skew policy of Kubernetes ("no minor may be
/// skipped, in single control planes too"); the newest patch is what upstream
/// asks for before and after each minor.
///
/// # Errors
/// [`PathBlocked`] when there is no such path.
pub fn path(
    from: &KubeVersion,
    target: &TargetVersion,
    knowledge: &Knowledge,
) -> Result<Vec<Hop>, PathBlocked> {
    let Some(ahead) = target.minor().ahead_of(from.minor()) else {
        return Err(PathBlocked::OtherMajor {
            from: from.clone(),
            target: target.clone(),
        });
    };
    let downgrade = || PathBlocked::Downgrade {
        from: from.clone(),
        target: target.clone(),
    };
    if ahead < 0 {
        return Err(downgrade());
    }
    if ahead == 0 {
        let to = release_in(from.minor(), target, knowledge)?;
        return match (to.patch().cmp(&from.patch()), target) {
            (std::cmp::Ordering::Greater, _) => Ok(vec![Hop {
                from: from.clone(),
                to,
            }]),
            // A patch that is newer than the newest one known fulfils a wish for
            // the minor; going back to a named older patch is a downgrade.
            (std::cmp::Ordering::Less, TargetVersion::Release(_)) => Err(downgrade()),
            (std::cmp::Ordering::Equal | std::cmp::Ordering::Less, _) => {
                Err(PathBlocked::AlreadyThere {
                    at: from.clone(),
                    target: target.clone(),
                })
            }
        };
    }
    let mut hops = Vec::new();
    let mut at = from.clone();
    for minor in from.minor().up_to(target.minor()) {
        let to = release_in(minor, target, knowledge)?;
        hops.push(Hop {
            from: at,
            to: to.clone(),
        });
        at = to;
    }
    Ok(hops)
}

/// The release of `minor` that a path goes through.
fn release_in(
    minor: Minor,
    target: &TargetVersion,
    knowledge: &Knowledge,
) -> Result<KubeVersion, PathBlocked> {
    let calendar = knowledge.calendar();
    let Some(known) = calendar.release(minor) else {
        return Err(PathBlocked::UnknownMinor {
            minor,
            newest: calendar
                .latest()
                .map_or_else(|| "none".to_owned(), |release| release.minor.to_string()),
        });
    };
    Ok(match target {
        TargetVersion::Release(release) if release.minor() == minor => release.clone(),
        TargetVersion::Release(_) | TargetVersion::Minor(_) => known.latest.clone(),
    })
}

#[cfg(test)]
mod tests;
