//! Paths of clusters with what runs in them, and of projects.

use super::*;
use refit_model::kubernetes::Distribution;
use refit_model::path::{Installation, UpgradePath};

/// One line for everything that a path says.
fn lines(path: &UpgradePath) -> Vec<String> {
    let hops = path.hops.iter().map(|hop| {
        let reasons: Vec<String> = hop
            .because
            .iter()
            .map(|because| format!("{:?}", because.reason))
            .collect();
        let data = hop
            .data_version
            .as_ref()
            .map_or_else(String::new, |data| format!(" [{data}]"));
        format!("{hop}{data}: {}", reasons.join(" "))
    });
    let projects = path
        .projects
        .iter()
        .map(|project| format!("{} is {}", project.installation, project.need));
    let blocked = path.blocked.iter().map(|blocker| {
        format!(
            "{} at {} before {}: {}",
            blocker.subject, blocker.at, blocker.before, blocker.whose
        )
    });
    let not_known = path.not_known.iter().map(|one| {
        format!(
            "not known: {} {} with {}",
            one.installation,
            one.version.as_deref().unwrap_or("?"),
            one.kubernetes.join(" ")
        )
    });
    hops.chain(projects)
        .chain(blocked)
        .chain(not_known)
        .collect()
}

fn request(from: &str, target: &str, installed: &[(&str, &str)]) -> PathRequest {
    PathRequest {
        from: from.parse().unwrap(),
        target: target.parse().unwrap(),
        distribution: None,
        oldest_kubelet: None,
        installed: installed
            .iter()
            .map(|(project, version)| Installed {
                installation: Installation {
                    project: (*project).to_owned(),
                    namespace: None,
                },
                version: version.parse().ok(),
            })
            .collect(),
        wishes: Wishes::default(),
        today: "2026-11-30".parse().unwrap(),
    }
}

#[track_caller]
fn check(request: &PathRequest, expected: &[&str]) -> UpgradePath {
    let path = landscape_path(request, Knowledge::embedded()).unwrap();
    assert_eq!(lines(&path), expected);
    path
}

#[track_caller]
fn project(name: &str, from: &str, to: &str, on: Option<&str>, expected: &[&str]) -> UpgradePath {
    let on: Option<Minor> = on.map(|minor| minor.parse().unwrap());
    let path = project_path(name, from, to, on, Knowledge::embedded()).unwrap();
    assert_eq!(lines(&path), expected, "{name}");
    path
}

#[test]
fn a_project_moves_when_the_next_minor_asks_for_it_and_no_earlier() {
    let installed = [("cert-manager", "1.17.2"), ("argo-cd", "3.5.1")];
    let path = check(
        &request("v1.32.13", "1.36", &installed),
        &[
            "control plane v1.32.13 to v1.33.13: NextMinor",
            "cert-manager 1.17.2 to 1.21.1: NotSupported",
            "control plane v1.33.13 to v1.34.11: NextMinor",
            "control plane v1.34.11 to v1.35.8: NextMinor",
            "nodes v1.32.13 to v1.35.8: NodeSkew",
            "control plane v1.35.8 to v1.36.4: NextMinor",
            "nodes v1.35.8 to v1.36.4: NodesFollow",
            "cert-manager is required",
            "argo-cd is not recommended",
        ],
    );
    let with: Vec<String> = path.hops[2]
        .with
        .iter()
        .map(|one| format!("{} {} {}", one.installation, one.version, one.basis))
        .collect();
    assert_eq!(with, ["cert-manager 1.21.1 tested", "argo-cd 3.5.1 tested"]);
    assert_eq!(
        path.hops[1].because[0].detail,
        "cert-manager 1.17.0 to 1.17 is declared for Kubernetes 1.29 to 1.33"
    );
    assert!(
        path.notes[0].contains("one minor at a time"),
        "{:?}",
        path.notes
    );
}

/// Cilium goes one minor at a time, so that several moves come at one stop.
#[test]
fn a_project_goes_through_its_own_mandatory_versions() {
    check(
        &request("v1.32.13", "1.34", &[("cilium", "1.17.0")]),
        &[
            "cilium 1.17.0 to 1.18.6: NotKnown",
            "control plane v1.32.13 to v1.33.13: NextMinor",
            "cilium 1.18.6 to 1.19.6: NotKnown",
            "control plane v1.33.13 to v1.34.11: NextMinor",
            "nodes v1.32.13 to v1.34.11: NodesFollow",
            "cilium is optional",
        ],
    );
}

