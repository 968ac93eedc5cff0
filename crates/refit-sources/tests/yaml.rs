//! YAML as Kubernetes reads it.
//!
//! The expected values are those of the Go library behind `sigs.k8s.io/yaml`
//! (YAML 1.1, `resolve.go` and `decode.go`); where this reader decides
//! otherwise, the test says so.

#![cfg(test)]

use refit_sources::yaml::{DEEPEST, Document, Mark, Spanned, documents};
use serde_json::{Value, json};
use std::fmt::Write as _;

fn all(text: &[u8]) -> Vec<Document> {
    documents(text).collect()
}

/// The one document of `text`.
#[track_caller]
fn one(text: &str) -> Result<Value, String> {
    let mut documents = all(text.as_bytes());
    assert!(documents.len() <= 1, "{text:?} holds {documents:?}");
    match documents.pop() {
        None => Ok(Value::Null),
        Some(document) => document
            .content
            .map(|content| content.map_or(Value::Null, Spanned::into_json))
            .map_err(|error| error.why),
    }
}

#[track_caller]
fn check(text: &str, expected: Value) {
    assert_eq!(one(text), Ok(expected), "{text:?}");
}

#[track_caller]
fn check_value(text: &str, expected: Value) {
    check(&format!("v: {text}\n"), json!({ "v": expected }));
}

#[track_caller]
fn check_key(text: &str, expected: &str) {
    check(&format!("{text}: x\n"), json!({ expected: "x" }));
}

#[track_caller]
fn check_refused(text: &str, because: &str) {
    let why = one(text).expect_err(text);
    assert!(why.contains(because), "{text:?}: {why}");
}

#[test]
fn booleans_and_nothing() {
    for text in [
        "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE",
    ] {
        check_value(text, json!(true));
    }
    for text in [
        "n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE",
    ] {
        check_value(text, json!(false));
    }
    for text in ["", "~", "null", "Null", "NULL"] {
        check_value(text, json!(null));
    }
    for text in ["yEs", "oN", "tRUE", "nULL", "yess", "o", "nil", "None"] {
        check_value(text, json!(text));
    }
    for text in ["\"yes\"", "'no'", "!!str on", "! true"] {
        let bare = text.rsplit(' ').next().unwrap().trim_matches(['"', '\'']);
        check_value(text, json!(bare));
    }
}

#[test]
fn numbers() {
    check_value("0", json!(0));
    check_value("-0", json!(0));
    check_value("12", json!(12));
    check_value("+12", json!(12));
    check_value("-12", json!(-12));
    check_value("0420", json!(272));
    check_value("0777", json!(511));
    check_value("0o777", json!(511));
    check_value("-0o17", json!(-15));
    check_value("0x1F", json!(31));
    check_value("-0x1f", json!(-31));
    check_value("0b101", json!(5));
    check_value("-0b101", json!(-5));
    check_value("1_000", json!(1000));
    check_value("0_7", json!(7));
    check_value("1__0", json!(10));
    check_value("9223372036854775807", json!(9_223_372_036_854_775_807_i64));
    check_value("-9223372036854775808", json!(i64::MIN));
    check_value("18446744073709551615", json!(u64::MAX));
    // No octal, so a float, which JSON writes without a fraction.
    check_value("08", json!(8));
    check_value("0.5", json!(0.5));
    check_value(".5", json!(0.5));
    check_value(".5_0", json!(0.5));
    check_value("-.5", json!(-0.5));
    check_value("5.", json!(5));
    check_value("1.10", json!(1.1));
    check_value("1.0", json!(1));
    check_value("1e3", json!(1000));
    check_value("1E-2", json!(0.01));
    check_value("+1.5e+2", json!(150));
    check_value("1_0.5", json!(10.5));
    check_value(
        "18446744073709551616",
        json!(18_446_744_073_709_552_000_f64),
    );
}

