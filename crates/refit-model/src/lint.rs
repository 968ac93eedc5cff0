//! What is wrong with guides: remarks, each at its place, with what happens to
//! whoever pastes it, and the text that would have been right.

use crate::API_VERSION;
use crate::code::Code;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What was found in guides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuideLint {
    /// The version of this format.
    pub api_version: String,
    /// Always `GuideLint`.
    pub kind: GuideLintKind,
    /// The version of Refit that looked.
    pub refit: String,
    /// The version of the knowledge that it rests on.
    pub knowledge: String,
    /// The guides, as they were named.
    pub guides: Vec<LintedGuide>,
}

impl GuideLint {
    /// What was found in `guides`.
    #[must_use]
    pub fn new(refit: &str, knowledge: &str, guides: Vec<LintedGuide>) -> Self {
        Self {
            api_version: API_VERSION.to_owned(),
            kind: GuideLintKind::GuideLint,
            refit: refit.to_owned(),
            knowledge: knowledge.to_owned(),
            guides,
        }
    }

    /// How many remarks there are of this gravity.
    #[must_use]
    pub fn count(&self, gravity: Gravity) -> usize {
        let remarks = self.guides.iter().flat_map(|guide| &guide.remarks);
        remarks.filter(|remark| remark.gravity == gravity).count()
    }
}

/// The `kind` of what was found in guides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum GuideLintKind {
    /// The only one.
    #[default]
    GuideLint,
}

/// One guide, and what was found in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LintedGuide {
    /// The file, as it was named.
    pub file: String,
    /// How many commands were found in it.
    pub commands: usize,
    /// How many of those are of tools of which the commands are known.
    pub judged: usize,
    /// The remarks, in the order of the page.
    pub remarks: Vec<Remark>,
}

/// Something that is wrong with a guide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Remark {
    /// Its code, which has a page.
    pub code: Code,
    /// How bad it is.
    pub gravity: Gravity,
    /// The line, from one.
    pub line: u32,
    /// The first column, from one and in characters.
    pub column: u32,
    /// How many characters it is about; nought for what is missing behind a line.
    pub length: u32,
    /// What is wrong, in one fragment.
    pub what: String,
    /// What happens when it is pasted.
    pub pasted: String,
    /// What to do, where no text can be given that would be right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// The line, as far as it would be pasted.
    pub excerpt: Excerpt,
    /// What makes it right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
}

/// How bad a remark is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Gravity {
    /// What is pasted does something else, or fails.
    Defect,
    /// It works by luck, or for some versions, or for those who know.
    Caution,
}

impl fmt::Display for Gravity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Defect => "defect",
            Self::Caution => "caution",
        })
    }
}

/// A line of a guide, or the part of it that would be pasted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Excerpt {
    /// The column of its first character.
    pub column: u32,
    /// The text.
    pub text: String,
}

/// A change of one line: characters of it go, and a text comes in their place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Edit {
    /// The line, from one.
    pub line: u32,
    /// The first column that goes, from one and in characters.
    pub column: u32,
    /// How many characters go.
    pub length: u32,
    /// What comes; with line breaks, further lines come with it.
    pub with: String,
}

impl Edit {
    /// `text`, whose first character stands in `column`, with this change.
    #[must_use]
    pub fn applied(&self, text: &str, column: u32) -> String {
        let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let before = size(self.column.saturating_sub(column));
        let after = before.saturating_add(size(self.length));
        let mut out: String = text.chars().take(before).collect();
        out.push_str(&self.with);
        out.extend(text.chars().skip(after));
        out
    }
}

impl Remark {
    /// The excerpt as it would have been right, where something in it changes.
    #[must_use]
    pub fn corrected(&self) -> Option<String> {
        let here = |edit: &&Edit| edit.line == self.line && edit.column >= self.excerpt.column;
        let mut edits: Vec<&Edit> = self.edits.iter().filter(here).collect();
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.column));
        if edits.is_empty() {
            return None;
        }
        let text = self.excerpt.text.clone();
        let column = self.excerpt.column;
        Some(
            edits
                .iter()
                .fold(text, |text, edit| edit.applied(&text, column)),
        )
    }

    /// How many other lines change.
    #[must_use]
    pub fn other_lines(&self) -> usize {
        let others = self.edits.iter().map(|edit| edit.line);
        let others: std::collections::BTreeSet<u32> =
            others.filter(|line| *line != self.line).collect();
        others.len()
    }
}

/// `text` with all of `edits`, last first, so that none moves another. Of two
/// that touch the same characters the first counts.
#[must_use]
pub fn corrected(text: &str, edits: &[Edit]) -> String {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort();
    let mut kept: Vec<&Edit> = Vec::new();
    for edit in edits {
        let is_free = kept.last().is_none_or(|last| {
            last.line != edit.line || last.column.saturating_add(last.length) <= edit.column
        });
        if is_free && kept.last() != Some(&edit) {
            kept.push(edit);
        }
    }
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    for edit in kept.into_iter().rev() {
        let index = usize::try_from(edit.line).map_or(usize::MAX, |line| line.saturating_sub(1));
        if let Some(line) = lines.get_mut(index) {
            *line = edit.applied(line, 1);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(line: u32, column: u32, length: u32, with: &str) -> Edit {
        Edit {
            line,
            column,
            length,
            with: with.to_owned(),
        }
    }

    #[test]
    fn edits_do_not_move_each_other() {
        for (edits, expected) in [
            (vec![], "ä–n b\nc"),
            (vec![edit(1, 2, 1, "-")], "ä-n b\nc"),
            (
                vec![edit(1, 2, 1, " -"), edit(1, 5, 1, "x y")],
                "ä -n x y\nc",
            ),
            (vec![edit(2, 2, 0, " \\\nd")], "ä–n b\nc \\\nd"),
            // The second one touches what the first has taken.
            (vec![edit(1, 1, 3, "q"), edit(1, 2, 1, "-")], "q b\nc"),
            // A place that there is not.
            (vec![edit(9, 1, 1, "q"), edit(2, 7, 4, "!")], "ä–n b\nc!"),
        ] {
            assert_eq!(corrected("ä–n b\nc", &edits), expected, "{edits:?}");
        }
    }
}
