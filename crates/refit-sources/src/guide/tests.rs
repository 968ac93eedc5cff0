use super::*;
use refit_model::guide::{Break, Ended, Shape};

/// The words of every command, `|` between words and a line for each command.
fn words(text: &str, form: Form) -> Vec<String> {
    let guide = read(text, form);
    let commands = guide.snippets.iter().flat_map(|snippet| &snippet.commands);
    commands
        .map(|command| {
            let words: Vec<_> = command.words.iter().map(|word| word.text.clone()).collect();
            words.join("|")
        })
        .collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(
        words(text, Form::Snippet(Language::Shell)),
        expected,
        "{text}"
    );
}

#[test]
fn words_are_those_of_a_shell() {
    check("helm list -n a", &["helm|list|-n|a"]);
    check("a 'b c'\"d $e\"f\\ g", &["a|b cd $ef g"]);
    check("a \\\n  --b c \\\n  -d", &["a|--b|c|-d"]);
    check("a --b\n  --c", &["a|--b|--c"]);
    check("a | b && c; d & e || f", &["a", "b", "c", "d", "e", "f"]);
    check("a |\n b &&\n\n c", &["a", "b", "c"]);
    check(
        "a $(b $(c) 'd)') ${e f} `g h`",
        &["a|$(b $(c) 'd)')|${e f}|`g h`"],
    );
    check("a 2>&1 >b 3<c &>d >|e", &["a|2>&1|>|b|3<|c|&>|d|>||e"]);
    check("a > ./ b-<c-d>-<e>.yml", &["a|>|./|b-<c-d>-<e>.yml"]);
    check("a <pod name> b", &["a|<pod name>|b"]);
    check("a <b >c", &["a|<|b|>|c"]);
    check("# a\na # b\n\n# c", &["a"]);
    check("a b#c '#'", &["a|b#c|#"]);
    check("a <<EOF\nb c\nEOF\nd", &["a", "d"]);
    check("a <<-'EOF' | b\n\tc\n\tEOF\nd", &["a", "b", "d"]);
    check("a <<< b\nc", &["a|<<<|b", "c"]);
    check("a 'b\nc' d", &["a|b\nc|d"]);
    check("it's\nb", &["it's", "b"]);
    check("a $(b\nc", &["a|$(b", "c"]);
    check(
        "for a in b; do kubectl c; done",
        &["for|a|in|b", "do|kubectl|c", "done"],
    );
}

#[test]
fn the_program_is_found_behind_what_starts_it() {
    for (line, program) in [
        ("kubectl get pods", "kubectl"),
        ("A=1 B='x y' kubectl get pods", "kubectl"),
        ("sudo -u ada -E kubectl get pods", "kubectl"),
        ("sudo reboot", "sudo"),
        ("watch -n 5 kubectl get pods", "kubectl"),
        ("do kubectl get pods", "kubectl"),
        ("while ! kubectl get pods", "kubectl"),
    ] {
        let guide = read(line, Form::Snippet(Language::Shell));
        assert_eq!(guide.snippets[0].commands[0].name(), program, "{line}");
    }
}

#[test]
fn lines_that_do_not_hold_together_are_told() {
    let breaks = |language, text: &str| -> Vec<(&str, usize, usize, usize)> {
        let guide = read(text, Form::Snippet(language));
        let commands = guide.snippets.iter().flat_map(|snippet| &snippet.commands);
        commands
            .flat_map(|command| &command.breaks)
            .map(|found| match found {
                Break::Missing(span) => ("missing", span.line, span.from, span.to),
                Break::BlankBehind(span) => ("blank", span.line, span.from, span.to),
                Break::OtherShell(span) => ("other", span.line, span.from, span.to),
                Break::Between(span) => ("between", span.line, span.from, span.to),
            })
            .collect()
    };
    for (language, text, expected) in [
        (Language::Shell, "a \\\n --b", vec![]),
        (
            Language::Shell,
            "a  \n --b\n -c d",
            vec![("missing", 0, 1, 1), ("missing", 1, 4, 4)],
        ),
        (Language::Shell, "a \\ \n --b", vec![("blank", 0, 2, 4)]),
        (Language::Shell, "a \\\n\n --b", vec![("between", 1, 0, 0)]),
        (
            Language::Shell,
            "a \\\n# c\n --b",
            vec![("between", 1, 0, 3)],
        ),
        // It joins nothing, and nothing is lost.
        (Language::Shell, "a \\\n\nb", vec![]),
        (Language::Shell, "a \\", vec![]),
        (Language::Shell, "a <<E\n--b\nE", vec![]),
        (Language::Shell, "a\n---\n- b\n-rw-r--r-- 1", vec![]),
        (Language::PowerShell, "helm a `\n --b", vec![]),
        (
            Language::PowerShell,
            "helm a \\ \n --b",
            vec![("other", 0, 7, 9)],
        ),
        (
            Language::PowerShell,
            "helm a ` \n --b",
            vec![("blank", 0, 7, 9)],
        ),
    ] {
        assert_eq!(breaks(language, text), expected, "{text:?}");
    }
}

