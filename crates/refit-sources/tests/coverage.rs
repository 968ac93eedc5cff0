//! What a source is taken to show, and what it is not: the silent clean report
//! is the worst mistake that reading could make.

#![cfg(test)]

mod reading;

use reading::{kubernetes, one};
use refit_model::kubernetes::Kubernetes;
use refit_model::seen::{Extent, Seen};
use refit_sources::{ReadOptions, Reading, SourceFile, read};
use serde_json::{Value, json};

fn object(api: &str, kind: &str, namespace: Option<&str>, name: &str) -> Value {
    let mut metadata = json!({"name": name, "uid": format!("{kind}-{name}")});
    if let Some(namespace) = namespace {
        metadata["namespace"] = json!(namespace);
    }
    json!({"apiVersion": api, "kind": kind, "metadata": metadata})
}

fn pod(namespace: &str, name: &str) -> Value {
    let mut pod = object("v1", "Pod", Some(namespace), name);
    pod["status"] = json!({"phase": "Running"});
    pod
}

fn budget(namespace: &str, name: &str) -> Value {
    object("policy/v1", "PodDisruptionBudget", Some(namespace), name)
}

fn list(items: &[Value]) -> Value {
    json!({"apiVersion": "v1", "kind": "List", "items": items})
}

fn files(files: &[(&str, Value)]) -> Reading {
    let files = files.iter().map(|(name, value)| SourceFile {
        name: (*name).to_owned(),
        bytes: value.to_string().into_bytes(),
    });
    read(files, &ReadOptions::default())
}

/// Which listings are whole.
fn whole(cluster: &Kubernetes) -> Vec<&'static str> {
    let is = |is_whole: bool, name| is_whole.then_some(name);
    [
        is(cluster.nodes.extent == Extent::Whole, "nodes"),
        is(cluster.pods.extent == Extent::Whole, "pods"),
        is(cluster.workloads.extent == Extent::Whole, "workloads"),
        is(cluster.budgets.extent == Extent::Whole, "budgets"),
        is(cluster.webhooks.extent == Extent::Whole, "webhooks"),
        is(cluster.definitions.extent == Extent::Whole, "definitions"),
        is(cluster.services.extent == Extent::Whole, "services"),
        is(cluster.releases.extent == Extent::Whole, "releases"),
        is(cluster.components.extent == Extent::Whole, "components"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Checks what is whole, and that every other area has a gap with a command.
#[track_caller]
fn check(sources: &[(&str, Value)], expected: &[&str]) {
    let reading = files(sources);
    assert_eq!(whole(kubernetes(&reading)), expected, "{sources:?}");
    for (listing, plural) in [
        ("nodes", "nodes"),
        ("pods", "pods"),
        ("budgets", "poddisruptionbudgets"),
        ("webhooks", "mutatingwebhookconfigurations"),
        ("definitions", "customresourcedefinitions"),
        ("services", "services"),
        ("releases", "secrets"),
    ] {
        let told = reading.snapshot.gaps.iter().any(|gap| {
            let command = gap.command.as_deref().unwrap_or_default();
            command.starts_with(&format!("kubectl get {plural}"))
        });
        let is_whole = expected.contains(&listing);
        assert_eq!(told, !is_whole, "{plural}: {:?}", reading.snapshot.gaps);
    }
}

#[test]
fn lists_across_namespaces_are_whole_and_others_are_not() {
    let two = [budget("a", "x"), budget("b", "y")];
    let single = [budget("a", "x"), budget("a", "y")];
    check(&[("dump.json", list(&two))], &["budgets"]);
    check(&[("dump.json", list(&single))], &[]);
    // The commands that gaps name write files that are named after the kind.
    check(
        &[("d/poddisruptionbudgets.yaml", list(&single))],
        &["budgets"],
    );
    check(&[("d/pods.yaml", list(&single))], &[]);
    // Objects one by one show themselves alone.
    check(
        &[("x.json", two[0].clone()), ("y.json", two[1].clone())],
        &[],
    );
    // Together with another kind the list spans two namespaces.
    let mixed = [budget("a", "x"), pod("b", "p")];
    check(&[("dump.json", list(&mixed))], &["pods", "budgets"]);
}

/// Kinds of which nothing else is kept: the versions that they are written in are
/// only told where somebody listed them.
#[test]
fn whatever_was_listed_is_known_by_its_name() {
    use refit_model::kubernetes::Writers::{LeftOut, Told};
    let flow = |managed: bool| {
        let mut flow = object("flowcontrol.apiserver.k8s.io/v1", "FlowSchema", None, "x");
        if managed {
            flow["metadata"]["managedFields"] = json!([{"manager": "kubectl"}]);
        }
        flow
    };
    let ingress =
        |namespace: &str| object("networking.k8s.io/v1", "Ingress", Some(namespace), "web");
    let typed = json!({
        "apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "FlowSchemaList",
        "metadata": {}, "items": [],
    });
    let written = json!({
        "apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "FlowSchema",
        "metadata": {"name": "y"},
    });
    let name = "flowschemas.flowcontrol.apiserver.k8s.io";
    let ingresses = "ingresses.networking.k8s.io";
    for (file, source, expected) in [
        (
            "dump.json",
            list(&[flow(true), flow(false)]),
            vec![(name, Told)],
        ),
        ("dump.json", list(&[flow(false)]), vec![(name, LeftOut)]),
        // One by one, or in part written by somebody.
        ("dump.json", flow(true), vec![]),
        ("dump.json", list(&[flow(true), written]), vec![]),
        // None of them.
        ("dump.json", typed, vec![("flowschemas", Told)]),
        ("d/flowschemas.yaml", list(&[]), vec![("flowschemas", Told)]),
        ("dump.json", list(&[]), vec![]),
        // Of one namespace, unless the file says that it is all.
        ("dump.json", list(&[ingress("a")]), vec![]),
        (
            "dump.json",
            list(&[ingress("a"), ingress("b")]),
            vec![(ingresses, LeftOut)],
        ),
        (
            "d/ingresses.json",
            list(&[ingress("a")]),
            vec![(ingresses, LeftOut)],
        ),
        // What another project calls a Service is none of Kubernetes.
        (
            "services.json",
            list(&[object(
                "serving.knative.dev/v1",
                "Service",
                Some("a"),
                "web",
            )]),
            vec![("services.serving.knative.dev", LeftOut)],
        ),
    ] {
        // A pod, so that there is something of a cluster.
        let reading = files(&[("pod.json", pod("a", "p")), (file, source.clone())]);
        let side = kubernetes(&reading);
        let told = side.kinds.items.iter();
        let told: Vec<_> = told
            .map(|(name, writers)| (name.as_str(), *writers))
            .collect();
        assert_eq!(told, expected, "{file} {source}");
        assert!(!whole(side).contains(&"services"), "{file}");
    }
}

#[test]
fn lists_that_continue_are_not_whole() {
    let mut typed = json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudgetList",
        "metadata": {"resourceVersion": "7"}, "items": [budget("a", "x"), budget("b", "y")],
    });
    check(&[("dump.json", typed.clone())], &["budgets"]);
    typed["metadata"]["continue"] = json!("token");
    check(&[("poddisruptionbudgets.json", typed)], &[]);
}

