//! A second opinion on a plan for a project: whether the pages of its makers
//! lead this way, and whether what they ask for is in it.

use crate::codes;
use crate::pen::Pen;
use refit_knowledge::Knowledge;
use refit_knowledge::cluedin::{CarriedBy, ReleaseName, Upgrade};
use refit_knowledge::osism::{Number, Osism, Pull};
use refit_model::act::{Act, HelmAct, OsismAct, Setting};
use refit_model::command::Word;
use refit_model::name::StepId;
use refit_model::plan::{ReleaseHop, UpgradePlan};
use refit_model::step::{Step, StepKind, Subject};
use std::collections::BTreeSet;

/// The value that closes CluedIn for an upgrade of its data.
const UPGRADE_MODE: &str = "application.system.upgradeMode";

/// Looks at a plan for `project`.
pub(crate) fn look(
    plan: &UpgradePlan,
    project: &str,
    hop: &ReleaseHop,
    knowledge: &Knowledge,
    pen: &mut Pen,
) {
    match project {
        "cluedin" => cluedin(plan, hop, knowledge, pen),
        "osism" => osism(plan, hop, knowledge.osism(), pen),
        _ => {
            let known = knowledge.projects().find(project).is_some();
            if !known {
                pen.caution(
                    &codes::NO_GRAPH,
                    None,
                    format!(
                        "nothing is known of {project}, nor of its way to {}",
                        hop.to
                    ),
                );
            }
        }
    }
}

fn cluedin(plan: &UpgradePlan, hop: &ReleaseHop, knowledge: &Knowledge, pen: &mut Pen) {
    let graph = knowledge.cluedin();
    if hop.from == hop.to {
        return;
    }
    let names = (
        hop.from.as_str().parse::<ReleaseName>(),
        hop.to.as_str().parse::<ReleaseName>(),
    );
    let page = match &names {
        (Ok(from), Ok(to)) => graph
            .upgrades()
            .iter()
            .find(|upgrade| upgrade.target == *to && upgrade.coverage(from).is_ok()),
        (Err(_), _) | (_, Err(_)) => None,
    };
    let Some(page) = page else {
        pen.fatal(
            &codes::NO_PAGE,
            None,
            format!(
                "no page of the vendor leads from {} to {}",
                hop.from, hop.to
            ),
        );
        return;
    };
    let chart = graph
        .release(&page.target)
        .and_then(|release| release.chart.as_deref());
    charts(plan, chart, pen);
    upgrade_mode(plan, pen);
    data(plan, page, pen);
}

/// Every upgrade of the chart installs the one that the page names.
fn charts(plan: &UpgradePlan, wanted: Option<&str>, pen: &mut Pen) {
    let Some(wanted) = wanted else {
        return;
    };
    for (_, step) in plan.steps() {
        if let Some(Act::Helm(HelmAct::Upgrade { chart, version, .. })) = &step.act
            && chart.as_str().ends_with("cluedin-platform")
            && version.as_str() != wanted
        {
            pen.fatal(
                &codes::OTHER_CHART,
                Some(&step.id),
                format!("it installs chart {version}, and the page names {wanted}"),
            );
        }
    }
}

/// Whoever closes the system opens it again.
fn upgrade_mode(plan: &UpgradePlan, pen: &mut Pen) {
    let mut closed_by: Option<&StepId> = None;
    for (_, step) in plan.steps() {
        if let Some(Act::Helm(HelmAct::Upgrade { set, .. })) = &step.act {
            match value_of(set, UPGRADE_MODE) {
                Some("true") => closed_by = Some(&step.id),
                Some(_) => closed_by = None,
                // What an earlier call set stays set in the values of the release.
                None => {}
            }
        }
    }
    if let Some(step) = closed_by {
        pen.fatal(
            &codes::LEFT_CLOSED,
            Some(step),
            format!("it sets {UPGRADE_MODE}, and no later step takes that back"),
        );
    }
}

fn value_of<'s>(set: &'s [Setting], path: &str) -> Option<&'s str> {
    set.iter()
        .rev()
        .find(|setting| setting.path.as_str() == path)
        .map(|setting| setting.value.as_str())
}

