//! Command lines: which commands and options tools have, by the lines of them
//! that were looked at, and what went.
//!
//! A tool of which nothing is known has no answer here, and neither has a part of
//! one that was not looked at: silence is not a statement.

use crate::files::{Family, Files};
use crate::table::{Error, Record, Schema};
use std::collections::{BTreeMap, BTreeSet};

/// Where the tools are.
pub const TOOLS_FILE: &str = "tools/tools.csv";
/// Where their commands are.
pub const COMMANDS_FILE: &str = "tools/commands.csv";
/// Where it stands what went.
pub const GONE_FILE: &str = "tools/gone.csv";

/// The columns of [`TOOLS_FILE`].
pub const TOOLS: Schema = Schema {
    format: "refit-knowledge/tools/1",
    columns: &[
        "tool",
        "line",
        "below",
        "complete",
        "plugins",
        "source",
        "source_version",
    ],
    key: 2,
};

/// The columns of [`COMMANDS_FILE`].
pub const COMMANDS: Schema = Schema {
    format: "refit-knowledge/tool-commands/1",
    columns: &[
        "tool",
        "command",
        "line",
        "kind",
        "arguments",
        "aliases",
        "options",
    ],
    key: 3,
};

/// The columns of [`GONE_FILE`].
pub const GONE: Schema = Schema {
    format: "refit-knowledge/tool-gone/1",
    columns: &[
        "tool",
        "command",
        "option",
        "since",
        "instead",
        "source",
        "source_version",
    ],
    key: 3,
};

/// One line of a tool, such as Helm 3: the commands that it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolLine {
    /// The tool, by the name of its program.
    pub tool: String,
    /// Which line, such as `3`.
    pub line: String,
    /// The only command below which it was looked at.
    pub below: Option<String>,
    /// Whether every command is listed.
    pub extent: ListExtent,
    /// Names of commands that people have added to it.
    pub plugins: BTreeSet<String>,
    commands: BTreeMap<String, ToolCommand>,
}

/// Whether a command that is not listed is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListExtent {
    /// It is none, but for what people add.
    Whole,
    /// Nothing follows.
    Part,
}

/// One command of one line of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCommand {
    /// Whether it does something by itself.
    pub kind: CommandKind,
    /// How many arguments it takes beside options, where that was looked at.
    pub arguments: Option<ArgumentCount>,
    /// Other names of its last word.
    pub aliases: Vec<String>,
    /// Its options, where they were looked at; those that every command takes are
    /// with the command that has no name.
    pub options: Option<Vec<ToolOption>>,
}

/// Whether a command does something by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandKind {
    /// It does.
    Command,
    /// It only groups others.
    Group,
    /// It does, and what stands behind its first argument is another program's.
    HandsOn,
}

/// How many arguments there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArgumentCount {
    /// At least.
    pub least: usize,
    /// At most, where there is a bound.
    pub most: Option<usize>,
}

/// An option of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolOption {
    /// Its names, with their dashes.
    pub names: Vec<String>,
    /// Whether a value follows.
    pub value: OptionValue,
}

/// Whether the word behind an option is its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionValue {
    /// It is.
    Follows,
    /// Only with `=` in between, or never.
    Attached,
}

/// Something that a tool had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// The tool.
    pub tool: String,
    /// The command.
    pub command: String,
    /// The option that went; where there is none, the command did.
    pub option: Option<String>,
    /// The first version without it, where one was named.
    pub since: Option<String>,
    /// What does it now.
    pub instead: String,
    /// Where that is said.
    pub source: String,
}

/// What is known of command lines.
#[derive(Clone, Debug)]
pub struct Tools {
    lines: BTreeMap<String, Vec<ToolLine>>,
    gone: Vec<Gone>,
}

impl Tools {
    /// The lines of `tool` that were looked at, oldest first; none where nothing
    /// is known of it.
    #[must_use]
    pub fn lines(&self, tool: &str) -> &[ToolLine] {
        self.lines.get(tool).map_or(&[], Vec::as_slice)
    }

    /// The names of all tools.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.lines.keys().map(String::as_str)
    }

    /// What went of `command` of `tool`: the command, or an option of it.
    #[must_use]
    pub fn gone(&self, tool: &str, command: &str, option: Option<&str>) -> Option<&Gone> {
        self.gone.iter().find(|gone| {
            gone.tool == tool && gone.command == command && gone.option.as_deref() == option
        })
    }
}

impl ToolLine {
    /// The command called `name`, such as `repo add`; the one without a name has
    /// what every command takes.
    #[must_use]
    pub fn command(&self, name: &str) -> Option<&ToolCommand> {
        self.commands.get(name)
    }