#[test]
fn empty_lists_show_that_there_is_none() {
    let empty = list(&[]);
    check(
        &[("anything.json", pod("a", "p")), ("e.json", empty.clone())],
        &[],
    );
    check(
        &[
            ("one.json", pod("a", "p")),
            ("d/poddisruptionbudgets.yaml", empty.clone()),
        ],
        &["budgets"],
    );
    // One that is typed may still be that of one namespace.
    let typed = json!({"apiVersion": "v1", "kind": "ServiceList", "metadata": {}, "items": []});
    check(&[("one.json", pod("a", "p")), ("x.json", typed)], &[]);
    let typed = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinitionList",
        "metadata": {}, "items": [],
    });
    check(
        &[("one.json", pod("a", "p")), ("x.json", typed)],
        &["definitions"],
    );
    // A list of another kind says nothing about the one that its file is named after.
    check(
        &[("pods.yaml", list(&[budget("a", "x"), budget("b", "y")]))],
        &["budgets"],
    );
    // Nor does a list of lists.
    let partial = json!({
        "apiVersion": "v1", "kind": "PodList", "metadata": {"continue": "t"}, "items": [pod("a", "p")],
    });
    check(&[("pods.yaml", list(&[partial]))], &[]);
}

/// `kubectl cluster-info dump` writes a folder for each namespace.
#[test]
fn files_of_one_namespace_are_not_taken_for_all() {
    let of = |namespace: &str, items: &[Value]| {
        (
            format!("dump/{namespace}/poddisruptionbudgets.json"),
            json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudgetList", "items": items}),
        )
    };
    let check = |files: &[(String, Value)], expected: &[&str]| {
        let files: Vec<(&str, Value)> = files
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        check(&files, expected);
    };
    let pods = (
        "pods.json".to_owned(),
        list(&[pod("a", "p"), pod("b", "q")]),
    );
    check(&[of("kube-system", &[])], &[]);
    check(&[of("a", &[budget("a", "x")])], &[]);
    check(&[of("b", &[]), pods.clone()], &["pods"]);
    check(&[of("x", &[]), of("y", &[])], &[]);
    check(&[of("x", &[]), pods], &["pods", "budgets"]);
}

