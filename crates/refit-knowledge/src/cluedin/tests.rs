use super::*;
use crate::Knowledge;

fn name(text: &str) -> ReleaseName {
    text.parse().unwrap()
}

/// The way as targets, a `+` behind those with a data upgrade and a `?` behind
/// those whose page only does not refuse the start; or why there is none.
fn way(from: &str, to: &str) -> String {
    match Knowledge::embedded().cluedin().path(&name(from), &name(to)) {
        Ok(path) => path
            .hops
            .iter()
            .map(|hop| {
                let data = hop.upgrade.data.map_or("", |_| "+");
                let admitted = match hop.coverage {
                    Coverage::Covered => "",
                    Coverage::Admitted => "?",
                };
                format!("{}{data}{admitted}", hop.upgrade.target)
            })
            .collect::<Vec<_>>()
            .join(" "),
        Err(error) => error.to_string(),
    }
}

#[track_caller]
fn check(from: &str, to: &str, expected: &str) {
    assert_eq!(way(from, to), expected, "{from} to {to}");
}

#[test]
fn ways() {
    // Six, of which five with a data upgrade.
    check(
        "2024.07.00",
        "2026.02.00",
        "2024.12.00+ 2025.05.00+ 2025.05.02 2025.09.00+ 2026.01.00+ 2026.02.00+",
    );
    check("2024.12.02", "2025.05.02", "2025.05.00+ 2025.05.02");
    // Its page does not refuse it, and would leave out the data upgrade to 440.
    check("2024.07", "2024.12.02", "2024.12.00+ 2024.12.02");
    check("2024.01", "2024.07", "2024.04.00 2024.07.00+");
    check(
        "2023.07",
        "2024.12",
        "2024.01.00 2024.04.00 2024.07.00+ 2024.12.00+",
    );
    // The page names 2025.05.00, and 2025.05.01 is a patch of the same line.
    check("2025.05.01", "2025.09.00", "2025.05.02? 2025.09.00+");
    check("2026.01.00-support", "2026.02.00", "2026.02.00+?");
    check("2026.02.00", "2026.02.00", "");
}

#[test]
fn no_ways() {
    check(
        "2026.02.00",
        "2025.09.00",
        "2025.09.00 is older than 2026.02.00: data that was upgraded goes back only by a restore",
    );
    check(
        "2024.05",
        "2024.12",
        "nothing is known of release 2024.05; the newest known is 2026.02.00",
    );
    check(
        "2025.05.00",
        "2025.05.01",
        "no page leads from 2025.05.00 to 2025.05.01; the nearest that was reached is 2025.05.00",
    );
}

/// What the pages of 2024.12.02 say to somebody who wants to go there at once.
#[test]
fn straight_over_a_data_version_is_refused() {
    let known = Knowledge::embedded().cluedin();
    let direct: Vec<_> = known
        .upgrades()
        .iter()
        .filter(|upgrade| upgrade.target == name("2024.12.02"))
        .map(|upgrade| upgrade.coverage(&name("2024.07.00")))
        .collect();
    let from = name("2024.12");
    assert_eq!(direct, [Err(Refusal::NotCovered { from })]);
}

/// Over all pairs: a way carries each data version between its ends, once and in
/// order, and each of its edges starts where the one before it ends.
#[test]
fn a_way_carries_every_data_version_between_its_ends() {
    let known = Knowledge::embedded().cluedin();
    let (mut ways, mut none) = (0, 0);
    for from in known.releases() {
        for to in known.releases() {
            let Ok(path) = known.path(&from.name, &to.name) else {
                none += 1;
                continue;
            };
            ways += 1;
            let mut between: Vec<DataVersion> = known
                .releases()
                .filter_map(|release| release.data)
                .filter(|data| from.data < Some(*data) && Some(*data) <= to.data)
                .collect();
            between.dedup();
            let mut carried = path.data_upgrades();
            // An upgrade within 2024.07 names the data version that is there already.
            carried.dedup();
            carried.retain(|data| from.data < Some(*data));
            assert_eq!(carried, between, "{} to {}", from.name, to.name);
            let mut at = &from.name;
            for hop in &path.hops {
                assert_eq!(hop.from, *at);
                assert!(hop.upgrade.coverage(at).is_ok());
                at = &hop.upgrade.target;
            }
            assert_eq!(*at, to.name);
        }
    }
    // 18 releases: every pair that does not go back, but for the patches of one
    // line that no page connects.
    assert_eq!(ways + none, 18 * 18);
    assert!(ways > 100, "{ways}");
}