    /// The name of the command that `word` makes of `command`, by its own name or
    /// by another one: `repo` and `add` are `repo add`, `dep` is `dependency`.
    #[must_use]
    pub fn below(&self, command: &str, word: &str) -> Option<String> {
        let joined = join(command, word);
        if self.commands.contains_key(&joined) {
            return Some(joined);
        }
        let mut children = self.children(command);
        let meant = children.find(|(_, child)| child.aliases.iter().any(|name| name == word));
        meant.map(|(name, _)| join(command, name))
    }

    /// The commands right below `command`, by their last words.
    pub fn children<'l>(
        &'l self,
        command: &'l str,
    ) -> impl Iterator<Item = (&'l str, &'l ToolCommand)> {
        let start = if command.is_empty() {
            String::new()
        } else {
            format!("{command} ")
        };
        let lead = start.len();
        let from = self.commands.range(start.clone()..);
        from.take_while(move |(name, _)| name.starts_with(&start))
            .filter_map(move |(name, child)| {
                let rest = name.get(lead..).filter(|rest| !rest.is_empty())?;
                (!rest.contains(' ')).then_some((rest, child))
            })
    }

    /// The options of `command` with those that every command takes; `None` where
    /// they were not looked at.
    #[must_use]
    pub fn options(&self, command: &str) -> Option<Vec<&ToolOption>> {
        let own = self.commands.get(command)?.options.as_ref()?;
        let all = self.commands.get("").and_then(|root| root.options.as_ref());
        Some(own.iter().chain(all.into_iter().flatten()).collect())
    }
}

/// The name of the command that `word` is below `command`: `repo add`.
#[must_use]
pub fn join(command: &str, word: &str) -> String {
    if command.is_empty() {
        word.to_owned()
    } else {
        format!("{command} {word}")
    }
}

impl Family for Tools {
    /// Fails also where a command belongs to a line that is not among the tools,
    /// or to a group that is not among the commands.
    fn read_from(files: &Files) -> Result<Self, Error> {
        let mut lines: BTreeMap<String, Vec<ToolLine>> = BTreeMap::new();
        for record in files.table(TOOLS_FILE, &TOOLS)?.records() {
            let line = tool_line(&record)?;
            lines.entry(line.tool.clone()).or_default().push(line);
        }
        for record in files.table(COMMANDS_FILE, &COMMANDS)?.records() {
            let number = record.required("line")?;
            let tool = lines.get_mut(record.required("tool")?);
            let line = tool
                .and_then(|lines| lines.iter_mut().find(|line| line.line == number))
                .ok_or_else(|| record.refuse("line", "a line of the tool in tools.csv"))?;
            let name = record.text("command");
            let is_rooted = name
                .rsplit_once(' ')
                .is_none_or(|(group, _)| line.commands.contains_key(group));
            if !is_rooted {
                return Err(record.refuse("command", "below a command that is listed"));
            }
            line.commands.insert(name.to_owned(), command(&record)?);
        }
        let gone = files.table(GONE_FILE, &GONE)?;
        Ok(Self {
            gone: gone
                .records()
                .map(|row| gone_row(&row))
                .collect::<Result<_, _>>()?,
            lines,
        })
    }
}

fn tool_line(record: &Record<'_>) -> Result<ToolLine, Error> {
    record.required("source")?;
    Ok(ToolLine {
        tool: record.required("tool")?.to_owned(),
        line: record.required("line")?.to_owned(),
        below: filled(record, "below"),
        extent: record.choice(
            "complete",
            &[("yes", ListExtent::Whole), ("no", ListExtent::Part)],
            "yes or no",
        )?,
        plugins: words(record.text("plugins")).collect(),
        commands: BTreeMap::new(),
    })
}

fn command(record: &Record<'_>) -> Result<ToolCommand, Error> {
    let arguments = match record.text("arguments") {
        "" => None,
        text => Some(
            arguments(text)
                .ok_or_else(|| record.refuse("arguments", "a count such as 2, 0..1 or 1.."))?,
        ),
    };
    let options = match record.text("options") {
        "*" => None,
        text => Some(words(text).map(|word| option(&word)).collect()),
    };
    Ok(ToolCommand {
        kind: record.choice(
            "kind",
            &[
                ("command", CommandKind::Command),
                ("group", CommandKind::Group),
                ("hands-on", CommandKind::HandsOn),
            ],
            "command, group or hands-on",
        )?,
        arguments,
        aliases: words(record.text("aliases")).collect(),
        options,
    })
}

