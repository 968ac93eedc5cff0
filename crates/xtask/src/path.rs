//! `cargo xtask bench-path`: how long a path takes.

use crate::{Outcome, say};
use refit_knowledge::Knowledge;
use refit_model::path::Installation;
use refit_planner::path::{Installed, PathRequest, Wishes, landscape_path};
use std::time::Instant;

/// So many projects, over so many minors: what the bar speaks of.
const PROJECTS: usize = 40;
const FROM: &str = "v1.27.16";
const TARGET: &str = "1.37";
const ROUNDS: usize = 5;

/// Prints the time of a path of 40 projects, each in the oldest version that
/// anything is claimed of, over 10 minors; the knowledge is read before.
pub(crate) fn run() -> Outcome<()> {
    let knowledge = Knowledge::embedded();
    let projects = knowledge.projects();
    let oldest = |name: &str| {
        let claims = projects.requirements(name);
        claims.map(|claim| claim.versions.first().clone()).min()
    };
    let installed: Vec<Installed> = projects
        .iter()
        .filter_map(|project| {
            Some(Installed {
                installation: Installation {
                    project: project.name.clone(),
                    namespace: None,
                },
                version: Some(oldest(&project.name)?),
            })
        })
        .take(PROJECTS)
        .collect();
    let request = PathRequest {
        from: FROM.parse()?,
        target: TARGET.parse()?,
        distribution: None,
        oldest_kubelet: None,
        wishes: Wishes::default(),
        today: "2026-11-30".parse()?,
        installed,
    };
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let path = landscape_path(&request, knowledge)?;
        say(&format!(
            "{} projects, {FROM} to {TARGET}: {:.0} ms, {} hops, {} blocked",
            request.installed.len(),
            begun.elapsed().as_secs_f64() * 1000.0,
            path.hops.len(),
            path.blocked.len()
        ))?;
    }
    Ok(())
}
