//! The Juju side.

use super::*;
use refit_model::juju::{JujuApplication, JujuModel, JujuUnit, Status, StatusWord};

fn unit(word: StatusWord, version: Option<&str>) -> JujuUnit {
    JujuUnit {
        workload: Seen::Is(Status {
            word,
            message: "waiting for somebody".to_owned(),
        }),
        agent_idle: Seen::Is(true),
        leader: false,
        version: Seen::from_source(version.map(|version| version.parse().unwrap())),
    }
}

fn model(juju: &str, offered: Option<u32>, units: Vec<(&str, JujuUnit)>) -> Snapshot {
    let application = JujuApplication {
        charm: "k8s".parse().unwrap(),
        channel: Seen::Is("1.34/stable".parse().unwrap()),
        revision: Seen::Is(1400),
        offered: Seen::Is(offered),
        claimed_version: Seen::Is(None),
        status: Seen::Is(Status {
            word: StatusWord::Active,
            message: String::new(),
        }),
        units: Listing::whole(
            units
                .into_iter()
                .map(|(name, unit)| (name.parse().unwrap(), unit))
                .collect(),
        ),
        actions: Listing::whole(BTreeMap::new()),
    };
    Snapshot {
        juju: Some(JujuModel {
            name: "harbour-charm".parse().unwrap(),
            controller: "lab".parse().unwrap(),
            version: Seen::Is(juju.to_owned()),
            applications: Listing::whole(BTreeMap::from([("k8s".parse().unwrap(), application)])),
        }),
        ..snapshot(Some(cluster("1.34.1")))
    }
}

#[test]
fn units_offers_and_age() {
    let units = vec![
        ("k8s/0", unit(StatusWord::Active, Some("1.34.1"))),
        ("k8s/1", unit(StatusWord::Blocked, Some("1.34.1"))),
        ("k8s/2", unit(StatusWord::Error, Some("1.34.1"))),
        ("k8s/3", unit(StatusWord::Maintenance, Some("1.34.1"))),
        ("k8s/4", {
            let mut busy = unit(StatusWord::Active, Some("1.34.1"));
            busy.agent_idle = Seen::Is(false);
            busy
        }),
    ];
    let found = check(
        &model("3.1.8", Some(1500), units),
        "1.34",
        'J',
        &[
            "blocking RFJ101 JujuUnit k8s/1",
            "blocking RFJ101 JujuUnit k8s/2",
            "warning RFJ102 JujuUnit k8s/3",
            "warning RFJ102 JujuUnit k8s/4",
            "warning RFJ104 JujuModel harbour-charm",
            "info RFJ103 JujuApplication k8s",
        ],
    );
    assert!(
        found[0].title.contains("waiting for somebody"),
        "{}",
        found[0].title
    );
    assert_eq!(
        found[5].title,
        "revision 1500 of k8s is offered in 1.34/stable, and 1400 runs"
    );
    for fine in ["3.3.0", "3.6.9", "4.0-beta1"] {
        check(&model(fine, None, Vec::new()), "1.34", 'J', &[]);
    }
    check(
        &model("2.9.51", None, Vec::new()),
        "1.34",
        'J',
        &["warning RFJ104 JujuModel harbour-charm"],
    );
}

/// What runs on a machine decides; a claim of the charm does not make up for it.
#[test]
fn versions_that_were_not_seen_are_a_gap() {
    let verdict = |version| {
        let units = vec![("k8s/0", unit(StatusWord::Active, version))];
        let assessment = run(&model("3.6.9", None, units), "1.34");
        let coverage = assessment.coverage.iter();
        let juju = coverage
            .filter(|coverage| coverage.area == refit_model::snapshot::Area::Juju)
            .map(|coverage| (coverage.seen, coverage.gaps.len()))
            .collect::<Vec<_>>();
        (juju, assessment.summary.verdict)
    };
    assert_eq!(
        verdict(Some("1.34.1")),
        (vec![(1, 0)], Verdict::ReadyWithWarnings)
    );
    assert_eq!(verdict(None), (vec![(1, 1)], Verdict::Unseen));
}
