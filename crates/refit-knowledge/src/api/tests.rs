use super::*;
use crate::Knowledge;

fn api(text: &str) -> GroupVersionKind {
    text.parse().unwrap()
}

fn minor(text: &str) -> Minor {
    text.parse().unwrap()
}

#[track_caller]
fn status(of: &str, at: &str, expected: &str) {
    let found = match Knowledge::embedded().apis().status_at(&api(of), minor(at)) {
        ApiStatus::NotYetServed { introduced } => format!("from {introduced}"),
        ApiStatus::Served => "served".to_owned(),
        ApiStatus::Deprecated { since, removal } => format!(
            "deprecated {since}{}",
            removal.map_or_else(String::new, |removal| match removal.decision {
                Decision::Decided => format!(", removed {}", removal.in_minor),
                Decision::Scheduled => {
                    format!(", scheduled {} by {}", removal.in_minor, removal.stated_by)
                }
            })
        ),
        ApiStatus::Removed { in_minor } => format!("removed {in_minor}"),
        ApiStatus::Unknown(NotKnown::Kind) => "unknown kind".to_owned(),
        ApiStatus::Unknown(NotKnown::Minor) => "unknown minor".to_owned(),
        ApiStatus::NotBuiltIn => "not built in".to_owned(),
    };
    assert_eq!(found, expected, "{of} at {at}");
}

#[test]
fn statuses() {
    status("networking.k8s.io/v1 Ingress", "1.18", "from 1.19");
    status("networking.k8s.io/v1 Ingress", "1.19", "served");
    status(
        "extensions/v1beta1 Ingress",
        "1.21",
        "deprecated 1.14, removed 1.22",
    );
    status("extensions/v1beta1 Ingress", "1.22", "removed 1.22");
    status("v1 Endpoints", "1.33", "deprecated 1.33");
    status(
        "admissionregistration.k8s.io/v1beta1 MutatingAdmissionPolicy",
        "1.37",
        "deprecated 1.37, scheduled 1.40 by 1.37",
    );
    status("apps/v1beta1 ReplicaSet", "1.16", "unknown kind");
    status("cert-manager.io/v1 Certificate", "1.36", "not built in");
    status("metrics.k8s.io/v1beta1 NodeMetrics", "1.36", "not built in");
}

#[test]
fn outside_what_is_covered_only_what_is_settled_is_answered() {
    status("policy/v1beta1 PodSecurityPolicy", "1.50", "removed 1.25");
    status("v1 Pod", "1.38", "unknown minor");
    status("v1 Pod", "1.15", "unknown minor");
    status(
        "resource.k8s.io/v1beta1 ResourceClaim",
        "1.38",
        "unknown minor",
    );
}

#[track_caller]
fn replacement(of: &str, at: &str, expected: Option<&str>) {
    let found = Knowledge::embedded()
        .apis()
        .replacement_at(&api(of), minor(at))
        .map(ToString::to_string);
    assert_eq!(found.as_deref(), expected, "{of} at {at}");
}

#[test]
fn replacements_are_served_at_the_target() {
    let flow = |version: &str| format!("flowcontrol.apiserver.k8s.io/{version} FlowSchema");
    // Named: v1beta3. It is there.
    replacement(&flow("v1beta1"), "1.26", Some(&flow("v1beta3")));
    // It is deprecated, and its own successor is there.
    replacement(&flow("v1beta1"), "1.29", Some(&flow("v1")));
    // It is gone; its own successor is there.
    replacement(&flow("v1beta1"), "1.32", Some(&flow("v1")));
    // It is not there yet; another version of the kind is.
    replacement(&flow("v1alpha1"), "1.21", Some(&flow("v1beta1")));
    replacement(
        "extensions/v1beta1 Ingress",
        "1.18",
        Some("networking.k8s.io/v1beta1 Ingress"),
    );
    replacement(
        "extensions/v1beta1 Ingress",
        "1.22",
        Some("networking.k8s.io/v1 Ingress"),
    );
    replacement(
        "networking.k8s.io/v1beta1 IngressClass",
        "1.22",
        Some("networking.k8s.io/v1 IngressClass"),
    );
    replacement(
        "autoscaling/v2beta1 HorizontalPodAutoscaler",
        "1.25",
        Some("autoscaling/v2 HorizontalPodAutoscaler"),
    );
    // The successor is gone too, and has none.
    replacement(
        "extensions/v1beta1 PodSecurityPolicy",
        "1.24",
        Some("policy/v1beta1 PodSecurityPolicy"),
    );
    replacement("extensions/v1beta1 PodSecurityPolicy", "1.25", None);
    replacement("policy/v1beta1 PodSecurityPolicy", "1.25", None);
    // Two steps of alphas that each lived for one or two minors.
    let claim = |version: &str| format!("resource.k8s.io/{version} ResourceClaim");
    replacement(&claim("v1alpha1"), "1.27", Some(&claim("v1alpha2")));
    replacement(&claim("v1alpha1"), "1.31", Some(&claim("v1alpha3")));
    replacement(&claim("v1alpha1"), "1.34", Some(&claim("v1")));
    replacement("cert-manager.io/v1alpha2 Certificate", "1.30", None);
}