#[test]
fn a_wish_is_heard_and_the_path_found_again() {
    let mut pinned = request("v1.33.13", "1.34", &[("cert-manager", "1.17.2")]);
    pinned.wishes.keep.insert("cert-manager".to_owned());
    let path = check(
        &pinned,
        &[
            "cert-manager is required",
            "cert-manager at 1.17.2 before Kubernetes 1.34: pinned by us",
        ],
    );
    assert_eq!(path.blocked[0].facts.len(), 2);
    let mut wanted = request("v1.33.13", "1.34", &[("cert-manager", "1.17.2")]);
    let wish = ("cert-manager".to_owned(), "1.19.2".parse().unwrap());
    wanted.wishes.go.extend([wish]);
    check(
        &wanted,
        &[
            "cert-manager 1.17.2 to 1.19.2: NotSupported",
            "control plane v1.33.13 to v1.34.11: NextMinor",
            "nodes v1.33.13 to v1.34.11: NodesFollow",
            "cert-manager is required",
        ],
    );
}

#[test]
fn what_cannot_follow_blocks_and_the_path_leads_as_far_as_all_can() {
    let path = check(
        &request(
            "v1.34.11",
            "1.37",
            &[("cert-manager", "1.20.0"), ("karpenter", "1.9.0")],
        ),
        &[
            "control plane v1.34.11 to v1.35.8: NextMinor",
            "cert-manager 1.20.0 to 1.21.1: NotSupported",
            "karpenter 1.9.0 to 1.15.2: NotSupported",
            "control plane v1.35.8 to v1.36.4: NextMinor",
            "nodes v1.34.11 to v1.36.4: NodesFollow",
            "cert-manager is required",
            "karpenter is required",
            "cert-manager at 1.21.1 before Kubernetes 1.37: waiting for upstream",
        ],
    );
    assert!(
        path.blocked[0].remedy.contains("1.21"),
        "{:?}",
        path.blocked
    );
}

#[test]
fn what_nobody_says_is_not_fine() {
    check(
        &request(
            "v1.34.11",
            "1.35",
            &[("cert-manager", ""), ("no-such-project", "1.0.0")],
        ),
        &[
            "control plane v1.34.11 to v1.35.8: NextMinor",
            "nodes v1.34.11 to v1.35.8: NodesFollow",
            "cert-manager is optional",
            "no-such-project is not recommended",
            "not known: cert-manager ? with 1.34 1.35",
            "not known: no-such-project 1.0.0 with 1.35",
        ],
    );
}

#[test]
fn workers_of_canonical_kubernetes_go_before_the_next_control_plane() {
    let mut behind = request("v1.34.3", "1.35.8", &[]);
    behind.distribution = Some(Distribution::CanonicalK8s);
    behind.oldest_kubelet = Some("v1.33.5".parse().unwrap());
    check(
        &behind,
        &[
            "nodes v1.33.5 to v1.34.3: NodeSkew",
            "control plane v1.34.3 to v1.35.8: NextMinor",
            "nodes v1.34.3 to v1.35.8: NodesFollow",
        ],
    );
    let mut ahead = request("v1.35.8", "1.36", &[]);
    ahead.distribution = Some(Distribution::CanonicalK8s);
    check(
        &ahead,
        &["control plane at v1.35.8 before Kubernetes 1.36: waiting for upstream"],
    );
}

#[test]
fn cluedin_six_hops_five_with_a_data_upgrade() {
    let path = project(
        "cluedin",
        "2024.07.00",
        "2026.02.00",
        None,
        &[
            "cluedin 2024.07.00 to 2024.12.00 [Version440]: Page DataUpgrade",
            "cluedin 2024.12.00 to 2025.05.00 [Version450]: Page DataUpgrade",
            "cluedin 2025.05.00 to 2025.05.02: Page",
            "cluedin 2025.05.02 to 2025.09.00 [Version460]: Page DataUpgrade",
            "cluedin 2025.09.00 to 2026.01.00 [Version470]: Page DataUpgrade",
            "cluedin 2026.01.00 to 2026.02.00 [Version480]: Page DataUpgrade",
        ],
    );
    assert_eq!(path.hops.len(), 6);
    let straight = project(
        "cluedin",
        "2024.07",
        "2024.12.02",
        None,
        &[
            "cluedin 2024.07.00 to 2024.12.00 [Version440]: Page DataUpgrade",
            "cluedin 2024.12.00 to 2024.12.02: Page",
        ],
    );
    assert!(
        straight
            .notes
            .iter()
            .any(|note| note.starts_with("not straight"))
    );
}

#[test]
fn osism_goes_from_series_to_series() {
    project(
        "osism",
        "9.5.0",
        "10.1.0",
        None,
        &["osism 9.5.0 to 10.1.0: Route"],
    );
}

