//! CluedIn on AKS, as `helm`, `kubectl` and `az` show it and change it.
//!
//! Where a tool's answer was recorded, the record is what is printed, with the
//! names and versions of the landscape in it.

use super::Reply;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// The disks' resource group.
pub const GROUP: &str = "mrg-cluedin-nodes";
/// The subscription.
pub const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";
/// The context of the kubeconfig.
pub const CONTEXT: &str = "aks-cluedin-eastus";
const NAMESPACE: &str = "cluedin";
const RELEASE: &str = "cluedin-platform";
const REPOSITORY: &str = "https://cluedin-io.github.io/Charts";
const VOLUMES: &[&str] = &["pvc-1a2b", "pvc-3c4d"];
const JOBS: &[&str] = &["init-neo4j-job", "init-sqlserver-job"];
/// The charts that the repository offers.
const CHARTS: &[&str] = &["2.5.0", "2.5.3", "2.7.0", "2.8.0"];

const REPOSITORIES: &str = include_str!("../../tests/recorded/helm/repo-list.json");
const PODS_READY: &str = include_str!("../../tests/recorded/kubectl/pods-healthy.json");
const PODS_CLOSED: &str = include_str!("../../tests/recorded/kubectl/pods-upgrade-mode.json");
const PODS_PENDING: &str = include_str!("../../tests/recorded/kubectl/pods-pending.json");
const SNAPSHOT: &str = include_str!("../../tests/recorded/az/snapshot-create.json");
const LOG_UNDERWAY: &str =
    include_str!("../../tests/recorded/logs/cluedin-server-dataupgrade-still-running.log");
const LOG_DONE: &str = include_str!("../../tests/recorded/logs/cluedin-server-dataupgrade-ok.log");
const LOG_500: &str = include_str!("../../tests/recorded/logs/cluedin-server-dataupgrade-500.log");
const LOG_OTHER: &str =
    include_str!("../../tests/recorded/logs/cluedin-server-dataupgrade-wrong-version.log");

/// What the procedure warns of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trap {
    /// Somebody else makes a revision just before ours.
    Overtaken,
    /// A client that was killed left an operation pending.
    Pending,
    /// Helm gives up waiting, and the pods come up afterwards.
    GivesUp,
    /// The chart is deployed, and the pods are those of the release before.
    OldPods,
    /// The upgrade of the data is answered with 500.
    DataFails,
    /// The log shows the answer to another version's upgrade, and no other.
    OtherVersion,
}

/// A landscape.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Site {
    /// The tag that the values name.
    pub tag: String,
    /// The tag of the server's pods.
    pub running: String,
    /// Whether the values keep the system closed.
    pub closed: bool,
    /// The revisions of the release, the oldest first.
    pub revisions: Vec<Revision>,
    /// What changed the landscape, in order.
    pub effects: Vec<String>,
    /// What it holds in store.
    pub trap: Option<Trap>,
    repository: bool,
    index: bool,
    deployments: u32,
    stateful_sets: u32,
    /// How many looks at the pods it takes until they are ready.
    pods_in: u32,
    jobs_done: BTreeSet<String>,
    copies: BTreeSet<String>,
    data: Option<Data>,
}

/// A revision of the release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Its number.
    pub revision: u32,
    /// How it stands.
    pub status: String,
    /// The chart with its version.
    pub chart: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Data {
    version: String,
    looks: u32,
}

impl Site {
    /// A landscape of release `tag`, deployed with `chart`.
    #[must_use]
    pub fn at(tag: &str, chart: &str) -> Self {
        Self {
            tag: tag.to_owned(),
            running: tag.to_owned(),
            closed: false,
            revisions: vec![Revision {
                revision: 14,
                status: "deployed".to_owned(),
                chart: format!("{RELEASE}-{chart}"),
            }],
            effects: Vec::new(),
            trap: None,
            repository: false,
            index: false,
            deployments: 5,
            stateful_sets: 3,
            pods_in: 0,
            jobs_done: JOBS.iter().map(|job| (*job).to_owned()).collect(),
            copies: BTreeSet::new(),
            data: None,
        }
    }