#[test]
fn here_documents_end_as_in_a_shell() {
    for (text, expected) in [
        ("a <<EOF\nb\nEOF", Ended::Well),
        ("a <<-EOF\nb\n\t\tEOF", Ended::Well),
        ("a <<'EOF'\nb\nEOF", Ended::Well),
        ("a <<EOF\nb\n", Ended::Nowhere),
        (
            "a <<EOF\nb\n  EOF",
            Ended::Crooked(refit_model::guide::Span {
                line: 2,
                from: 0,
                to: 5,
            }),
        ),
        (
            "a <<-EOF\nb\n EOF ",
            Ended::Crooked(refit_model::guide::Span {
                line: 2,
                from: 0,
                to: 5,
            }),
        ),
    ] {
        let guide = read(text, Form::Snippet(Language::Shell));
        let command = &guide.snippets[0].commands[0];
        assert_eq!(command.here[0].ended, expected, "{text:?}");
    }
}

/// Language, place and text of each line of each snippet.
fn lines(text: &str, form: Form) -> Vec<(Language, u32, u32, String)> {
    let guide = read(text, form);
    let snippets = guide.snippets.iter();
    snippets
        .flat_map(|snippet| {
            let lines = snippet.lines.iter();
            lines.map(|line| {
                (
                    snippet.language,
                    line.number,
                    line.column(0),
                    line.text.clone(),
                )
            })
        })
        .collect()
}

#[test]
fn snippets_are_found_at_their_places() {
    use Language::{Inline, PowerShell, Session, Shell, Unnamed, Yaml};
    for (text, expected) in [
        (
            "a\n\n```bash\nb\n c\n```\n",
            vec![(Shell, 4, 1, "b"), (Shell, 5, 1, " c")],
        ),
        (
            "1. a\n   ```console\n   $ b\n\n   c\n   ```",
            vec![
                (Session, 3, 4, "$ b"),
                (Session, 4, 1, ""),
                (Session, 5, 4, "c"),
            ],
        ),
        ("> ~~~\n> b\n> ~~~", vec![(Unnamed, 2, 3, "b")]),
        (
            "a\n\n    b\n    c",
            vec![(Unnamed, 3, 5, "b"), (Unnamed, 4, 5, "c")],
        ),
        (
            "say `helm  list` or ``x`` ü `y`",
            vec![
                (Inline, 1, 6, "helm  list"),
                (Inline, 1, 23, "x"),
                (Inline, 1, 30, "y"),
            ],
        ),
        (
            "```powershell\r\nb\r\n```\r\n",
            vec![(PowerShell, 2, 1, "b")],
        ),
        (
            "```yaml title=\"a.yml\"\nb: c\n```",
            vec![(Yaml, 2, 1, "b: c")],
        ),
        (
            "```{note}\nsay `x y`\n\n    b\n```",
            vec![(Inline, 2, 6, "x y"), (Unnamed, 4, 5, "b")],
        ),
        (
            "- ````{tab-set}\n  ```{code-block} sh\n  b\n  ```\n  ````",
            vec![(Shell, 3, 3, "b")],
        ),
        ("```python\nb\n```\n```{toctree}\nb\n```", vec![]),
        ("---\ntitle: `a b`\n---\n\nc", vec![]),
        ("<!-- x -->\n```sh\nb\n```", vec![(Shell, 3, 1, "b")]),
    ] {
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(language, line, column, text)| (language, line, column, text.to_owned()))
            .collect();
        assert_eq!(lines(text, Form::Markdown), expected, "{text}");
    }
}

