use super::*;
use crate::Knowledge;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// How a version stands on a day, as a short text.
fn standing(product: &str, version: &str, on: &str) -> String {
    let calendars = Knowledge::embedded().support();
    let Some(answer) = calendars.support(product, version, day(on)) else {
        return "no row".to_owned();
    };
    let until = |until| match until {
        Until::Day(day) => format!("{day}"),
        Until::NotAnnounced { looked } => format!("open on {looked}"),
    };
    let status = match answer.status {
        Status::NotReleased(from) => format!("from {from}"),
        Status::Supported {
            phase,
            until: reach,
        } => format!("{phase:?} until {}", until(reach)),
        Status::Ended { last: Some(last) } => format!("ended {last}"),
        Status::Ended { last: None } => "ended".to_owned(),
        Status::NotKnown => "not known".to_owned(),
    };
    match answer.against {
        None => status,
        Some((other, _)) => format!("{status}, not {}", other.basis),
    }
}

#[track_caller]
fn check(product: &str, version: &str, on: &str, expected: &str) {
    assert_eq!(
        standing(product, version, on),
        expected,
        "{product} {version} on {on}"
    );
}

#[test]
fn managed_kubernetes() {
    let (eks, gke, aks, openshift) = (
        "amazon-eks",
        "google-kubernetes-engine",
        "azure-kubernetes-service",
        "red-hat-openshift",
    );
    check(
        eks,
        "v1.34.9-eks-abc",
        "2026-11-29",
        "Full until 2026-12-02",
    );
    check(eks, "1.34", "2026-12-03", "Extended until 2027-12-02");
    check(eks, "1.34", "2027-12-02", "Extended until 2027-12-02");
    check(eks, "1.34", "2027-12-03", "ended 2027-12-02");
    check(eks, "1.34", "2025-10-05", "from 2025-10-06");
    // It had no extended support.
    check(eks, "1.20", "2023-01-01", "ended 2022-11-01");
    check(eks, "1.37", "2026-11-29", "no row");
    check(gke, "1.34.9-gke.100", "2026-08-30", "Full until 2026-08-30");
    check(gke, "1.34", "2026-08-31", "Maintenance until 2026-10-01");
    check(gke, "1.34", "2026-10-02", "ended 2026-10-01");
    check(aks, "1.33.2", "2026-11-29", "Extended until 2027-07-31");
    // Planned by its documentation; the month has no day.
    check(aks, "1.37", "2026-09-30", "from 2026-10");
    check(aks, "1.37", "2026-10-15", "not known");
    check(aks, "1.37", "2026-11-29", "Full until 2027-10-31");
    check(
        openshift,
        "4.18.52",
        "2026-11-29",
        "Extended until 2027-02-25",
    );
    check(
        openshift,
        "4.19.42",
        "2026-11-29",
        "Maintenance until 2026-12-17",
    );
    // Two sources, a day apart.
    check(eks, "1.25", "2023-02-21", "from 2023-02-22, not collected");
}

#[test]
fn projects_and_what_they_stand_on() {
    check(
        "cert-manager",
        "v1.21.1",
        "2026-11-29",
        "Full until open on 2026-08-22",
    );
    check("cert-manager", "v9.9.9", "2026-11-29", "no row");
    check("nothing", "1.0.0", "2026-11-29", "no row");
    check("ubuntu", "24.04", "2026-11-29", "Full until 2029-05-31");
    let calendars = Knowledge::embedded().support();
    let name = |product: Option<&Product>| product.map(|product| product.name.clone());
    assert_eq!(name(calendars.of_project("flux2")).as_deref(), Some("flux"));
    assert_eq!(
        name(calendars.of_distribution("aks")).as_deref(),
        Some("azure-kubernetes-service")
    );
    assert_eq!(name(calendars.of_distribution("k3s")), None);
}

#[test]
fn a_distribution_with_versions_of_its_own() {
    let calendars = Knowledge::embedded().support();
    let cycle = |name, minor| {
        let product = calendars.of_distribution(name).unwrap();
        calendars.cycle_with(product, Minor::new(1, minor))
    };
    assert_eq!(cycle("openshift", 31).as_deref(), Some("4.18"));
    assert_eq!(cycle("openshift", 37), None);
    assert_eq!(cycle("eks", 31).as_deref(), Some("1.31"));
}

