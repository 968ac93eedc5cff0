//! Whatever the bytes are, reading them ends, and does not panic.
//!
//! A mutator without randomness: a counter mixed by a fixed multiplier decides
//! what is changed, so that a failure can be repeated by its number.

#![cfg(test)]

mod tree;

use refit_sources::{ReadOptions, SourceFile, read};

/// Mixes a number (the finaliser of MurmurHash3, which spreads small counters).
fn mixed(number: u64) -> u64 {
    let mut value = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    value = (value ^ (value >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    value ^ (value >> 33)
}

/// Characters that mean something to YAML, JSON, versions and names.
const TELLING: &[u8] = b"\n:-{}[]&*!|>'\"%@`#,? \t0~<\\\0\xff\xc3ey";

/// A part of `bytes`, changed in a few places.
fn mutated(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = |below: usize| {
        state = mixed(state);
        usize::try_from(state % u64::try_from(below.max(1)).unwrap()).unwrap()
    };
    // Whole files would be read a thousand times; a piece shows as much.
    let begin = next(bytes.len());
    let rest = bytes.get(begin..).unwrap_or_default();
    // Most pieces begin at an item of a list, so that the distillers are reached.
    let item = rest.windows(4).position(|window| window == b"\n- a");
    let (head, skip) = match item {
        Some(at) if !seed.is_multiple_of(8) => ("apiVersion: v1\nkind: List\nitems:", at),
        Some(_) | None => ("", 0),
    };
    let mut piece: Vec<u8> = head
        .bytes()
        .chain(rest.iter().skip(skip).take(2500).copied())
        .collect();
    for _ in 0..=next(6) {
        let at = next(piece.len());
        match next(5) {
            0 if !piece.is_empty() => piece[at] = TELLING[next(TELLING.len())],
            1 => piece.insert(at, TELLING[next(TELLING.len())]),
            2 if !piece.is_empty() => {
                piece.remove(at);
            }
            3 => {
                let copy: Vec<u8> = piece
                    .iter()
                    .skip(next(piece.len()))
                    .take(60)
                    .copied()
                    .collect();
                piece.splice(at..at, copy);
            }
            _ => piece.truncate(at.max(20)),
        }
    }
    piece
}

#[test]
fn mutated_examples_are_read_without_a_panic() {
    let files: Vec<SourceFile> = ["harbour", "canonical"]
        .into_iter()
        .flat_map(tree::example)
        .collect();
    let mut objects = 0;
    let mut gaps = 0;
    for seed in 0..4000_u64 {
        let index =
            usize::try_from(mixed(seed ^ 0xf11e) % u64::try_from(files.len()).unwrap()).unwrap();
        let bytes = mutated(&files[index].bytes, seed);
        let name = files[index].name.clone();
        let reading = read([SourceFile { name, bytes }], &ReadOptions::default());
        objects += reading.objects;
        gaps += reading.snapshot.gaps.len();
        // What is read can be written and is read back.
        let text = serde_json::to_vec(&reading.snapshot).unwrap();
        let back: refit_model::snapshot::Snapshot = serde_json::from_slice(&text).unwrap();
        assert_eq!(back, reading.snapshot, "seed {seed}");
    }
    assert!(
        objects > 100 && gaps > 1000,
        "{objects} objects, {gaps} gaps: the mutator misses"
    );
}

/// Whole objects with one field replaced by something else: each field of each
/// kind in turn.
#[test]
fn fields_of_any_shape_are_survived() {
    let strange = [
        serde_json::json!(null),
        serde_json::json!(true),
        serde_json::json!(-1),
        serde_json::json!(18_446_744_073_709_551_615_u64),
        serde_json::json!(1e300),
        serde_json::json!(""),
        serde_json::json!("x".repeat(300)),
        serde_json::json!("{{ template }}"),
        serde_json::json!([]),
        serde_json::json!([[[1]]]),
        serde_json::json!({}),
        serde_json::json!({"a": {"b": []}}),
    ];
    let mut read_count = 0;
    for file in tree::example("harbour") {
        let Some(object) = first_object(&file) else {
            continue;
        };
        let mut paths = Vec::new();
        paths_of(&object, "", &mut paths);
        for (number, path) in paths.iter().enumerate() {
            let mut changed = object.clone();
            *changed.pointer_mut(path).unwrap() = strange[number % strange.len()].clone();
            let bytes = serde_json::to_vec(&changed).unwrap();
            let name = format!("{}{path}", file.name);
            let reading = read([SourceFile { name, bytes }], &ReadOptions::default());
            assert_eq!(reading.documents, 1);
            read_count += 1;
        }
    }
    assert!(read_count > 1000, "{read_count}");
}

/// The first object of a file, as JSON.
fn first_object(file: &SourceFile) -> Option<serde_json::Value> {
    let document = refit_sources::yaml::documents(&file.bytes).next()?;
    let mut value = document.content.ok()??.into_json();
    match value.pointer_mut("/items/0") {
        Some(item) => Some(item.take()),
        None => Some(value),
    }
}

fn paths_of(value: &serde_json::Value, path: &str, into: &mut Vec<String>) {
    if !path.is_empty() {
        into.push(path.to_owned());
    }
    match value {
        serde_json::Value::Object(fields) => {
            for (key, inner) in fields {
                let key = key.replace('~', "~0").replace('/', "~1");
                paths_of(inner, &format!("{path}/{key}"), into);
            }
        }
        serde_json::Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                paths_of(inner, &format!("{path}/{index}"), into);
            }
        }
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}