#[test]
fn every_replacement_is_served_and_never_the_kind_itself() {
    let apis = Knowledge::embedded().apis();
    for lifecycle in apis.lifecycles() {
        for target in Minor::new(1, 15).up_to(Minor::new(1, 37)) {
            let Some(found) = apis.replacement_at(&lifecycle.api, target) else {
                continue;
            };
            assert_ne!(*found, lifecycle.api);
            let status = apis.status_at(found, target);
            assert!(
                matches!(status, ApiStatus::Served | ApiStatus::Deprecated { .. }),
                "{} at {target}: {found} is {status:?}",
                lifecycle.api
            );
        }
    }
}

/// A file of three kinds that name each other in a circle, one of them served.
fn circle(served: &str) -> Result<Apis, table::Error> {
    let row = |version: &str, next: &str| {
        let removed = if version == served { "," } else { "1.20," };
        let basis = if version == served {
            ","
        } else {
            "source-tag,1.20"
        };
        format!(
            "g,{version},Thing,resource,beta,yes,1.17,source-tag,,,{removed},{basis},g/{next} Thing,source-tag,,,"
        )
    };
    let head: String = embedded()
        .lines()
        .take_while(|line| !line.starts_with(",v1,"))
        .map(|line| format!("{line}\n"))
        .collect();
    let body = [row("v1", "v2"), row("v2", "v3"), row("v3", "v1")].join("\n");
    let text = format!("{head}{body}\n");
    read(text)
}

const FILE: &str = "kubernetes/api-lifecycle.csv";

fn embedded() -> String {
    Files::embedded().text(FILE).unwrap().into_owned()
}

fn read(text: String) -> Result<Apis, table::Error> {
    Apis::read_from(&Files::embedded().with(FILE, text))
}

#[test]
fn a_circle_of_successors_ends() {
    for (served, expected) in [("v3", Some("g/v3 Thing")), ("none", None)] {
        let apis = circle(served).unwrap();
        let found = apis.replacement_at(&api("g/v1 Thing"), minor("1.30"));
        assert_eq!(found.map(ToString::to_string).as_deref(), expected);
    }
}

#[test]
fn sources_say_where_to_look() {
    let apis = Knowledge::embedded().apis();
    let ingress = apis.lifecycle(&api("extensions/v1beta1 Ingress")).unwrap();
    let names: Vec<&str> = apis
        .sources(ingress)
        .map(|basis| basis.name.as_str())
        .collect();
    assert_eq!(names, ["lifecycle-tag", "openapi-absence", "source-tag"]);
    for lifecycle in apis.lifecycles() {
        assert!(
            apis.sources(lifecycle).next().is_some(),
            "{}",
            lifecycle.api
        );
    }
}

/// An embedded file with one value of one row changed must be refused.
#[track_caller]
fn refused(from: &str, to: &str, expected: &str) {
    let text = embedded().replacen(from, to, 1);
    assert_ne!(text, embedded(), "{from:?} is not there");
    let error = read(text).unwrap_err();
    let message = error.problem.to_string();
    assert!(message.contains(expected), "{message}");
}

#[test]
fn contradictions_are_refused() {
    let psp = "policy,v1beta1,PodSecurityPolicy,resource,beta,yes,1.10,lifecycle-tag,1.21,source-tag,1.25,,";
    refused(
        psp,
        &psp.replace("1.25", "1.9"),
        "removed before it is introduced",
    );
    refused(
        psp,
        &psp.replace("1.21", "1.25"),
        "deprecated after it is removed",
    );
    refused(
        psp,
        &psp.replace("1.25,,", "1.25,1.26,"),
        "removed and yet scheduled",
    );
    refused(psp, &psp.replace("beta", "better"), "not alpha, beta or ga");
    refused(
        psp,
        &psp.replace("lifecycle-tag", "hearsay"),
        "not a basis of bases.csv",
    );
    refused(
        psp,
        &psp.replace("lifecycle-tag", ""),
        "given exactly where its fact is",
    );
    refused(
        "apps/v1 Deployment",
        "apps/v9 Deployment",
        "not an API of this file",
    );
}