/// Each phase reaches at least as far as the one before it, on every day that any
/// source names.
#[test]
fn support_only_shrinks() {
    let calendars = Knowledge::embedded().support();
    let rank = |status: Status| match status {
        Status::NotReleased(_) | Status::NotKnown => None,
        Status::Ended { .. } | Status::Supported { .. } => Some(status.rank().0),
    };
    let mut looked_at = 0;
    for cycle in calendars.cycles() {
        let mut days: Vec<Date> = [
            cycle.active_until,
            Some(cycle.end_of_life),
            cycle.extended_until,
        ]
        .into_iter()
        .flatten()
        .filter_map(|end| match end {
            End::On(day) => Some(day),
            End::Ended | End::NotAnnounced => None,
        })
        .flat_map(|day| [day, day.tomorrow().unwrap()])
        .collect();
        days.push(cycle.released.last());
        days.sort_unstable();
        let ranks: Vec<u8> = days.iter().filter_map(|day| rank(cycle.on(*day))).collect();
        assert!(ranks.is_sorted_by(|a, b| a >= b), "{cycle:?}: {ranks:?}");
        looked_at += ranks.len();
    }
    assert!(looked_at > 1000);
}

/// A newer minor of a managed Kubernetes comes no earlier and ends no earlier.
/// EKS gave 1.18 two weeks more than 1.19, and OpenShift 4.6, the first with
/// extended updates, two months more than 4.7.
#[test]
fn newer_minors_end_no_earlier() {
    let calendars = Knowledge::embedded().support();
    let mut backwards = Vec::new();
    for product in calendars
        .products()
        .filter(|product| product.distribution.is_some())
    {
        for basis in [Basis::Collected, Basis::Declared] {
            let mut cycles: Vec<&Cycle> = calendars
                .cycles()
                .filter(|cycle| cycle.product == product.name && cycle.basis == basis)
                .collect();
            let number = |cycle: &Cycle| -> Minor { cycle.name.parse().unwrap() };
            cycles.sort_by_key(|cycle| number(cycle));
            for pair in cycles.windows(2) {
                let (older, newer) = (pair[0], pair[1]);
                assert!(
                    older.released.first() <= newer.released.first(),
                    "{newer:?}"
                );
                let (End::On(a), End::On(b)) = (older.end_of_life, newer.end_of_life) else {
                    panic!("{newer:?}");
                };
                if a > b {
                    backwards.push(format!("{} {} {}", product.name, older.name, newer.name));
                }
            }
        }
    }
    assert_eq!(
        backwards,
        ["amazon-eks 1.18 1.19", "red-hat-openshift 4.6 4.7"]
    );
}

/// Where two sources speak of a cycle they agree on its ends. Its beginning may
/// be a day apart, and where AKS names a month, some came a week before it or up
/// to two months after it.
#[test]
fn two_sources_differ_by_days() {
    let calendars = Knowledge::embedded().support();
    let mut both = 0;
    for declared in calendars
        .cycles()
        .filter(|cycle| cycle.basis == Basis::Declared)
    {
        let Some(collected) = calendars
            .cycles_of(&declared.product, &declared.name)
            .iter()
            .find(|cycle| cycle.basis == Basis::Collected)
        else {
            continue;
        };
        both += 1;
        assert_eq!(declared.end_of_life, collected.end_of_life, "{declared:?}");
        assert_eq!(
            declared.extended_until, collected.extended_until,
            "{declared:?}"
        );
        let early = (collected.released.first() - declared.released.first()).get_days();
        let late = (collected.released.first() - declared.released.last()).get_days();
        assert!(
            early >= -7 && late <= 62,
            "{early}, {late} days: {declared:?}"
        );
    }
    assert!(both >= 18, "{both}");
}

#[test]
fn what_a_row_may_not_say() {
    #[track_caller]
    fn refused(row: &str, expected: &str) {
        let head = "# format: refit-knowledge/calendar-collected/1\n# as-of: 2026-08-22\n# source: a page\n";
        let columns = COLLECTED.columns.join(",");
        let files = Files::embedded().with(COLLECTED_FILE, format!("{head}{columns}\n{row}\n"));
        let found = SupportCalendars::read_from(&files).map(|_| ());
        assert_eq!(
            found.map_err(|error| error.problem.to_string()),
            Err(expected.to_owned()),
            "{row}"
        );
    }
    refused(
        "etcd,3.6,2026-01-01,,2025-12-31,,,",
        "the dates run backwards",
    );
    refused(
        "etcd,3.6,2026-01-01,2026-03-01,2026-02-01,,,",
        "the dates run backwards",
    );
    refused(
        "etcd,3.6,2026-01-01,,soon,,,",
        "end_of_life is \"soon\", which is not a day, ended or not-announced",
    );
    refused(
        "itcd,3.6,2026-01-01,,ended,,,",
        "product is \"itcd\", which is not a product of calendars/products.csv",
    );
}
