use super::*;
use crate::Knowledge;

fn known() -> &'static Osism {
    Knowledge::embedded().osism()
}

fn number(text: &str) -> Number {
    text.parse().unwrap()
}

fn way(from: &str, to: &str) -> String {
    match known().path(number(from), number(to)) {
        Ok(hops) => hops
            .iter()
            .map(|release| release.number.to_string())
            .collect::<Vec<_>>()
            .join(" "),
        Err(error) => error.to_string(),
    }
}

#[test]
fn steps_go_one_series_at_a_time() {
    let step = |from, to| known().step(number(from), number(to)).is_ok();
    assert!(step("10.0.0", "10.2.0"));
    assert!(step("9.3.0", "10.1.0"));
    assert!(!step("8.1.0", "10.1.0"));
    assert_eq!(way("8.1.0", "10.1.0"), "9.5.0 10.1.0");
    assert_eq!(way("7.1.3", "10.2.0"), "8.1.0 9.5.0 10.2.0");
    assert_eq!(way("10.1.0", "10.1.0"), "");
    assert_eq!(
        way("10.1.0", "9.5.0"),
        "9.5.0 is older than 10.1.0, and no way back is documented"
    );
    assert_eq!(way("9.5.0", "11.0.0"), "nothing is known of release 11.0.0");
}

/// What 10.1.0 pins, number by number.
#[test]
fn what_a_release_pins() {
    let release = known().release(number("10.1.0")).unwrap();
    assert_eq!(release.cli, Some(number("0.20260615.0")));
    assert_eq!(
        release.k3s.as_ref().map(ToString::to_string).as_deref(),
        Some("v1.34.2+k3s1")
    );
    assert_eq!(release.docker.as_deref(), Some("5:27.5.1"));
    let openstack: Vec<_> = known()
        .series()
        .map(|series| (series.number, series.openstack.clone().unwrap_or_default()))
        .filter(|(series, _)| *series >= 7)
        .collect();
    let expected = [
        (7, "2023.2"),
        (8, "2024.1"),
        (9, "2024.2"),
        (10, "2025.1"),
        (11, "2026.1"),
    ];
    assert_eq!(
        openstack,
        expected.map(|(series, name)| (series, name.to_owned()))
    );
    // Where both say it, they agree.
    for release in known().releases() {
        let series = known().series.get(&release.number.series());
        if let (Some(own), Some(of)) = (
            &release.openstack,
            series.and_then(|series| series.openstack.as_ref()),
        ) {
            assert_eq!(own, of, "{}", release.number);
        }
    }
}

/// `k3s-upgrade` compares versions and looks at nothing else, so a step can leave
/// minors out.
#[test]
fn k3s_may_skip_minors() {
    let skips = |from, to| {
        known()
            .k3s_skips(number(from), number(to))
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(skips("10.1.0", "10.2.0"), ["1.35"]);
    assert_eq!(skips("9.1.0", "9.2.0"), ["1.31", "1.32"]);
    assert!(skips("10.0.0", "10.1.0").is_empty());
}

/// The three published orders, and what each breaks.
#[test]
fn published_orders() {
    let broken: Vec<(String, Vec<String>)> = known()
        .profiles()
        .iter()
        .map(|profile| {
            let broken = known()
                .broken_by(&profile.roles)
                .iter()
                .map(|broken| format!("{} after {}", broken.constraint.first, broken.role))
                .collect();
            (profile.name.clone(), broken)
        })
        .collect();
    let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
    assert_eq!(
        broken,
        [
            ("ci".to_owned(), Vec::new()),
            (
                "guide".to_owned(),
                list(&["common after openvswitch", "common after ovn"])
            ),
            (
                "seed".to_owned(),
                list(&[
                    "common after openvswitch",
                    "common after ovn",
                    "common after opensearch",
                    "common after prometheus",
                    "common after grafana"
                ])
            ),
        ]
    );
}

/// Constraints can all be kept at once: taking what nothing has to precede leaves
/// nothing over.
#[test]
fn constraints_have_no_circle() {
    let mut open: Vec<&Role> = known().roles().collect();
    while !open.is_empty() {
        let next: Vec<&Role> = open
            .iter()
            .filter(|role| {
                !known().constraints().iter().any(|constraint| {
                    constraint.is_about(role)
                        && open.iter().any(|other| other.name == constraint.first)
                })
            })
            .copied()
            .collect();
        assert!(!next.is_empty(), "a circle in {open:?}");
        open.retain(|role| !next.contains(role));
    }
}

#[test]
fn kolla_roles_are_pulled_before() {
    for role in known().roles() {
        assert_eq!(
            role.deployer == Deployer::Kolla,
            role.pull == Pull::Before,
            "{}",
            role.name
        );
    }
}

#[test]
fn commands_by_version() {
    let has = |command, cli| known().has_command(command, number(cli));
    assert_eq!(has("manage amphora rotate", "0.20260615.0"), Some(true));
    assert_eq!(has("manage amphora rotate", "0.20251130.1"), Some(false));
    // It came somewhere between two that were looked at.
    assert_eq!(has("manage amphora rotate", "0.20260101.0"), None);
    assert_eq!(has("lock", "0.20250709.0"), Some(false));
    assert_eq!(has("lock", "0.20250914.0"), Some(true));
    assert_eq!(has("apply", "0.20240319.0"), Some(true));
    assert_eq!(has("apply", "0.20230101.0"), None);
    assert_eq!(has("apply", "0.20990101.0"), None);
    // It went, and came back as another.
    assert_eq!(has("netbox", "0.20250407.0"), Some(false));
    assert_eq!(has("netbox", "0.20250530.0"), Some(true));
    // Each version has as many commands as its package lists.
    for (cli, count) in known().clis() {
        let found = known()
            .commands()
            .filter(|command| known().has_command(command, cli) == Some(true))
            .count();
        assert_eq!(found, count, "{cli}");
    }
}

/// Each release from 7.0.0 on pins a command line that was looked at.
#[test]
fn every_pinned_cli_was_looked_at() {
    for release in known()
        .releases()
        .filter(|release| release.number.series() >= 7)
    {
        let cli = release.cli.unwrap();
        assert!(
            known().clis().any(|(looked, _)| looked == cli),
            "{} pins {cli}",
            release.number
        );
    }
}

#[test]
fn ends_of_commands() {
    let ended = |command: &str, situation: &str, cli: &str| {
        known()
            .results()
            .iter()
            .find(|result| {
                result.command == command
                    && result.situation == situation
                    && result.cli == number(cli)
            })
            .map(|result| (result.exit_code, result.meaning))
    };
    let (old, new) = ("0.20260615.0", "0.20261007.0");
    assert_eq!(
        ended("wait --format script", "the task failed", old),
        Some((0, Meaning::Wrong))
    );
    assert_eq!(
        ended("wait --format script", "the task failed", new),
        Some((1, Meaning::Failed))
    );
    assert_eq!(
        ended("apply", "no output for --timeout seconds", old),
        Some((1, Meaning::InDoubt))
    );
    assert_eq!(
        ended("apply", "the tasks are locked", new),
        Some((1, Meaning::Refused))
    );
}
