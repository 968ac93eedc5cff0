//! EKS: what is planned, what is refused, and what counts as done.

use crate::support::{planned, review, template};
use refit_model::condition::{Judgement, judge_all};
use refit_model::kubernetes::{Distribution, Kubernetes};
use refit_model::plan::UpgradePlan;
use refit_model::seen::{Listing, Seen, Unseen};
use refit_model::snapshot::Snapshot;
use refit_model::standing::{Standing, standing};
use refit_model::step::WayBack;
use refit_planner::{PlanRequest, Target, Terms};
use refit_tests::landscapes::{name, worker_in};
use refit_tests::programs::{Programs, landscape};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const AT: &str = "--region eu-west-1 --output json";

fn request(more: &[(&str, &str)]) -> PlanRequest {
    let set = [("cluster", "shop"), ("region", "eu-west-1")];
    PlanRequest {
        target: Target::Kubernetes("1.34".parse().unwrap()),
        parameters: set
            .iter()
            .chain(more)
            .map(|(parameter, value)| (name(parameter), (*value).to_owned()))
            .collect(),
        hop: None,
        terms: Terms::default(),
    }
}

/// A cluster of EKS at 1.33: no component of its control plane is seen.
fn eks() -> Snapshot {
    let version = "v1.33.5-eks-113cf36";
    let mut side = Kubernetes::unseen(&Unseen::NotInSource);
    side.distribution = Seen::Is(Distribution::Eks);
    side.server = Seen::Is(version.parse().unwrap());
    side.components = Listing::whole(BTreeMap::new());
    side.nodes = Listing::whole(BTreeMap::from([(
        name("ip-10-0-1-7"),
        worker_in("blue", &version.parse().unwrap()),
    )]));
    let mut snapshot = landscape("shop");
    snapshot.kubernetes = Some(side);
    snapshot
}

fn cluster(version: &str, status: &str) -> String {
    json!({"cluster": {"version": version, "status": status, "health": {"issues": []}}}).to_string()
}

fn group(version: &str, status: &str, issues: &Value) -> String {
    json!({"nodegroup": {
        "version": version, "status": status, "amiType": "AL2023_x86_64_STANDARD",
        "health": {"issues": issues}, "updateConfig": {"maxUnavailable": 1},
    }})
    .to_string()
}

fn addon(version: &str, status: &str) -> String {
    json!({"addon": {"addonVersion": version, "status": status, "health": {"issues": []}}})
        .to_string()
}

/// The versions of an add-on: an older one that is no default, and the default.
fn versions(called: &str, default: &str) -> Value {
    let version = |version: &str, minor: &str, is_default| json!({"addonVersion": version, "compatibilities": [{"clusterVersion": minor, "defaultVersion": is_default}]});
    json!({"addonName": called, "addonVersions": [
        version("v9.9.9-eksbuild.9", "1.34", false),
        version("v0.0.1-eksbuild.1", "1.33", true),
        version(default, "1.34", true),
    ]})
}

fn describe_group(called: &str) -> String {
    format!("aws eks describe-nodegroup --cluster-name shop --nodegroup-name {called} {AT}")
}

fn programs() -> Programs {
    let all = json!({"addons": [
        versions("kube-proxy", "v1.34.0-eksbuild.2"),
        versions("aws-ebs-csi-driver", "v1.48.0-eksbuild.1"),
        versions("vpc-cni", "v1.20.1-eksbuild.3"),
        versions("one-that-is-not-there", "v1.0.0-eksbuild.1"),
    ]});
    let mut programs = Programs::default()
        .with(
            &format!("aws eks list-nodegroups --cluster-name shop {AT}"),
            json!({"nodegroups": ["blue", "green"]}).to_string(),
        )
        .with(
            &format!("aws eks list-addons --cluster-name shop {AT}"),
            json!({"addons": ["aws-ebs-csi-driver", "kube-proxy", "vpc-cni"]}).to_string(),
        )
        .with(
            &format!("aws eks describe-addon-versions --kubernetes-version 1.34 {AT}"),
            all.to_string(),
        )
        .with(
            &format!("aws eks describe-cluster --name shop {AT}"),
            cluster("1.33", "ACTIVE"),
        );
    for called in ["blue", "green"] {
        programs = programs.with(&describe_group(called), group("1.33", "ACTIVE", &json!([])));
    }
    for called in ["aws-ebs-csi-driver", "kube-proxy", "vpc-cni"] {
        programs = programs.with(
            &format!("aws eks describe-addon --cluster-name shop --addon-name {called} {AT}"),
            addon("v0.0.1-eksbuild.1", "ACTIVE"),
        );
    }
    programs
}

fn plan(programs: &Programs, more: &[(&str, &str)]) -> (UpgradePlan, Snapshot, Option<String>) {
    let (made, snapshot) = planned(&template("eks"), eks(), programs, &request(more)).unwrap();
    let stop = made.report.stops.map(|stop| stop.because);
    (made.plan, snapshot, stop)
}