    /// The same, with a trap in it.
    #[must_use]
    pub fn with(mut self, trap: Trap) -> Self {
        self.trap = Some(trap);
        self
    }

    /// The newest revision.
    fn newest(&self) -> (u32, String) {
        self.revisions.last().map_or((0, String::new()), |newest| {
            (newest.revision, newest.chart.clone())
        })
    }

    /// Whether the trap is this one; it snaps once.
    fn snaps(&mut self, trap: Trap) -> bool {
        let snaps = self.trap == Some(trap);
        if snaps {
            self.trap = None;
        }
        snaps
    }

    /// Answers a call; nothing for one that it does not know.
    pub fn answer(&mut self, words: &[&str], here: &Path, input: &str) -> Option<Reply> {
        match *words {
            ["helm", ref rest @ ..] => self.helm(rest, here),
            ["kubectl", ref rest @ ..] => self.kubectl(rest, input),
            ["az", ref rest @ ..] => self.az(rest),
            _ => None,
        }
    }

    fn helm(&mut self, words: &[&str], here: &Path) -> Option<Reply> {
        Some(match *words {
            ["version", "--short"] => Reply::prints("v3.19.0+g3d8990f\n"),
            ["repo", "list", "-o", "json"] if self.repository => Reply::prints(REPOSITORIES),
            ["repo", "list", "-o", "json"] => Reply::fails(1, "Error: no repositories to show"),
            ["repo", "add", "cluedin", REPOSITORY] => {
                if !self.repository {
                    self.repository = true;
                    self.effects.push("repository".to_owned());
                }
                Reply::default()
            }
            ["repo", "update"] => {
                self.index = self.repository;
                Reply::default()
            }
            [
                "search",
                "repo",
                "cluedin/cluedin-platform",
                "--versions",
                "-o",
                "json",
            ] => {
                let offered = if self.index { CHARTS } else { &[] };
                let charts = offered
                    .iter()
                    .map(|version| json!({"name": "cluedin/cluedin-platform", "version": version}));
                Reply::prints(Value::from_iter(charts).to_string())
            }
            ["list", "-a", "-n", NAMESPACE, "-o", "json"] => {
                let newest = self.revisions.last().map(|newest| {
                    json!({
                        "name": RELEASE, "namespace": NAMESPACE,
                        "revision": newest.revision.to_string(),
                        "updated": "2026-11-17 19:02:11.903769241 +0000 UTC",
                        "status": newest.status, "chart": newest.chart,
                    })
                });
                Reply::prints(Value::from_iter(newest).to_string())
            }
            [
                "get",
                "values",
                RELEASE,
                "-n",
                NAMESPACE,
                "-o",
                "json" | "yaml",
            ] => {
                // A JSON text is a YAML text.
                let values = json!({
                    "global": {"image": {"tag": self.tag}},
                    "secrets": {"password": "hunter2"},
                    "application": {"system": {"upgradeMode": self.closed}},
                });
                Reply::prints(values.to_string())
            }
            ["history", RELEASE, "-n", NAMESPACE, "-o", "json"] => {
                Reply::prints(serde_json::to_string(&self.revisions).ok()?)
            }
            [
                "upgrade",
                RELEASE,
                "-n",
                NAMESPACE,
                "cluedin/cluedin-platform",
                "--version",
                chart,
                "--values",
                file,
                ref settings @ ..,
                "--wait",
                "--timeout",
                "10m0s",
            ] if CHARTS.contains(&chart) && self.index => {
                let settings: Vec<_> = settings
                    .chunks(2)
                    .map(|pair| match *pair {
                        ["--set", setting] => setting.strip_prefix("application.system."),
                        _ => None,
                    })
                    .collect::<Option<_>>()?;
                let closes = match *settings {
                    ["runDatabaseJobsOnUpgrade=true", "runNugetFullRestore=true"]
                    | [
                        "runDatabaseJobsOnUpgrade=false",
                        "runNugetFullRestore=false",
                        "upgradeMode=false",
                    ] => false,
                    [
                        "runDatabaseJobsOnUpgrade=true",
                        "runNugetFullRestore=true",
                        "upgradeMode=true",
                    ] => true,
                    _ => return None,
                };
                let values = std::fs::read_to_string(here.join(file)).ok()?;
                let values: Value = serde_saphyr::from_str(&values).ok()?;
                let tag = values.pointer("/global/image/tag")?.as_str()?.to_owned();
                self.upgrade(chart, tag, closes)
            }
            _ => return None,
        })
    }

