//! Container runtimes of nodes.

use super::*;
use refit_model::snapshot::Area;

/// A cluster of `from` with one node for each runtime; an empty one was not seen.
fn with(from: &str, runtimes: &[&str]) -> Kubernetes {
    let mut kubernetes = cluster(from);
    for (number, runtime) in runtimes.iter().enumerate() {
        let node = Node {
            runtime: runtime
                .parse()
                .map_or(Seen::Gap(Unseen::NotInSource), Seen::Is),
            ..node(from)
        };
        let name = format!("w-{number}").parse().unwrap();
        kubernetes.nodes.items.insert(name, node);
    }
    kubernetes
}

#[track_caller]
fn check_runtimes(from: &str, to: &str, runtimes: &[&str], expected: &[&str]) -> Vec<Finding> {
    check_code("RFN104", (from, to), runtimes, expected)
}

/// The findings of one code as `severity CODE subject`.
#[track_caller]
fn check_code(
    code: &str,
    (from, to): (&str, &str),
    runtimes: &[&str],
    expected: &[&str],
) -> Vec<Finding> {
    let mut findings = run(&snapshot(Some(with(from, runtimes))), to).findings;
    findings.retain(|finding| finding.code.to_string() == code);
    let lines: Vec<String> = findings
        .iter()
        .map(|finding| format!("{} {} {}", finding.severity, finding.code, finding.subject))
        .collect();
    assert_eq!(lines, expected, "{findings:#?}");
    findings
}

#[test]
fn lines_of_runtimes_that_have_ended() {
    let found = check_code(
        "RFN105",
        ("1.33.1", "1.34"),
        &[
            "containerd://1.6.39",
            "containerd://1.6.39",
            "containerd://2.0.5",
            "containerd://2.3.1",
            // Nothing is known of these.
            "cri-o://1.33.0",
            "containerd://99.0.0",
            "containerd://unknown",
            "",
        ],
        &[
            "warning RFN105 ContainerRuntime containerd://1.6.39",
            "info RFN105 ContainerRuntime containerd://2.0.5",
        ],
    );
    assert_eq!(
        found[1].title,
        "containerd://2.0.5 gets important fixes only, until 2027-03-01, on 1 node"
    );
    assert_eq!(
        found[0].title,
        "containerd://1.6.39 has had no fixes since 2025-08-23, on 2 nodes"
    );
    assert_eq!(
        found[0].evidence[0].detail,
        "containerd://1.6.39 on w-0, w-1"
    );
    assert!(
        found[0].remedy.contains("containerd 2.3"),
        "{}",
        found[0].remedy
    );
    assert_eq!(
        found[0].cause,
        "It is of the line 1.6, which came out on 2022-02-15."
    );
}

#[test]
fn docker_goes_with_dockershim() {
    let docker = "docker://20.10.7";
    let blocks = ["blocking RFN104 ContainerRuntime docker://20.10.7"];
    let found = check_runtimes("1.23.17", "1.24", &[docker, docker], &blocks);
    assert_eq!(
        found[0].title,
        "a kubelet of 1.24 does not work with docker://20.10.7, on 2 nodes"
    );
    assert_eq!(found[0].evidence[0].detail, "docker://20.10.7 on w-0, w-1");
    assert!(found[0].cause.contains("cri-dockerd"), "{}", found[0].cause);
    check_runtimes("1.22.17", "1.25", &[docker], &blocks);
    check_runtimes("1.22.17", "1.23", &[docker], &[]);
    // It runs through cri-dockerd there.
    check_runtimes("1.31.0", "1.32", &[docker], &[]);
}

#[test]
fn the_worst_floor_on_the_way_and_the_release_that_clears_them_all() {
    let found = check_runtimes(
        "1.25.0",
        "1.32",
        &[
            "containerd://1.5.18",
            "containerd://1.6.8-0ubuntu1",
            "containerd://1.7.27",
        ],
        &[
            "blocking RFN104 ContainerRuntime containerd://1.5.18",
            "warning RFN104 ContainerRuntime containerd://1.6.8-0ubuntu1",
        ],
    );
    for finding in &found {
        assert!(
            finding.remedy.contains("1.7.2 or newer"),
            "{}",
            finding.remedy
        );
    }
    // What is announced for the minor after the target.
    check_runtimes(
        "1.36.0",
        "1.37",
        &["containerd://1.7.27", "containerd://2.1.0"],
        &["info RFN104 ContainerRuntime containerd://1.7.27"],
    );
    check_runtimes(
        "1.33.0",
        "1.34",
        &["containerd://1.7.27", "cri-o://1.20.0"],
        &[],
    );
}

/// A kubelet that lags behind its servers meets the floor of what it moves to.
#[test]
fn it_is_the_kubelet_that_a_floor_is_about() {
    let mut kubernetes = with("1.24.17", &["docker://20.10.7"]);
    for node in kubernetes.nodes.items.values_mut() {
        node.kubelet = Seen::Is("1.23.17".parse().unwrap());
    }
    let found = run(&snapshot(Some(kubernetes)), "1.25").findings;
    assert!(
        found
            .iter()
            .any(|finding| finding.code == codes::NODE_RUNTIME.code)
    );
}

