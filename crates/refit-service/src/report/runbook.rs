//! Markdown: the plan as a runbook that a person could carry out by hand.

use super::markdown::escape;
use refit_model::act::{Act, EditAct, PersonAct, Setting};
use refit_model::condition::Condition;
use refit_model::governance::{Requester, SignatureRule};
use refit_model::plan::UpgradePlan;
use refit_model::report::PlanReport;
use refit_model::step::{Step, Subject, WayBack};

/// The plan as a runbook.
#[must_use]
pub fn plan_markdown(plan: &UpgradePlan, report: &PlanReport) -> String {
    let spec = &plan.spec;
    let mut out = String::new();
    let mut line = |text: &str| {
        out.push_str(text);
        out.push('\n');
    };
    line(&format!(
        "# Upgrade of {} on {}",
        spec.goal,
        escape(&spec.cluster.name)
    ));
    line("");
    line(&format!(
        "Made from template `{}` (revision {}), knowledge {}, and what was observed at {}.",
        spec.made_from.template,
        spec.made_from.revision,
        spec.made_from.knowledge,
        spec.made_from.snapshot_taken_at
    ));
    line(&format!(
        "Plan `{}`, for cluster `{}`. The target is {}.",
        plan.content_hash.short(),
        spec.cluster.id,
        spec.goal.target()
    ));
    write_governance(&mut line, plan);
    line("");
    if let Some(stop) = &report.stops {
        line(&format!(
            "**This plan stops before {}**, because {}.",
            escape(&stop.before),
            escape(&stop.because)
        ));
        line("");
    }
    for conflict in &report.conflicts {
        line(&format!(
            "**Its order breaks a rule**: {}.",
            escape(conflict)
        ));
        line("");
    }
    if !report.later_hops.is_empty() {
        line("Hops that follow, each planned again from what is then observed:");
        line("");
        for hop in &report.later_hops {
            line(&format!("- {hop}"));
        }
        line("");
    }
    for stage in &spec.stages {
        line(&format!("## {}", escape(&stage.title)));
        line("");
        for step in &stage.steps {
            write_step(&mut line, step);
        }
    }
    out
}

/// What is laid down for the plan: where it belongs, what people changed in its
/// template, and who has to say yes.
fn write_governance(line: &mut impl FnMut(&str), plan: &UpgradePlan) {
    let governance = &plan.spec.governance;
    if let Some(environment) = &governance.environment {
        let region = governance.region.as_ref();
        let region = region.map_or_else(String::new, |region| format!(", {}", escape(region)));
        line(&format!("Environment: {environment}{region}."));
    }
    for overlay in &plan.spec.made_from.overlays {
        line(&format!(
            "With overlay `{}` ({}).",
            overlay.name,
            overlay.content_hash.short()
        ));
    }
    if governance.approvals.is_plain() {
        return;
    }
    let rules = &governance.approvals;
    let mut words = format!("Approvals that it needs: {}", rules.quorum);
    if !rules.approvers.is_empty() {
        let names: Vec<_> = rules
            .approvers
            .iter()
            .map(|it| it.name.to_string())
            .collect();
        words.push_str(&format!(" of {}", escape(&names.join(", "))));
    }
    for role in &rules.roles {
        words.push_str(&format!("; one of role {role}"));
    }
    if rules.requester == Requester::MayNotApprove {
        words.push_str("; not of the one who asks");
    }
    if rules.signature == SignatureRule::Needed {
        words.push_str("; signed");
    }
    line(&format!("{words}."));
}

