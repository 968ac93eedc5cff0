//! The fact files as files: dated, sourced, in order, and small.

#![cfg(test)]

use refit_knowledge::files::{EVERY, FactFile, Files};
use refit_knowledge::{Knowledge, calendar};
use refit_model::version::{KubeVersion, Minor};

#[test]
fn every_file_is_dated_sourced_and_sorted() {
    let (files, as_of) = (Files::embedded(), Knowledge::embedded().as_of());
    for FactFile { path, schema, .. } in EVERY {
        let text = files.text(path).unwrap();
        // Order, columns and header are what the reader insists on.
        let table = files.table(path, schema).unwrap();
        assert!(table.records().next().is_some(), "{path} is empty");
        assert!(table.as_of <= as_of, "{path} is newer than the knowledge");
        for column in ["source", "source_version"] {
            if schema.columns.contains(&column) {
                assert!(
                    table
                        .records()
                        .all(|record| !record.text(column).is_empty()),
                    "{path}"
                );
            }
        }
        assert!(
            text.ends_with('\n') && !text.contains('\r') && !text.contains('\t'),
            "{path}"
        );
    }
}

/// A file that nobody reads would be carried for nothing, and a reader without
/// its file could not answer.
#[test]
fn what_is_embedded_is_what_is_read() {
    let read: Vec<&str> = EVERY.iter().map(|file| file.path).collect();
    let embedded: Vec<&str> = Files::paths().collect();
    assert_eq!(read, embedded);
}

#[test]
fn the_readme_names_every_file() {
    let readme = include_str!("../../../knowledge/README.md");
    for FactFile { path, says, .. } in EVERY {
        let row = format!("| `{path}` | {says} | yes |");
        assert!(readme.contains(&row), "the README lacks: {row}");
    }
}

/// The design allows 2 MiB of the binary for everything that is known.
#[test]
fn embedded_files_are_small() {
    assert!(Files::size() < 2 * 1024 * 1024, "{} bytes", Files::size());
}

#[test]
fn the_calendar_has_every_minor_that_came_out() {
    let calendar = Knowledge::embedded().calendar();
    let minors: Vec<Minor> = calendar.releases().map(|release| release.minor).collect();
    let expected: Vec<Minor> = Minor::new(1, 15).up_to(Minor::new(1, 37)).collect();
    assert_eq!(minors, expected);
    assert_eq!(
        calendar.latest().map(|release| release.minor),
        Some(Minor::new(1, 37))
    );
    assert_eq!(calendar.release(Minor::new(1, 38)), None);
    let latest = |minor| {
        calendar
            .release(Minor::new(1, minor))
            .unwrap()
            .latest
            .clone()
    };
    assert_eq!(latest(37), KubeVersion::new(Minor::new(1, 37), 2));
    assert_eq!(latest(36), KubeVersion::new(Minor::new(1, 36), 4));
    assert_eq!(latest(34), KubeVersion::new(Minor::new(1, 34), 11));
}

#[test]
fn dates_ascend_and_the_two_sources_are_near() {
    let calendar = Knowledge::embedded().calendar();
    let releases: Vec<_> = calendar.releases().collect();
    for pair in releases.windows(2) {
        assert!(pair[0].released < pair[1].released);
        assert!(pair[0].end_of_life < pair[1].end_of_life);
    }
    for release in releases {
        if let Some(second) = release.end_of_life_second {
            assert_ne!(second, release.end_of_life);
            // Planned against actual final patch: the widest found is 41 days.
            let days = (second - release.end_of_life).get_days().abs();
            assert!(days <= 45, "{}: {days} days apart", release.minor);
        }
    }
}

#[test]
fn support_phases() {
    use calendar::SupportPhase::{Ended, Maintenance, NotReleased, Supported};
    let release = Knowledge::embedded()
        .calendar()
        .release(Minor::new(1, 34))
        .unwrap();
    for (day, expected) in [
        ("2025-08-26", NotReleased),
        ("2025-08-27", Supported),
        ("2026-08-27", Maintenance),
        ("2026-10-27", Maintenance),
        ("2026-10-28", Ended),
    ] {
        assert_eq!(release.phase_on(day.parse().unwrap()), expected, "{day}");
    }
}