fn gone_row(record: &Record<'_>) -> Result<Gone, Error> {
    Ok(Gone {
        tool: record.required("tool")?.to_owned(),
        command: record.required("command")?.to_owned(),
        option: filled(record, "option"),
        since: filled(record, "since"),
        instead: record.required("instead")?.to_owned(),
        source: record.required("source")?.to_owned(),
    })
}

fn filled(record: &Record<'_>, column: &str) -> Option<String> {
    Some(record.text(column).to_owned()).filter(|text| !text.is_empty())
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(' ')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
}

fn arguments(text: &str) -> Option<ArgumentCount> {
    let (least, most) = match text.split_once("..") {
        None => {
            let count = text.parse().ok()?;
            (count, Some(count))
        }
        Some((least, "")) => (least.parse().ok()?, None),
        Some((least, most)) => (least.parse().ok()?, Some(most.parse().ok()?)),
    };
    Some(ArgumentCount { least, most })
}

fn option(word: &str) -> ToolOption {
    let (names, value) = match word.strip_suffix('=') {
        Some(names) => (names, OptionValue::Follows),
        None => (word, OptionValue::Attached),
    };
    ToolOption {
        names: names.split('|').map(str::to_owned).collect(),
        value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tools() -> Tools {
        Tools::read_from(&Files::embedded()).unwrap()
    }

    #[test]
    fn commands_are_found_by_any_of_their_names() {
        let tools = tools();
        let helm = &tools.lines("helm")[0];
        for (command, word, expected) in [
            ("", "repo", Some("repo")),
            ("repo", "add", Some("repo add")),
            ("", "dep", Some("dependency")),
            ("dependency", "ls", Some("dependency list")),
            ("", "delete", Some("uninstall")),
            ("", "config", None),
            ("list", "x", None),
        ] {
            assert_eq!(
                helm.below(command, word).as_deref(),
                expected,
                "{command} {word}"
            );
        }
        let below: Vec<_> = helm.children("repo").map(|(name, _)| name).collect();
        assert_eq!(below, ["add", "index", "list", "remove", "update"]);
        assert_eq!(tools.lines("nothing"), []);
    }

    #[test]
    fn options_are_those_of_the_command_and_of_all() {
        let tools = tools();
        let has = |line: &ToolLine, command: &str, name: &str| {
            let options = line.options(command).unwrap();
            let mut found = options
                .iter()
                .filter(|option| option.names.iter().any(|n| n == name));
            found.next().map(|option| option.value)
        };
        let [three, four] = tools.lines("helm") else {
            panic!("Helm has other lines");
        };
        assert_eq!(has(three, "list", "-a"), Some(OptionValue::Attached));
        assert_eq!(has(four, "list", "-a"), None);
        assert_eq!(has(four, "list", "-n"), Some(OptionValue::Follows));
        assert_eq!(
            has(four, "upgrade", "--atomic"),
            Some(OptionValue::Attached)
        );
        assert_eq!(has(four, "upgrade", "--wait"), Some(OptionValue::Attached));
        let kubectl = &tools.lines("kubectl")[0];
        assert_eq!(has(kubectl, "drain", "--delete-local-data"), None);
        assert_eq!(has(kubectl, "get", "-v"), Some(OptionValue::Follows));
        assert!(
            tools
                .gone("kubectl", "drain", Some("--delete-local-data"))
                .is_some()
        );
        assert!(tools.lines("juju")[0].options("run").is_none());
    }

    #[test]
    fn what_went_is_there_no_more() {
        let tools = tools();
        for gone in &tools.gone {
            let Some(newest) = tools.lines(&gone.tool).last() else {
                continue;
            };
            match &gone.option {
                None => assert!(newest.command(&gone.command).is_none(), "{gone:?}"),
                Some(option) => {
                    assert!(newest.command(&gone.command).is_some(), "{gone:?}");
                    let options = newest.options(&gone.command).unwrap_or_default();
                    let mut names = options.iter().flat_map(|option| &option.names);
                    assert!(names.all(|name| name != option), "{gone:?}");
                }
            }
        }
    }

    #[test]
    fn a_count_of_arguments_is_one_number_or_two() {
        for (text, expected) in [
            ("2", Some((2, Some(2)))),
            ("1..", Some((1, None))),
            ("0..1", Some((0, Some(1)))),
            ("x", None),
            ("..2", None),
        ] {
            let found = arguments(text).map(|count| (count.least, count.most));
            assert_eq!(found, expected, "{text}");
        }
    }
}