/// The runbook as a page of its own, for printing and for those without a viewer.
#[must_use]
pub fn plan_html(plan: &UpgradePlan, report: &PlanReport) -> String {
    let markdown = plan_markdown(plan, report);
    let mut body = String::new();
    pulldown_cmark::html::push_html(&mut body, pulldown_cmark::Parser::new(&markdown));
    let title = plan.spec.goal.to_string();
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Upgrade of {title}</title>\n<style>\n\
         body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}\n\
         pre {{ background: #f3f3f3; padding: .7rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }}\n\
         code {{ overflow-wrap: anywhere; }}\n\
         h2 {{ border-top: 2px solid #888; padding-top: 1rem; }}\n\
         h3 {{ break-after: avoid; }}\n\
         blockquote {{ border-left: 4px solid #c60; margin-left: 0; padding-left: 1rem; }}\n\
         </style></head><body>\n{body}</body></html>\n"
    )
}

fn write_step(line: &mut impl FnMut(&str), step: &Step) {
    line(&format!("### {}", escape(&step.title)));
    line("");
    line(&facts(step).join(" · "));
    line("");
    line(&escape(&step.shows));
    line("");
    conditions(line, "Before it, see that", &[&step.expects]);
    conditions(line, "All the while", &[&step.keeps]);
    write_act(line, step);
    conditions(line, "Done when", &[&step.reaches]);
    let back = match &step.way_back {
        WayBack::NothingToUndo => "nothing to undo".to_owned(),
        WayBack::UndoneBy(what) => format!("undone by {}", escape(what)),
        WayBack::ByHand(how) => format!("by hand: {}", escape(how)),
        WayBack::RestoreOnly(how) => {
            format!(
                "**point of no return**: only restoring goes back: {}",
                escape(how)
            )
        }
    };
    for note in &step.notes {
        line(&format!("> {}", escape(note)));
        line("");
    }
    line(&format!("Way back: {back}."));
    line("");
}

/// What a step is, in a few words each.
fn facts(step: &Step) -> Vec<String> {
    let mut facts = vec![format!("`{}`", step.id), step.kind.to_string()];
    match &step.subject {
        Subject::Cluster => {}
        other @ (Subject::Pool(_)
        | Subject::Node(_)
        | Subject::Application(_)
        | Subject::Role(_)
        | Subject::Thing { .. }) => {
            facts.push(other.to_string());
        }
    }
    if let Some(act) = &step.act {
        facts.push(format!("hands: {}", act.adapter()));
    }
    if let Some(assignee) = &step.assignee {
        facts.push(format!("assigned to {assignee}"));
    }
    if let Some(estimate) = &step.estimate {
        facts.push(format!(
            "takes about {} ({})",
            estimate.takes, estimate.basis
        ));
    }
    facts.push(format!("fails after {}", step.timeout));
    facts
}

/// What a step does: its commands, what it changes in a file, or what a person
/// has to do.
fn write_act(line: &mut impl FnMut(&str), step: &Step) {
    let Some(act) = &step.act else {
        return;
    };
    match act {
        Act::Person(PersonAct::Do { instructions, .. }) => {
            line(&escape(instructions));
            line("");
        }
        Act::Person(PersonAct::Notify { audience, message }) => {
            line(&format!("To {}: {}", escape(audience), escape(message)));
            line("");
        }
        Act::Edit(EditAct {
            from,
            into,
            set,
            remove,
        }) => {
            if from == into {
                line(&format!("In `{into}`:"));
            } else {
                line(&format!("Copy `{from}` to `{into}`, and in the copy:"));
            }
            line("");
            for Setting { path, value } in set {
                line(&format!("- set `{path}` to `{value}`"));
            }
            for path in remove {
                line(&format!("- take out `{path}`"));
            }
            line("");
        }
        Act::Kube(_)
        | Act::Kubeadm(_)
        | Act::Etcd(_)
        | Act::Juju(_)
        | Act::Helm(_)
        | Act::Osism(_)
        | Act::Exec(_) => {}
    }
    let commands = act.commands();
    if commands.is_empty() {
        return;
    }
    let elsewhere = commands.iter().find_map(|command| command.on.as_ref());
    if let Some(host) = elsewhere.filter(|host| host.as_str() != "localhost") {
        line(&format!("On {host}:"));
        line("");
    }
    line("```sh");
    for command in &commands {
        line(&command.to_string());
    }
    line("```");
    line("");
}

/// What has to hold, each with the commands that show it.
fn conditions(line: &mut impl FnMut(&str), before: &str, held: &[&[Condition]]) {
    let mut found: Vec<&Condition> = Vec::new();
    let mut left: Vec<&Condition> = held
        .iter()
        .rev()
        .flat_map(|part| part.iter().rev())
        .collect();
    while let Some(condition) = left.pop() {
        if let Condition::All(parts) = condition {
            left.extend(parts.iter().rev());
        } else {
            found.push(condition);
        }
    }
    if found.is_empty() {
        return;
    }
    line(&format!("{before}:"));
    line("");
    for condition in found {
        let shown: Vec<String> = condition
            .shown_by()
            .iter()
            .map(|command| match &command.on {
                Some(host) if host.as_str() != "localhost" => format!("`{command}` on {host}"),
                Some(_) | None => format!("`{command}`"),
            })
            .collect();
        let words = escape(&condition.words());
        if shown.is_empty() {
            line(&format!("- {words}"));
        } else {
            line(&format!("- {words}: {}", shown.join(", ")));
        }
    }
    line("");
}
