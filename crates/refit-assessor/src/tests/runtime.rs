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
    check(&snapshot(Some(with(from, runtimes))), to, 'N', expected)
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