#[test]
fn what_only_looks_like_numbers_is_text() {
    for text in [
        // Base 60 is gone, times and versions are text.
        "1:30",
        "190:20:30",
        "12:30:45",
        "1.2.3",
        "v1.30",
        "1.30.0",
        "0x",
        "0o8",
        "0b2",
        "0xg",
        "1e",
        "1e400",
        "+",
        ".",
        "..",
        "_1",
        "+-1",
        "--1",
        "1-1",
        "1 2",
        "100m",
        "2Gi",
        "._5",
        ".5_",
        "1e1.5",
        "e3",
        "٣",
        "0777z",
    ] {
        check_value(text, json!(text));
    }
    for text in [
        "2026-10-01",
        "2026-10-01T07:58:41Z",
        "2026-10-01 07:58:41",
        "2026-1-1",
        "!!timestamp 2026-10-01",
    ] {
        check_value(text, json!(text.trim_start_matches("!!timestamp ")));
    }
    for text in ["\"0420\"", "'1.10'", "!!str 0420", "!custom 12"] {
        let bare = text.rsplit(' ').next().unwrap().trim_matches(['"', '\'']);
        check_value(text, json!(bare));
    }
    for text in [".nan", ".inf", "-.Inf", "+.INF"] {
        check_refused(&format!("v: {text}\n"), "JSON cannot hold it");
    }
}

#[test]
fn tags() {
    check_value("!!int \"12\"", json!(12));
    check_value("!!float 3", json!(3));
    check_value("!!bool \"yes\"", json!(true));
    check_value("!!null \"\"", json!(null));
    check_value("!!binary aGk=", json!("hi"));
    check_value("!!str", json!(""));
    check_refused("v: !!int abc\n", "!!int");
    check_refused("v: !!int 1.5\n", "!!int");
    check_refused("v: !!bool 1\n", "!!bool");
    check_refused("v: !!binary '*'\n", "base64");
    check_value("!!binary /w==", json!("\u{fffd}"));
}

#[test]
fn keys_become_text() {
    check_key("1", "1");
    check_key("0x10", "16");
    check_key("0420", "272");
    check_key("1.50", "1.5");
    check_key("1e6", "1e+06");
    check_key("0.00001", "1e-05");
    check_key("yes", "true");
    check_key("n", "false");
    check_key("\"on\"", "on");
    check_key("2026-10-01", "2026-10-01");
    check_key("a b", "a b");
    check_key("'<<'", "<<");
    check_refused("~: x\n", "null");
    check_refused("[a]: x\n", "list");
    check_refused("{a: b}: x\n", "mapping");
    check_refused("? {a: b}\n: x\n", "mapping");
}

#[test]
fn merges_and_anchors() {
    let base = "a: &a {x: 1, w: 1}\nb: &b {w: 2, z: 2}\n";
    let check_merged = |text: &str, expected: Value| {
        let merged = one(&format!("{base}{text}")).unwrap();
        assert_eq!(merged["m"], expected, "{text:?}");
    };
    check_merged("m: {<<: *a}", json!({"x": 1, "w": 1}));
    check_merged("m: {<<: *a, x: 3}", json!({"x": 3, "w": 1}));
    // The library merges in place: a later `<<` wins over what stood before.
    check_merged("m: {x: 3, <<: *a}", json!({"x": 1, "w": 1}));
    check_merged("m: {<<: [*a, *b]}", json!({"x": 1, "w": 1, "z": 2}));
    check_merged("m: {<<: [*b, *a]}", json!({"x": 1, "w": 2, "z": 2}));
    check_merged("m: {<<: {q: 1}}", json!({"q": 1}));
    check_merged("m: *a", json!({"x": 1, "w": 1}));
    check_merged("m: [*a, *a]", json!([{"x": 1, "w": 1}, {"x": 1, "w": 1}]));
    check("k: &k name\n*k : v\n", json!({"k": "name", "name": "v"}));
    check("- &s 1\n- &s 2\n- *s\n", json!([1, 2, 2]));
    check_refused("m: {<<: 1}\n", "takes a mapping");
    check_refused("m: {<<: [1]}\n", "takes a mapping");
    check_refused("m: *nothing\n", "");
    check_refused("m: &m [*m]\n", "inside what it stands for");
    check_refused("a: &a [1]\n*a : x\n", "must not stand for a list");
}

#[test]
fn the_last_of_equal_keys_wins_and_is_told() {
    let documents = all(b"a: 1\nb: 2\na: 3\nc: {d: 1, d: 2}\n1: x\n\"1\": z\n");
    let [document] = documents.as_slice() else {
        panic!("{documents:?}");
    };
    let told: Vec<(Mark, &str)> = document
        .remarks
        .iter()
        .map(|remark| (remark.at, remark.text.as_str()))
        .collect();
    let at = |line, column| Mark { line, column };
    assert_eq!(
        told,
        [
            (
                at(3, 1),
                "the key \"a\" is given twice; Kubernetes takes the last"
            ),
            (
                at(4, 11),
                "the key \"d\" is given twice; Kubernetes takes the last"
            ),
            (
                at(6, 1),
                "the key \"1\" is given twice; Kubernetes takes the last"
            ),
        ]
    );
    let content = document.content.clone().unwrap().unwrap().into_json();
    assert_eq!(content, json!({"a": 3, "b": 2, "c": {"d": 2}, "1": "z"}));
}