#[test]
fn webhooks_need_both_kinds() {
    let group = "admissionregistration.k8s.io/v1";
    let validating = object(group, "ValidatingWebhookConfiguration", None, "v");
    let mutating = object(group, "MutatingWebhookConfiguration", None, "m");
    let reading = files(&[("dump.json", list(std::slice::from_ref(&validating)))]);
    assert_eq!(whole(kubernetes(&reading)), [""; 0]);
    check(
        &[("dump.json", list(&[validating, mutating]))],
        &["webhooks"],
    );
}

#[test]
fn what_others_contradict_is_not_whole() {
    let node = object("v1", "Node", None, "n1");
    let mut placed = pod("a", "p");
    placed["spec"] = json!({"nodeName": "n1"});
    let other = pod("b", "q");
    check(
        &[
            ("nodes.json", list(std::slice::from_ref(&node))),
            ("pods.json", list(&[placed.clone(), other.clone()])),
        ],
        &["nodes", "pods"],
    );
    placed["spec"]["nodeName"] = json!("n2");
    check(
        &[
            ("nodes.json", list(&[node])),
            ("pods.json", list(&[placed, other])),
        ],
        &["pods"],
    );
    // A ready workload in a namespace without pods.
    let mut workload = object("apps/v1", "StatefulSet", Some("c"), "db");
    workload["status"] = json!({"readyReplicas": 1});
    check(
        &[
            ("pods.json", list(&[pod("a", "p"), pod("b", "q")])),
            ("x.json", list(&[workload])),
        ],
        &[],
    );
}

#[test]
fn workloads_need_the_lists_of_their_kinds() {
    let kinds = ["deployments", "replicasets", "statefulsets", "daemonsets"];
    let sources = |pods: Value| {
        let mut sources: Vec<(String, Value)> = kinds
            .iter()
            .map(|kind| (format!("{kind}.json"), list(&[])))
            .collect();
        sources.push(("pods.json".to_owned(), pods));
        sources
    };
    let check = |sources: &[(String, Value)], expected: bool| {
        let borrowed: Vec<(&str, Value)> = sources
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        let reading = files(&borrowed);
        let found = whole(kubernetes(&reading)).contains(&"workloads");
        assert_eq!(found, expected, "{sources:?}");
    };
    let all = sources(list(&[pod("a", "p"), pod("b", "q")]));
    check(&all, true);
    check(&all[1..], false);
    // A pod that a Job made wants the list of Jobs, and in the pod's namespace.
    let mut made = pod("b", "q");
    made["metadata"]["ownerReferences"] = json!([{"apiVersion": "batch/v1", "kind": "Job", "name": "j", "uid": "u", "controller": true}]);
    let mut with_job = sources(list(&[pod("a", "p"), made]));
    check(&with_job, false);
    let job = |namespace| object("batch/v1", "Job", Some(namespace), "j");
    with_job.push(("jobs.json".to_owned(), list(&[job("a")])));
    check(&with_job, false);
    with_job.pop();
    with_job.push(("jobs.json".to_owned(), list(&[job("b")])));
    check(&with_job, true);
}

#[test]
fn manifests_show_no_cluster() {
    let mut manifest = budget("a", "x");
    manifest["metadata"].as_object_mut().unwrap().remove("uid");
    let mut other = budget("b", "y");
    other["metadata"].as_object_mut().unwrap().remove("uid");
    let both = list(&[manifest.clone(), other]);
    check(&[("poddisruptionbudgets.yaml", both.clone())], &[]);
    let reading = files(&[("poddisruptionbudgets.yaml", both)]);
    assert_eq!(kubernetes(&reading).budgets.items.len(), 2);
    assert!(matches!(kubernetes(&reading).server, Seen::Gap(_)));
    // Beside a list of their kind they are evidence for APIs and no part of the
    // cluster.
    let listed = list(&[budget("b", "y")]);
    let reading = files(&[
        ("poddisruptionbudgets.json", listed),
        ("repo.json", manifest),
    ]);
    let cluster = kubernetes(&reading);
    assert_eq!(cluster.budgets.items.len(), 1);
    assert_eq!(cluster.api_uses.len(), 2);
}

#[test]
fn nothing_and_nonsense_show_nothing() {
    for text in [
        "",
        "\n",
        "---\n",
        "just: text\n",
        "[1, 2]",
        "plain",
        "{\"a\": 1}",
    ] {
        let reading = one("x", text);
        assert_eq!(reading.objects, 0, "{text:?}");
        assert_eq!(reading.snapshot.kubernetes, None, "{text:?}");
        assert!(!reading.snapshot.gaps.is_empty(), "{text:?}");
    }
    let reading = one("x.yaml", "a: [\n");
    let told: Vec<_> = reading
        .snapshot
        .gaps
        .iter()
        .map(|gap| gap.what.as_str())
        .collect();
    assert_eq!(
        told,
        ["the objects of the cluster", "what stands at x.yaml:1:4"]
    );
}
