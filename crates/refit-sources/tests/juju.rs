//! `juju status`, at five moments of an upgrade.

#![cfg(test)]

use refit_model::juju::{JujuModel, StatusWord};
use refit_model::name::{ApplicationName, UnitName};
use refit_model::seen::{Seen, Unseen};
use refit_model::snapshot::{Area, IdentityBasis};
use refit_sources::{ReadOptions, Reading, SourceFile, read};

fn recorded(text: &str) -> Reading {
    let file = SourceFile {
        name: "status.json".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    read([file], &ReadOptions::default())
}

fn model(reading: &Reading) -> &JujuModel {
    reading.snapshot.juju.as_ref().unwrap()
}

/// What an upgrade watches of the control plane: revision, offer, claimed
/// version, status.
#[track_caller]
fn check(text: &str, revision: u32, offered: Option<u32>, claimed: &str, status: &str) {
    let reading = recorded(text);
    let name = ApplicationName::new("k8s").unwrap();
    let application = &model(&reading).applications.items[&name];
    assert_eq!(application.revision, Seen::Is(revision));
    assert_eq!(application.offered, Seen::Is(offered));
    let version = application.claimed_version.get().unwrap().clone();
    assert_eq!(version.unwrap().to_string(), claimed);
    assert_eq!(application.status.get().unwrap().to_string(), status);
    assert_eq!(application.units.items.len(), 3);
    // What a machine runs is not in a status, so that a false success cannot show.
    for unit in application.units.items.values() {
        assert_eq!(unit.version, Seen::Gap(Unseen::NotInSource));
    }
    let commands: Vec<_> = reading
        .snapshot
        .gaps
        .iter()
        .filter(|gap| gap.area == Area::Juju)
        .filter_map(|gap| gap.command.as_deref())
        .collect();
    assert!(
        commands.contains(&"juju ssh k8s/0 -- snap list k8s"),
        "{commands:?}"
    );
}

#[test]
fn moments_of_an_upgrade() {
    check(
        include_str!("recorded/juju/status-01-patch-available.json"),
        1400,
        Some(1500),
        "v1.34.1",
        "active \"Ready\"",
    );
    check(
        include_str!("recorded/juju/status-02-blocked-no-precheck.json"),
        1846,
        None,
        "v1.34.3",
        "blocked \"Unit was upgraded without a pre-upgrade-check\"",
    );
    check(
        include_str!("recorded/juju/status-04-cp-done-leader-waits-for-workers.json"),
        1846,
        None,
        "v1.35.0",
        "waiting \"Waiting for 2 Workers to upgrade\"",
    );
    check(
        include_str!("recorded/juju/status-07-false-success-charm-new-version-old.json"),
        1846,
        None,
        "v1.34.3",
        "active \"Ready\"",
    );
}

#[test]
fn the_leader_is_known() {
    let reading = recorded(include_str!("recorded/juju/status-01-patch-available.json"));
    let name = ApplicationName::new("k8s").unwrap();
    let (leader, _) = model(&reading).applications.items[&name].leader().unwrap();
    assert_eq!(leader.as_str(), "k8s/1");
    assert_eq!(reading.snapshot.cluster.id.as_str(), "lxd/prod-k8s");
    assert_eq!(reading.snapshot.cluster.basis, IdentityBasis::JujuModel);
    assert_eq!(
        reading.snapshot.taken_at.to_string(),
        "2026-11-20T06:00:00Z"
    );
}

#[test]
fn a_unit_that_is_an_error_is_a_gap() {
    let reading = recorded(include_str!(
        "recorded/juju/status-11-status-error-entity.json"
    ));
    let name = ApplicationName::new("k8s-worker").unwrap();
    let units = &model(&reading).applications.items[&name].units.items;
    let lost = &units[&UnitName::new("k8s-worker/1").unwrap()];
    let why = Unseen::Failed("agent is not communicating with the server".to_owned());
    assert_eq!(lost.workload, Seen::Gap(why.clone()));
    assert_eq!(lost.agent_idle, Seen::Gap(why.clone()));
    assert!(
        reading
            .snapshot
            .gaps
            .iter()
            .any(|gap| gap.what == "the unit k8s-worker/1" && gap.why == why)
    );
    let other = &units[&UnitName::new("k8s-worker/0").unwrap()];
    assert_eq!(other.workload.get().unwrap().word, StatusWord::Active);
}

#[test]
fn an_application_that_is_an_error_leaves_the_listing_open() {
    let text = r#"{"model": {"name": "m", "controller": "c"}, "machines": {},
        "applications": {"k8s": {"status-error": "no such charm"}}}"#;
    let reading = recorded(text);
    let applications = &model(&reading).applications;
    assert!(applications.items.is_empty());
    assert_eq!(
        applications.complete(),
        Err(Unseen::Failed("no such charm".to_owned()))
    );
}

#[test]
fn a_model_that_is_an_error_is_a_gap() {
    let text = r#"{"model": {"status-error": "down"}, "machines": {}, "applications": {}}"#;
    let reading = recorded(text);
    assert_eq!(reading.snapshot.juju, None);
    assert!(
        reading
            .snapshot
            .gaps
            .iter()
            .any(|gap| { gap.why == Unseen::Failed("the model has no status: down".to_owned()) })
    );
}
