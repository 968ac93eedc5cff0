//! The fences of the house hold, and would be noticed if they did not.

#![expect(
    clippy::unwrap_used,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

use refit_tests::house::{Ground, HOUSE, Purity, forbidden, grounds, impurities};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The system that this toolchain builds for.
fn host() -> String {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let said = std::process::Command::new(rustc)
        .arg("-vV")
        .output()
        .unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    said.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap()
        .to_owned()
}

#[test]
fn every_arrow_is_one_that_the_house_allows() {
    let metadata = cargo_metadata::MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        // Crates for other systems need not be on this machine.
        .other_options(["--offline", "--filter-platform", &host()].map(str::to_owned))
        .exec()
        .unwrap();
    assert_eq!(forbidden(HOUSE, &grounds(&metadata)), Vec::<String>::new());
}

#[test]
fn a_forbidden_arrow_an_unknown_crate_and_a_missing_room_are_noticed() {
    let mut grounds: BTreeMap<String, Ground> = HOUSE
        .iter()
        .map(|room| (room.name.to_owned(), Ground::default()))
        .collect();
    assert_eq!(forbidden(HOUSE, &grounds), Vec::<String>::new());

    let reviewer = grounds.get_mut("refit-reviewer").unwrap();
    reviewer.rooms.insert("refit-planner".to_owned());
    reviewer.below.insert("tokio".to_owned());
    grounds.insert("refit-common".to_owned(), Ground::default());
    grounds.remove("refit-store");
    assert_eq!(
        forbidden(HOUSE, &grounds),
        [
            "refit-common is not a room of the house",
            "refit-reviewer must not use refit-planner",
            "refit-reviewer must never see tokio",
            "refit-store is missing from the workspace",
        ]
    );
}

#[test]
fn pure_rooms_know_no_clock_no_files_and_no_random_order() {
    let mut found = Vec::new();
    for room in HOUSE.iter().filter(|room| room.purity == Purity::Pure) {
        let folder = root().join("crates").join(room.name);
        let bans = std::fs::read_to_string(folder.join("clippy.toml")).unwrap();
        for banned in [
            "jiff::Timestamp::now",
            "std::time::SystemTime::now",
            "HashMap",
        ] {
            assert!(bans.contains(banned), "{} does not ban {banned}", room.name);
        }
        let mut files = Vec::new();
        rust_files(&folder.join("src"), &mut files);
        assert!(!files.is_empty());
        for file in files {
            let source = std::fs::read_to_string(&file).unwrap();
            found.extend(
                impurities(&source)
                    .into_iter()
                    .map(|what| format!("{}:{what}", file.display())),
            );
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_clock_in_a_pure_room_is_noticed() {
    let source = "//! Timestamp::now in prose is fine.\n\
                  fn late() -> bool {\n    jiff::Timestamp::now() > DUE\n}\n\
                  #[cfg(test)]\nmod tests {\n    use std::collections::HashMap;\n}\n";
    assert_eq!(impurities(source), ["3: Timestamp::now (the clock)"]);
    assert_eq!(
        impurities("use std::fs;\n"),
        ["1: std::fs (the file system)"]
    );
}

/// The crate map in ARCHITECTURE.md names every room, and no other.
#[test]
fn the_crate_map_is_true() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut named: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let mut rooms: Vec<&str> = HOUSE.iter().map(|room| room.name).collect();
    named.sort_unstable();
    rooms.sort_unstable();
    assert_eq!(named, rooms);
}