#[test]
fn texts_over_several_lines() {
    check("v: |\n  a\n  b\n", json!({"v": "a\nb\n"}));
    check("v: >-\n  a\n  b\n", json!({"v": "a b"}));
    check("v: |+\n  a\n\n", json!({"v": "a\n\n"}));
    // Kubernetes ends the last line before it reads.
    check("v: |\n  a", json!({"v": "a\n"}));
    check("v: a\n  b\n", json!({"v": "a b"}));
    check("v: \"a\\tb\\u00e9\"\n", json!({"v": "a\tbé"}));
    check("v: 'it''s'\n", json!({"v": "it's"}));
    check("v: |\n  --- not a cut\n", json!({"v": "--- not a cut\n"}));
    check(
        "v: |\n  -----BEGIN CERTIFICATE-----\n  MII\n  -----END CERTIFICATE-----\n",
        json!({"v": "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n"}),
    );
    check("v: yes # no\n", json!({"v": true}));
    check("v: a#b\n", json!({"v": "a#b"}));
    check(
        "{\"a\": [1, yes, \"yes\"]}\n",
        json!({"a": [1, true, "yes"]}),
    );
    check("\u{feff}a: 1\n", json!({"a": 1}));
    check("a: 1\r\nb: 2\r\n", json!({"a": 1, "b": 2}));
}

/// Each document with the line of its first key, or why it is none.
#[track_caller]
fn check_documents(text: &str, expected: &[(u32, Result<Value, ()>)]) {
    let found: Vec<(u32, Result<Value, ()>)> = all(text.as_bytes())
        .into_iter()
        .map(|document| match document.content {
            Ok(Some(content)) => (content.at.line, Ok(content.into_json())),
            Ok(None) => (0, Ok(Value::Null)),
            Err(error) => (error.at.line, Err(())),
        })
        .collect();
    assert_eq!(found, expected, "{text:?}");
}

#[test]
fn documents_are_cut_as_kubernetes_cuts_them() {
    let a = || Ok(json!({"a": 1}));
    let b = || Ok(json!({"b": 2}));
    check_documents("a: 1\n---\nb: 2\n", &[(1, a()), (3, b())]);
    check_documents("---\n\na: 1\n---  \t\nb: 2\n---\n", &[(3, a()), (5, b())]);
    check_documents("a: 1\r\n---\r\nb: 2\r\n", &[(1, a()), (3, b())]);
    check_documents("# only a comment\n---\nb: 2", &[(3, b())]);
    check_documents("%YAML 1.1\n---\na: 1\n---\nb: 2\n", &[(3, a()), (5, b())]);
    check_documents("\n\n", &[]);
    check_documents("---\n---\n---\n", &[]);
    // Kubernetes reads the first of these alone; the second is read and told.
    for (text, line) in [("a: 1\n--- {b: 2}\n", 2), ("a: 1\n...\nb: 2\n", 3)] {
        check_documents(text, &[(1, a()), (line, b())]);
        let documents = all(text.as_bytes());
        assert_eq!(documents[0].remarks, []);
        assert!(
            documents[1].remarks[0].text.contains("does not read"),
            "{text:?}"
        );
    }
    // A comment behind the line does no harm.
    check_documents(
        "--- # first\na: 1\n---#other\nb: 2\n",
        &[(2, a()), (4, b())],
    );
    for document in all(b"--- # first\na: 1\n--- # other\nb: 2\n") {
        assert_eq!(document.remarks, []);
    }
}

#[test]
fn a_broken_document_costs_itself_alone() {
    let a = || Ok(json!({"a": 1}));
    let b = || Ok(json!({"b": 2}));
    check_documents("x: [1\n---\nb: 2\n", &[(1, Err(())), (3, b())]);
    check_documents(
        "a: 1\n---\nx: \"open\n---\nb: 2\n",
        &[(1, a()), (3, Err(())), (5, b())],
    );
    check_documents(
        "a: 1\n---\n{{- if .Values.on }}\nx: 1\n{{- end }}\n---\nb: 2\n",
        &[(1, a()), (3, Err(())), (7, b())],
    );
    check_documents("x: {{ .Values.x }}\n---\nb: 2\n", &[(1, Err(())), (3, b())]);
    check_documents("a: 1\n b: 2\n---\nb: 2\n", &[(2, Err(())), (4, b())]);
    check_documents("x: [\n--- # cut\nb: 2\n", &[(1, Err(())), (3, b())]);
}

