//! `refit assess` against an API server over real TCP: what it asks for, what it
//! makes of the answers, and what it says when it is refused.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what builds a test may fail it"
)]

mod cluster;
mod server;

use cluster::{harbour, mixed_evidence, of_minor};
use refit_knowledge::Knowledge;
use refit_model::version::Minor;
use serde_json::Value;
use server::{Discovery, Server};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};

/// Runs `refit assess` on `server` with these further arguments.
fn assess(server: &str, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("config");
    write_kubeconfig(&kubeconfig, server, "{token: t}");
    run(&kubeconfig, more)
}

fn write_kubeconfig(path: &Path, server: &str, user: &str) {
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: harbour\n\
         contexts: [{{name: harbour, context: {{cluster: c, user: u}}}}]\n\
         clusters: [{{name: c, cluster: {{server: '{server}'}}}}]\n\
         users: [{{name: u, user: {user}}}]\n"
    );
    std::fs::write(path, text).unwrap();
}

fn run(kubeconfig: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_refit"))
        .args(["assess", "-o", "json", "--now", "2026-11-29T00:00:00Z"])
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(more)
        .output()
        .unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn assessment(output: &Output) -> Value {
    let read: Option<Value> = serde_json::from_slice(&output.stdout).ok();
    assert!(read.is_some(), "{}", told(output));
    read.unwrap()
}

fn verdict(assessment: &Value) -> &str {
    assessment["summary"]["verdict"].as_str().unwrap()
}

/// The gaps, as area, what and command.
fn gaps(assessment: &Value) -> Vec<(String, String, Option<String>)> {
    let mut found = Vec::new();
    for coverage in assessment["coverage"].as_array().unwrap() {
        for gap in coverage["gaps"].as_array().unwrap() {
            found.push((
                coverage["area"].as_str().unwrap().to_owned(),
                gap["what"].as_str().unwrap().to_owned(),
                gap["command"].as_str().map(str::to_owned),
            ));
        }
    }
    found
}

#[test]
fn twenty_thousand_objects_are_read_once_at_no_deprecated_version_and_without_secrets() {
    let server = Server::start(harbour(), Discovery::Aggregated);
    let first = assess(&server.url, &[]);
    let whole = assessment(&first);
    let asked = server.asked();

    let total = server.objects();
    assert!(total >= 20_000, "{total}");
    assert_eq!(whole["summary"]["objects"], total);
    for (line, request) in &asked {
        assert!(!request.deprecated, "{line} is deprecated");
        assert!(!line.contains("secrets"), "{line}");
    }
    // Each list is read once, page by page.
    for resource in server.resources() {
        let path = resource.path();
        let count = asked.get(&path).map_or(0, |request| request.count);
        let expected = if resource.is_never_read() {
            0
        } else {
            resource.pages()
        };
        assert_eq!(count, expected, "{path}");
    }
    let lists: usize = server.resources().map(server::Resource::pages).sum();
    let all: usize = asked.values().map(|request| request.count).sum();
    // Beside the lists: the version twice, the identity, and discovery in two.
    assert!(all <= lists + 5, "{all} requests for {lists} pages");
    assert!(server.most_at_once() <= 4, "{}", server.most_at_once());

    // What is only not shown by this API does not decide.
    assert_eq!(verdict(&whole), "ready", "{:?}", gaps(&whole));
    assert_eq!(first.status.code(), Some(0));
    let releases: Vec<_> = gaps(&whole)
        .into_iter()
        .filter(|(area, _, _)| area == "releases")
        .filter_map(|(_, _, command)| command)
        .collect();
    assert_eq!(releases, ["refit assess --helm-releases"]);
    let warned: Vec<_> = whole["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["code"] == "RFA113")
        .map(|finding| finding["evidence"][0]["detail"].as_str().unwrap())
        .collect();
    assert_eq!(warned, [server::UNEXPECTED_WARNING]);

    // The same server gives the same bytes, whichever answer comes first.
    let again = assess(&server.url, &[]);
    assert_eq!(first.stdout, again.stdout);
}

/// Servers tell what they offer in one document from 1.26 on (beta, on by
/// default); those before answer by group and version.
/// Source: KEP 3352, aggregated discovery.
const AGGREGATED_FROM: u16 = 26;

/// Every kind is read once at a version that is not deprecated in that minor, or
/// is named as a gap, and servers of all promised minors are told by their version.
#[test]
fn servers_of_every_promised_minor_are_read() {
    let knowledge = Knowledge::embedded();
    let newest = knowledge.covers().1;
    for minor in Minor::new(1, 23).up_to(newest) {
        let discovery = if minor.minor() < AGGREGATED_FROM {
            Discovery::OldStyle
        } else {
            Discovery::Aggregated
        };
        let server = Server::start(of_minor(knowledge, minor), discovery);
        let output = assess(&server.url, &["--to", &newest.to_string()]);
        let whole = assessment(&output);
        assert_eq!(whole["from"], format!("v{minor}.0"), "{minor}");
        assert_eq!(
            whole["summary"]["objects"],
            read_objects(&server),
            "{minor}"
        );
        for (line, request) in server.asked() {
            assert!(!request.deprecated, "{minor}: {line} is deprecated");
            assert!(!line.contains("secrets"), "{minor}: {line}");
        }
        let told: BTreeSet<String> = gaps(&whole).into_iter().map(|(_, what, _)| what).collect();
        for (kind, versions) in kinds(&server) {
            let asked = server.asked();
            let counts: Vec<usize> = versions
                .iter()
                .filter_map(|path| asked.get(path))
                .map(|request| request.count)
                .collect();
            let is_gap = told
                .iter()
                .any(|what| what.contains(&kind) && what.contains("at deprecated versions alone"));
            let is_never = [
                "secrets",
                "events",
                "events.events.k8s.io",
                "endpoints",
                "componentstatuses",
            ]
            .contains(&kind.as_str());
            assert!(
                counts == [1] || counts.is_empty() && (is_gap || is_never),
                "{minor}: {kind} of {versions:?} was read {counts:?} times; {told:?}"
            );
        }
    }
}

/// The resources that a server offers, each with its paths.
fn kinds(server: &Server) -> BTreeMap<String, Vec<String>> {
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for resource in server.resources() {
        let key = if resource.group.is_empty() {
            resource.name.to_owned()
        } else {
            format!("{}.{}", resource.name, resource.group)
        };
        kinds.entry(key).or_default().push(resource.path());
    }
    kinds
}

/// How many objects are in the lists that were asked for.
fn read_objects(server: &Server) -> usize {
    let asked = server.asked();
    server
        .resources()
        .filter(|resource| asked.contains_key(&resource.path()))
        .map(|resource| resource.objects.len())
        .sum()
}

#[test]
fn with_a_quarter_of_the_lists_forbidden_the_verdict_is_unseen() {
    let server = Server::start(harbour(), Discovery::Aggregated);
    let forbidden = server.forbid_every(4);
    let output = assess(&server.url, &[]);
    let assessment = assessment(&output);
    assert_eq!(verdict(&assessment), "unseen");
    assert_eq!(output.status.code(), Some(4), "{}", told(&output));
    let gaps = gaps(&assessment);
    for resource in forbidden {
        let shown = gaps.iter().any(|(_, _, command)| {
            command
                .as_ref()
                .is_some_and(|command| command.contains(&format!("kubectl get {resource}")))
        });
        assert!(shown, "{resource}: {gaps:?}");
    }
    for (area, what, command) in &gaps {
        // Nothing shows copies of etcd, or a control plane that is not in pods.
        assert!(command.is_some() || area == "backups", "{what}");
    }
}

#[test]
fn five_budgets_of_mixed_evidence_are_told_apart_in_a_live_cluster() {
    let server = Server::start(mixed_evidence(), Discovery::OldStyle);
    let output = assess(&server.url, &["--to", "1.25", "--only", "api"]);
    let assessment = assessment(&output);
    assert_eq!(output.status.code(), Some(3), "{}", told(&output));
    let asked = server.asked();
    assert!(
        asked.values().all(|request| !request.deprecated),
        "{asked:?}"
    );
    let of = |name: &str| {
        assessment["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| {
                finding["subject"]["kind"] == "PodDisruptionBudget"
                    && finding["subject"]["name"] == name
            })
            .collect::<Vec<_>>()
    };
    for (name, tier) in [
        ("client-side-apply", "lastApplied"),
        ("server-side-apply", "managedFields"),
        ("operator-update", "managedFields"),
    ] {
        let found = of(name);
        assert_eq!(found.len(), 1, "{name}");
        assert_eq!(found[0]["code"], "RFA101", "{name}");
        assert_eq!(found[0]["severity"], "blocking", "{name}");
        let tiers: Vec<_> = found[0]["evidence"]
            .as_array()
            .unwrap()
            .iter()
            .map(|evidence| evidence["tier"].as_str().unwrap())
            .collect();
        assert!(tiers.contains(&tier), "{name}: {tiers:?}");
    }
    assert_eq!(of("written-at-v1"), Vec::<&Value>::new());
    let stale = of("stale-annotation");
    assert_eq!(stale.len(), 1);
    assert_eq!(stale[0]["severity"], "info");
    assert!(
        stale[0]["evidence"]
            .to_string()
            .contains("evidence is weak")
    );
}

#[test]
fn helm_releases_are_asked_for_by_their_label_and_nothing_of_a_secret_is_kept() {
    let server = Server::start(mixed_evidence(), Discovery::OldStyle);
    let output = assess(&server.url, &["--helm-releases"]);
    let secrets = &server.asked()["/api/v1/secrets"];
    assert_eq!(
        secrets.queries,
        ["limit=25&labelSelector=owner%3Dhelm&fieldSelector=type%3Dhelm.sh%2Frelease.v1"]
    );
    let assessment = assessment(&output);
    assert!(
        !gaps(&assessment)
            .iter()
            .any(|(area, _, _)| area == "releases"),
        "{:?}",
        gaps(&assessment)
    );
}

#[test]
fn a_cluster_that_cannot_be_seen_is_no_clean_report() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let output = assess(&url, &[]);
    assert_eq!(output.status.code(), Some(4), "{}", told(&output));
    assert!(
        told(&output).contains("cannot be reached"),
        "{}",
        told(&output)
    );
    assert!(output.stdout.is_empty());

    let server = Server::start(mixed_evidence(), Discovery::OldStyle);
    server.forget_credentials();
    let output = assess(&server.url, &[]);
    assert_eq!(output.status.code(), Some(4), "{}", told(&output));
    assert!(
        told(&output).contains("does not accept these credentials"),
        "{}",
        told(&output)
    );
}

