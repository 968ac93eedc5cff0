//! Which hop a plan takes.
//!
//! A hop is chosen from what runs, not from what an earlier plan said: a plan
//! made again in the middle of an upgrade goes on where things stand.

use crate::charm;
use crate::error::PlanError;
use crate::path::{PathBlocked, path};
use crate::plan::PlanRequest;
use refit_knowledge::Knowledge;
use refit_knowledge::skew::{Component, SkewVerdict};
use refit_model::kubernetes::{ComponentKind, Distribution, Kubernetes};
use refit_model::name::NodeName;
use refit_model::plan::Hop;
use refit_model::seen::Unseen;
use refit_model::snapshot::{Area, Snapshot};
use refit_model::template::{AppliesTo, HopSize, OncePer, UpgradeTemplate};
use refit_model::version::{KubeVersion, Minor, TargetVersion};

/// The hop of a plan, and what follows from choosing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// The hop.
    pub(crate) hop: Hop,
    /// Those behind it.
    pub(crate) later: Vec<Hop>,
    /// Why nothing may be changed on it: a version that decides over it was
    /// not seen.
    pub(crate) barrier: Option<String>,
}

/// What a person asks for.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// What should run in the end.
    pub(crate) target: &'a TargetVersion,
    /// The hop, where they named it.
    pub(crate) hop: Option<&'a Hop>,
}

/// What runs the control plane: the oldest and the newest release.
pub(crate) struct Running {
    /// The oldest.
    pub(crate) lowest: KubeVersion,
    /// The newest.
    pub(crate) highest: KubeVersion,
}

/// Chooses the hop.
pub(crate) fn choose(
    template: &UpgradeTemplate,
    size: HopSize,
    snapshot: &Snapshot,
    knowledge: &Knowledge,
    request: &PlanRequest,
    target: &TargetVersion,
) -> Result<Chosen, PlanError> {
    let asked = Asked {
        target,
        hop: request.hop.as_ref(),
    };
    let by_charm = template
        .stages
        .iter()
        .any(|stage| matches!(stage.once_per, OncePer::Application { .. }));
    let chosen = if by_charm {
        let (application, running) = charm::claimed(template, snapshot)?;
        if let (TargetVersion::Minor(_), None) = (target, asked.hop) {
            return Err(PlanError::ReleaseNotNamed {
                application,
                target: target.clone(),
            });
        }
        let chosen = from_running(&running, knowledge, asked)?;
        charm::with_workers(chosen, (&application, &running), snapshot, knowledge, asked)?
    } else {
        let kubernetes = snapshot.kubernetes.as_ref().ok_or(PlanError::NoSide {
            template: template.metadata.name.clone(),
            side: "the Kubernetes side",
        })?;
        let running = servers(kubernetes)?;
        let chosen = from_running(&running, knowledge, asked)?;
        with_kubelets(chosen, &running, kubernetes, knowledge, asked)?
    };
    let Chosen { hop, .. } = &chosen;
    // The binary of k3s is the release, suffix and all; no table has them.
    if let AppliesTo::Cluster {
        distribution: distribution @ Distribution::K3s,
        ..
    } = &template.applies_to
        && !hop.to.suffix().starts_with("+k3s")
    {
        return Err(PlanError::NotOfDistribution {
            to: hop.to.clone(),
            distribution: *distribution,
            example: "v1.34.3+k3s1",
        });
    }
    match size {
        HopSize::Patch if hop.from.minor() != hop.to.minor() => Err(PlanError::HopTooLarge {
            template: template.metadata.name.clone(),
            hop: hop.clone(),
        }),
        HopSize::Patch | HopSize::MinorOrPatch => Ok(chosen),
    }
}

/// What the API servers run, each of them seen.
fn servers(kubernetes: &Kubernetes) -> Result<Running, PlanError> {
    let components = kubernetes
        .components
        .complete()
        .map_err(|why| PlanError::Unseen {
            what: "which API servers there are".to_owned(),
            why,
        })?;
    let mut versions = Vec::new();
    for (key, component) in components {
        if key.kind != ComponentKind::KubeApiserver {
            continue;
        }
        match component.version.known() {
            Ok(version) => versions.push(version.clone()),
            Err(why) => {
                return Err(PlanError::Unseen {
                    what: format!("the version of the API server on {}", key.node),
                    why: why.clone(),
                });
            }
        }
    }
    // Where somebody else runs the control plane, or one process is all of it,
    // no component is seen, and what the API says of itself is all there is.
    if versions.is_empty()
        && let Ok(version) = kubernetes.server.known()
    {
        versions.push(version.clone());
    }
    extremes(versions).ok_or_else(|| PlanError::Unseen {
        what: "the version of the API servers".to_owned(),
        why: Unseen::NotInSource,
    })
}