#[test]
fn what_was_not_seen_is_a_gap_where_a_floor_lies_ahead() {
    let gaps = |from: &str, to: &str, runtime: &str| -> Vec<(Area, String)> {
        let assessment = run(&snapshot(Some(with(from, &[runtime]))), to);
        let rows = assessment.coverage.into_iter();
        rows.flat_map(|row| row.gaps)
            .filter(|gap| gap.what.contains("container runtime of"))
            .map(|gap| (gap.area, gap.what))
            .collect()
    };
    let told = |area| {
        [(
            area,
            "the release of the container runtime of 1 node: w-0".to_owned(),
        )]
    };
    assert_eq!(gaps("1.23.0", "1.24", ""), told(Area::Nodes));
    assert_eq!(
        gaps("1.25.0", "1.26", "containerd://dev"),
        told(Area::Nodes)
    );
    // Nothing stops there, so that nothing that blocks can be hidden.
    assert_eq!(gaps("1.31.0", "1.32", ""), told(Area::Behaviour));
    assert_eq!(gaps("1.33.0", "1.34", ""), []);
    assert_eq!(gaps("1.23.0", "1.24", "containerd://1.6.0"), []);
}

#[test]
fn kernels_that_kubeadm_refuses() {
    let told = |from: &str, to: &str, kernel: Option<&str>, edit: &dyn Fn(&mut Kubernetes)| {
        let mut kubernetes = with(from, &["containerd://2.1.0"]);
        for node in kubernetes.nodes.items.values_mut() {
            node.kernel = kernel.map_or(Seen::Gap(Unseen::NotAsked), |kernel| {
                Seen::Is(kernel.parse().unwrap())
            });
        }
        edit(&mut kubernetes);
        let assessment = run(&snapshot(Some(kubernetes)), to);
        let findings = assessment.findings.iter();
        let mut lines: Vec<String> = findings
            .filter(|finding| finding.code.to_string() == "RFN106")
            .map(|finding| format!("{} {}", finding.severity, finding.title))
            .collect();
        let gaps = assessment.coverage.iter().flat_map(|row| &row.gaps);
        lines.extend(
            gaps.filter(|gap| gap.what.starts_with("the kernel of"))
                .map(|gap| format!("unseen {}", gap.what.split(':').next().unwrap())),
        );
        lines
    };
    let same = |_: &mut Kubernetes| {};
    let old = "4.18.0-553.el8_10.x86_64";
    let nodes = with("1.32.1", &["containerd://2.1.0"]).nodes.items.len();
    let refuses = format!("warning kubeadm of 1.33 refuses the kernel {old}, on {nodes} nodes");
    let refuses = refuses.replace("on 1 nodes", "on 1 node");
    assert_eq!(told("1.32.1", "1.33", Some(old), &same), [refuses.as_str()]);
    assert_eq!(told("1.32.1", "1.34", Some(old), &same), [refuses.as_str()]);
    let warns = refuses
        .replace("warning", "info")
        .replace("1.33 refuses", "1.34 warns of");
    assert_eq!(told("1.33.1", "1.34", Some(old), &same), [warns.as_str()]);
    // Before, and where it is new enough.
    assert_eq!(told("1.31.1", "1.32", Some(old), &same), [""; 0]);
    assert_eq!(
        told("1.32.1", "1.34", Some("5.4.0-216-generic"), &same),
        [""; 0]
    );
    // A kernel that was not seen is told where kubeadm would stop.
    let unseen = "unseen the kernel of";
    let gaps = told("1.32.1", "1.33", None, &same);
    assert!(gaps.len() == 1 && gaps[0].starts_with(unseen), "{gaps:?}");
    assert_eq!(told("1.33.1", "1.34", None, &same), [""; 0]);
    // Who set the cluster up decides, and Windows has no such kernel.
    let of = |built: Distribution| {
        move |kubernetes: &mut Kubernetes| kubernetes.distribution = Seen::Is(built)
    };
    assert_eq!(
        told("1.32.1", "1.33", Some(old), &of(Distribution::Eks)),
        [""; 0]
    );
    let windows = |kubernetes: &mut Kubernetes| {
        for node in kubernetes.nodes.items.values_mut() {
            let os = ("kubernetes.io/os".to_owned(), "windows".to_owned());
            node.labels.extend([os]);
        }
    };
    assert_eq!(told("1.32.1", "1.33", Some(old), &windows), [""; 0]);
}

/// What a minor behind the target asks for is not asked of anybody.
#[test]
fn the_kernel_that_clears_what_is_on_the_way() {
    let mut kubernetes = with("1.32.1", &["containerd://2.1.0"]);
    for node in kubernetes.nodes.items.values_mut() {
        node.kernel = Seen::Is("4.18.0-553.el8_10.x86_64".parse().unwrap());
    }
    for (to, least) in [("1.33", "4.19.0"), ("1.34", "5.4.0")] {
        let found = run(&snapshot(Some(kubernetes.clone())), to).findings;
        let mut found = found.iter();
        let told = found.find(|finding| finding.code == codes::NODE_KERNEL.code);
        let remedy = &told.unwrap().remedy;
        assert!(remedy.contains(&format!("{least} or newer")), "{remedy}");
    }
}