/// A data upgrade is in the plan when the page has one, and a backup before it.
fn data(plan: &UpgradePlan, page: &Upgrade, pen: &mut Pen) {
    let Some(data) = page.data else {
        return;
    };
    let wanted = data.to.to_string();
    let carries = |step: &Step| match (&step.act, data.by) {
        (Some(Act::Exec(exec)), CarriedBy::Object) => exec
            .input
            .as_ref()
            .is_some_and(|input| input.contains("DataUpgrade") && input.contains(&wanted)),
        (Some(Act::Helm(HelmAct::Upgrade { .. })), CarriedBy::Values) => true,
        (_, CarriedBy::Object | CarriedBy::Values) => false,
    };
    let mut backed_up = false;
    let mut carried = false;
    for (_, step) in plan.steps() {
        backed_up |= step.kind == StepKind::Backup;
        let moves_data =
            carries(step) || matches!(step.act, Some(Act::Helm(HelmAct::Upgrade { .. })));
        if moves_data && !backed_up {
            pen.fatal(
                &codes::DATA_WITHOUT_BACKUP,
                Some(&step.id),
                format!("the data goes to {wanted}, and nothing before it is backed up"),
            );
            backed_up = true;
        }
        carried |= carries(step);
    }
    let changes = plan.steps().any(|(_, step)| step.changes_state());
    if changes && !carried {
        pen.fatal(
            &codes::DATA_STAYS,
            None,
            format!("the page brings the data to {wanted}, and no step does"),
        );
    }
}

fn osism(plan: &UpgradePlan, hop: &ReleaseHop, graph: &Osism, pen: &mut Pen) {
    let number = |word: &Word| word.as_str().parse::<Number>().ok();
    match (number(&hop.from), number(&hop.to)) {
        (Some(from), Some(to)) if from != to => {
            if let Err(no_step) = graph.step(from, to) {
                pen.fatal(&codes::NO_PAGE, None, no_step.to_string());
            }
        }
        (Some(_), Some(_)) => {}
        (None, _) | (_, None) => pen.fatal(
            &codes::NO_PAGE,
            None,
            format!("{hop} is no step between releases of OSISM"),
        ),
    }
    let applied: Vec<(&Step, &str, &[Word])> = plan
        .steps()
        .filter_map(|(_, step)| match &step.act {
            Some(Act::Osism(OsismAct::Apply {
                role, arguments, ..
            })) => Some((step, role.as_str(), arguments.as_slice())),
            Some(_) | None => None,
        })
        .collect();
    for (step, role, arguments) in &applied {
        words(step, role, arguments, graph, pen);
    }
    order(&applied, graph, pen);
    pulls(&applied, graph, pen);
}

/// The role is among the arguments, nothing that reads as an environment stands
/// before it, and somebody knows it.
fn words(step: &Step, role: &str, arguments: &[Word], graph: &Osism, pen: &mut Pen) {
    let place = arguments.iter().position(|word| word.as_str() == role);
    let Some(place) = place else {
        pen.fatal(
            &codes::OSISM_WORDS,
            Some(&step.id),
            format!("it is about {role}, and does not apply it"),
        );
        return;
    };
    let variables = arguments
        .iter()
        .take(place)
        .any(|word| word.as_str() == "-e" || word.as_str().contains('='));
    if variables {
        pen.fatal(
            &codes::OSISM_WORDS,
            Some(&step.id),
            format!("what stands before {role} is read as the name of an environment"),
        );
    }
    // Plays beside the roles, such as that of a backup, are not in the knowledge.
    if matches!(&step.subject, Subject::Role(subject) if subject.as_str() == role)
        && graph.role(role).is_none()
    {
        pen.caution(
            &codes::OSISM_WORDS,
            Some(&step.id),
            format!(
                "nothing is known of a role {role}; one that does not exist is sent, and hangs"
            ),
        );
    }
}

/// Whether it only fetches images.
fn is_pull(arguments: &[Word]) -> bool {
    arguments.windows(2).any(
        |pair| matches!(pair, [flag, action] if flag.as_str() == "-a" && action.as_str() == "pull"),
    )
}

/// The order of the roles keeps what their makers say of it.
fn order(applied: &[(&Step, &str, &[Word])], graph: &Osism, pen: &mut Pen) {
    let mut order: Vec<String> = Vec::new();
    for (_, role, arguments) in applied {
        if !is_pull(arguments) && !order.iter().any(|known| known == role) {
            order.push((*role).to_owned());
        }
    }
    for broken in graph.broken_by(&order) {
        let step = applied
            .iter()
            .find(|(_, role, arguments)| *role == broken.role && !is_pull(arguments));
        pen.caution(
            &codes::ROLE_ORDER,
            step.map(|(step, ..)| &step.id),
            format!(
                "{} comes before {} ({})",
                broken.role, broken.constraint.first, broken.constraint.source
            ),
        );
    }
}

/// What has images is upgraded after they were pulled.
fn pulls(applied: &[(&Step, &str, &[Word])], graph: &Osism, pen: &mut Pen) {
    let mut pulled: BTreeSet<&str> = BTreeSet::new();
    for (step, role, arguments) in applied {
        if is_pull(arguments) {
            pulled.insert(role);
        } else if graph
            .role(role)
            .is_some_and(|known| known.pull == Pull::Before)
            && !pulled.contains(role)
        {
            pen.caution(
                &codes::NOT_PULLED,
                Some(&step.id),
                format!(
                    "the images of {role} are not pulled before, and its restart waits for them"
                ),
            );
        }
    }
}
