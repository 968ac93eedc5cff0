//! Container runtimes of nodes whose line gets no fixes any more, important ones
//! only, or not for long.

use super::Named;
use crate::finding::{count, finding, identity, named, thing};
use crate::scene::Scene;
use crate::{codes, life};
use refit_knowledge::project::ProjectVersion;
use refit_model::assessment::Finding;
use refit_model::kubernetes::ContainerRuntime;
use refit_model::name::NodeName;

/// What is told of the line that `runtime` is of, where its calendar is known.
pub(super) fn judge(
    scene: &Scene<'_>,
    runtime: &ContainerRuntime,
    nodes: &[Named<'_>],
) -> Option<Finding> {
    let version: ProjectVersion = runtime.release()?.to_string().parse().ok()?;
    let lives = scene.knowledge.project_lives();
    let line = lives.of(runtime.name(), &version)?;
    let (severity, says) = life::fixes(line, scene.today)?;
    let page = &codes::NODE_RUNTIME_ENDED;
    let subject = thing("ContainerRuntime", &runtime.to_string());
    let names: Vec<&NodeName> = nodes.iter().map(|(name, _)| *name).collect();
    let on = count(names.len(), "node", "nodes");
    Some(Finding {
        id: identity(page, &subject, &line.line.to_string()),
        evidence: vec![scene.seen(format!("{runtime} on {}", named(&names, super::NAMED)))],
        cause: life::origin(line),
        remedy: match life::newest(lives, runtime.name(), scene.today) {
            Some(newest) if newest.line > version => format!(
                "Bring these nodes to a line that gets fixes, such as {} {}, with the node upgrade.",
                runtime.name(),
                newest.line
            ),
            Some(_) | None => page.remedy.to_owned(),
        },
        references: vec![page.source.to_owned(), life::source(line)],
        ..finding(
            page,
            severity,
            subject,
            format!("{runtime} {says}, on {on}"),
        )
    })
}