#[test]
fn a_table_that_breaks_the_law_is_not_read() {
    let files = Files::embedded();
    let text = files.text(UPGRADES_FILE).unwrap().into_owned();
    let broken = text.replace("2024.12.02,2024.12,", "2024.12.02,2024.07,");
    assert_ne!(text, broken);
    let found = CluedIn::read_from(&files.with(UPGRADES_FILE, broken)).map(|_| ());
    assert_eq!(
        found.map_err(|error| error.problem.to_string()),
        Err("it crosses a data version without its data upgrade".to_owned())
    );
}

#[test]
fn a_release_without_a_patch_is_pinned_and_says_so() {
    let known = Knowledge::embedded().cluedin();
    let pinned = |asked: &str| {
        let (release, pinned) = known.pin(&name(asked)).unwrap();
        let pinned = pinned.map(|pinned| (pinned.chart.unwrap_or_default(), pinned.because));
        (release.to_string(), pinned)
    };
    assert_eq!(pinned("2024.12.02"), ("2024.12.02".to_owned(), None));
    let (release, why) = pinned("2024.12");
    assert_eq!(release, "2024.12.00");
    let (chart, because) = why.unwrap();
    assert_eq!(chart, "2.4.1");
    assert!(because.contains("floating tag"), "{because}");
    let (release, why) = pinned("2025.05");
    assert_eq!(release, "2025.05.00");
    let first = ("2.5.0".to_owned(), "the first patch of its line".to_owned());
    assert_eq!(why, Some(first));
    let path = known.path(&name("2024.07"), &name("2024.12")).unwrap();
    assert_eq!(path.pinned.len(), 2);
}

/// The number in the name of a data version is the technical version without its
/// dots, and the tag, the chart and the packages go with it.
#[test]
fn the_numbers_of_a_release_agree() {
    let known = Knowledge::embedded().cluedin();
    for release in known.releases() {
        if let (Some(technical), Some(data)) = (&release.technical, release.data) {
            let digits: String = technical.split('.').take(2).collect();
            assert_eq!(
                data.to_string(),
                format!("Version{digits}0"),
                "{}",
                release.name
            );
        }
        if let Some(chart) = release
            .chart
            .as_deref()
            .and_then(|chart| known.chart(chart))
        {
            let said: ReleaseName = chart.app_version.parse().unwrap();
            // Chart 2.1.0 still calls itself 2024.01.
            let agrees = said.covers(&release.name) || release.name == name("2024.03.00");
            assert!(agrees, "{} and {said}", release.name);
        }
    }
    let packages = known.packages(&name("2026.02.00")).unwrap();
    assert_eq!(packages.len(), 33);
    assert_eq!(packages["CluedIn.Connector.Dataverse"], "4.8.0");
    assert_eq!(known.packages(&name("2026.01.00-support")), None);
    let chart = known.chart("2.6.0").unwrap();
    assert_eq!(chart.default_tag, "2024.12");
    assert_eq!(chart.components.len(), 8);
    assert_eq!(known.chart("2.8.0"), None);
}

#[test]
fn names() {
    for text in ["2024.07", "2024.07.03", "2026.01.00-support"] {
        assert_eq!(name(text).to_string(), text);
    }
    assert!(name("2024.09.00") < name("2024.12"));
    assert!(name("2026.01.00") < name("2026.01.00-support"));
    assert!(name("2026.01.00-support") < name("2026.02.00"));
    // A YAML reader made a number of the second.
    for text in [
        "2024",
        "2024.1",
        "24.10",
        "2024.10.1",
        "2024.07-support",
        "2024.07.00-",
        "",
    ] {
        assert!(text.parse::<ReleaseName>().is_err(), "{text}");
    }
}