fn changes(plan: &UpgradePlan) -> Vec<String> {
    plan.steps()
        .filter(|(_, step)| step.changes_state())
        .map(|(_, step)| step.id.to_string())
        .collect()
}

/// What a plan sends, without what says where.
fn sent(plan: &UpgradePlan) -> Vec<String> {
    plan.steps()
        .filter(|(_, step)| step.changes_state())
        .flat_map(|(_, step)| step.act.iter().flat_map(refit_model::act::Act::commands))
        .map(|command| {
            let line = command.run.join(" ");
            line.replace(&format!(" {AT}"), "")
                .replace("aws eks ", "")
                .replace("--cluster-name shop ", "")
        })
        .collect()
}

#[test]
fn the_control_plane_then_add_ons_at_their_default_then_groups() {
    let (plan, snapshot, stop) = plan(&programs(), &[]);
    assert_eq!(stop, None);
    assert_eq!(
        sent(&plan),
        [
            "update-cluster-version --name shop --kubernetes-version 1.34",
            "update-addon --addon-name vpc-cni --addon-version v1.20.1-eksbuild.3 --resolve-conflicts PRESERVE",
            "update-addon --addon-name kube-proxy --addon-version v1.34.0-eksbuild.2 --resolve-conflicts PRESERVE",
            "update-addon --addon-name aws-ebs-csi-driver --addon-version v1.48.0-eksbuild.1 --resolve-conflicts PRESERVE",
            "update-nodegroup-version --nodegroup-name blue --kubernetes-version 1.34",
            "update-nodegroup-version --nodegroup-name green --kubernetes-version 1.34",
        ]
    );
    let found = review(&plan, &snapshot);
    assert!(found.allows_approval(), "{found:#?}");
}

#[test]
fn limits_and_times_are_for_whoever_plans() {
    let (plan, _, _) = plan(
        &programs(),
        &[
            ("maxUnavailable", "3"),
            ("strategy", "MINIMAL"),
            ("nodeGroupTime", "6h"),
            ("stall", "20m"),
            ("leaveAddons", "vpc-cni,kube-proxy"),
        ],
    );
    let found = sent(&plan);
    assert!(found.iter().any(|line| {
        line == "update-nodegroup-config --nodegroup-name blue --update-config maxUnavailable=3,updateStrategy=MINIMAL"
    }), "{found:?}");
    let addons = found.iter().filter(|line| line.starts_with("update-addon"));
    assert_eq!(addons.count(), 1);
    let step = plan.step(&name("groups/blue/upgrade")).unwrap();
    assert_eq!(step.timeout.to_string(), "6h");
    assert_eq!(step.stall.unwrap().to_string(), "20m");
    let error = planned(
        &template("eks"),
        eks(),
        &programs(),
        &request(&[("stall", "soon")]),
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "parameter stall: \"soon\" is not a time such as 30m or 2h"
    );
}

#[test]
fn what_is_there_already_is_not_sent_again() {
    let upgraded = programs()
        .with(
            &format!("aws eks describe-cluster --name shop {AT}"),
            cluster("1.34", "ACTIVE"),
        )
        .with(&describe_group("blue"), group("1.34", "ACTIVE", &json!([])));
    let (plan, _, stop) = plan(&upgraded, &[]);
    assert_eq!(stop, None);
    assert_eq!(
        changes(&plan),
        [
            "addons/vpc-cni/upgrade",
            "addons/kube-proxy/upgrade",
            "addons/aws-ebs-csi-driver/upgrade",
            "groups/green/upgrade",
        ]
    );
}

#[test]
fn nothing_is_planned_over_what_was_not_seen() {
    let whole = changes(&plan(&programs(), &[]).0);
    for (line, _) in programs().lines() {
        let blind = programs().ending(line, 254, "");
        let (plan, _, stop) = plan(&blind, &[]);
        assert!(stop.is_some(), "{line}");
        let left = changes(&plan);
        assert!(left.len() < whole.len(), "{line}");
        assert!(whole.starts_with(&left), "{line}: {left:?}");
    }
    // An add-on that has no default for the new minor has no version to go to.
    let odd = json!({"addons": [versions("vpc-cni", "v1.20.1-eksbuild.3")]});
    let (plan, _, stop) = plan(
        &programs().with(
            &format!("aws eks describe-addon-versions --kubernetes-version 1.34 {AT}"),
            odd.to_string(),
        ),
        &[],
    );
    assert_eq!(changes(&plan), ["control-plane/upgrade"]);
    assert!(
        stop.unwrap()
            .starts_with("the default version of each add-on is not known")
    );
}

#[track_caller]
fn stands(id: &str, shown: &[(&str, String)]) -> Standing {
    let (plan, mut snapshot, _) = plan(&programs(), &[]);
    let step = plan.step(&name(id)).unwrap();
    let mut programs = programs();
    for (line, out) in shown {
        programs = programs.with(line, out.as_str());
    }
    programs.look_at(&step.looks(), &mut snapshot);
    standing(step, &snapshot)
}

