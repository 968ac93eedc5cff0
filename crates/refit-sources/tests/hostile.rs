//! Whatever the bytes are, reading them ends, and does not panic.
//!
//! A mutator without randomness: a counter mixed by a fixed multiplier decides
//! what is changed, so that a failure can be repeated by its number.

#![cfg(test)]

mod tree;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use refit_model::snapshot::Area;
use refit_sources::inflate::inflate;
use refit_sources::{ReadOptions, Reading, SourceFile, helm, read};
use std::io::Write as _;

/// How many of each are made: together about a second of a debug build.
const ARCHIVES: u64 = 250;
const PACKED: u64 = 1000;
const RELEASES: u64 = 400;

/// Mixes a number (the finaliser of MurmurHash3, which spreads small counters).
fn mixed(number: u64) -> u64 {
    let mut value = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    value = (value ^ (value >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    value ^ (value >> 33)
}

/// Characters that mean something to YAML, JSON, versions and names.
const TELLING: &[u8] = b"\n:-{}[]&*!|>'\"%@`#,? \t0~<\\\0\xff\xc3ey";

/// Numbers that follow from `seed`, each below the one that is given.
fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below: usize| {
        state = mixed(state);
        usize::try_from(state % u64::try_from(below.max(1)).unwrap()).unwrap()
    }
}

/// A part of `bytes`, changed in a few places.
fn mutated(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut next = numbers(seed);
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
    change(&mut piece, 7, &mut next);
    piece
}

/// Changes one place, or up to `most`.
fn change(piece: &mut Vec<u8>, most: usize, next: &mut impl FnMut(usize) -> usize) {
    for _ in 0..=next(most) {
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

/// Reads one file and checks what holds of any: what is read can be written and
/// is read back, and a file without an object is told.
#[track_caller]
fn survived(name: &str, bytes: Vec<u8>, seed: u64) -> Reading {
    let name = name.to_owned();
    let reading = read([SourceFile { name, bytes }], &ReadOptions::default());
    let text = serde_json::to_vec(&reading.snapshot).unwrap();
    let back: refit_model::snapshot::Snapshot = serde_json::from_slice(&text).unwrap();
    assert_eq!(back, reading.snapshot, "seed {seed}");
    let is_told = reading.objects > 0 || !reading.snapshot.gaps.is_empty();
    assert!(
        is_told,
        "seed {seed}: nothing was read, and nothing says so"
    );
    reading
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len().try_into().unwrap());
        header.set_mode(0o644);
        builder.append_data(&mut header, path, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

/// Makes the checksum of the header at `begin` right again, so that a change of
/// the header is not refused for its checksum alone.
fn sign(archive: &mut [u8], begin: usize) {
    let Some(block) = archive.get_mut(begin..begin + 512) else {
        return;
    };
    let header = tar::Header::from_byte_slice(block);
    let mut header = header.clone();
    header.set_cksum();
    block.copy_from_slice(header.as_bytes());
}

const LIST: &str = "apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Service, metadata: {name: a, namespace: shop}}
- {apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: {name: b, namespace: shop}}
";

const TEMPLATE: &str = "kind: Service\nname: {{ .Values.name }}\n";

#[test]
fn mutated_archives_are_read_without_a_panic() {
    let long = format!("{}/nodes.yaml", "folder/".repeat(20));
    let inner = archive(&[
        ("templates/a.yaml", TEMPLATE.as_bytes()),
        ("b.yaml", LIST.as_bytes()),
    ]);
    let whole = archive(&[
        ("a.yaml", LIST.as_bytes()),
        (&long, LIST.as_bytes()),
        ("b.yaml.gz", &packed(LIST.as_bytes())),
        ("charts/inner.tgz", &packed(&inner)),
        ("inner.tar", &inner),
    ]);
    let untouched = survived("whole.tar", whole.clone(), 0);
    assert_eq!(untouched.objects, 10);
    let (mut objects, mut gaps) = (0, 0);
    for seed in 0..ARCHIVES {
        let mut next = numbers(seed ^ 0xa5c1);
        let mut bytes = whole.clone();
        match next(3) {
            0 => change(&mut bytes, 2, &mut next),
            1 => {
                // Any field of one header: name, size, kind, link, prefix.
                let begin = next(bytes.len() / 512) * 512;
                for _ in 0..=next(4) {
                    bytes[begin + next(512)] = TELLING[next(TELLING.len())];
                }
                sign(&mut bytes, begin);
            }
            _ => {
                // Sizes that are wrong, huge, or no number.
                let begin = next(bytes.len() / 512) * 512;
                let size = [
                    "00000000001",
                    "77777777777",
                    "-0000000001",
                    "\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}",
                ];
                let text = size[next(size.len())].as_bytes();
                bytes[begin + 124..begin + 124 + text.len()].copy_from_slice(text);
                sign(&mut bytes, begin);
            }
        }
        if next(2) == 0 {
            bytes = packed(&bytes);
            if next(4) == 0 {
                change(&mut bytes, 2, &mut next);
            }
        }
        let reading = survived("dump.tar", bytes, seed);
        objects += reading.objects;
        gaps += reading.snapshot.gaps.len();
    }
    let archives = usize::try_from(ARCHIVES).unwrap();
    let (objects, gaps) = (objects / archives, gaps / archives);
    assert!(
        objects >= 3 && gaps >= 1,
        "{objects} objects, {gaps} gaps an archive"
    );
}

/// What is damaged is refused or unpacks to what it was: the checksum sees to it.
///
/// One member only: of several, whole ones can be missing at the end, and gzip has
/// no mark to show it.
#[test]
fn damaged_gzip_is_never_taken_for_whole() {
    let expected = LIST.repeat(20).into_bytes();
    let whole = packed(&expected);
    assert_eq!(inflate(&whole, expected.len()).as_ref(), Ok(&expected));
    let (mut refused, mut same) = (0_u64, 0_u64);
    for seed in 0..PACKED {
        let mut bytes = whole.clone();
        change(&mut bytes, 1, &mut numbers(seed ^ 0x6219));
        match inflate(&bytes, expected.len()) {
            Ok(unpacked) => {
                assert!(
                    unpacked == expected,
                    "seed {seed}: other bytes are taken for whole"
                );
                same += 1;
            }
            Err(_) => refused += 1,
        }
    }
    assert!(
        refused > 10 * same && same > 0,
        "{refused} refused, {same} the same"
    );
}

#[test]
fn mutated_releases_are_read_or_told() {
    let release = serde_json::json!({
        "name": "shop", "namespace": "shop", "version": 3,
        "info": {"status": "deployed"},
        "chart": {"metadata": {"name": "shop", "version": "1.2.3", "kubeVersion": ">=1.24"}},
        "manifest": format!("---\n{LIST}"),
        "hooks": [{"name": "check", "manifest": LIST}],
    });
    let release = release.to_string().into_bytes();
    let (mut read_well, mut refused) = (0_u64, 0_u64);
    for seed in 0..RELEASES {
        let mut next = numbers(seed ^ 0x4e17);
        // One of the layers is changed, so that each is reached.
        let changed = next(4);
        let mut layer = |level: usize, bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            if level == changed {
                change(&mut bytes, 2, &mut next);
            }
            bytes
        };
        let json = layer(0, &release);
        let gzip = layer(1, &packed(&json));
        let inner = layer(2, STANDARD.encode(gzip).as_bytes());
        let outer = layer(3, STANDARD.encode(inner).as_bytes());
        let secret = serde_json::json!({
            "apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1",
            "metadata": {
                "name": "sh.helm.release.v1.shop.v3", "namespace": "shop",
                "labels": {"owner": "helm", "name": "shop", "status": "deployed", "version": "3"},
            },
            "data": {"release": String::from_utf8_lossy(&outer)},
        });
        let is_read = helm::stored(&secret).is_ok();
        let reading = survived("release.json", secret.to_string().into_bytes(), seed);
        let is_told = reading
            .snapshot
            .gaps
            .iter()
            .any(|gap| gap.area == Area::Releases);
        assert!(
            is_read || is_told,
            "seed {seed}: a release is lost in silence"
        );
        if is_read {
            read_well += 1;
        } else {
            refused += 1;
        }
    }
    let least = RELEASES / 20;
    assert!(
        read_well > least && refused > least,
        "{read_well} read, {refused} refused"
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

/// A page with everything that the reader of guides looks at.
const GUIDE: &str = "# A\n\n1. Say `kubectl get pods –n a`:\n   ```bash\n   helm upgrade a b \\ \n     --set c='d e' \\\n   --wait <<EOF | tee > ./ <x y>\n   $(f `g` \"h\")\n    EOF\n   ```\n> ~~~{note}\n> ````yaml\n> a: {b: [c]}\n> ````\n> ~~~\n\n    $ juju run k8s/0 a\n";

/// Whatever a guide is made of, each word of a command is where it is said to be.
#[test]
fn guides() {
    let tools = ["helm", "juju", "kubectl"].into();
    for seed in 0..2000 {
        let mut bytes = GUIDE.as_bytes().to_vec();
        change(&mut bytes, 9, &mut numbers(seed));
        let text = String::from_utf8_lossy(&bytes);
        for name in ["a.md", "a.txt", "a.sh", "a.ps1", "a.yaml"] {
            let form = refit_sources::guide::Form::of(name);
            let guide = refit_sources::guide::read(&text, form, &tools);
            for snippet in &guide.snippets {
                for word in snippet.commands.iter().flat_map(|command| &command.words) {
                    let line = snippet.line(word.span).unwrap();
                    assert!(word.span.from <= word.span.to, "{seed} {name}");
                    assert!(word.span.to <= line.length(), "{seed} {name}: {word:?}");
                }
            }
        }
    }
}
