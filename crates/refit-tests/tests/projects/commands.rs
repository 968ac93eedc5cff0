//! The runbooks of the built-in templates hold every command of the procedures
//! that they come from, and none that is not accounted for.

use crate::canonical;
use crate::cluedin;
use crate::osism;
use crate::support::{planned, template};
use refit_model::kubernetes::{Distribution, Kubernetes};
use refit_model::plan::UpgradePlan;
use refit_model::report::PlanReport;
use refit_model::seen::{Listing, Seen, Unseen};
use refit_model::snapshot::Snapshot;
use refit_planner::{PlanRequest, Target, Terms};
use refit_service::report::plan_markdown;
use refit_tests::landscapes::worker_in;
use refit_tests::programs::{Programs, landscape};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// One command of a procedure.
struct Listed {
    template: String,
    row: String,
    ours: String,
}

/// The list: which template, where the command comes from, how the page has it,
/// how we have it (`*` stands for what differs by subject), and why it differs.
fn listed() -> Vec<Listed> {
    let path = format!("{}/tests/tables/commands.csv", env!("CARGO_MANIFEST_DIR"));
    csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_path(path)
        .unwrap()
        .records()
        .map(|record| {
            let record = record.unwrap();
            Listed {
                template: record[0].to_owned(),
                row: record[1].to_owned(),
                ours: record[3].to_owned(),
            }
        })
        .collect()
}

/// Every command of a runbook: the lines of its blocks, and what its looks run.
fn commands(markdown: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut block: Option<Vec<&str>> = None;
    for line in markdown.lines() {
        match (&mut block, line) {
            (None, "```sh") => block = Some(Vec::new()),
            (Some(lines), "```") => {
                let mut text = lines.iter();
                while let Some(line) = text.next() {
                    found.insert((*line).to_owned());
                    if let Some((_, end)) = line.split_once(" <<'") {
                        let end = end.trim_end_matches('\'');
                        text.by_ref().find(|line| **line == end);
                    }
                }
                block = None;
            }
            (Some(lines), _) => lines.push(line),
            (None, _) if line.starts_with("- ") => {
                // What is between backticks behind the words of a condition.
                let shown = line.rsplit_once(": `").map_or("", |(_, shown)| shown);
                found.extend(
                    shown
                        .split('`')
                        .step_by(2)
                        .filter(|command| !command.is_empty())
                        .map(str::to_owned),
                );
            }
            (None, _) => {}
        }
    }
    found
}

/// Whether `command` is what `pattern` says, in which `*` stands for any text
/// without a blank.
fn matches(pattern: &str, command: &str) -> bool {
    let (mut words, mut found) = (pattern.split(' '), command.split(' '));
    loop {
        match (words.next(), found.next()) {
            (None, None) => return true,
            (Some(word), Some(text)) => {
                let fits = match word.split_once('*') {
                    Some((before, after)) => {
                        text.len() >= before.len() + after.len()
                            && text.starts_with(before)
                            && text.ends_with(after)
                    }
                    None => word == text,
                };
                if !fits {
                    return false;
                }
            }
            (Some(_), None) | (None, Some(_)) => return false,
        }
    }
}

/// The runbooks from which the commands of each template are taken: as many as
/// it takes to see every one of its steps.
fn runbooks() -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut found: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    let mut add = |template: &'static str, plan: &UpgradePlan| {
        let markdown = plan_markdown(plan, &PlanReport::default());
        found
            .entry(template)
            .or_default()
            .extend(commands(&markdown));
    };
    for plan in cluedin::every_mode() {
        add("cluedin/platform", &plan);
    }
    for plan in canonical::every_hop() {
        add("canonical-k8s/charm", &plan);
    }
    for plan in osism::every_kind() {
        add("osism/landscape", &plan);
    }
    for path in ["surge", "recreate"] {
        add(
            "cluedin/aks",
            &on_aks(
                "cluedin/aks",
                &[
                    ("resourceGroup", "rg-cluedin"),
                    ("nodeResourceGroup", "mrg-cluedin-nodes"),
                    ("cluster", "aks-cluedin"),
                    ("subscription", "sub"),
                    ("url", "https://cluedin.example.com"),
                    ("path", path),
                    ("audience", "everybody"),
                ],
            ),
        );
    }
    found
}

