//! Remarks on guides as people read them in a terminal: each with its line, what
//! it is about underlined, and the line as it would have been right.

use crate::output::{BAD, BOLD, DIM, GOOD, WARN, styled, wrapped};
use refit_model::lint::{Gravity, GuideLint, LintedGuide, Remark};

/// How far the lines below a remark are indented.
const INDENT: usize = 6;

/// What is wrong with guides, page by page, and a line of numbers.
pub(crate) fn guides(lint: &GuideLint, width: usize) -> String {
    let mut out = String::new();
    for guide in lint.guides.iter().filter(|guide| !guide.remarks.is_empty()) {
        out.push_str(&format!("{}\n", styled(BOLD, &guide.file)));
        for remark in &guide.remarks {
            out.push_str(&self::remark(remark, width));
        }
        out.push('\n');
    }
    out.push_str(&summary(lint));
    out
}

fn remark(remark: &Remark, width: usize) -> String {
    let style = match remark.gravity {
        Gravity::Defect => BAD,
        Gravity::Caution => WARN,
    };
    let place = format!("{}:{}", remark.line, remark.column);
    let head = format!("{} {}: {}", remark.gravity, remark.code, remark.what);
    let head = wrapped(&head, INDENT, width);
    let head = head.trim_start();
    // The gravity alone is coloured: it is the first word.
    let rest = head
        .strip_prefix(&remark.gravity.to_string())
        .unwrap_or(head);
    let mut out = format!("\n  {place}  {}{rest}\n", styled(style, remark.gravity));
    out.push_str(&underlined(remark, width));
    let line = |text: &str| format!("{}\n", wrapped(text, INDENT, width));
    out.push_str(&line(&format!("pasted: {}", remark.pasted)));
    out.push_str(&right(remark, width));
    if let Some(advice) = &remark.advice {
        out.push_str(&line(&format!("-> {advice}")));
    }
    out
}

/// The line as it would have been right, or what comes in another one.
fn right(remark: &Remark, width: usize) -> String {
    let lead = " ".repeat(INDENT);
    let others = match remark.other_lines() {
        0 => String::new(),
        1 => " (and one line more)".to_owned(),
        count => format!(" (and {count} lines more)"),
    };
    if let Some(text) = remark.corrected() {
        let (from, room) = window(remark, width);
        let text: String = text.chars().skip(from).take(room).collect();
        return format!("{lead}right:  {}{others}\n", styled(GOOD, text.trim_end()));
    }
    let mut edits = remark.edits.iter();
    edits.next().map_or_else(String::new, |edit| {
        let text = styled(GOOD, edit.with.trim());
        format!("{lead}right:  {text} behind line {}\n", edit.line)
    })
}

/// The first character of the line that is shown, and how many are. A line that is
/// longer than the screen is shown around the place that the remark is about.
fn window(remark: &Remark, width: usize) -> (usize, usize) {
    let room = width.saturating_sub(INDENT.saturating_add(8)).max(20);
    let (at, length) = (place(remark), size(remark.length));
    let text = remark.excerpt.text.chars();
    let blanks = text.take_while(|c| c.is_whitespace()).count().min(at);
    let end = at.saturating_add(length);
    if end.saturating_sub(blanks) <= room {
        (blanks, room)
    } else {
        (at.saturating_sub(room / 4), room)
    }
}

/// Which character of the excerpt the remark begins at.
fn place(remark: &Remark) -> usize {
    size(remark.column.saturating_sub(remark.excerpt.column))
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The line, and a mark below what the remark is about.
fn underlined(remark: &Remark, width: usize) -> String {
    let (from, room) = window(remark, width);
    let text = remark.excerpt.text.chars();
    let shown: String = text
        .map(|c| if c.is_control() { ' ' } else { c })
        .skip(from)
        .take(room)
        .collect();
    let before = place(remark).saturating_sub(from);
    let mark = size(remark.length).clamp(1, room.saturating_sub(before).max(1));
    let lead = " ".repeat(INDENT);
    format!(
        "{lead}{bar}       {}\n{lead}{bar}       {}{}\n",
        shown.trim_end(),
        " ".repeat(before),
        styled(BOLD, "^".repeat(mark)),
        bar = styled(DIM, "|"),
    )
}

fn summary(lint: &GuideLint) -> String {
    let sum = |count: fn(&LintedGuide) -> usize| lint.guides.iter().map(count).sum::<usize>();
    let defects = lint.count(Gravity::Defect);
    let cautions = lint.count(Gravity::Caution);
    let verdict = if defects > 0 {
        styled(BAD, plural(defects, "defect"))
    } else if lint.is_whole() {
        styled(GOOD, "no defect")
    } else {
        styled(WARN, "no defect in what was looked at")
    };
    format!(
        "{}: {verdict}, {}; {}, {} of tools whose commands are known; knowledge {}\n",
        plural(lint.guides.len(), "guide"),
        plural(cautions, "caution"),
        plural(sum(|guide| guide.commands), "command"),
        sum(|guide| guide.judged),
        lint.knowledge,
    )
}

fn plural(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}
