//! Container runtimes of nodes whose line gets no fixes any more, or not for long.

use super::Named;
use crate::codes;
use crate::finding::{count, finding, identity, named, thing};
use crate::scene::Scene;
use refit_knowledge::project::ProjectVersion;
use refit_knowledge::project::life::Life;
use refit_model::assessment::{Finding, Severity};
use refit_model::kubernetes::ContainerRuntime;
use refit_model::name::NodeName;

/// How many days before its end a line is told of, as for other projects.
const SOON: i64 = 62;

/// What is told of the line that `runtime` is of, where its calendar is known.
pub(super) fn judge(
    scene: &Scene<'_>,
    runtime: &ContainerRuntime,
    nodes: &[Named<'_>],
) -> Option<Finding> {
    let version: ProjectVersion = runtime.release()?.to_string().parse().ok()?;
    let lives = scene.knowledge.project_lives();
    let life = lives.of(runtime.name(), &version)?;
    let end = life.end_of_life?;
    let soon = scene.today.saturating_add(jiff::Span::new().days(SOON));
    let (severity, says) = match end {
        end if end < scene.today => (Severity::Warning, format!("has had no fixes since {end}")),
        end if end <= soon => (Severity::Info, format!("gets fixes only until {end}")),
        _ => return None,
    };
    let newest: Option<&Life> = lives
        .lines(runtime.name())
        .filter(|life| life.released <= scene.today && life.ended_on(scene.today) != Some(true))
        .max_by(|a, b| a.line.cmp(&b.line));
    let page = &codes::NODE_RUNTIME_ENDED;
    let subject = thing("ContainerRuntime", &runtime.to_string());
    let names: Vec<&NodeName> = nodes.iter().map(|(name, _)| *name).collect();
    let on = count(names.len(), "node", "nodes");
    Some(Finding {
        id: identity(page, &subject, &life.line.to_string()),
        evidence: vec![scene.seen(format!("{runtime} on {}", named(&names, super::NAMED)))],
        cause: format!(
            "It is of the line {}, which came out on {}.",
            life.line, life.released
        ),
        remedy: match newest {
            Some(newest) if newest.line > version => format!(
                "Bring these nodes to a line that gets fixes, such as {} {}, with the node upgrade.",
                runtime.name(),
                newest.line
            ),
            Some(_) | None => page.remedy.to_owned(),
        },
        references: vec![
            page.source.to_owned(),
            format!("{} at {}", life.source, life.source_version),
        ],
        ..finding(
            page,
            severity,
            subject,
            format!("{runtime} {says}, on {on}"),
        )
    })
}