/// A plan for a cluster of AKS with two pools.
pub(crate) fn on_aks(called: &str, set: &[(&str, &str)]) -> UpgradePlan {
    let request = PlanRequest {
        target: Target::Kubernetes("1.34.1".parse().unwrap()),
        parameters: set
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), (*value).to_owned()))
            .collect(),
        hop: None,
        terms: Terms::default(),
    };
    let (made, _) = planned(&template(called), aks(), &aks_programs(), &request).unwrap();
    assert_eq!(made.report.stops, None, "{called}");
    made.plan
}

pub(crate) fn aks_programs() -> Programs {
    let show = |name: &str| {
        let path = format!(
            "{}/tests/recorded/az/{name}.json",
            env!("CARGO_MANIFEST_DIR")
        );
        std::fs::read_to_string(path).unwrap()
    };
    let at = "--resource-group rg-cluedin --subscription sub";
    let workloads = |name: &str| {
        json!({"items": [{"metadata": {"name": name}, "spec": {"replicas": 2}, "status": {"replicas": 2, "readyReplicas": 2}}]}).to_string()
    };
    let one = json!({"metadata": {"name": "x"}, "spec": {"replicas": 0}, "status": {}}).to_string();
    let mut programs = Programs::default()
        .with(
            "kubectl get pvc -n cluedin -o json",
            json!({"items": [{"spec": {"volumeName": "pvc-1a2b"}}]}).to_string(),
        )
        .with(
            "kubectl get deploy -n cluedin -o json",
            workloads("cluedin-server"),
        )
        .with(
            "kubectl get statefulset -n cluedin -o json",
            workloads("cluedin-neo4j"),
        )
        .with(
            "kubectl get deploy cluedin-server -n cluedin -o json",
            one.as_str(),
        )
        .with(
            "kubectl get statefulset cluedin-neo4j -n cluedin -o json",
            one,
        )
        .with(
            &format!("az aks show --name aks-cluedin {at} -o json"),
            show("aks-show-before"),
        );
    for pool in ["general", "system"] {
        programs = programs.with(
            &format!("az aks nodepool show --cluster-name aks-cluedin --name {pool} {at} -o json"),
            json!({"provisioningState": "Succeeded", "currentOrchestratorVersion": "1.33.5", "upgradeSettings": {"maxSurge": "1"}}).to_string(),
        );
    }
    programs
}

/// A cluster of AKS: no component of its control plane is seen.
pub(crate) fn aks() -> Snapshot {
    let version = "v1.33.5";
    let mut side = Kubernetes::unseen(&Unseen::NotInSource);
    side.distribution = Seen::Is(Distribution::Aks);
    side.server = Seen::Is(version.parse().unwrap());
    side.components = Listing::whole(BTreeMap::new());
    let node = |pool: &str| worker_in(pool, &version.parse().unwrap());
    side.nodes = Listing::whole(BTreeMap::from([
        ("aks-system-1".parse().unwrap(), node("system")),
        ("aks-general-1".parse().unwrap(), node("general")),
    ]));
    let mut snapshot = landscape("aks-cluedin");
    snapshot.kubernetes = Some(side);
    snapshot
}

#[test]
fn every_command_of_the_procedures_is_there_and_none_is_invented() {
    let listed = listed();
    let mut wrong = Vec::new();
    for (template, commands) in runbooks() {
        let of_it: Vec<&Listed> = listed
            .iter()
            .filter(|listed| listed.template == template)
            .collect();
        for listed in &of_it {
            if !commands
                .iter()
                .any(|command| matches(&listed.ours, command))
            {
                wrong.push(format!(
                    "{template}, {}: missing: {}",
                    listed.row, listed.ours
                ));
            }
        }
        for command in &commands {
            if !of_it.iter().any(|listed| matches(&listed.ours, command)) {
                wrong.push(format!("{template}: invented: {command}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
