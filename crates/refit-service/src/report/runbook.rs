//! Markdown: the plan as a runbook that a person could carry out by hand.

use super::markdown::escape;
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
        "# Upgrade {} from {}",
        escape(&spec.cluster.name),
        spec.hop
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
        spec.target
    ));
    line("");
    if let Some(stop) = &report.stops {
        line(&format!(
            "**This plan stops before {}**, because {}.",
            escape(&stop.before),
            escape(&stop.because)
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

fn write_step(line: &mut impl FnMut(&str), step: &Step) {
    line(&format!("### {}", escape(&step.title)));
    line("");
    let mut facts = vec![format!("`{}`", step.id), step.kind.to_string()];
    match &step.subject {
        Subject::Cluster => {}
        other @ (Subject::Pool(_) | Subject::Node(_) | Subject::Application(_)) => {
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
        facts.push(format!("takes about {}", estimate.takes));
    }
    facts.push(format!("fails after {}", step.timeout));
    line(&facts.join(" · "));
    line("");
    line(&escape(&step.shows));
    line("");
    let commands: Vec<_> = step
        .act
        .iter()
        .flat_map(refit_model::act::Act::commands)
        .collect();
    if !commands.is_empty() {
        line("```sh");
        for words in &commands {
            line(&command_line(words));
        }
        line("```");
        line("");
    }
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
    line(&format!("Way back: {back}."));
    line("");
}

/// An argument list as a line for a POSIX shell: a word that a shell would read
/// as more than itself is quoted.
pub(crate) fn command_line(words: &[String]) -> String {
    let plain = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_./=:,+@%".contains(&b))
    };
    words
        .iter()
        .map(|word| {
            if plain(word) {
                word.clone()
            } else {
                format!("'{}'", word.replace('\'', r"'\''"))
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_words_stay_one_word() {
        let words = ["kubectl", "cordon", "w;reboot", "it's"].map(str::to_owned);
        assert_eq!(command_line(&words), r"kubectl cordon 'w;reboot' 'it'\''s'");
    }
}
