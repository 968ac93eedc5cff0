//! Files of every shape: lists in lists, streams of JSON, packed files, and
//! where each object stands in them.

#![cfg(test)]

mod reading;

use reading::{kubernetes, one};
use refit_model::seen::Unseen;
use refit_sources::{ReadOptions, SourceFile, read};
use std::io::Write as _;

const A: &str = r#"{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "namespace": "n", "uid": "1"}}"#;
const B: &str = r#"{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "b", "namespace": "m", "uid": "2"}}"#;

/// What is read, as `name line:column`, in the order of the names.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let reading = one("f", text);
    let found: Vec<String> = reading
        .snapshot
        .kubernetes
        .iter()
        .flat_map(|cluster| &cluster.api_uses)
        .map(|used| {
            let place = used.location.as_ref().unwrap();
            let kind = &used.api.kind;
            format!(
                "{kind} {} {}:{}",
                used.object.name, place.line, place.column
            )
        })
        .collect();
    assert_eq!(found, expected, "{text}");
    assert_eq!(reading.objects, expected.len(), "{text}");
}

#[test]
fn json_of_every_shape() {
    check(A, &["Service a 1:2"]);
    check(&format!("\n\n  {A}"), &["Service a 3:4"]);
    check(&format!("{A}\n{B}\n"), &["Service b 2:2", "Service a 1:2"]);
    check(&format!("{A}{B}"), &["Service b 1:98", "Service a 1:2"]);
    check(
        &format!("[{A},\n {B}]"),
        &["Service b 2:3", "Service a 1:3"],
    );
    let list = |items: &str| {
        format!("{{\"kind\": \"List\", \"apiVersion\": \"v1\",\n\"items\": [\n{items}\n]}}")
    };
    check(
        &list(&format!("{A},\n{B}")),
        &["Service b 4:2", "Service a 3:2"],
    );
    check(&list(&list(A)), &["Service a 5:2"]);
    check(&list(""), &[]);
    check(
        "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Pod\", \"metadata\": {\"name\": \"é\"}, \"x\": 1}",
        &["Pod é 2:3"],
    );
    // A key that is given twice: the last wins.
    check(
        r#"{"kind": "Pod", "apiVersion": "v1", "kind": "Node", "metadata": {"name": "x"}}"#,
        &["Node x 1:2"],
    );
}

#[test]
fn typed_lists_name_the_kind_of_their_items() {
    let item = r#"{"metadata": {"name": "a", "namespace": "n", "uid": "1"}}"#;
    check(
        &format!(r#"{{"kind": "ServiceList", "apiVersion": "v1", "items": [{item}]}}"#),
        &["Service a 1:56"],
    );
    check(
        "kind: ServiceList\napiVersion: v1\nitems:\n- metadata:\n    name: a\n    namespace: x\n    uid: '1'\n",
        &["Service a 4:3"],
    );
}

#[test]
fn yaml_of_every_shape() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: x, uid: '1'}\n";
    check(service, &["Service a 1:1"]);
    check(
        &format!("# first\n---\n{service}---\n{B}\n"),
        &["Service b 7:2", "Service a 3:1"],
    );
    check(
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  - kind: Node\n    apiVersion: v1\n    metadata: {name: x}\n",
        &["Node x 7:5"],
    );
    // A kind may end in `List` without being one.
    check(
        "apiVersion: x/v1\nkind: AllowList\nmetadata: {name: l}\nitems: [{a: 1}]\n",
        &["AllowList l 1:1"],
    );
}

#[test]
fn lists_nest_within_a_bound() {
    let nested = |depth: usize| {
        let open = r#"{"kind":"List","items":["#.repeat(depth);
        format!("{open}{A}{}", "]}".repeat(depth))
    };
    assert_eq!(one("f", &nested(8)).objects, 1);
    for depth in [9, 100] {
        for text in [nested(depth), format!("#\n{}", nested(depth))] {
            let reading = one("f", &text);
            assert_eq!(reading.objects, 0, "{depth}");
            let told = reading
                .snapshot
                .gaps
                .iter()
                .any(|gap| matches!(gap.why, Unseen::Failed(_)));
            assert!(told, "{depth}: {:?}", reading.snapshot.gaps);
        }
    }
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(one("f", &deep).objects, 0);
}

#[test]
fn broken_json_costs_what_follows_and_says_where() {
    let reading = one("f.json", &format!("{A}\n{{\"apiVersion\": \"v1\", \"ki"));
    assert_eq!(reading.objects, 1);
    let gap = &reading.snapshot.gaps[0];
    assert!(gap.what.starts_with("what stands at f.json:2:"), "{gap:?}");
}

#[test]
fn packed_files_are_unpacked() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(A.as_bytes()).unwrap();
    let file = SourceFile {
        name: "dump.json.gz".to_owned(),
        bytes: encoder.finish().unwrap(),
    };
    let mut torn = file.clone();
    torn.bytes.truncate(20);
    assert_eq!(read([file], &ReadOptions::default()).objects, 1);
    let reading = read([torn], &ReadOptions::default());
    assert!(
        reading
            .snapshot
            .gaps
            .iter()
            .any(|gap| gap.what == "what stands at dump.json.gz:1:1")
    );
}