#[test]
fn a_plugin_is_named_on_the_screen() {
    let server = Server::start(mixed_evidence(), Discovery::OldStyle);
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("config");
    let user = "{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, \
                command: 'false'}}";
    write_kubeconfig(&kubeconfig, &server.url, user);
    let output = run(&kubeconfig, &[]);
    assert_eq!(output.status.code(), Some(4), "{}", told(&output));
    let told = told(&output);
    assert!(
        told.starts_with("note: context harbour runs false for credentials"),
        "{told}"
    );
    assert!(server.asked().is_empty());
}

/// `refit doctor` on this kubeconfig, as JSON and exit code.
fn doctor(kubeconfig: &Path) -> (Value, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_refit"))
        .args(["doctor", "-o", "json", "--kubeconfig"])
        .arg(kubeconfig)
        .env("PATH", "")
        .output()
        .unwrap();
    (assessment(&output), output.status.code())
}

#[test]
fn the_doctor_names_the_rights_that_are_missing_and_nothing_that_nobody_needs() {
    let server = Server::start(harbour(), Discovery::Aggregated);
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("config");
    write_kubeconfig(&kubeconfig, &server.url, "{token: t}");
    let works = |diagnosis: &Value| {
        let abilities = diagnosis["abilities"].as_array().unwrap();
        abilities
            .iter()
            .map(|ability| ability["works"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };

    let (well, code) = doctor(&kubeconfig);
    assert_eq!(
        (works(&well).join(" "), code),
        ("yes yes yes".to_owned(), Some(0))
    );
    assert_eq!(well["cluster"]["version"], "v1.35.0");
    // A right for each list, the paths, and the namespace by its name.
    let lists = server.resources().filter(|resource| resource.pages() > 0);
    assert_eq!(well["cluster"]["reading"]["asked"], lists.count() + 6);
    assert!(server.most_at_once() <= 4, "{}", server.most_at_once());

    // The first that is forbidden is the nodes, which a run writes to.
    let forbidden = server.forbid_every(4);
    let (ill, code) = doctor(&kubeconfig);
    assert_eq!(
        (works(&ill).join(" "), code),
        ("yes partly no".to_owned(), Some(0))
    );
    let missing = ill["cluster"]["reading"]["missing"].to_string();
    for resource in forbidden {
        assert!(missing.contains(&format!("list {resource}")), "{missing}");
    }
    assert!(ill["abilities"].to_string().contains("`refit rbac`"));

    server.forget_credentials();
    let (locked, code) = doctor(&kubeconfig);
    assert_eq!(
        (works(&locked).join(" "), code),
        ("yes no no".to_owned(), Some(4))
    );
}

#[cfg(unix)]
#[test]
fn what_is_wrong_with_credentials_is_told_without_them() {
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("config");
    let server = "http://127.0.0.1:9";
    let plugin = |script: &str| {
        format!(
            "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, \
             args: [-c, '{script}'], interactiveMode: Never, \
             env: [{{name: KEY, value: hunter2}}]}}}}"
        )
    };
    for user in [
        plugin("echo hunter2; exit 3"),
        plugin("echo \"{token: hunter2\""),
        "{token: hunter2".to_owned(),
        "{token: hunter2}\n  token: [hunter2".to_owned(),
    ] {
        write_kubeconfig(&kubeconfig, server, &user);
        for command in ["doctor", "assess"] {
            let output = Command::new(env!("CARGO_BIN_EXE_refit"))
                .arg(command)
                .arg("--kubeconfig")
                .arg(&kubeconfig)
                .env("PATH", "")
                .output()
                .unwrap();
            let printed = format!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                told(&output)
            );
            assert!(
                printed.contains("not a kubeconfig") || printed.contains("plug-in /bin/sh"),
                "{printed}"
            );
            assert!(!printed.contains("hunter2"), "{printed}");
        }
    }
}