fn extremes(mut versions: Vec<KubeVersion>) -> Option<Running> {
    versions.sort();
    Some(Running {
        lowest: versions.first()?.clone(),
        highest: versions.last()?.clone(),
    })
}

/// The hop by what runs the control plane alone.
fn from_running(
    running: &Running,
    knowledge: &Knowledge,
    asked: Asked<'_>,
) -> Result<Chosen, PlanError> {
    if let Some(hop) = asked.hop {
        return given(hop, running, knowledge, asked.target);
    }
    // Going back is refused by the newest server, going on starts at the oldest.
    if let Err(
        blocked @ (PathBlocked::Downgrade { .. }
        | PathBlocked::OtherMajor { .. }
        | PathBlocked::UnknownMinor { .. }),
    ) = path(&running.highest, asked.target, knowledge)
    {
        return Err(PlanError::Path(blocked));
    }
    let mut hops = match path(&running.lowest, asked.target, knowledge) {
        Ok(hops) => hops.into_iter(),
        // Nothing is left to do on the control plane; the nodes may lag.
        Err(PathBlocked::AlreadyThere { .. }) => {
            return Ok(Chosen {
                hop: levelled(running),
                later: Vec::new(),
                barrier: None,
            });
        }
        Err(
            blocked @ (PathBlocked::Downgrade { .. }
            | PathBlocked::OtherMajor { .. }
            | PathBlocked::UnknownMinor { .. }),
        ) => return Err(PlanError::Path(blocked)),
    };
    let mut hop = hops.next().unwrap_or_else(|| levelled(running));
    if running.highest.minor() > hop.to.minor() {
        return Err(PlanError::HopImpossible {
            hop,
            why: format!(
                "one API server is at {} already, more than one minor ahead of another",
                running.highest
            ),
        });
    }
    let mut later: Vec<_> = hops.collect();
    if running.highest > hop.to {
        // Somebody went to a patch of this minor that is newer than the one known.
        hop.to = running.highest.clone();
        if let Some(next) = later.first_mut() {
            next.from = running.highest.clone();
        }
    }
    Ok(Chosen {
        hop,
        later,
        barrier: None,
    })
}

/// The hop that brings everything to what the newest server runs.
pub(crate) fn levelled(running: &Running) -> Hop {
    Hop {
        from: running.lowest.clone(),
        to: running.highest.clone(),
    }
}

/// The hop that was asked for, if it fits what runs and what is wanted.
fn given(
    hop: &Hop,
    running: &Running,
    knowledge: &Knowledge,
    target: &TargetVersion,
) -> Result<Chosen, PlanError> {
    let impossible = |why: String| {
        Err(PlanError::HopImpossible {
            hop: hop.clone(),
            why,
        })
    };
    if running.lowest < hop.from {
        return impossible(format!("{} runs, which is older", running.lowest));
    }
    if running.highest > hop.to {
        return impossible(format!("{} runs already, which is newer", running.highest));
    }
    if !matches!(hop.to.minor().ahead_of(running.lowest.minor()), Some(0 | 1)) {
        return impossible(format!(
            "from {}, the next minor is the farthest",
            running.lowest
        ));
    }
    let later = match path(&hop.to, target, knowledge) {
        Ok(hops) => hops,
        Err(PathBlocked::AlreadyThere { .. }) => Vec::new(),
        Err(
            blocked @ (PathBlocked::Downgrade { .. }
            | PathBlocked::OtherMajor { .. }
            | PathBlocked::UnknownMinor { .. }),
        ) => return Err(PlanError::Path(blocked)),
    };
    Ok(Chosen {
        hop: hop.clone(),
        later,
        barrier: None,
    })
}