    fn upgrade(&mut self, chart: &str, tag: String, closes: bool) -> Reply {
        if self.snaps(Trap::Pending) {
            if let Some(newest) = self.revisions.last_mut() {
                "pending-upgrade".clone_into(&mut newest.status);
            }
            return Reply::fails(
                1,
                "Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress",
            );
        }
        if self.snaps(Trap::Overtaken) {
            let (_, same) = self.newest();
            self.revise(same, "deployed");
        }
        let state = if closes { "closed" } else { "open" };
        self.effects.push(format!("chart {chart}, {state}"));
        let gives_up = self.snaps(Trap::GivesUp);
        let status = if gives_up { "failed" } else { "deployed" };
        self.revise(format!("{RELEASE}-{chart}"), status);
        if self.trap != Some(Trap::OldPods) {
            self.running.clone_from(&tag);
        }
        self.tag = tag;
        self.closed = closes;
        // The hook of the chart deletes the jobs, and they are made anew.
        self.jobs_done.clear();
        (self.deployments, self.stateful_sets, self.pods_in) = (5, 3, 1);
        if gives_up {
            return Reply::fails(1, "Error: UPGRADE FAILED: context deadline exceeded");
        }
        Reply::prints(format!("Release \"{RELEASE}\" has been upgraded.\n"))
    }

    fn revise(&mut self, chart: String, status: &str) {
        if let Some(before) = self.revisions.last_mut()
            && before.status == "deployed"
        {
            "superseded".clone_into(&mut before.status);
        }
        let (newest, _) = self.newest();
        self.revisions.push(Revision {
            revision: newest + 1,
            status: status.to_owned(),
            chart,
        });
    }

