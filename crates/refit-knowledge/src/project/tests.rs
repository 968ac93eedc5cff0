use super::*;
use crate::Knowledge;
use std::collections::BTreeSet;

#[track_caller]
fn check(name: &str, version: &str, minor: u16, expected: &str) {
    let projects = Knowledge::embedded().projects();
    let bases = |claims: &[&Requirement]| -> String {
        let names: Vec<String> = claims.iter().map(|claim| claim.basis.to_string()).collect();
        names.join(", ")
    };
    let version = version.parse().unwrap();
    let found = match projects.supports(name, &version, Minor::new(1, minor)) {
        Support::Supported { on } => format!("yes: {}", bases(&on)),
        Support::NotSupported { on } => format!("no: {}", bases(&on)),
        Support::NotKnown { heard } => format!("not known: {}", bases(&heard)),
    };
    assert_eq!(found, expected, "{name} {version} on 1.{minor}");
}

#[test]
fn support_names_what_it_rests_on() {
    check("cert-manager", "1.18.2", 33, "yes: declared, tested");
    check("cert-manager", "1.18.2", 36, "no: declared");
    check("cert-manager", "1.17.1", 33, "yes: declared");
    check("cert-manager", "1.21.0", 36, "yes: declared, tested");
    check("cert-manager", "1.18.2", 20, "no: declared, chart");
    check("ingress-nginx", "1.11.3", 30, "yes: declared");
    check("ingress-nginx", "1.11.3", 36, "no: declared");
    check("metrics-server", "0.7.2", 36, "yes: declared");
    check("metrics-server", "0.9.0", 33, "no: declared");
    check("cluster-autoscaler", "1.33.0", 33, "yes: tested");
    check("argo-cd", "3.5.7", 36, "yes: tested");
    check("rook", "1.18.11", 36, "no: declared");
    check("karpenter", "1.12.2", 36, "no: declared");
    check("strimzi", "0.50.1", 27, "yes: declared, tested");
    check("longhorn", "1.12.1", 24, "no: declared, chart");
    check(
        "cluster-autoscaler",
        "1.33.0",
        36,
        "not known: tested, built against",
    );
}

/// What a packager puts behind a version does not make it another one.
#[test]
fn a_repacked_release_is_that_release() {
    check("etcd", "3.5.24-0", 33, "yes: tested");
    check("coredns", "v1.11.3-eksbuild.2", 31, "yes: tested");
    check("longhorn", "1.10.0-hotfix-1", 34, "yes: declared");
}

#[test]
fn outside_what_is_known_is_not_known() {
    check("cert-manager", "2.0.0", 33, "not known: ");
    check("cert-manager", "1.18.0-beta.0", 33, "not known: ");
    check("no-such-project", "1.0.0", 33, "not known: ");
    // "1.31 and newer" was said before 1.38 was anything.
    check(
        "metrics-server",
        "0.8.0",
        38,
        "not known: declared, built against",
    );
    // A stated end is an end, however far away.
    check("cert-manager", "1.21.0", 38, "no: declared");
}

#[test]
fn the_way_out_is_the_earliest_version_that_goes() {
    let projects = Knowledge::embedded().projects();
    let earliest = |name: &str, minor: u16| {
        projects
            .earliest_supporting(name, Minor::new(1, minor))
            .map(|claim| claim.versions.first().to_string())
    };
    assert_eq!(earliest("cert-manager", 36).as_deref(), Some("1.21.0"));
    assert_eq!(earliest("cert-manager", 34).as_deref(), Some("1.19.0"));
    assert_eq!(earliest("ingress-nginx", 35).as_deref(), Some("1.15.0"));
    assert_eq!(earliest("ingress-nginx", 36), None);
}

/// Projects with claims about fewer than six of their lines, and why.
const FEWER_LINES: [(&str, &str); 2] = [
    (
        "etcd",
        "kubeadm brought no more along since Kubernetes 1.16",
    ),
    (
        "kube-prometheus-stack",
        "its minors come weekly; each claim is about a run of them",
    ),
];

#[test]
fn every_project_has_claims_about_its_last_lines() {
    let projects = Knowledge::embedded().projects();
    let fewer: Vec<&str> = projects
        .iter()
        // Most projects are known by their signs alone, or by what they are built
        // against.
        .filter(|project| {
            projects
                .requirements(&project.name)
                .any(|requirement| requirement.basis != Basis::BuiltAgainst)
        })
        .filter(|project| {
            let lines: BTreeSet<Option<(u32, u32)>> = projects
                .requirements(&project.name)
                .map(|requirement| requirement.versions.first().line())
                .collect();
            lines.len() < 6
        })
        .map(|project| project.name.as_str())
        .collect();
    let explained: Vec<&str> = FEWER_LINES.iter().map(|(project, _)| *project).collect();
    assert_eq!(fewer, explained);
}

/// Upstream's own contradictions: tested with a minor that its page does not
/// declare, and why that is not our mistake.
const TESTED_BUT_NOT_DECLARED: [(&str, &str, &str); 2] = [
    (
        "kured",
        "1.22.1",
        "the older of its two test clusters stayed on 1.33 when the page moved on to 1.34",
    ),
    (
        "kyverno",
        "1.16.4",
        "a patch release moved its test matrix to 1.35; the page still ends with 1.34",
    ),
];

/// Two claims about the same version must not contradict each other.
#[test]
fn what_is_tested_is_declared() {
    let projects = Knowledge::embedded().projects();
    let mut contradictions = Vec::new();
    for project in projects.iter() {
        for tested in projects
            .requirements(&project.name)
            .filter(|r| r.basis == Basis::Tested)
        {
            let (Some(min), Upper::Last(max)) = (tested.min, tested.max) else {
                panic!(
                    "{} {}: a tested list has two ends",
                    project.name, tested.versions
                );
            };
            let first = tested.versions.first();
            let ruled_out = [min, max].iter().any(|minor| {
                !matches!(
                    projects.supports(&project.name, first, *minor),
                    Support::Supported { .. }
                )
            });
            if ruled_out {
                contradictions.push((project.name.as_str(), first.to_string()));
            }
        }
    }
    let explained: Vec<(&str, String)> = TESTED_BUT_NOT_DECLARED
        .iter()
        .map(|(project, version, _)| (*project, (*version).to_owned()))
        .collect();
    assert_eq!(contradictions, explained);
}