#[test]
fn objects_without_usable_names_are_gaps() {
    for text in [
        "apiVersion: v1\nkind: Pod\nmetadata: {}\n",
        "apiVersion: v1\nkind: Pod\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: '{{ .Release.Name }}-web'}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a b}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: 12}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: n}\n",
        "apiVersion: 'v 1'\nkind: Pod\nmetadata: {name: a}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a, ownerReferences: [{controller: true}]}\n",
    ] {
        let reading = one("f.yaml", text);
        // Which version it is written in is known all the same.
        let uses = kubernetes(&reading).api_uses.len();
        assert_eq!(uses, usize::from(!text.contains("'v 1'")), "{text}");
        let told = reading
            .snapshot
            .gaps
            .iter()
            .any(|gap| gap.what == "the object at f.yaml:1:1");
        assert!(told, "{text}: {:?}", reading.snapshot.gaps);
    }
}

/// YAML makes booleans of words that people take for text: the server refuses the
/// object, and its version is judged all the same, under the name that it has.
#[test]
fn metadata_that_is_no_text_is_told_with_its_place_and_remedy() {
    let manifest = |metadata: &str| {
        format!("apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {metadata}\n")
    };
    for (metadata, field, found) in [
        ("{name: web, namespace: n}", "metadata.namespace", "false"),
        ("{name: web, namespace: on}", "metadata.namespace", "true"),
        (
            "{name: web, namespace: 7}",
            "metadata.namespace",
            "the number 7",
        ),
        (
            "{name: web, labels: {track: y}}",
            "metadata.labels.track",
            "true",
        ),
        (
            "{name: web, annotations: {a: [b]}}",
            "metadata.annotations.a",
            "a list",
        ),
    ] {
        let reading = one("f.yaml", &manifest(metadata));
        let [note] = &reading.notes[..] else {
            panic!("{metadata}: {:?}", reading.notes);
        };
        let says = format!("refuses this object: {field} must be text, and is {found}");
        assert!(note.text.contains(&says), "{}", note.text);
        assert!(
            note.text.ends_with("put the value in quotes"),
            "{}",
            note.text
        );
        assert_eq!(note.location.as_ref().unwrap().to_string(), "f.yaml:1:1");
        let side = reading.snapshot.kubernetes.unwrap();
        assert_eq!(side.api_uses[0].object.to_string(), "web", "{metadata}");
    }
    for metadata in [
        "{name: web, namespace: \"n\", labels: {track: \"y\"}}",
        "{name: web, namespace: ~, labels: {track: }}",
        "{name: web, namespace: nope, annotations: {}}",
    ] {
        assert_eq!(one("f.yaml", &manifest(metadata)).notes, [], "{metadata}");
    }
    // Where rules ask for more than the version, what could not be taken in is a gap.
    let budget =
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web, namespace: n}\n";
    let gaps = one("f.yaml", budget).snapshot.gaps;
    let gap = gaps.iter().find(|gap| gap.what.contains("f.yaml:1:1"));
    assert!(gap.unwrap().why.to_string().contains("put it in quotes"));
}

/// In JSON as in YAML: which of them counts is told, and where it stands.
#[test]
fn keys_of_json_that_are_given_twice_are_noted() {
    let notes = |name: &str, text: &str| -> Vec<String> {
        let notes = one(name, text).notes.into_iter();
        notes
            .filter(|note| note.text.contains("given twice"))
            .map(|note| format!("{} {}", note.location.unwrap(), note.text))
            .collect()
    };
    let said = |place: &str, key: &str| {
        format!("{place} the key {key:?} is given twice; Kubernetes takes the last")
    };
    let object = "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\",\n \"name\":\"b\"},\n\"kind\":\"Secret\"}";
    let both = |line: usize| {
        [
            said(&format!("f.json:{}:2", line + 1), "name"),
            said(&format!("f.json:{}:1", line + 2), "kind"),
        ]
    };
    assert_eq!(notes("f.json", object), both(1));
    // The last of them counts.
    let read = one("f.json", object);
    let side = read.snapshot.kubernetes.unwrap();
    assert_eq!(side.api_uses[0].api.kind, "Secret");
    assert_eq!(side.api_uses[0].object.to_string(), "b");
    let listed = format!("{{\"kind\":\"List\",\n\"apiVersion\":\"v1\",\"items\":[{object}]}}");
    assert_eq!(notes("f.json", &listed), both(2));
    // A list of which only the last items count.
    let lists = "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[],\n\"items\": []}";
    assert_eq!(notes("f.json", lists), [said("f.json:2:10", "items")]);
    // With an escape in it, it stands in this object.
    let escaped = "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\n\"k\\u0069nd\":\"Node\",\"metadata\":{\"name\":\"a\"}}";
    assert_eq!(notes("f.json", escaped), [said("f.json:1:2", "kind")]);
    let plain = "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\"labels\":{\"name\":\"a\"}}}";
    assert_eq!(notes("f.json", plain), [""; 0]);
}

#[test]
fn what_authors_should_know_is_noted() {
    let notes = |text: &str| {
        one("f.yaml", text)
            .notes
            .into_iter()
            .filter_map(|note| Some(format!("{}: {}", note.location?, note.text)))
            .collect::<Vec<_>>()
    };
    let [twice] = &notes("apiVersion: v1\nkind: Node\nmetadata: {name: a}\nkind: Node\n")[..]
    else {
        panic!("no note");
    };
    assert_eq!(
        twice,
        "f.yaml:4:1: the key \"kind\" is given twice; Kubernetes takes the last"
    );
    assert!(notes("values: {}\n")[0].starts_with("f.yaml:1:1: this is no Kubernetes object"));
    assert!(
        notes("a: 1\n...\nb: 1\n")
            .iter()
            .any(|note| note.starts_with("f.yaml:3:1: Kubernetes does not read"))
    );
    let many = "a: 1\n---\n".repeat(3000);
    let notes = one("f.yaml", &many).notes;
    assert!(notes.len() < 1100, "{}", notes.len());
}
