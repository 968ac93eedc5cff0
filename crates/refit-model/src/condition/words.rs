//! What people read of a condition, and the commands that show it.

use super::Condition;
use crate::command::Command;
use crate::look::Look;
use crate::name::NodeName;

impl Condition {
    /// What holds when it does, as a clause.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::All(parts) => joined(parts, " and "),
            Self::Any(parts) => joined(parts, ", or "),
            Self::Not(inner) => format!("it is not so that {}", inner.words()),
            Self::ServersAt(version) => format!("every API server runs {version}"),
            Self::ComponentsAt { node, version } => {
                format!("every component of Kubernetes on {node} runs {version}")
            }
            Self::ControlPlaneReady => "every component of the control plane is ready".to_owned(),
            Self::Quorum(kind) => format!("{kind} has its quorum, and one to spare"),
            Self::EtcdSnapshotTaken { node, since } => {
                format!("a copy of etcd was taken on {node} after {since}, and its hash checked")
            }
            Self::NodesReady { except } if except.is_empty() => "every node is ready".to_owned(),
            Self::NodesReady { except } => {
                let names: Vec<&str> = except.iter().map(NodeName::as_str).collect();
                format!("every node but {} is ready", names.join(", "))
            }
            Self::NodeReady(node) => format!("{node} is ready"),
            Self::KubeletAt { node, version } => format!("the kubelet on {node} is {version}"),
            Self::NodeCordoned(node) => format!("{node} takes no new pods"),
            Self::NodeReleased(node) => format!("no cordon of ours is on {node}"),
            Self::NodeDrained(node) => format!("no pod is left on {node} that a drain moves"),
            Self::BudgetsOpen(node) => {
                format!("every budget over a pod on {node} lets at least one go")
            }
            Self::NoBudgetBlocks(node) => {
                format!("no budget over a pod on {node} can never let one go")
            }
            Self::NoBarePods(node) => format!("no pod on {node} would be lost for good"),
            Self::WorkloadsServed { on: None } => {
                "workloads that had all their pods have them".to_owned()
            }
            Self::WorkloadsServed { on: Some(node) } => {
                format!("workloads with pods on {node} that had all of them have them")
            }
            Self::JujuAtLeast { major, minor } => {
                format!("the agents of the model run Juju {major}.{minor} or newer")
            }
            Self::ApplicationSettled(name) => {
                format!("every unit of {name} is active and its agent idle")
            }
            Self::UpgradeOffered(name) => format!("a newer revision of {name} is offered"),
            Self::CharmAt {
                application,
                revision,
            } => format!("the charm of {application} is at revision {revision}"),
            Self::FollowsChannel {
                application,
                channel,
            } => format!("{application} follows channel {channel}"),
            Self::ActionCompleted {
                application,
                action,
            } => format!("{action} has completed on {application}"),
            Self::UnitsAt {
                application,
                version,
            } => format!("every unit of {application} really runs {version}"),
            Self::ClaimsVersion {
                application,
                version,
            } => format!("{application} says that it runs {version}"),
            Self::UnitsChanging(name) => format!("a unit of {name} is changing"),
            Self::LeaderAwaitsWorkers { application, .. } => {
                format!(
                    "the leader of {application} waits for as many workers as are older than it"
                )
            }
            Self::NoUnitBlocked(name) => format!("no unit of {name} is blocked or in error"),
            Self::Shows { means, .. } => means.clone(),
        }
    }

    /// The commands by which a person sees whether it holds, each once.
    #[must_use]
    pub fn shown_by(&self) -> Vec<Command> {
        let node = |node: &NodeName| Command::of(["kubectl", "get", "node", node.as_str()]);
        let on = |node: &NodeName| {
            let selector = format!("spec.nodeName={node}");
            Command::of([
                "kubectl",
                "get",
                "pods",
                "-A",
                "--field-selector",
                &selector,
            ])
        };
        let control_plane = || {
            Command::of([
                "kubectl",
                "get",
                "pods",
                "-n",
                "kube-system",
                "-l",
                "tier=control-plane",
                "-o",
                "wide",
            ])
        };
        let status = || Command::of(["juju", "status", "--format", "json", "--utc"]);
        match self {
            Self::All(parts) | Self::Any(parts) => {
                let mut found: Vec<Command> = Vec::new();
                for command in parts.iter().flat_map(Self::shown_by) {
                    if !found.contains(&command) {
                        found.push(command);
                    }
                }
                found
            }
            Self::Not(inner) => inner.shown_by(),
            Self::ServersAt(_) => vec![Command::of(["kubectl", "get", "--raw", "/version"])],
            Self::ComponentsAt { .. } | Self::ControlPlaneReady | Self::Quorum(_) => {
                vec![control_plane()]
            }
            // The act itself prints it.
            Self::EtcdSnapshotTaken { .. } => Vec::new(),
            Self::NodesReady { .. } => vec![Command::of(["kubectl", "get", "nodes"])],
            Self::NodeReady(name)
            | Self::KubeletAt { node: name, .. }
            | Self::NodeCordoned(name)
            | Self::NodeReleased(name) => vec![node(name)],
            Self::NodeDrained(name) | Self::NoBarePods(name) => vec![on(name)],
            Self::BudgetsOpen(_) | Self::NoBudgetBlocks(_) => {
                vec![Command::of([
                    "kubectl",
                    "get",
                    "poddisruptionbudgets",
                    "-A",
                ])]
            }
            Self::WorkloadsServed { .. } => vec![Command::of([
                "kubectl",
                "get",
                "deployments,statefulsets,daemonsets",
                "-A",
            ])],
            Self::JujuAtLeast { .. }
            | Self::ApplicationSettled(_)
            | Self::UpgradeOffered(_)
            | Self::CharmAt { .. }
            | Self::FollowsChannel { .. }
            | Self::ClaimsVersion { .. }
            | Self::UnitsChanging(_)
            | Self::NoUnitBlocked(_)
            | Self::LeaderAwaitsWorkers { .. } => vec![status()],
            Self::ActionCompleted { .. } => vec![Command::of(["juju", "operations"])],
            Self::UnitsAt { application, .. } => vec![
                status(),
                Command::of([
                    "juju",
                    "exec",
                    "--application",
                    application.as_str(),
                    "--",
                    "snap",
                    "list",
                    "k8s",
                ]),
            ],
            Self::Shows { look, .. } => match look {
                Look::Program { run, on, .. } => vec![Command {
                    on: on.clone(),
                    ..Command::of(run.iter())
                }],
                Look::File { .. } => Vec::new(),
            },
        }
    }
}

fn joined(parts: &[Condition], between: &str) -> String {
    let words: Vec<String> = parts.iter().map(Condition::words).collect();
    words.join(between)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(condition: serde_json::Value, words: &str, commands: &[&str]) {
        let condition: Condition = serde_json::from_value(condition).unwrap();
        assert_eq!(condition.words(), words);
        let found: Vec<String> = condition
            .shown_by()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(found, commands);
    }

    #[test]
    fn what_people_read() {
        check(
            json!({"kubeletAt": {"node": "w-1", "version": "v1.34.2"}}),
            "the kubelet on w-1 is v1.34.2",
            &["kubectl get node w-1"],
        );
        check(
            json!({"all": [
                {"applicationSettled": "k8s"},
                {"unitsAt": {"application": "k8s", "version": "v1.34.2"}},
            ]}),
            "every unit of k8s is active and its agent idle and every unit of k8s really runs v1.34.2",
            &[
                "juju status --format json --utc",
                "juju exec --application k8s -- snap list k8s",
            ],
        );
        check(
            json!({"shows": {
                "look": {"program": {"run": ["helm", "list"]}},
                "that": "code == 0",
                "means": "Helm answers",
            }}),
            "Helm answers",
            &["helm list"],
        );
    }
}
