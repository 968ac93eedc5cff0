use super::*;
use refit_model::guide::{Break, Ended, Shape};

fn read(text: &str, form: Form) -> Guide {
    let tools = ["az", "helm", "juju", "kubectl", "osism", "velero"];
    super::read(text, form, &tools.into())
}

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
fn parentheses_go_around_commands() {
    for (text, expected) in [
        ("(helm list)", vec!["helm|list"]),
        (
            "(cd a && helm list -A); b",
            vec!["cd|a", "helm|list|-A", "b"],
        ),
        ("(a b)\nc", vec!["a|b", "c"]),
        ("( a\n  b )", vec!["a", "b"]),
        (
            "case x in a) b;; (c|d) e;; esac",
            vec!["case|x|in|a", "b", "c", "d", "e", "esac"],
        ),
        ("f() { b; }", vec!["f", "{|b", "}"]),
        ("f () {\n b\n}", vec!["f", "{", "b", "}"]),
        // What a word opens is a part of it.
        ("a=(b c) d", vec!["a=(b|c)|d"]),
        ("a --b=c(d(e)) f", vec!["a|--b=c(d(e))|f"]),
        ("a 'b)' \"(c)\" \\) $(d) e", vec!["a|b)|(c)|)|$(d)|e"]),
        ("a <(b c) d", vec!["a|<(b c)|d"]),
        ("(a <<E)\nb\nE\nc", vec!["a", "c"]),
    ] {
        check(text, &expected);
    }
    for (text, expected) in [
        ("if ($x) { helm list -A }", vec!["if", "$x", "helm|list|-A"]),
        (
            "helm list --namespace {name}",
            vec!["helm|list|--namespace|{name}"],
        ),
        ("(helm list -A).Length", vec!["helm|list|-A", ".Length"]),
    ] {
        let page = format!("```powershell\nPS C:\\> {text}\n```");
        assert_eq!(words(&page, Form::Markdown), expected, "{text}");
    }
}

/// Lines and commands around one that is too long are looked at, and that one is
/// named.
#[test]
fn what_reaches_too_far_behind_is_left_out_and_told() {
    let long = "x".repeat(FARTHEST);
    for (text, form, commands, lines) in [
        (
            format!("helm list\necho {long}\nkubectl a"),
            Form::Snippet(Language::Shell),
            vec!["helm|list", "kubectl|a"],
            vec![2],
        ),
        (
            format!("helm a; echo {long}; helm b\n\nhelm c"),
            Form::Snippet(Language::Shell),
            vec!["helm|a", "helm|c"],
            vec![1],
        ),
        (
            format!("helm a \\\n  --b {long} \\\n  --c\nhelm d"),
            Form::Snippet(Language::Shell),
            vec!["helm|d"],
            vec![2],
        ),
        (
            format!("{} <<a", "a ".repeat(FARTHEST / 2)),
            Form::Snippet(Language::Shell),
            vec![],
            vec![1],
        ),
        // What is handed to a command is no command, and neither is output.
        (
            format!("cat <<E\n{long}\nE\nhelm a"),
            Form::Snippet(Language::Shell),
            vec!["cat", "helm|a"],
            vec![],
        ),
        (
            format!("```\nhelm a\n{long} {long}\n```\n\n{long} {long}"),
            Form::Markdown,
            vec!["helm|a"],
            vec![],
        ),
        (
            format!("`helm a`\n{long} `helm b`\n\n- {long} [a](b)"),
            Form::Markdown,
            vec!["helm|a"],
            vec![2, 4],
        ),
    ] {
        let guide = read(&text, form);
        assert_eq!(words(&text, form), commands, "{text:.40}");
        let told: Vec<u32> = guide.omitted.iter().map(|(_, line)| *line).collect();
        assert_eq!(told, lines, "{text:.40}");
    }
}

#[test]
fn directives_are_followed_to_a_depth_and_the_rest_is_told() {
    let page = |depth: usize| {
        let fence = |level: usize| "`".repeat(3 + depth - level);
        let open: String = (0..depth)
            .map(|at| format!("{}{{note}}\n", fence(at)))
            .collect();
        let close: String = (0..depth)
            .rev()
            .map(|at| format!("{}\n", fence(at)))
            .collect();
        read(&format!("{open}`helm a`\n{close}"), Form::Markdown)
    };
    assert_eq!((page(8).snippets.len(), page(8).omitted.len()), (1, 0));
    let deeper = page(9);
    assert_eq!(deeper.snippets.len(), 0);
    assert_eq!(deeper.omitted, [(Omission::TooDeep, 10)].into());
}

#[test]
fn keys_far_behind_are_left_out_with_what_stands_below_them() {
    let far = " ".repeat(FARTHEST);
    let text = format!("a: {{b: 1, {far}c: {{\n d: 2}}, e: 3}}\nf: {{g: 4}}");
    let guide = read(&text, Form::Snippet(Language::Yaml));
    let snippet = &guide.snippets[0];
    let found: Vec<_> = (0..snippet.settings.len())
        .map(|at| snippet.path(at).join("."))
        .collect();
    assert_eq!(found, ["a", "a.b", "a.e", "f", "f.g"]);
    assert_eq!(
        guide.omitted,
        [(Omission::FarBehind, 1), (Omission::FarBehind, 2)].into()
    );
}

/// The tools are those that the caller knows.
#[test]
fn a_tool_that_is_added_is_found_where_the_page_does_not_mark_it() {
    let found = |tools: &[&str]| {
        let tools = tools.iter().copied().collect();
        let pages = [
            ("sudo -E frobctl a", Form::Snippet(Language::Shell)),
            ("Say `frobctl a`.", Form::Markdown),
            ("```\nFrobctl a\nfrobctl b\n```", Form::Markdown),
            ("Then:\n\nfrobctl a", Form::Text),
        ];
        pages.map(|(text, form)| {
            let guide = super::read(text, form, &tools);
            let commands = guide.snippets.iter().flat_map(|snippet| &snippet.commands);
            let names = commands.filter(|command| command.name().to_lowercase() == "frobctl");
            names.count()
        })
    };
    assert_eq!(found(&["frobctl"]), [1, 1, 2, 1]);
    assert_eq!(found(&["helm"]), [0, 0, 0, 0]);
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
            Ended::Crooked(Span {
                line: 2,
                from: 0,
                to: 5,
            }),
        ),
        (
            "a <<-EOF\nb\n EOF ",
            Ended::Crooked(Span {
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
    // However many before it do not end.
    let text = format!("{}a <<EOF\nb\nEOF\n", "a <<X\n".repeat(40));
    let guide = read(&text, Form::Snippet(Language::Shell));
    let ended = guide.snippets[0].commands.iter();
    let ended: Vec<_> = ended.flat_map(|command| &command.here).collect();
    assert_eq!(ended.len(), 41);
    assert_eq!(ended.last().unwrap().ended, Ended::Well);
    assert!(ended[..40].iter().all(|here| here.ended == Ended::Nowhere));
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
