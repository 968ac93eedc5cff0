//! A few bytes of text may stand for many times their size in memory: what is
//! too much is a gap with its place, and costs nothing that stands beside it.

#![cfg(test)]

use refit_model::seen::Unseen;
use refit_sources::{ReadOptions, Reading, SourceFile, read};

/// So many entries of `{"a":1}` take more than is allowed for.
const TOO_MANY: usize = 250_000;

fn config_map(name: &str, entries: usize) -> String {
    let entries = vec![r#"{"a":1}"#; entries].join(",");
    format!(
        r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"{name}"}},"x":[{entries}]}}"#
    )
}

fn reading(name: &str, text: String) -> Reading {
    let file = SourceFile {
        name: name.to_owned(),
        bytes: text.into_bytes(),
    };
    read([file], &ReadOptions::default())
}

/// What cannot be read, by place.
fn failed(reading: &Reading) -> Vec<String> {
    let gaps = reading.snapshot.gaps.iter();
    gaps.filter_map(|gap| match &gap.why {
        Unseen::Failed(why) => Some(format!("{}: {why}", gap.what)),
        Unseen::NotAsked | Unseen::NotInSource | Unseen::Forbidden(_) => None,
    })
    .collect()
}

#[test]
fn a_document_that_would_take_too_much_is_a_gap_with_its_place() {
    let (heavy, light) = (config_map("heavy", TOO_MANY), config_map("light", 1));
    let block = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: heavy}}\nx:\n{}",
        "- {a: 1}\n".repeat(TOO_MANY)
    );
    let pretty = |text: &str| text.replace("},", "},\n");
    // Name, text, and the places: of the line where the document begins, or for
    // YAML of the line where it became too much.
    let cases = [
        ("all.json", format!("{light}\n{heavy}\n{light}"), vec!["2"]),
        ("all.jsonl", format!("{light}\n{heavy}\n{light}"), vec!["2"]),
        (
            "list.json",
            format!(r#"{{"kind":"List","items":[{light},{light},{heavy}]}}"#),
            vec!["1"],
        ),
        (
            "flow.yaml",
            format!("{light}\n---\n{heavy}\n---\n{light}"),
            vec!["3"],
        ),
        (
            "block.yaml",
            format!("{light}\n---\n{block}---\n{light}"),
            vec![],
        ),
        (
            "list.yaml",
            format!(
                "kind: List\nitems:\n- {light}\n- {light}\n- {}",
                pretty(&heavy)
            ),
            vec![],
        ),
        // The top of a document is no object, and no smaller for that.
        (
            "top.yaml",
            format!(
                "{light}\n---\n{light}\n---\n{}",
                "- {a: 1}\n".repeat(TOO_MANY)
            ),
            vec![],
        ),
    ];
    for (name, text, lines) in cases {
        let reading = reading(name, text);
        let failed = failed(&reading);
        let [told] = failed.as_slice() else {
            panic!("{name}: {failed:?}");
        };
        assert!(
            told.starts_with(&format!("what stands at {name}:"))
                && told.ends_with("its values would take more than 192 MiB of memory"),
            "{told}"
        );
        for line in lines {
            assert!(told.contains(&format!("{name}:{line}:")), "{told}");
        }
        // The YAML of a list is one document.
        let beside = if name == "list.yaml" { 0 } else { 2 };
        assert_eq!(reading.objects, beside, "{name}");
    }
}

/// Whatever a list holds in all, its items are read one by one.
#[test]
fn a_long_list_is_as_light_as_its_items() {
    let items: Vec<String> = (0..50)
        .map(|number| config_map(&format!("m{number}"), TOO_MANY / 25))
        .collect();
    let head = r#""apiVersion":"v1","metadata":{"resourceVersion":""}"#;
    let lines: String = items.iter().map(|item| format!("- {item}\n")).collect();
    for (name, text) in [
        (
            "list.json",
            format!(r#"{{{head},"items":[{}],"kind":"List"}}"#, items.join(",")),
        ),
        // As kubectl writes it: what it is stands behind the items.
        (
            "list.yaml",
            format!("apiVersion: v1\nitems:\n{lines}kind: List\nmetadata: {{}}\n"),
        ),
        (
            "typed.yaml",
            format!("kind: ConfigMapList\nitems:\n{lines}metadata:\n  continue: more\n"),
        ),
        (
            "flow.yaml",
            format!("{{{head}, items: [{}], kind: List}}", items.join(", ")),
        ),
        ("array.json", format!("[{}]", items.join(","))),
    ] {
        let reading = reading(name, text);
        assert_eq!((reading.objects, failed(&reading)), (50, vec![]), "{name}");
        let uses = &reading.snapshot.kubernetes.as_ref().unwrap().api_uses;
        let place = |at: usize| uses[at].location.as_ref().unwrap().to_string();
        if name == "list.yaml" {
            assert_eq!(
                (place(0), place(1)),
                ("list.yaml:3:4".to_owned(), "list.yaml:4:4".to_owned())
            );
        }
        let more = |gap: &refit_model::snapshot::Gap| gap.what.contains("ConfigMap");
        assert!(!reading.snapshot.gaps.iter().any(more), "{name}");
    }
    // Of a list that is given twice the last counts, and it is no longer streamed.
    let twice = format!("kind: List\nitems: [{}]\nitems: []\n", items.join(", "));
    let twice = reading("twice.yaml", twice);
    assert_eq!(twice.objects, 0);
    assert_eq!(failed(&twice).len(), 1, "{:?}", failed(&twice));
    // What is broken costs the document, as in a short list.
    let broken = reading("broken.yaml", format!("kind: List\nitems:\n{lines}x: [\n"));
    assert_eq!((broken.objects, failed(&broken).len()), (0, 1));
    // What follows the list is read.
    let more = config_map("more", 1);
    let followed = format!("kind: List\nitems:\n{lines}--- {{}}\n--- {more}\n");
    assert_eq!(reading("more.yaml", followed).objects, 51);
}

#[test]
fn keys_that_are_given_twice_are_told_up_to_a_number() {
    let text = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n{}",
        "  a: b\n".repeat(1500)
    );
    let reading = reading("twice.yaml", text);
    // What the document tells, and what is told of all documents together.
    let told: Vec<&str> = reading
        .notes
        .iter()
        .map(|note| note.text.as_str())
        .collect();
    assert_eq!(told.len(), 1001, "{told:?}");
    assert_eq!(told[1000], "1 more notes like these");
}