#[test]
fn only_what_looks_like_a_command_is_one_where_the_page_does_not_say() {
    for (text, expected) in [
        (
            "```\nNAME   READY\nkubectl   1/1\nhelm list\n```",
            vec!["kubectl|1/1", "helm|list"],
        ),
        (
            "```powershell\nHelm repo list\ncluedin-platform-2.5.1\n```",
            vec!["Helm|repo|list"],
        ),
        ("```\nHelm 3.x.x\n```", vec![]),
        ("```console\n$ a b\nc\n$ d\n```", vec!["a|b", "d"]),
        ("```console\n$ a \\\n> --b\nc\n```", vec!["a|--b"]),
        (
            "```\nPS C:\\Users> a b\nuser@host:~# c\n```",
            vec!["a|b", "c"],
        ),
        ("run `helm list` or `helm`, or `b c`", vec!["helm|list"]),
        ("kubectl controls a cluster.", vec![]),
    ] {
        assert_eq!(words(text, Form::Markdown), expected, "{text}");
    }
    for (text, expected) in [
        (
            "Do this:\n\nhelm upgrade a b \\\n  --wait\nAnd then it is done.",
            vec!["helm|upgrade|a|b|--wait"],
        ),
        (
            "helm upgrade a b\n  --wait\n  -n c\nthen",
            vec!["helm|upgrade|a|b|--wait|-n|c"],
        ),
        ("helm is a tool.\nkubectl controls a cluster.", vec![]),
    ] {
        assert_eq!(words(text, Form::Text), expected, "{text}");
    }
}

#[test]
fn placeholders_and_targets_are_told_apart() {
    let guide = read("a <b c> >d $e 'f' g", Form::Snippet(Language::Shell));
    let shapes: Vec<_> = guide.snippets[0].commands[0]
        .words
        .iter()
        .map(|word| word.shape)
        .collect();
    assert_eq!(
        shapes,
        [
            Shape::Plain,
            Shape::Placeholder,
            Shape::Redirection,
            Shape::Target,
            Shape::Expanded,
            Shape::Quoted,
            Shape::Plain
        ]
    );
}

#[test]
fn keys_of_yaml_have_their_paths_and_values() {
    let guide = read(
        "a:\n  b: 2024.12\n  c:\n  - d: 'x'\n    e: {f: y}\ng: |\n  long\nh: *i\nj: k\n  broken: [\n",
        Form::Snippet(Language::Yaml),
    );
    let snippet = &guide.snippets[0];
    let found: Vec<_> = (0..snippet.settings.len())
        .map(|at| {
            let setting = &snippet.settings[at];
            let value = setting.value.as_ref();
            (
                snippet.path(at).join("."),
                snippet.text(setting.span),
                value.map(|value| {
                    (
                        value.text.clone(),
                        value.is_quoted,
                        snippet.text(value.span),
                    )
                }),
            )
        })
        .collect();
    let row = |path: &str, key: &str, value: Option<(&str, bool, &str)>| {
        (
            path.to_owned(),
            key.to_owned(),
            value.map(|(text, is_quoted, raw)| (text.to_owned(), is_quoted, raw.to_owned())),
        )
    };
    assert_eq!(
        found.get(..3),
        Some(
            &[
                row("a", "a", None),
                row("a.b", "b", Some(("2024.12", false, "2024.12"))),
                row("a.c", "c", None),
            ][..]
        )
    );
    let paths: Vec<_> = found.iter().map(|(path, _, _)| path.as_str()).collect();
    assert_eq!(
        paths.get(3..),
        Some(&["a.c.[]", "a.c.[].d", "a.c.[].e", "a.c.[].e.f", "g", "h"][..])
    );
}
