use super::*;
use crate::Knowledge;

fn known() -> &'static CanonicalK8s {
    Knowledge::embedded().canonical_k8s()
}

const fn minor(minor: u16) -> Minor {
    Minor::new(1, minor)
}

#[test]
fn series_and_channels() {
    let minors: Vec<Minor> = known().series().map(|series| series.minor).collect();
    assert_eq!(minors, [32, 33, 34, 35, 36].map(minor));
    let of = |channel| {
        known()
            .series_of_channel(channel)
            .map(|series| series.minor)
    };
    assert_eq!(of("1.35/stable"), Some(minor(35)));
    assert_eq!(of("1.35"), Some(minor(35)));
    assert_eq!(of("latest/edge"), None);
    assert_eq!(of("1.31/stable"), None);
    for pair in known().series().collect::<Vec<_>>().windows(2) {
        assert!(pair[0].snap_released < pair[1].snap_released);
    }
}

/// 1846 is the revision of the real case in which the new charm ran on the old
/// version; the pins are those of the heads of the release branches.
#[test]
fn revisions_pin_snaps() {
    let pinned = |charm, revision| {
        known()
            .revision(charm, revision)
            .map(|found| (found.series, found.snap.amd64, found.snap.arm64))
    };
    assert_eq!(pinned("k8s", 1846), Some((minor(35), 4746, 4749)));
    assert_eq!(pinned("k8s", 1), None);
    let heads: Vec<_> = known()
        .series()
        .filter_map(|series| series.charm.as_ref())
        .map(|charm| (charm.snap.amd64, charm.snap.arm64))
        .collect();
    assert_eq!(
        heads,
        [(5473, 5476), (4755, 4756), (5268, 5272), (5475, 5477)]
    );
    assert_eq!(known().revisions(), 1108);
}

/// Within one series a later charm never pins an older snap by more than a
/// revert, and every revision is of a series with a charm.
#[test]
fn every_revision_is_of_a_series_with_a_charm() {
    for ((charm, revision), found) in &known().revisions {
        let series = known().series.get(&found.series).unwrap();
        assert!(series.charm.is_some(), "{charm} {revision}");
    }
}

#[test]
fn hops() {
    let hop = |minors: &[u16], to| {
        let minors: Vec<Minor> = minors.iter().copied().map(minor).collect();
        match known().hop(&minors, minor(to)) {
            Ok(charm) => format!("snap {}", charm.snap.amd64),
            Err(error) => error.to_string(),
        }
    };
    assert_eq!(hop(&[34, 34], 35), "snap 5475");
    // A control plane that moved already, and workers that did not.
    assert_eq!(hop(&[35, 34], 35), "snap 5475");
    // Upstream's skew would allow these workers.
    assert_eq!(
        hop(&[34, 33], 35),
        "the charm of 1.35 goes there from 1.34 to 1.35, and 1.33 runs"
    );
    assert_eq!(
        hop(&[34], 36),
        "no charm of 1.36 is known; the newest known is 1.35"
    );
}

#[test]
fn gates_of_hops() {
    let of = |from, to| -> Vec<(&str, Weight)> {
        known()
            .gates(minor(from), minor(to))
            .map(|gate| (gate.name.as_str(), gate.weight))
            .collect()
    };
    assert_eq!(
        of(35, 36),
        [
            ("k8s-dqlite", Weight::Blocks),
            ("kube-proxy", Weight::Irreversible)
        ]
    );
    assert_eq!(of(33, 34), []);
    for gate in known().every_gate() {
        assert_eq!(gate.to, gate.from.next(), "{}", gate.name);
    }
}

#[test]
fn what_messages_mean() {
    let means = |state, text| known().message(state, text).map(|found| found.verdict);
    assert_eq!(
        means("waiting", "Waiting for 2 Workers to upgrade"),
        Some(Verdict::Expected)
    );
    assert_eq!(
        means("waiting", "Waiting for the snap to be installed."),
        Some(Verdict::Stalls)
    );
    assert_eq!(
        means("blocked", "Unit was upgraded without a pre-upgrade-check"),
        Some(Verdict::Stop)
    );
    assert_eq!(
        means(
            "action",
            "Cannot run pre-upgrade checks, cluster already upgrading."
        ),
        Some(Verdict::InDoubt)
    );
    // The same words of a unit and of an action are not the same.
    assert_eq!(means("waiting", "Cluster is not ready"), None);
    assert_eq!(means("active", "Ready"), None);
}

/// What comes before what has no circle, and the control plane comes first.
#[test]
fn the_order_can_be_kept() {
    let mut open: Vec<&Order> = known().order().iter().collect();
    while !open.is_empty() {
        let before = open.len();
        let waits: Vec<&str> = open.iter().map(|order| order.then.as_str()).collect();
        open.retain(|order| waits.contains(&order.first.as_str()));
        assert!(open.len() < before, "a circle: {open:?}");
    }
    assert!(
        known()
            .order()
            .iter()
            .any(|order| order.first == "refresh k8s" && order.then == "refresh k8s-worker")
    );
}