#[test]
fn an_update_is_done_when_version_and_status_say_so() {
    let group_at = |version, status| [(describe_group("blue"), group(version, status, &json!([])))];
    let check = |version, status| {
        let shown = group_at(version, status);
        let shown: Vec<_> = shown
            .iter()
            .map(|(line, out)| (line.as_str(), out.clone()))
            .collect();
        stands("groups/blue/upgrade", &shown)
    };
    assert!(matches!(check("1.34", "ACTIVE"), Standing::Done(_)));
    assert!(matches!(check("1.34", "UPDATING"), Standing::Underway(_)));
    // An update that failed leaves the group where it was: that is no end.
    assert!(matches!(check("1.33", "ACTIVE"), Standing::Ready(_)));
    let sick = group(
        "1.34",
        "ACTIVE",
        &json!([{"code": "NodeCreationFailure", "message": "did not join"}]),
    );
    let found = stands(
        "groups/blue/upgrade",
        &[(describe_group("blue").as_str(), sick)],
    );
    assert!(!matches!(found, Standing::Done(_)), "{found:?}");
}

#[test]
fn every_failure_code_comes_with_what_to_do() {
    let (plan, _, _) = plan(&programs(), &[]);
    let notes = |id: &str| plan.step(&name(id)).unwrap().notes.join("\n");
    let told = [
        ("control-plane/upgrade", "IpNotAvailable"),
        ("control-plane/upgrade", "SubnetNotFound"),
        ("control-plane/upgrade", "SecurityGroupNotFound"),
        ("control-plane/upgrade", "VpcIdNotFound"),
        ("control-plane/upgrade", "EniLimitReached"),
        ("control-plane/upgrade", "AccessDenied"),
        ("control-plane/upgrade", "OperationNotPermitted"),
        ("addons/vpc-cni/upgrade", "ConfigurationConflict"),
        ("addons/vpc-cni/upgrade", "InsufficientNumberOfReplicas"),
        ("addons/vpc-cni/upgrade", "AdmissionRequestDenied"),
        ("addons/vpc-cni/upgrade", "UnsupportedAddonModification"),
        ("addons/vpc-cni/upgrade", "K8sResourceNotFound"),
        ("groups/blue/upgrade", "PodEvictionFailure"),
        ("groups/blue/upgrade", "NodeCreationFailure"),
        ("groups/blue/upgrade", "InsufficientFreeAddresses"),
        ("groups/blue/upgrade", "ClusterUnreachable"),
    ];
    for (step, code) in told {
        assert!(notes(step).contains(code), "{step}: {code}");
    }
    assert!(
        notes("groups/blue/upgrade")
            .contains("aws eks describe-update --name shop --nodegroup-name blue --update-id ID")
    );
}

#[test]
fn the_control_plane_goes_back_for_seven_days_and_groups_do_not() {
    let (plan, _, _) = plan(&programs(), &[]);
    let way = |id: &str| plan.step(&name(id)).unwrap().way_back.clone();
    let WayBack::ByHand(back) = way("control-plane/upgrade") else {
        panic!("the control plane has a way back")
    };
    assert!(back.contains("seven days"), "{back}");
    let WayBack::ByHand(back) = way("groups/blue/upgrade") else {
        panic!("a group has one too, by another group")
    };
    assert!(back.contains("A group does not go back"), "{back}");
}

#[test]
fn checks_before_see_what_eks_would_refuse() {
    let (plan, snapshot, _) = plan(&programs(), &[]);
    let judged = |id: &str, line: &str, out: Value| {
        let step = plan.step(&name(id)).unwrap();
        let mut snapshot = snapshot.clone();
        programs()
            .with(line, out.to_string())
            .look_at(&step.looks(), &mut snapshot);
        judge_all(&step.reaches, &snapshot)
    };
    let insights = format!(
        "aws eks list-insights --cluster-name shop --filter categories=UPGRADE_READINESS,kubernetesVersions=1.34 {AT}"
    );
    let insight = |status: &str| json!({"insights": [{"insightStatus": {"status": status}}]});
    assert!(judged("preflight/insights", &insights, insight("WARNING")).holds());
    for status in ["ERROR", "UNKNOWN"] {
        let found = judged("preflight/insights", &insights, insight(status));
        assert!(matches!(found, Judgement::Fails(_)), "{status}");
    }
    let line = describe_group("blue");
    let custom = json!({"nodegroup": {
        "version": "1.33", "status": "ACTIVE", "amiType": "CUSTOM", "health": {"issues": []},
    }});
    let behind: Value = serde_json::from_str(&group("1.32", "ACTIVE", &json!([]))).unwrap();
    for out in [custom, behind] {
        let found = judged("groups-before/blue/fit", &line, out);
        assert!(matches!(found, Judgement::Fails(_)), "{found:?}");
    }
    let budgets = "kubectl get poddisruptionbudgets -A -o json";
    let budget = |allowed: u32| json!({"items": [{"status": {"disruptionsAllowed": allowed, "expectedPods": 2}}]});
    assert!(judged("preflight/budgets", budgets, budget(1)).holds());
    assert!(!judged("preflight/budgets", budgets, budget(0)).holds());
}
