//! What a page leaves open, and what was read wrongly of it.

use super::characters::misread;
use super::codes;
use super::pen::on_line;
use super::remarks::Remarks;
use refit_model::guide::Line;
use refit_model::lint::{Gravity, Remark};

/// Words by which authors mark what they have not written yet.
const MARKS: &[&str] = &["FIXME", "TBD", "TODO", "XXX"];

pub(super) fn remarks(line: &Line, into: &mut Remarks) {
    into.extend(misread(line, Gravity::Caution));
    into.extend(unfinished(line));
}

fn unfinished(line: &Line) -> Option<Remark> {
    let text = line.text.trim();
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    let first = bare
        .split(|c: char| c.is_whitespace() || c == ':')
        .next()
        .unwrap_or_default();
    let is_marked = MARKS.contains(&first) || (text.starts_with("<<<") && text.ends_with(">>>"));
    if !is_marked {
        return None;
    }
    let from = line.text.chars().take_while(|c| c.is_whitespace()).count();
    let to = from.saturating_add(text.chars().count());
    let mut remark = on_line(
        (&codes::UNFINISHED, Gravity::Caution),
        line,
        (from, to),
        "a part of the guide is still to be written",
        "whoever follows the page misses what belongs here, and does not learn that it is missing",
    );
    remark.advice =
        Some("write it, or take the heading out; until then, ask the authors".to_owned());
    Some(remark)
}
