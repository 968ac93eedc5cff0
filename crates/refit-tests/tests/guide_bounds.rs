//! Guides of no end: what is told of them has a bound, and what is not looked at is
//! said.

#![cfg(test)]

use refit_assessor::guide::Linted;
use refit_knowledge::Knowledge;
use refit_model::guide::Language;
use refit_model::lint::Gravity;
use refit_sources::guide::{Form, read};

const SHELL: Form = Form::Snippet(Language::Shell);
const POWERSHELL: Form = Form::Snippet(Language::PowerShell);
const YAML: Form = Form::Snippet(Language::Yaml);

fn lint(text: &str, form: Form) -> Linted {
    let knowledge = Knowledge::embedded();
    let guide = read(text, form, &knowledge.tools().names().collect());
    refit_assessor::guide::lint(&guide, knowledge)
}

/// How many defects and cautions are told, and what is said to be missing.
#[track_caller]
fn check(text: &str, form: Form, expected: (usize, usize), unseen: &[&str]) {
    let found = lint(text, form);
    let count = |gravity| {
        let remarks = found.remarks.iter();
        remarks.filter(|remark| remark.gravity == gravity).count()
    };
    let told = (count(Gravity::Defect), count(Gravity::Caution));
    assert_eq!(told, expected, "{text:.200}");
    let is_said = found.unseen.len() == unseen.len()
        && found
            .unseen
            .iter()
            .zip(unseen)
            .all(|(said, part)| said.contains(part));
    assert!(is_said, "{:?}\n{text:.200}", found.unseen);
}

#[test]
fn cautions_take_no_room_from_defects() {
    let caution = "kubectl logs <pod>\n";
    let defect = "helm upgarde a b\n";
    check(&caution.repeat(1000), SHELL, (0, 1000), &[]);
    check(
        &caution.repeat(1001),
        SHELL,
        (0, 1000),
        &["1 were left out"],
    );
    check(
        &format!("{}{defect}", caution.repeat(1001)),
        SHELL,
        (1, 1000),
        &["1 were left out"],
    );
    check(
        &format!("{}{defect}", caution.repeat(12_000)),
        SHELL,
        (0, 1000),
        &["from line 1 on", "10000 were left out"],
    );
    // On a page, what was looked at before is known.
    let block = |text: &str, count: usize| format!("```sh\n{}```\n", text.repeat(count));
    check(
        &format!("{}{}{defect}", block(defect, 999), block(defect, 5)),
        Form::Markdown,
        (1000, 0),
        &["from line 1003 on"],
    );
    check(
        &"TODO\n\n".repeat(1001),
        Form::Markdown,
        (0, 1000),
        &["1 were left out"],
    );
}

/// One command, or one line, can have as many as a page.
#[test]
fn the_bound_holds_within_a_command() {
    for (line, form, expected) in [
        ("  <<a <<b \\\n", SHELL, (1000, 0)),
        ("  --forc --forc \\\n", SHELL, (1000, 0)),
        ("  –n –n \\\n", SHELL, (1000, 0)),
        ("  -n \\ \n", SHELL, (1000, 0)),
        (
            "  --set aplication.x=1,aplication.y=1 \\\n",
            SHELL,
            (1000, 0),
        ),
        ("  -n \\\n", POWERSHELL, (1, 0)),
    ] {
        let text = format!(
            "helm upgrade a cluedin/cluedin-platform \\\n{}  -n x",
            line.repeat(1200)
        );
        let told = lint(&text, form);
        let count = |gravity| {
            let remarks = told.remarks.iter();
            remarks.filter(|remark| remark.gravity == gravity).count()
        };
        let found = (count(Gravity::Defect), count(Gravity::Caution));
        assert_eq!(found, expected, "{line}");
    }
}

#[test]
fn what_stands_too_far_behind_is_said() {
    let long = "x".repeat(5000);
    check(
        &format!("kubectl a {long}\nhelm upgarde a b\nhelm list {long}"),
        SHELL,
        (1, 0),
        &["line 1 and one more"],
    );
    check(
        &format!("a: 1\n# {long}\nb: '{long}'\ntag: 1.10"),
        YAML,
        (1, 0),
        &[],
    );
    check(
        &format!("a: {{b: '{long}', tag: 1.10}}"),
        YAML,
        (0, 0),
        &["character 4096"],
    );
}

/// What is told of a page takes a few kilobytes for each remark, and a few bytes for
/// each of the page.
#[test]
fn remarks_do_not_repeat_the_page() {
    const SIZE: usize = 128 * 1024;
    let fill = |part: &str| part.repeat(SIZE / part.len());
    let lines = |part: &str| format!("{}\n", part.repeat(4000 / part.len())).repeat(SIZE / 4000);
    let pages = [
        (format!("cat {}", fill("<<a <<a \\\n")), SHELL),
        (
            format!("cat {}", lines("<<a ").replace('\n', "\\\n")),
            SHELL,
        ),
        (lines("–a "), SHELL),
        (lines("“a "), SHELL),
        (lines("&amp; "), SHELL),
        (lines("<a> "), SHELL),
        (format!("helm list # {}", fill("â€“")), SHELL),
        (format!("helm list # {}", fill("&amp;")), SHELL),
        (format!("helm list # {}", fill("\u{a0}")), SHELL),
        (
            format!("'{}' a \\ \n{}", "x\n".repeat(SIZE / 4), fill("-b \\ \n")),
            SHELL,
        ),
        (format!("helm '{}'", fill("x\n")), SHELL),
        (fill("helm list -A –n\n"), SHELL),
        (
            fill("osism apply -a upgrade nova\nosism apply -s stop maria\n"),
            SHELL,
        ),
        (format!("{{{}}}", fill("tag: 1.10, ")), YAML),
        (fill("tag: 1.10\n---\n"), YAML),
        (fill("- [a](openstack) `helm upgarde a`\n"), Form::Markdown),
        (fill("- [a](openstack) `helm upgarde a` "), Form::Markdown),
        (fill("helm upgarde a â€“\n\n"), Form::Text),
        (
            format!("{}\n> ```sh\n> {}", fill("> "), fill("<<a ")),
            Form::Markdown,
        ),
    ];
    for (page, form) in pages {
        let found = lint(&page, form);
        for remark in &found.remarks {
            let shown = u32::try_from(remark.excerpt.text.chars().count()).unwrap();
            let places = remark.excerpt.column..=remark.excerpt.column + shown;
            assert!(places.contains(&remark.column), "{remark:?}");
        }
        let bytes = serde_json::to_vec(&found.remarks).unwrap().len();
        let most = 4096 * found.remarks.len() + 128 * page.len();
        assert!(bytes <= most, "{bytes} of {}: {page:.80}", page.len());
    }
}
