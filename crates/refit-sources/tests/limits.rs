//! `docs/limits.md` says what the code does: every limit that it names has the
//! value in the code, and every limit of this crate is named.

#![cfg(test)]

use refit_model::seen::Unseen;
use refit_sources::{ReadOptions, SourceFile, read};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What the names of limits begin with.
const BEGINNINGS: [&str; 4] = ["MOST_", "LARGEST_", "LONGEST_", "DEEPEST"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[expect(
    clippy::disallowed_methods,
    reason = "the room is pure, its tests read the files that it is given"
)]
fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else {
            into.push(path);
        }
    }
}

/// The constants of a file that are one number: their names and values.
fn constants(source: &str) -> Vec<(String, u64)> {
    let declared = |line: &str| {
        let (_, rest) = line.trim_start().split_once("const ")?;
        let (name, rest) = rest.split_once(": ")?;
        let (kind, value) = rest.split_once(" = ")?;
        let is_number = ["u16", "u32", "u64", "usize"].contains(&kind);
        let value = number(value.strip_suffix(';')?).filter(|_| is_number)?;
        Some((name.to_owned(), value))
    };
    source.lines().filter_map(declared).collect()
}

/// The value of `1 << 30`, `64 * 1024` or `50_000`.
fn number(written: &str) -> Option<u64> {
    if let Some((value, bits)) = written.split_once(" << ") {
        return Some(number(value)? << number(bits)?);
    }
    written
        .split(" * ")
        .map(|factor| factor.replace('_', "").parse::<u64>().ok())
        .product()
}

/// The value of `1 GiB`, `64 KiB` or `50,000`.
fn amount(told: &str) -> Option<u64> {
    let (digits, unit) = told.split_once(' ').unwrap_or((told, ""));
    let bits = match unit {
        "" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        _ => return None,
    };
    let value: u64 = digits.replace(',', "").parse().ok()?;
    Some(value << bits)
}

#[test]
fn every_limit_in_the_tables_is_that_of_the_code() {
    let told = text(&root().join("docs/limits.md"));
    let mut named = BTreeSet::new();
    for row in told.lines().filter(|line| line.contains("`crates/")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [_, most, place, beyond] = cells.as_slice() else {
            // The sentence that names this file is no row.
            assert!(row.contains("tests/limits.rs"), "no row: {row}");
            continue;
        };
        let parts: Vec<&str> = place.split('`').filter(|part| *part != " ").collect();
        let ["", file, name, ""] = parts.as_slice() else {
            panic!("no file and constant: {row}");
        };
        let found: Vec<u64> = constants(&text(&root().join(file)))
            .into_iter()
            .filter(|(constant, _)| constant == name)
            .map(|(_, value)| value)
            .collect();
        assert_eq!(found, [amount(most).unwrap()], "{file} {name}: {row}");
        assert!(!beyond.is_empty(), "{row}");
        named.insert((*file, *name));
    }
    let mut files = Vec::new();
    sources(&root().join("crates/refit-sources/src"), &mut files);
    let mut limits = 0;
    for file in files {
        let place = format!(
            "crates/refit-sources/src/{}",
            file.strip_prefix(root().join("crates/refit-sources/src"))
                .unwrap()
                .display()
        );
        for (name, value) in constants(&text(&file)) {
            if BEGINNINGS.iter().any(|begin| name.starts_with(begin)) {
                let is_told = named.contains(&(place.as_str(), name.as_str()));
                assert!(is_told, "docs/limits.md lacks {place} {name}, {value}");
                limits += 1;
            }
        }
    }
    assert!(limits > 10, "{limits} limits found: the search misses");
}

#[test]
fn numbers_are_read_as_they_are_written() {
    assert_eq!(number("1 << 30"), amount("1 GiB"));
    assert_eq!(number("1_300 * 1024 * 1024"), amount("1,300 MiB"));
    assert_eq!(number("50_000"), amount("50,000"));
    assert_eq!(number("OTHER * 2"), None);
    assert_eq!(amount("3 apples"), None);
    let declared = "    pub(crate) const MOST: usize = 8;\nconst NAMES: [&str; 1] = [\"8\"];";
    assert_eq!(constants(declared), [("MOST".to_owned(), 8)]);
}

/// The nesting of JSON has no constant here: its reader bounds it.
#[test]
fn json_is_read_as_deep_as_is_told() {
    let nested = |levels: usize| {
        let (open, close) = ("[".repeat(levels - 1), "]".repeat(levels - 1));
        let head = r#""apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "b"}"#;
        let file = SourceFile {
            name: "deep.json".to_owned(),
            bytes: format!("{{{head}, \"x\": {open}{close}}}").into_bytes(),
        };
        read([file], &ReadOptions::default())
    };
    assert_eq!(nested(127).objects, 1);
    let deeper = nested(128);
    assert_eq!(deeper.objects, 0);
    let is_told = |gap: &refit_model::snapshot::Gap| matches!(&gap.why, Unseen::Failed(why) if why.contains("recursion limit"));
    assert!(deeper.snapshot.gaps.iter().any(is_told), "{deeper:?}");
}