#[test]
fn bytes_that_are_no_text_cost_their_document_alone() {
    let found = all(b"a: 1\n---\nx: 1\nb: \xff\xfe\n---\nb: 2\n");
    let [first, second, third] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert!(first.content.is_ok() && third.content.is_ok());
    let error = second.content.clone().unwrap_err();
    assert_eq!(
        (error.at.line, error.why.as_str()),
        (4, "the text is not UTF-8")
    );
}

#[test]
fn places_count_characters() {
    let found = all("# é\n- é: 1\n  deep:\n    - name: é\n- [\"ü\", {k: v}]\n".as_bytes());
    let content = found[0].content.clone().unwrap().unwrap();
    let mark = |line, column| Mark { line, column };
    let refit_sources::yaml::Node::List(items) = &content.node else {
        panic!("{content:?}");
    };
    assert_eq!(items[0].at, mark(2, 3));
    assert_eq!(items[0].get("deep").unwrap().at, mark(4, 5));
    let refit_sources::yaml::Node::List(inner) = &items[1].node else {
        panic!("{items:?}");
    };
    assert_eq!(inner[1].at, mark(5, 10));
}

/// A bomb of aliases: each level repeats the one before nine times.
#[test]
fn aliases_do_not_multiply_without_end() {
    let mut text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..12 {
        let below = format!("*a{}", level - 1);
        let items = [below.as_str(); 9].join(", ");
        writeln!(text, "a{level}: &a{level} [{items}]").unwrap();
    }
    check_refused(&text, "aliases make more than 16 MiB");
    let big = "x".repeat(1 << 20);
    let many = ["*big"; 64].join(", ");
    check_refused(
        &format!("big: &big {big}\nall: [{many}]\n"),
        "aliases make more",
    );
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(one(&nested(DEEPEST)).is_ok());
    assert!(one(&nested(DEEPEST + 1)).is_err());
    assert!(one(&nested(100_000)).is_err());
    let block: String = (0..1000)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    assert!(one(&block).is_err());
    assert!(one(&"- ".repeat(100_000)).is_err());
    // Neither do aliases lead deeper.
    let mut text = format!("a0: &a0 {}\n", nested(100));
    for level in 1..5 {
        let (open, close) = ("[".repeat(20), "]".repeat(20));
        let below = level - 1;
        writeln!(text, "a{level}: &a{level} {open}*a{below}{close}").unwrap();
    }
    check_refused(&text, "nest more than");
}

#[test]
fn large_scalars_and_broken_ends_are_survived() {
    let huge = "x".repeat(4 << 20);
    check(&format!("v: {huge}\n"), json!({ "v": huge }));
    check(&format!("v: \"{huge}\"\n"), json!({ "v": huge }));
    assert!(one(&format!("v: \"{huge}")).is_err());
    assert!(one(&format!("{huge}: x\n")).is_err());
    assert!(one(&"&a ".repeat(10_000)).is_err());
    assert!(one(&"!".repeat(10_000)).is_err());
    assert!(one("\0").is_err());
    assert!(
        all(&[0x1f; 4096])
            .iter()
            .all(|document| document.content.is_err())
    );
}

/// What Kubernetes would read behind such a character is not seen here, so that
/// its author is told.
#[test]
fn characters_that_end_a_line_for_kubernetes_alone_are_told() {
    for end in ['\u{85}', '\u{2028}', '\u{2029}'] {
        for (text, line, column) in [
            (format!("a: 1\n# b{end}kind: Ingress\n"), 2, 4),
            (format!("# only{end}kind: Ingress\n"), 1, 7),
            (format!("x: y\n---\na: \"b{end}c\"\n"), 3, 6),
        ] {
            let remarks: Vec<_> = documents(text.as_bytes())
                .flat_map(|document| document.remarks)
                .collect();
            assert_eq!(remarks.len(), 1, "{text:?}: {remarks:?}");
            assert_eq!((remarks[0].at.line, remarks[0].at.column), (line, column));
            assert!(remarks[0].text.contains("end of a line"), "{remarks:?}");
        }
    }
}
