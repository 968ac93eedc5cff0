//! Archives and packages of charts: what is read, where it stands, and that
//! nothing in them is followed, dropped or grows without end.

#![cfg(test)]

mod reading;

use reading::{kubernetes, one};
use refit_model::seen::Unseen;
use refit_sources::{ReadOptions, Reading, SourceFile, read};
use std::io::Write as _;

const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: shop}\n";

fn service(name: &str) -> String {
    SERVICE.replace("name: a", &format!("name: {name}"))
}

/// A header for `length` bytes; the path goes in as it is, so that it may be hostile.
fn header(path: &str, kind: tar::EntryType, length: usize) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(length.try_into().unwrap());
    header.set_cksum();
    header
}

/// An archive of plain files.
fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in members {
        let header = header(path, tar::EntryType::Regular, bytes.len());
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn reading_of(name: &str, bytes: Vec<u8>) -> Reading {
    let name = name.to_owned();
    read([SourceFile { name, bytes }], &ReadOptions::default())
}

/// The objects with their places, and what could not be read.
fn told(reading: &Reading) -> (Vec<String>, Vec<String>) {
    let objects = reading.snapshot.kubernetes.iter();
    let objects = objects
        .flat_map(|cluster| &cluster.api_uses)
        .map(|used| format!("{} {}", used.object.name, used.location.as_ref().unwrap()))
        .collect();
    let gaps = reading.snapshot.gaps.iter();
    let gaps = gaps
        .filter_map(|gap| match &gap.why {
            Unseen::Failed(why) => Some(format!("{}: {why}", gap.what)),
            Unseen::NotAsked | Unseen::NotInSource | Unseen::Forbidden(_) => None,
        })
        .collect();
    (objects, gaps)
}

#[track_caller]
fn check(name: &str, bytes: Vec<u8>, objects: &[&str], gaps: &[&str]) {
    let (found, unread) = told(&reading_of(name, bytes));
    assert_eq!(found, objects, "{unread:?}");
    assert_eq!(unread.len(), gaps.len(), "{unread:?}");
    for (gap, expected) in unread.iter().zip(gaps) {
        assert!(gap.contains(expected), "{gap:?} is to say {expected:?}");
    }
}

#[test]
fn members_are_read_with_their_places() {
    let broken = format!("x: [\n---\n{}", service("b"));
    let bytes = archive(&[
        ("./one.yaml", SERVICE.as_bytes()),
        ("sub/two.YML", broken.as_bytes()),
        (
            "three.json.gz",
            &packed(br#"{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "c"}}"#),
        ),
        ("README.md", b"kind: of a text"),
        ("n/pod/logs.txt", b"{{ not [ yaml"),
    ]);
    let objects = [
        "c d.tar » three.json.gz:1:2",
        "a d.tar » one.yaml:1:1",
        "b d.tar » sub/two.YML:3:1",
    ];
    let gaps = ["what stands at d.tar » sub/two.YML:"];
    check("d.tar", bytes.clone(), &objects, &gaps);
    // By its contents, whatever it is called.
    for name in ["d.tgz", "d.tar.gz", "standard input"] {
        let objects = objects.map(|object| object.replace("d.tar", name));
        let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
        check(name, packed(&bytes), &objects, &["two.YML"]);
    }
}

/// Helm renders every file of a chart's `templates`, whatever its ending: a packed
/// chart is read as the same folder is.
#[test]
fn templates_of_a_packed_chart_are_read_whatever_their_ending() {
    let chart = ("shop/Chart.yaml", b"name: shop\n".as_slice());
    let plain = ("shop/templates/sub/plain.tpl", SERVICE.as_bytes());
    let rendered = (
        "shop/templates/b.gotmpl",
        b"{{ if .Values.x }\nkind: [".as_slice(),
    );
    let passed = [
        ("shop/templates/_helpers.tpl", SERVICE.as_bytes()),
        ("shop/templates/NOTES.txt", SERVICE.as_bytes()),
        ("other/templates/a.txt", SERVICE.as_bytes()),
        ("shop/mytemplates/a.txt", SERVICE.as_bytes()),
    ];
    let members = [&[chart, plain, rendered], &passed[..]].concat();
    let objects = ["a shop.tgz » shop/templates/sub/plain.tpl:1:1"];
    check(
        "shop.tgz",
        packed(&archive(&members)),
        &objects,
        &["b.gotmpl"],
    );
    // What stands before the file that makes it a chart is told, and not dropped.
    let members = [&[plain, chart], &passed[..]].concat();
    let gaps = ["it is a template and stands before shop/Chart.yaml"];
    check("shop.tgz", packed(&archive(&members)), &[], &gaps);
}

#[test]
fn archives_in_archives_are_read_once() {
    let inner = packed(&archive(&[("sub/crds/x.yaml", SERVICE.as_bytes())]));
    let outer = archive(&[("app/charts/sub.tgz", &inner)]);
    check(
        "app.tgz",
        packed(&outer),
        &["a app.tgz » app/charts/sub.tgz » sub/crds/x.yaml:1:1"],
        &[],
    );
    let deeper = archive(&[("deeper.tar", &outer)]);
    check("o.tar", deeper, &[], &["nested more than 2 deep"]);
}

#[test]
fn nothing_in_an_archive_is_followed_or_dropped() {
    use tar::EntryType;
    let text = SERVICE.as_bytes();
    check(
        "d.tar",
        archive(&[("../up.yaml", text)]),
        &[],
        &["leads out"],
    );
    check(
        "d.tar",
        archive(&[("a/../../up.yaml", text)]),
        &[],
        &["leads out"],
    );
    check(
        "d.tar",
        archive(&[("/etc/x.yaml", text)]),
        &[],
        &["leads out"],
    );
    check(
        "d.tar",
        archive(&[("..\\x.yaml", text)]),
        &[],
        &["leads out"],
    );
    check(
        "d.tar",
        archive(&[("x.yaml", text), ("x.yaml", service("b").as_bytes())]),
        &["a d.tar » x.yaml:1:1"],
        &["another file of this name"],
    );
    for (kind, why) in [
        (EntryType::Symlink, "it is a link"),
        (EntryType::Link, "it is a link"),
        (EntryType::Char, "no plain file"),
        (EntryType::Fifo, "no plain file"),
    ] {
        let mut builder = tar::Builder::new(Vec::new());
        let mut linked = header("l.yaml", kind, 0);
        if why == "it is a link" {
            linked.set_link_name("/etc/passwd").unwrap();
            linked.set_cksum();
        }
        builder.append(&linked, &[][..]).unwrap();
        builder
            .append(&header("x.yaml", EntryType::Regular, text.len()), text)
            .unwrap();
        let bytes = builder.into_inner().unwrap();
        check("d.tar", bytes, &["a d.tar » x.yaml:1:1"], &[why]);
    }
    // A path that would move the cursor is shown without that.
    let (_, gaps) = told(&reading_of(
        "d.tar",
        archive(&[("\u{1b}[2J.yaml", b"x: [")]),
    ));
    assert!(!gaps[0].contains('\u{1b}'), "{gaps:?}");
}

#[test]
fn what_is_cut_off_is_told() {
    let bytes = archive(&[
        ("one.yaml", SERVICE.as_bytes()),
        ("two.yaml", service("b").repeat(40).as_bytes()),
    ]);
    let one = ["a d.tar » one.yaml:1:1"];
    let in_member = bytes[..2048].to_vec();
    check("d.tar", in_member, &one, &["cut off in this member"]);
    let before_member = bytes[..1024].to_vec();
    // As when the writer dies and whoever packs what it writes does not notice.
    let packed_after = packed(&before_member);
    check("d.tar", before_member, &one, &["it may be cut off"]);
    let inside = ["a d.tgz » one.yaml:1:1"];
    check("d.tgz", packed_after, &inside, &["it may be cut off"]);
    let in_header = bytes[..1300].to_vec();
    check("d.tar", in_header, &one, &["cannot be read from here on"]);
    let whole = packed(&bytes);
    for length in [20, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
        let (_, gaps) = told(&reading_of("d.tgz", whole[..length].to_vec()));
        assert!(!gaps.is_empty(), "{length} of {}", whole.len());
    }
    for bytes in [Vec::new(), b"no archive".to_vec(), vec![0; 1024]] {
        let (objects, gaps) = told(&reading_of("d.tar", bytes));
        assert!(objects.is_empty() && !gaps.is_empty(), "{gaps:?}");
    }
}

/// Zeros pack to a thousandth, so that a megabyte makes a gigabyte.
#[test]
fn archives_do_not_inflate_without_end() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    // A header that claims a name of four gigabytes.
    let long = header("././@LongLink", tar::EntryType::GNULongName, 4 << 30);
    encoder.write_all(long.as_bytes()).unwrap();
    encoder.write_all(&vec![b'x'; 8 << 20]).unwrap();
    let bytes = encoder.finish().unwrap();
    check("d.tgz", bytes, &[], &["a header is larger than 64 KiB"]);
    // A member that claims more than there is, and more than is allowed.
    let mut bytes = header("x.yaml", tar::EntryType::Regular, usize::MAX >> 2)
        .as_bytes()
        .to_vec();
    bytes.extend([b'#'; 4096]);
    check("d.tar", bytes, &[], &["cut off in this member"]);
}

#[test]
fn charts_are_gaps_where_only_helm_can_tell() {
    let template = "{{- if .Values.on }}\napiVersion: v1\n{{- end }}\n";
    let chart = "apiVersion: v2\nname: app\nversion: 1.0.0\n";
    let files = [
        ("app/Chart.yaml", chart),
        ("app/values.yaml", "on: true\n"),
        ("app/templates/_helpers.tpl", "{{ define \"x\" }}"),
        ("app/templates/deployment.yaml", template),
        ("app/templates/service.yaml", SERVICE),
        ("app/templates/tests/test.yaml", "---\n\nname: {{ x }}\n"),
        (
            "app/crds/x.yaml",
            "apiVersion: v1\nkind: Node\nmetadata: {name: x}\nspec: {a: '{{ x }}'}\n",
        ),
    ];
    let expected_gaps = |prefix: &str, chart: &str| {
        [
            (
                format!("the template at {prefix}app/templates/deployment.yaml:1:1"),
                format!("helm template NAME {chart} | refit assess -f -"),
            ),
            (
                format!("the template at {prefix}app/templates/tests/test.yaml:3:7"),
                format!("helm template NAME {chart} | refit assess -f -"),
            ),
        ]
    };
    let check = |reading: &Reading, prefix: &str, chart: &str| {
        let gaps: Vec<(String, String)> = reading
            .snapshot
            .gaps
            .iter()
            .filter(|gap| matches!(gap.why, Unseen::Failed(_)))
            .map(|gap| (gap.what.clone(), gap.command.clone().unwrap()))
            .collect();
        assert_eq!(gaps, expected_gaps(prefix, chart));
        assert_eq!(kubernetes(reading).api_uses.len(), 2);
        // Nothing is said of Chart.yaml and values.yaml.
        assert!(reading.notes.iter().all(|note| note.location.is_none()));
    };
    let on_disk = files
        .iter()
        .filter(|(name, _)| name.ends_with(".yaml"))
        .map(|(name, text)| SourceFile {
            name: format!("my charts/{name}"),
            bytes: text.as_bytes().to_vec(),
        });
    check(
        &read(on_disk, &ReadOptions::default()),
        "my charts/",
        "'my charts/app'",
    );
    let members: Vec<(&str, &[u8])> = files.map(|(name, text)| (name, text.as_bytes())).to_vec();
    let package = packed(&archive(&members));
    check(
        &reading_of("app-1.0.0.tgz", package),
        "app-1.0.0.tgz » ",
        "app-1.0.0.tgz",
    );
}

#[test]
fn outside_of_charts_a_template_is_a_gap_with_its_place() {
    let reading = one(
        "deploy/x.yaml",
        &format!("{SERVICE}---\nname: {{{{ x }}}}\n"),
    );
    let (objects, gaps) = told(&reading);
    assert_eq!(objects, ["a deploy/x.yaml:1:1"]);
    assert!(
        gaps[0].starts_with("what stands at deploy/x.yaml:5:"),
        "{gaps:?}"
    );
    assert!(
        gaps[0].contains("template that is not rendered"),
        "{gaps:?}"
    );
}

/// `kubectl cluster-info dump --output-directory`, as a folder and packed.
#[test]
fn a_dump_of_cluster_info_shows_its_namespaces_and_no_more() {
    let nodes = r#"{"kind": "NodeList", "apiVersion": "v1", "metadata": {}, "items": [{"metadata": {"name": "n1", "uid": "1"}}]}"#;
    let pods = |namespace: &str| {
        format!(
            r#"{{"kind": "PodList", "apiVersion": "v1", "metadata": {{}}, "items": [{{"metadata": {{"name": "p", "namespace": "{namespace}", "uid": "{namespace}"}}, "status": {{"phase": "Running"}}}}]}}"#
        )
    };
    let (system, default) = (pods("kube-system"), pods("default"));
    let files = [
        ("default/pods.json", default.as_bytes()),
        ("kube-system/pods.json", system.as_bytes()),
        ("nodes.json", nodes.as_bytes()),
    ];
    let check = |reading: &Reading| {
        assert_eq!(reading.objects, 3);
        let (_, gaps) = told(reading);
        assert_eq!(gaps, [""; 0]);
        let cluster = kubernetes(reading);
        assert_eq!(cluster.nodes.extent, refit_model::seen::Extent::Whole);
        assert_ne!(cluster.pods.extent, refit_model::seen::Extent::Whole);
    };
    let folder = files.map(|(name, bytes)| SourceFile {
        name: format!("dump/{name}"),
        bytes: bytes.to_vec(),
    });
    check(&read(folder, &ReadOptions::default()));
    let mut members = files.to_vec();
    members.push(("default/p/logs.txt", b"==== START logs ====\n{{ [\n"));
    check(&reading_of("dump.tar.gz", packed(&archive(&members))));
}

#[test]
fn json_between_dashes_is_read_as_yaml() {
    let text = "{\"apiVersion\": \"v1\", \"kind\": \"Node\", \"metadata\": {\"name\": \"a\"}}\n\
                ---\napiVersion: v1\nkind: Node\nmetadata: {name: b}\n";
    let (objects, gaps) = told(&one("d.json", text));
    assert_eq!(objects, ["a d.json:1:2", "b d.json:3:1"]);
    assert_eq!(gaps, [""; 0]);
}

#[test]
fn lines_of_json_have_their_places() {
    let line = |name: &str| {
        format!(
            "{{\"apiVersion\": \"v1\", \"kind\": \"Node\", \"metadata\": {{\"name\": \"{name}\"}}}}\n"
        )
    };
    let text = line("a") + &line("b");
    let (objects, gaps) = told(&one("d.jsonl", &text));
    assert_eq!(objects, ["a d.jsonl:1:2", "b d.jsonl:2:2"]);
    assert_eq!(gaps, [""; 0]);
    let broken = format!("{}{{\"kind\": \n{}", line("a"), line("b"));
    let (objects, gaps) = told(&one("d.ndjson", &broken));
    assert_eq!(objects, ["a d.ndjson:1:2", "b d.ndjson:3:2"]);
    assert!(
        gaps[0].starts_with("what stands at d.ndjson:2:1"),
        "{gaps:?}"
    );
    for (name, lost) in [
        ("e.jsonl", "2026-11-29 the log begins\n"),
        ("e.jsonl", "{broken\n"),
        ("e.jsonl.gz", "level=info\n\n"),
    ] {
        let (objects, gaps) = told(&one(name, &(lost.to_owned() + &line("b"))));
        assert_eq!(objects.len(), 1, "{lost}: {gaps:?}");
        assert!(
            gaps[0].starts_with(&format!("what stands at {name}:1:")),
            "{gaps:?}"
        );
    }
}
