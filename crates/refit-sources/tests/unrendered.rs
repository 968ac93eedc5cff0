//! Files that are programs for other tools: never dropped, never guessed at.

#![cfg(test)]

mod reading;

use reading::{kubernetes, one};

/// The gaps that name a template, as `place: why; command`.
fn told(name: &str, text: &str) -> Vec<String> {
    let gaps = one(name, text).snapshot.gaps.into_iter();
    gaps.filter(|gap| gap.what.contains("template"))
        .map(|gap| {
            let command = gap.command.unwrap_or_default();
            format!("{}: {}; {command}", gap.what, gap.why)
        })
        .collect()
}

#[test]
fn what_a_tool_makes_manifests_of_is_a_gap_that_names_it() {
    let object = "kind: Ingress\napiVersion: {{ api }}\n";
    for (name, text, place, says) in [
        ("a/web.yaml.j2", object, "a/web.yaml.j2:2:13", "Jinja"),
        ("web.YML.jinja2", object, "web.YML.jinja2:2:13", "Jinja"),
        (
            "templates/web.yaml.j2",
            object,
            "templates/web.yaml.j2:2:13",
            "Jinja",
        ),
        ("web.tpl", object, "web.tpl:2:13", "a template of Go"),
        (
            "web.yaml.gotmpl",
            object,
            "web.yaml.gotmpl:2:13",
            "a template of Go",
        ),
        (
            "web.json.tmpl",
            object,
            "web.json.tmpl:2:13",
            "a template of Go",
        ),
        (
            "web.yaml.erb",
            "apiVersion: <%= a %>\n",
            "web.yaml.erb:1:13",
            "ERB",
        ),
        // It takes the object from somewhere else.
        (
            "web.yaml.j2",
            "{% include 'base.yaml.j2' %}\n",
            "web.yaml.j2:1:1",
            "Jinja",
        ),
        (
            "shop.jsonnet",
            "{apiVersion: 'v1'}",
            "shop.jsonnet:1:1",
            "jsonnet shop.jsonnet | refit assess -f -",
        ),
        (
            "my shop.cue",
            "apiVersion: \"v1\"",
            "my shop.cue:1:1",
            "cue export 'my shop.cue' | refit assess -f -",
        ),
        (
            "charts/web/templates/web.tpl",
            object,
            "charts/web/templates/web.tpl:2:13",
            "only Helm can render it",
        ),
    ] {
        let told = told(name, text);
        let [gap] = &told[..] else {
            panic!("{name}: {told:?}");
        };
        assert!(
            gap.starts_with(&format!("the template at {place}: ")),
            "{gap}"
        );
        assert!(gap.contains(says), "{gap}");
    }
}

#[test]
fn what_makes_no_object_is_no_gap() {
    let object = "kind: Ingress\napiVersion: {{ api }}\n";
    for (name, text) in [
        ("README.md.j2", object),
        ("nginx.conf.tpl", object),
        ("_helpers.tpl", object),
        ("inventory.yaml.j2", "hosts: {{ hosts }}\n"),
        ("lib.libsonnet", "{local a = 1}"),
    ] {
        assert_eq!(told(name, text), [""; 0], "{name}");
    }
    // What nobody has to fill in is read as what it is.
    let plain = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let reading = one("plain.yaml.j2", plain);
    assert_eq!((reading.objects, reading.templates), (1, 0));
    assert_eq!(kubernetes(&reading).api_uses.len(), 1);
}