    fn kubectl(&mut self, words: &[&str], input: &str) -> Option<Reply> {
        let pods = |count: &u32| json!({"status": {"replicas": count}});
        Some(match *words {
            ["version", "--client", "-o", "json"] => {
                Reply::prints(r#"{"clientVersion": {"major": "1", "minor": "34"}}"#)
            }
            ["config", "current-context"] => Reply::prints(format!("{CONTEXT}\n")),
            ["get", what, "-n", NAMESPACE, "-o", "json"] => {
                let items = match what {
                    "pvc" => VOLUMES
                        .iter()
                        .map(|volume| json!({"spec": {"volumeName": volume}}))
                        .collect(),
                    "deploy" => vec![pods(&self.deployments)],
                    "statefulset" => vec![pods(&self.stateful_sets)],
                    "deployments,statefulsets" => {
                        vec![pods(&self.deployments), pods(&self.stateful_sets)]
                    }
                    "pods" => self.pods()?,
                    _ => return None,
                };
                Reply::prints(json!({"items": items}).to_string())
            }
            ["get", "job", job, "-n", NAMESPACE, "-o", "json"] if JOBS.contains(&job) => {
                let status = if self.jobs_done.contains(job) {
                    json!({"succeeded": 1})
                } else {
                    json!({"active": 1})
                };
                Reply::prints(json!({"status": status}).to_string())
            }
            [
                "wait",
                "--for=condition=complete",
                job,
                "--timeout",
                "20m",
                "-n",
                NAMESPACE,
            ] => {
                let job = job.strip_prefix("job/").filter(|job| JOBS.contains(job))?;
                self.jobs_done.insert(job.to_owned());
                Reply::prints(format!("job.batch/{job} condition met\n"))
            }
            [
                "logs",
                "deployment/cluedin-server",
                "-n",
                NAMESPACE,
                "--tail=-1" | "--tail=1000",
            ] => Reply::prints(self.log()),
            [
                "scale",
                kind,
                "-n",
                NAMESPACE,
                "--replicas=0",
                "--all",
                "--timeout",
                "5m",
            ] => {
                let pods = match kind {
                    "deploy" => &mut self.deployments,
                    "statefulset" => &mut self.stateful_sets,
                    _ => return None,
                };
                if *pods > 0 {
                    *pods = 0;
                    self.effects.push(format!("no {kind}"));
                }
                Reply::default()
            }
            ["apply", "-f", "-"] => {
                let object: Value = serde_saphyr::from_str(input).ok()?;
                let field = |path| object.pointer(path).and_then(Value::as_str);
                if field("/kind")? != "DataUpgrade" || field("/metadata/namespace")? != NAMESPACE {
                    return None;
                }
                let version = field("/spec/toVersion")?.to_owned();
                if self
                    .data
                    .as_ref()
                    .is_some_and(|data| data.version == version)
                {
                    return Some(Reply::prints("unchanged\n"));
                }
                self.effects.push(format!("data {version}"));
                self.data = Some(Data { version, looks: 0 });
                Reply::prints("created\n")
            }
            _ => return None,
        })
    }

    /// The pods, the first time after an upgrade not ready yet.
    fn pods(&mut self) -> Option<Vec<Value>> {
        if self.deployments == 0 {
            return Some(Vec::new());
        }
        let recorded = if self.pods_in > 0 {
            self.pods_in -= 1;
            PODS_PENDING
        } else if self.closed {
            PODS_CLOSED
        } else {
            PODS_READY
        };
        let mut list: Value = serde_json::from_str(recorded).ok()?;
        let pods = list.get_mut("items")?.as_array_mut()?;
        for pod in &mut *pods {
            for container in pod.pointer_mut("/spec/containers")?.as_array_mut()? {
                let image = format!("cluedinprod.azurecr.io/x:{}", self.running);
                let container = container.as_object_mut()?;
                container.insert("image".to_owned(), json!(image));
            }
        }
        Some(std::mem::take(pods))
    }

    /// The log of the server: after the upgrade of the data was asked for, first
    /// that it is under way, then that it is done.
    fn log(&mut self) -> String {
        let started = "[19:12:01 INF] Application started\n";
        let Some(data) = &mut self.data else {
            return started.to_owned();
        };
        data.looks += 1;
        let told = match (self.trap, data.looks) {
            (Some(Trap::OtherVersion), _) => LOG_OTHER,
            (_, 1) => LOG_UNDERWAY,
            (Some(Trap::DataFails), _) => LOG_500,
            (_, _) => LOG_DONE,
        };
        format!("{started}{told}")
    }

    fn az(&mut self, words: &[&str]) -> Option<Reply> {
        Some(match *words {
            [
                "snapshot",
                "create",
                "--resource-group",
                GROUP,
                "--name",
                name,
                "--source",
                source,
            ] => {
                let disk = name.strip_suffix("_backup")?;
                let place = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}");
                let whole = format!("{place}/providers/Microsoft.Compute/disks/{disk}");
                if !VOLUMES.contains(&disk) || source != whole {
                    return None;
                }
                self.copies.insert(disk.to_owned());
                self.effects.push(format!("copy of {disk}"));
                Reply::prints(snapshot(disk)?)
            }
            [
                "snapshot",
                "show",
                "--resource-group",
                GROUP,
                "--name",
                name,
                "-o",
                "json",
            ] => match name.strip_suffix("_backup") {
                Some(disk) if self.copies.contains(disk) => Reply::prints(snapshot(disk)?),
                Some(_) | None => Reply::fails(3, "ERROR: (ResourceNotFound)"),
            },
            ["disk", "list", "-g", GROUP, "-o", "json"] => {
                let disks = VOLUMES.iter().map(|disk| json!({"name": disk}));
                Reply::prints(Value::from_iter(disks).to_string())
            }
            _ => return None,
        })
    }
}

fn snapshot(disk: &str) -> Option<String> {
    let mut shown: Value = serde_json::from_str(SNAPSHOT).ok()?;
    *shown.get_mut("name")? = json!(format!("{disk}_backup"));
    let source = shown.pointer_mut("/creationData/sourceResourceId")?;
    *source = json!(source.as_str()?.replace("pvc-1a2b", disk));
    Some(shown.to_string())
}
