//! Admission webhooks and custom resource definitions.

use super::*;
use refit_model::kubernetes::{Conversion, Definition, FailurePolicy, LeadsTo, Service, Webhook};

/// A cluster with one webhook that must answer, behind the Service `a/hook`,
/// and these pods on these nodes, ready or not.
fn with(pods: &[(&str, bool)]) -> Kubernetes {
    let mut kubernetes = cluster("1.35.8");
    let webhook = Webhook {
        failure_policy: FailurePolicy::Fail,
        service: Some(key("a/hook")),
        port: 443,
        rules: vec!["CREATE /v1/pods".to_owned()],
        timeout_seconds: 10,
    };
    let name = "Validating/guard/check.guard.example".parse().unwrap();
    kubernetes.webhooks.items.insert(name, webhook);
    let service = Service {
        selector: Some(selecting("hook")),
        ..Service::default()
    };
    kubernetes.services.items.insert(key("a/hook"), service);
    for (number, (node, ready)) in pods.iter().enumerate() {
        let owner = owner("apps/v1 ReplicaSet", "hook");
        let mut pod = pod("hook", Some(owner));
        pod.node = Some(node.parse().unwrap());
        pod.ready = Seen::Is(*ready);
        let pods = &mut kubernetes.pods.items;
        pods.insert(key(&format!("a/hook-{number}")), pod);
    }
    kubernetes
}

const DOWN: &str = "blocking RFH101 ValidatingWebhookConfiguration guard";
const SINGLE: &str = "warning RFH102 ValidatingWebhookConfiguration guard";
const OUTSIDE: &str = "warning RFH103 ValidatingWebhookConfiguration guard";

#[track_caller]
fn hooks(kubernetes: Kubernetes, expected: &[&str]) -> Vec<Finding> {
    check(&snapshot(Some(kubernetes)), "1.36", 'H', expected)
}

#[test]
fn what_stands_behind() {
    hooks(with(&[]), &[DOWN]);
    hooks(with(&[("w-1", false)]), &[DOWN]);
    let found = hooks(with(&[("w-1", true), ("w-2", false)]), &[SINGLE]);
    assert_eq!(
        found[0].title,
        "the webhook check.guard.example hangs on 1 ready pod on w-1"
    );
    assert!(found[0].evidence[0].detail.contains("CREATE /v1/pods"));
    hooks(with(&[("w-1", true), ("w-1", true)]), &[SINGLE]);
    hooks(with(&[("w-1", true), ("w-2", true)]), &[]);
}

#[test]
fn services_that_are_not_there_or_do_not_tell() {
    let mut gone = with(&[("w-1", true), ("w-2", true)]);
    gone.services.items.clear();
    let found = hooks(gone, &[DOWN]);
    assert!(found[0].evidence[1].detail.contains("does not exist"));
    let mut untold = with(&[]);
    for service in untold.services.items.values_mut() {
        service.selector = None;
    }
    hooks(untold, &[OUTSIDE]);
    let mut elsewhere = with(&[]);
    for webhook in elsewhere.webhooks.items.values_mut() {
        webhook.service = None;
    }
    hooks(elsewhere.clone(), &[OUTSIDE]);
    for webhook in elsewhere.webhooks.items.values_mut() {
        webhook.failure_policy = FailurePolicy::Ignore;
    }
    hooks(elsewhere, &[]);
}

/// The API server asks the port that is stated, and pods that are not ready answer
/// where the Service leads to them.
#[test]
fn ports_and_pods_that_are_not_ready() {
    let service = |change: &dyn Fn(&mut Service)| {
        let mut kubernetes = with(&[("w-1", true), ("w-2", true)]);
        kubernetes.services.items.values_mut().for_each(change);
        kubernetes
    };
    hooks(service(&|service| service.ports = Some([443].into())), &[]);
    let found = hooks(
        service(&|service| service.ports = Some([8443].into())),
        &[DOWN],
    );
    let detail = &found[0].evidence[1].detail;
    assert!(detail.contains("has no port 443, only 8443"), "{detail}");
    let mut unready = with(&[("w-1", false), ("w-2", false)]);
    hooks(unready.clone(), &[DOWN]);
    for service in unready.services.items.values_mut() {
        service.leads_to = LeadsTo::All;
    }
    hooks(unready, &[]);
}

/// What was not seen is a gap and neither fine nor a finding, unless what was
/// seen is enough.
#[test]
fn unseen_backends_are_gaps() {
    let unseen = |pods: &[(&str, bool)]| {
        let mut kubernetes = with(pods);
        kubernetes.pods.extent =
            refit_model::seen::Extent::Part(Unseen::Forbidden("403".to_owned()));
        kubernetes
    };
    hooks(unseen(&[("w-1", true), ("w-2", true)]), &[]);
    for kubernetes in [unseen(&[]), unseen(&[("w-1", true)])] {
        let assessment = run(&snapshot(Some(kubernetes)), "1.36");
        assert_eq!(assessment.summary.verdict, Verdict::Unseen);
        let gaps = assessment
            .coverage
            .iter()
            .flat_map(|coverage| &coverage.gaps);
        let told: Vec<&str> = gaps
            .filter(|gap| gap.what.contains("Validating/guard"))
            .filter_map(|gap| gap.command.as_deref())
            .collect();
        assert_eq!(told, ["kubectl get services,pods --namespace a -o yaml"]);
    }
}

#[test]
fn stored_versions_that_are_not_served() {
    let mut kubernetes = cluster("1.35.8");
    let mut insert = |name: &str, served: &[&str], stored: &[&str]| {
        let definition = Definition {
            group: "example.org".to_owned(),
            kind: "Berth".to_owned(),
            served: served.iter().map(|v| (*v).to_owned()).collect(),
            stored: stored.iter().map(|v| (*v).to_owned()).collect(),
            conversion: Conversion::None,
            application: Some(application("berths")),
        };
        let definitions = &mut kubernetes.definitions.items;
        definitions.insert(name.parse().unwrap(), definition);
    };
    insert(
        "berths.example.org",
        &["v1beta1", "v1"],
        &["v1alpha1", "v1"],
    );
    insert("fine.example.org", &["v1beta1", "v1"], &["v1beta1", "v1"]);
    insert("lost.example.org", &[], &["v1"]);
    let found = check(
        &snapshot(Some(kubernetes)),
        "1.36",
        'A',
        &[
            "blocking RFA111 CustomResourceDefinition lost.example.org",
            "warning RFA111 CustomResourceDefinition berths.example.org",
        ],
    );
    assert!(found[1].title.contains("v1alpha1"), "{}", found[1].title);
    assert_eq!(found[1].application, Some(application("berths")));
}
