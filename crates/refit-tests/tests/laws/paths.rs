//! Paths are valid: whatever projects run in whatever versions, no state on the
//! way is one that a claim rules out, no move breaks a rule that a project
//! requires, and nothing is told as supported that nobody supports. The path is
//! walked again here by the knowledge alone.

use proptest::prelude::*;
use refit_knowledge::Knowledge;
use refit_knowledge::project::route::Force;
use refit_knowledge::project::{ProjectVersion, Support};
use refit_model::path::{Installation, Mover, Whose};
use refit_model::version::Minor;
use refit_planner::path::{Installed, PathRequest, Wishes, landscape_path};
use std::collections::BTreeMap;

/// Every project with the versions that claims name.
fn versions() -> Vec<(String, Vec<ProjectVersion>)> {
    let projects = Knowledge::embedded().projects();
    projects
        .iter()
        .map(|project| {
            let claims = projects.requirements(&project.name);
            let mut versions: Vec<ProjectVersion> =
                claims.map(|claim| claim.versions.first().clone()).collect();
            versions.sort();
            versions.dedup();
            (project.name.clone(), versions)
        })
        .filter(|(_, versions)| !versions.is_empty())
        .collect()
}

fn requests() -> impl Strategy<Value = PathRequest> {
    let known = versions();
    let some = prop::collection::btree_map(0..known.len(), any::<prop::sample::Index>(), 0..12);
    (24_u16..37, 1_u16..8, some).prop_map(move |(from, hops, chosen)| PathRequest {
        from: format!("v1.{from}.0").parse().unwrap(),
        target: format!("1.{}", (from + hops).min(37)).parse().unwrap(),
        distribution: None,
        oldest_kubelet: None,
        installed: chosen
            .into_iter()
            .map(|(project, version)| Installed {
                installation: Installation {
                    project: known[project].0.clone(),
                    namespace: None,
                },
                version: Some(version.get(&known[project].1).clone()),
            })
            .collect(),
        wishes: Wishes::default(),
        today: "2026-11-30".parse().unwrap(),
    })
}

fn is_ruled_out(project: &str, version: &ProjectVersion, minor: Minor) -> bool {
    let projects = Knowledge::embedded().projects();
    let answer = projects.supports(project, version, minor);
    matches!(answer, Support::NotSupported { .. })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_state_of_a_path_is_one_that_nobody_rules_out(request in requests()) {
        let knowledge = Knowledge::embedded();
        let path = landscape_path(&request, knowledge).unwrap();
        let mut at: BTreeMap<String, ProjectVersion> = request
            .installed
            .iter()
            .map(|one| (one.installation.project.clone(), one.version.clone().unwrap()))
            .collect();
        let mut minor = request.from.minor();
        for hop in &path.hops {
            match &hop.subject {
                Mover::Project(installation) => {
                    let project = &installation.project;
                    let from = &at[project];
                    let to: ProjectVersion = hop.to.parse().unwrap();
                    prop_assert_eq!(&hop.from, &from.to_string());
                    prop_assert!(*from < to, "{}", hop);
                    prop_assert!(!is_ruled_out(project, &to, minor), "{hop} at {minor}");
                    let broken = knowledge.project_routes().objections(project, from, &to)
                        .filter(|way| way.force == Force::Required)
                        .count();
                    prop_assert_eq!(broken, 0, "{}", hop);
                    prop_assert!(!hop.because.is_empty(), "{}", hop);
                    at.insert(project.clone(), to);
                }
                Mover::ControlPlane => {
                    let to: refit_model::version::KubeVersion = hop.to.parse().unwrap();
                    prop_assert!(to.minor().ahead_of(minor).is_some_and(|ahead| ahead <= 1));
                    minor = to.minor();
                    prop_assert_eq!(hop.with.len(), at.len());
                    for companion in &hop.with {
                        let project = &companion.installation.project;
                        prop_assert_eq!(&companion.version, &at[project].to_string());
                        let answer = knowledge.projects().supports(project, &at[project], minor);
                        let told = companion.basis.as_str();
                        match answer {
                            Support::Supported { .. } => prop_assert!(["tested", "declared"].contains(&told)),
                            Support::NotKnown { .. } => prop_assert_eq!(told, "not known"),
                            Support::NotSupported { .. } => prop_assert!(false, "{project} at {minor}"),
                        }
                    }
                }
                Mover::Nodes => {}
            }
        }
        // It ends at the target, or says why it cannot.
        prop_assert_eq!(minor == request.target.minor(), path.blocked.is_empty());
        for blocker in &path.blocked {
            prop_assert_ne!(blocker.whose, Whose::Pinned, "nobody pinned anything");
            prop_assert!(!blocker.facts.is_empty(), "{:?}", blocker);
        }
        prop_assert_eq!(path.projects.len(), request.installed.len());
    }

    #[test]
    fn a_pin_never_opens_a_way(request in requests()) {
        let free = landscape_path(&request, Knowledge::embedded()).unwrap();
        let mut pinned = request.clone();
        pinned.wishes.keep = request.installed.iter().map(|one| one.installation.project.clone()).collect();
        let kept = landscape_path(&pinned, Knowledge::embedded()).unwrap();
        prop_assert!(kept.hops.iter().all(|hop| !matches!(hop.subject, Mover::Project(_))));
        prop_assert!(!free.blocked.is_empty() <= !kept.blocked.is_empty());
    }
}
