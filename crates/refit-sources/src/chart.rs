//! Helm charts that are not rendered.
//!
//! A file under `templates/` that holds `{{` is a program for Helm and no
//! manifest: what it makes depends on values that stand elsewhere. It becomes
//! one gap that names the file and the command that renders it. Files without
//! `{{`, and everything under `crds/`, which Helm does not render, are read as
//! manifests.

use crate::archive;
use crate::unrendered::Tool;
use refit_model::object::Location;

/// A template and what would render it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    /// Where its first action stands.
    pub(crate) at: Location,
    /// Why it is not read.
    pub(crate) why: &'static str,
    /// The command that shows what it makes, where that is known.
    pub(crate) command: Option<String>,
}

/// What a file is to a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A template.
    Template(Template),
    /// What a tool reads beside the templates; no objects are in it.
    Settings,
    /// A manifest, or no part of a chart.
    Other,
}

/// What the file called `name` is, by its name and by whether it holds actions.
pub(crate) fn role(name: &str, bytes: &[u8]) -> Role {
    let path = archive::path_inside(name);
    let (folder, file) = path.rsplit_once(['/', '\\']).unwrap_or(("", path));
    if ["Chart.yaml", "values.yaml", "values.schema.json"].contains(&file) && !is_object(bytes) {
        return Role::Settings;
    }
    let mut folders: Vec<&str> = folder.split(['/', '\\']).collect();
    if let Some(tool) = Tool::of(name)
        && !(tool == Tool::GoTemplate && folders.contains(&"templates"))
    {
        return made_by(tool, name, bytes);
    }
    let Some(at) = folders.iter().rposition(|folder| *folder == "templates") else {
        return Role::Other;
    };
    let Some(offset) = find_action(bytes) else {
        return Role::Other;
    };
    folders.truncate(at);
    let folder = match folders.as_slice() {
        [] => ".".to_owned(),
        folders => folders.join("/"),
    };
    let archives: Vec<&str> = name.split(archive::INSIDE).collect();
    // Helm takes a package, which is an archive of one folder; of any other the
    // chart has to be taken out first.
    let is_package = folders.len() == 1;
    let render = match archives.as_slice() {
        [] | [_] => format!("helm template NAME {}", quoted(&folder)),
        [package, _] if is_package => format!("helm template NAME {}", quoted(package)),
        [archive, package, _] if is_package => format!(
            "tar -xf {} && helm template NAME {}",
            quoted(archive),
            quoted(package)
        ),
        [archive, ..] => format!(
            "tar -xf {} && helm template NAME {}",
            quoted(archive),
            quoted(&folder)
        ),
    };
    Role::Template(Template {
        at: place(name, bytes, offset),
        why: "only Helm can render it",
        command: Some(format!("{render} | refit assess -f -")),
    })
}

/// What a file is that `tool` makes manifests of.
fn made_by(tool: Tool, name: &str, bytes: &[u8]) -> Role {
    if !Tool::may_make_objects(bytes) {
        return Role::Settings;
    }
    let Some(offset) = tool.first_action(bytes) else {
        return Role::Other;
    };
    let shows = |command: &str| format!("{command} {} | refit assess -f -", quoted(name));
    Role::Template(Template {
        at: place(name, bytes, offset),
        why: tool.why(),
        // What is in an archive has to be taken out first.
        command: tool
            .command()
            .filter(|_| !name.contains(archive::INSIDE))
            .map(shows),
    })
}

/// Whether the text has the two lines that every manifest has.
fn is_object(bytes: &[u8]) -> bool {
    let begins = |word: &[u8]| {
        bytes
            .split(|byte| *byte == b'\n')
            .any(|line| line.starts_with(word))
    };
    begins(b"apiVersion:") && begins(b"kind:")
}

fn find_action(bytes: &[u8]) -> Option<usize> {
    bytes.windows(2).position(|pair| pair == b"{{")
}

fn place(name: &str, bytes: &[u8], offset: usize) -> Location {
    let before = bytes.get(..offset).unwrap_or_default();
    let lines = before.iter().filter(|byte| **byte == b'\n').count();
    let line = before
        .rsplit(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1);
    Location {
        file: name.to_owned(),
        line: number(lines),
        column: number(String::from_utf8_lossy(line).chars().count()),
    }
}

/// The path as one word for a shell.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@".contains(c);
    if !path.is_empty() && !path.starts_with('-') && path.chars().all(is_plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}
