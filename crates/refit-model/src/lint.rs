//! What is wrong with guides: remarks, each at its place, with what happens to
//! whoever pastes it, and the text that would have been right.

use crate::API_VERSION;
use crate::code::Code;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
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

    /// Whether every guide was looked at as a whole.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.guides.iter().all(|guide| guide.unseen.is_empty())
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
    /// What of it was not looked at, or is not told, and why: where something is
    /// here, a guide without a defect may have one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<String>,
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
    /// The line, as far as it would be pasted; of a long one, what is around the
    /// place.
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

impl Remark {
    /// The excerpt as it would have been right, where something in it changes.
    #[must_use]
    pub fn corrected(&self) -> Option<String> {
        let start = self.excerpt.column;
        let end = start.saturating_add(size(self.excerpt.text.chars().count()));
        // An excerpt may be a part of its line, and what changes outside of it
        // has no place in it.
        let mut here = free(&self.edits);
        here.retain(|edit| {
            let behind = edit.column.saturating_add(edit.length);
            edit.line == self.line && edit.column >= start && behind <= end
        });
        (!here.is_empty()).then(|| rewritten(&self.excerpt.text, start, &here))
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

/// `text` with all of `edits`. Of two that touch the same characters the first
/// counts.
#[must_use]
pub fn corrected(text: &str, edits: &[Edit]) -> String {
    let kept = free(edits);
    let mut rest = kept.as_slice();
    let lines = (1..).zip(text.split('\n')).map(|(number, line)| {
        rest = behind(rest, |edit| edit.line < number);
        let further = behind(rest, |edit| edit.line == number);
        let here = rest.get(..rest.len().saturating_sub(further.len()));
        rest = further;
        match here {
            None | Some([]) => Cow::Borrowed(line),
            Some(here) => Cow::Owned(rewritten(line, 1, here)),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The edits in the order of the text, each once, without those that touch what
/// an earlier one takes.
fn free(edits: &[Edit]) -> Vec<&Edit> {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort();
    edits.dedup();
    let mut kept: Vec<&Edit> = Vec::new();
    for edit in edits {
        let is_free = kept.last().is_none_or(|last| {
            last.line != edit.line || last.column.saturating_add(last.length) <= edit.column
        });
        if is_free {
            kept.push(edit);
        }
    }
    kept
}

/// What follows the first of `edits`, as long as `is_first` holds.
fn behind<'e, 'a>(edits: &'a [&'e Edit], is_first: impl Fn(&Edit) -> bool) -> &'a [&'e Edit] {
    edits
        .get(edits.partition_point(|edit| is_first(edit))..)
        .unwrap_or_default()
}

/// A line whose first character stands in `column`, with edits of it that are in
/// order and touch nothing twice. It is gone over once: a line read in the wrong
/// character set has an edit for every third character.
fn rewritten(line: &str, column: u32, edits: &[&Edit]) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line.chars();
    let mut at = column;
    for edit in edits {
        let before = edit.column.saturating_sub(at);
        out.extend(rest.by_ref().take(count(before)));
        out.push_str(&edit.with);
        rest.by_ref().take(count(edit.length)).for_each(drop);
        at = edit.column.saturating_add(edit.length);
    }
    out.push_str(rest.as_str());
    out
}

fn size(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn count(size: u32) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
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

    #[test]
    fn the_excerpt_is_made_right_as_far_as_it_goes() {
        let remark = |column, text: &str, edits| Remark {
            code: "RFG104".parse().unwrap(),
            gravity: Gravity::Defect,
            line: 2,
            column: 9,
            length: 1,
            what: String::new(),
            pasted: String::new(),
            advice: None,
            excerpt: Excerpt {
                column,
                text: text.to_owned(),
            },
            edits,
        };
        for (edits, expected) in [
            (vec![], None),
            (vec![edit(2, 6, 1, "-")], Some("a-c")),
            // In any order, once each.
            (
                vec![edit(2, 7, 1, "z"), edit(2, 5, 1, "xy"), edit(2, 7, 1, "z")],
                Some("xyäz"),
            ),
            // Behind the last character.
            (vec![edit(2, 8, 0, " \\")], Some("aäc \\")),
            // In front of the excerpt, behind it, over its end, in another line.
            (vec![edit(2, 4, 1, "-")], None),
            (vec![edit(2, 9, 1, "-")], None),
            (vec![edit(2, 7, 2, "-")], None),
            (vec![edit(1, 6, 1, "-")], None),
        ] {
            let remark = remark(5, "aäc", edits);
            assert_eq!(remark.corrected().as_deref(), expected, "{remark:?}");
        }
    }

    /// 60,000 edits of one line, as a line that was read in the wrong character
    /// set has: with a pass over the line for each it takes minutes.
    #[test]
    fn a_line_is_gone_over_once() {
        let text = "â€“".repeat(60_000);
        let edits: Vec<Edit> = (0..60_000).map(|at| edit(1, at * 3 + 1, 3, "–")).collect();
        assert_eq!(corrected(&text, &edits), "–".repeat(60_000));
    }
}