/// Looks at the kubelets: none may be newer than the hop goes, and none too old
/// for the API servers that it brings. Where one is too old, the nodes are
/// brought to what the API servers run first.
fn with_kubelets(
    chosen: Chosen,
    running: &Running,
    kubernetes: &Kubernetes,
    knowledge: &Knowledge,
    asked: Asked<'_>,
) -> Result<Chosen, PlanError> {
    let mut barrier = kubernetes
        .nodes
        .complete()
        .err()
        .map(|why| format!("whether there are more nodes is not known: {why}"));
    let mut kubelets: Vec<(&NodeName, &KubeVersion)> = Vec::new();
    for (name, node) in &kubernetes.nodes.items {
        match node.kubelet.known() {
            Ok(version) => kubelets.push((name, version)),
            Err(why) => {
                barrier.get_or_insert_with(|| {
                    format!("the kubelet version on {name} is not known: {why}")
                });
            }
        }
    }
    if barrier.is_some() {
        return Ok(Chosen { barrier, ..chosen });
    }
    let too_old = |minor: Minor| {
        kubelets.iter().find(|(_, kubelet)| {
            matches!(
                knowledge
                    .skew()
                    .judge(minor, Component::Kubelet, kubelet.minor()),
                SkewVerdict::TooOld { .. }
            )
        })
    };
    let chosen = match too_old(chosen.hop.to.minor()) {
        Some((node, kubelet)) if running.lowest.minor() != chosen.hop.to.minor() => {
            if asked.hop.is_some() || running.lowest.minor() != running.highest.minor() {
                return Err(PlanError::KubeletTooOld {
                    node: (*node).clone(),
                    kubelet: (*kubelet).clone(),
                    to: chosen.hop.to.clone(),
                });
            }
            let hop = levelled(running);
            let mut later = vec![Hop {
                from: hop.to.clone(),
                ..chosen.hop
            }];
            later.extend(chosen.later);
            Chosen {
                hop,
                later,
                barrier: None,
            }
        }
        Some(_) | None => chosen,
    };
    match kubelets
        .iter()
        .find(|(_, kubelet)| **kubelet > chosen.hop.to)
    {
        Some((node, kubelet)) => Err(PlanError::KubeletAhead {
            node: (*node).clone(),
            kubelet: (*kubelet).clone(),
            to: chosen.hop.to,
        }),
        None => Ok(chosen),
    }
}

/// Refuses a snapshot that the template is not for.
pub(crate) fn applies(
    template: &UpgradeTemplate,
    wanted: Distribution,
    snapshot: &Snapshot,
) -> Result<(), PlanError> {
    let seen = snapshot
        .kubernetes
        .as_ref()
        .map(|kubernetes| kubernetes.distribution.clone());
    let found = match seen {
        Some(refit_model::seen::Seen::Is(found)) => found,
        // The charm in the Juju model tells as much as the nodes would.
        Some(refit_model::seen::Seen::Gap(_)) | None if runs_charm(snapshot) => {
            Distribution::CanonicalK8s
        }
        Some(refit_model::seen::Seen::Gap(why)) => {
            return Err(PlanError::Unseen {
                what: "who built this cluster".to_owned(),
                why,
            });
        }
        None => {
            // A model that was asked for and not seen is not one that is not there.
            if let Some(gap) = snapshot.gaps.iter().find(|gap| gap.area == Area::Juju)
                && wanted == Distribution::CanonicalK8s
            {
                return Err(PlanError::Unseen {
                    what: gap.what.clone(),
                    why: gap.why.clone(),
                });
            }
            return Err(PlanError::NoSide {
                template: template.metadata.name.clone(),
                side: match wanted {
                    Distribution::CanonicalK8s => "a Juju model with the charm k8s",
                    Distribution::Kubeadm
                    | Distribution::Eks
                    | Distribution::Gke
                    | Distribution::Aks
                    | Distribution::K3s => "the Kubernetes side",
                },
            });
        }
    };
    if found == wanted {
        Ok(())
    } else {
        Err(PlanError::WrongDistribution {
            template: template.metadata.name.clone(),
            wanted,
            found,
        })
    }
}

/// Whether the Juju model has an application with the control plane's charm.
fn runs_charm(snapshot: &Snapshot) -> bool {
    snapshot.juju.as_ref().is_some_and(|model| {
        model
            .applications
            .items
            .values()
            .any(|application| application.charm.as_str() == charm::CONTROL_PLANE_CHARM)
    })
}