#[test]
fn a_project_alone() {
    project(
        "rook",
        "1.17.0",
        "1.20.6",
        None,
        &[
            "rook 1.17.0 to 1.18.11: Route",
            "rook 1.18.11 to 1.19.10: Route",
            "rook 1.19.10 to 1.20.6: Asked",
        ],
    );
    let path = project(
        "cert-manager",
        "1.17.0",
        "1.21.1",
        Some("1.32"),
        &["cert-manager at 1.20.3 before 1.21.1: ours to fix"],
    );
    assert_eq!(
        path.blocked[0].facts[0].detail,
        "cert-manager 1.21.0 to 1.21 is declared for Kubernetes 1.33 to 1.36"
    );
    let ahead = project(
        "cert-manager",
        "1.20.0",
        "1.36",
        None,
        &["cert-manager 1.20.0 to 1.36: Asked"],
    );
    assert!(ahead.notes[1].starts_with("nothing is known of cert-manager 1.36"));
    // What it runs on, and what nobody says of that, is told beside the moves.
    project(
        "cilium",
        "1.17.0",
        "1.18.6",
        Some("1.35"),
        &[
            "cilium 1.17.0 to 1.18.6: Asked",
            "not known: cilium 1.17.0 with 1.35",
            "not known: cilium 1.18.6 with 1.35",
        ],
    );
    project(
        "cluedin",
        "2026.01.00",
        "2026.02.00",
        Some("1.36"),
        &[
            "cluedin 2026.01.00 to 2026.02.00 [Version480]: Page DataUpgrade",
            "not known: cluedin ? with 1.36",
        ],
    );
    let refused = |name: &str, from: &str, to: &str| {
        project_path(name, from, to, None, Knowledge::embedded())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused("rok", "1.0.0", "2.0.0"),
        "there is no project \"rok\" in the knowledge"
    );
    assert_eq!(
        refused("rook", "1.20.0", "1.19.0"),
        "1.19.0 is older than 1.20.0, and only a restore goes back"
    );
    assert_eq!(
        refused("cluedin", "2026.02.00", "2024.07.00"),
        "2024.07.00 is older than 2026.02.00, and only a restore goes back"
    );
    assert_eq!(
        refused("cluedin", "2019.01", "2024.07.00"),
        "one of the releases is not known"
    );
    assert_eq!(
        refused("cluedin", "24.7", "2024.07.00"),
        "the release cannot be read"
    );
    assert_eq!(
        refused("osism", "9.5.0", "11.0.0"),
        "one of the releases is not known"
    );
}

/// The releases of the path, or the reason that there is none.
#[track_caller]
fn control_plane(from: &str, target: &str, expected: &str) {
    let found = path(
        &from.parse().unwrap(),
        &target.parse().unwrap(),
        Knowledge::embedded(),
    );
    let found = match found {
        Ok(hops) => {
            for pair in hops.windows(2) {
                assert_eq!(pair[0].to, pair[1].from);
            }
            assert_eq!(hops[0].from.to_string(), from);
            let releases: Vec<_> = hops.iter().map(|hop| hop.to.to_string()).collect();
            releases.join(" ")
        }
        Err(blocked) => blocked.to_string(),
    };
    assert_eq!(found, expected, "{from} to {target}");
}

#[test]
fn paths() {
    control_plane("v1.33.5", "1.36", "v1.34.11 v1.35.8 v1.36.4");
    control_plane("v1.33.5", "1.35.2", "v1.34.11 v1.35.2");
    control_plane("v1.33.13", "1.34", "v1.34.11");
    control_plane("v1.34.2", "1.34", "v1.34.11");
    control_plane("v1.34.2", "1.34.3", "v1.34.3");
    control_plane("v1.34.2", "1.34.99", "v1.34.99");
    control_plane("v1.34.11", "1.34", "v1.34.11 is at the target 1.34 already");
    control_plane("v1.34.12", "1.34", "v1.34.12 is at the target 1.34 already");
    control_plane(
        "v1.34.5",
        "1.34.3",
        "v1.34.3 is older than v1.34.5, and Kubernetes cannot go back",
    );
    control_plane(
        "v1.34.5",
        "1.33",
        "1.33 is older than v1.34.5, and Kubernetes cannot go back",
    );
    control_plane(
        "v1.35.8",
        "1.40",
        "Kubernetes 1.38 is not known: the newest known release is 1.37",
    );
    control_plane(
        "v1.33.0",
        "2.0",
        "there is no path from v1.33.0 to 2.0: they are of different majors",
    );
    control_plane(
        "v1.9.0",
        "1.10",
        "Kubernetes 1.10 is not known: the newest known release is 1.37",
    );
}
