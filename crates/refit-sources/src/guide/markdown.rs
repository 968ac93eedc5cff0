//! A page of Markdown: which of its lines can be pasted, and which are prose.

use super::add;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use refit_model::guide::{FARTHEST, Guide, Language, Line, Link, Omission};
use std::collections::BTreeSet;
use std::ops::Range;

/// Directives in directives that are followed, as MyST has them: a tab in a
/// set of tabs in a note is the most that pages have.
const DEEPEST_DIRECTIVE: usize = 8;

/// What a fenced block holds, by the words behind its fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    Code(Language),
    /// A part of the page in a frame, written in Markdown itself.
    Page,
    /// Something that nobody pastes into a shell.
    Other,
}

/// Where a line of a page is in the file: its number, how many characters stand
/// before it there, and which.
struct Origin {
    number: u32,
    before: usize,
    lead: String,
}

/// A text with the place of each of its lines in the file.
struct Page<'t> {
    text: &'t str,
    /// Where each line begins.
    starts: Vec<usize>,
    /// Where in the file it is.
    origins: Vec<Origin>,
}

pub(super) fn guide(text: &str, tools: &BTreeSet<&str>) -> Guide {
    let mut guide = Guide::default();
    let origins = (1..)
        .zip(text.split('\n'))
        .map(|(number, _)| Origin {
            number,
            before: 0,
            lead: String::new(),
        })
        .collect();
    read(&Page::new(text, origins), 0, tools, &mut guide);
    guide.snippets.sort_by_key(|snippet| {
        let first = snippet.lines.first();
        first.map(|line| (line.number, line.before))
    });
    guide.prose.sort_by_key(|line| line.number);
    guide
}

impl<'t> Page<'t> {
    fn new(text: &'t str, origins: Vec<Origin>) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at.saturating_add(1));
        Self {
            text,
            starts: std::iter::once(0).chain(breaks).collect(),
            origins,
        }
    }

    /// The index of the line that the byte `at` is in.
    fn line_of(&self, at: usize) -> usize {
        self.starts
            .partition_point(|start| *start <= at)
            .saturating_sub(1)
    }

    /// The bytes of `range`, which lie in one line, with their place.
    fn line(&self, range: Range<usize>) -> Option<Line> {
        let index = self.line_of(range.start);
        let origin = self.origins.get(index)?;
        let start = *self.starts.get(index)?;
        let before = self.text.get(start..range.start)?;
        let text = self.text.get(range)?;
        Some(Line {
            number: origin.number,
            before: origin.before.saturating_add(before.chars().count()),
            lead: format!("{}{before}", origin.lead),
            text: text.strip_suffix('\r').unwrap_or(text).to_owned(),
        })
    }

    /// The same of something within a sentence, which no line follows. What reaches
    /// too far behind in its line is left out; the number of that line.
    fn within(&self, range: Range<usize>) -> Option<Result<Line, u32>> {
        let index = self.line_of(range.start);
        let origin = self.origins.get(index)?;
        let upto = self.text.get(*self.starts.get(index)?..range.end)?;
        // Not counted further: each place would cost as much as a line of no end.
        if upto
            .chars()
            .nth(FARTHEST.saturating_sub(origin.before))
            .is_some()
        {
            return Some(Err(origin.number));
        }
        let line = self.line(range)?;
        Some(Ok(Line {
            lead: String::new(),
            ..line
        }))
    }

    /// The lines of the pieces that a block came in.
    fn lines(&self, pieces: &[Range<usize>]) -> Vec<Line> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut is_open = false;
        for piece in pieces {
            let mut at = piece.start;
            let text = self.text.get(piece.clone()).unwrap_or_default();
            for part in text.split_inclusive('\n') {
                let end = at.saturating_add(part.len());
                let without = part.strip_suffix('\n').unwrap_or(part);
                let content = at..at.saturating_add(without.len());
                match ranges.last_mut().filter(|_| is_open) {
                    Some(last) => last.end = content.end,
                    None => ranges.push(content),
                }
                is_open = !part.ends_with('\n');
                at = end;
            }
        }
        ranges
            .into_iter()
            .filter_map(|range| self.line(range))
            .collect()
    }
}

fn read(page: &Page<'_>, depth: usize, tools: &BTreeSet<&str>, guide: &mut Guide) {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    let mut is_prose = vec![true; page.starts.len()];
    let mut block: Option<(Block, Vec<Range<usize>>)> = None;
    let mut lists: usize = 0;
    for (event, range) in Parser::new_ext(page.text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                hide(&mut is_prose, page, &range);
                let kind = match kind {
                    CodeBlockKind::Indented => Block::Code(Language::Unnamed),
                    CodeBlockKind::Fenced(info) => of_info(&info),
                };
                block = Some((kind, Vec::new()));
            }
            Event::Text(_) => {
                if let Some((_, pieces)) = &mut block {
                    pieces.push(range);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                let lines = block
                    .take()
                    .map(|(kind, pieces)| (kind, page.lines(&pieces)));
                match lines {
                    Some((Block::Code(language), lines)) => {
                        add(guide, language, lines, tools);
                    }
                    Some((Block::Page, lines)) if depth < DEEPEST_DIRECTIVE => {
                        inner(&lines, depth, tools, guide);
                    }
                    Some((Block::Page, lines)) => {
                        let first = lines.first();
                        let told = first.map(|line| (Omission::TooDeep, line.number));
                        guide.omitted.extend(told);
                    }
                    Some((Block::Other, _)) | None => {}
                }
            }
            Event::Code(_) => match inline(page, range) {
                Some(Ok(line)) => add(guide, Language::Inline, vec![line], tools),
                Some(Err(number)) => {
                    guide.omitted.insert((Omission::FarBehind, number));
                }
                None => {}
            },
            Event::Start(Tag::MetadataBlock(_) | Tag::HtmlBlock) => {
                hide(&mut is_prose, page, &range);
            }
            Event::Start(Tag::List(_)) => lists = lists.saturating_add(1),
            Event::End(TagEnd::List(_)) => lists = lists.saturating_sub(1),
            Event::Start(Tag::Link { dest_url, .. }) if lists > 0 => {
                let first = page.text.get(range.clone()).unwrap_or_default();
                let end = first.find('\n').unwrap_or(first.len());
                match page.within(range.start..range.start.saturating_add(end)) {
                    Some(Ok(line)) => guide.steps.push(Link {
                        target: dest_url.to_string(),
                        line,
                    }),
                    Some(Err(number)) => {
                        guide.omitted.insert((Omission::FarBehind, number));
                    }
                    None => {}
                }
            }
            Event::Start(_)
            | Event::End(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_)
            | Event::SoftBreak
            | Event::HardBreak
            | Event::Rule
            | Event::TaskListMarker(_) => {}
        }
    }
    let told = page.starts.iter().zip(is_prose).enumerate();
    for (index, (start, is_prose)) in told {
        let next = page.starts.get(index.saturating_add(1));
        let end = next.map_or(page.text.len(), |next| next.saturating_sub(1));
        if is_prose {
            guide.prose.extend(page.line(*start..end));
        }
    }
}

/// The page inside of a directive. Its lines are those of the file without what
/// stands before them there.
fn inner(lines: &[Line], depth: usize, tools: &BTreeSet<&str>, guide: &mut Guide) {
    let text: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let text = text.join("\n");
    let origins = lines
        .iter()
        .map(|line| Origin {
            number: line.number,
            before: line.before,
            lead: line.lead.clone(),
        })
        .collect();
    let page = Page::new(&text, origins);
    read(&page, depth.saturating_add(1), tools, guide);
}

/// Takes the lines of `range` out of the prose.
fn hide(is_prose: &mut [bool], page: &Page<'_>, range: &Range<usize>) {
    let first = page.line_of(range.start);
    let last = page.line_of(range.end.saturating_sub(1).max(range.start));
    for line in is_prose.iter_mut().take(last.saturating_add(1)).skip(first) {
        *line = false;
    }
}

/// Code in a sentence. One that is wrapped over lines is left out: it is pasted
/// as the page shows it, on one line, and has no place in the file that is one.
fn inline(page: &Page<'_>, range: Range<usize>) -> Option<Result<Line, u32>> {
    let source = page.text.get(range.clone())?;
    if source.contains('\n') {
        return None;
    }
    let inside = source.trim_matches('`');
    let marks = source
        .len()
        .saturating_sub(source.trim_start_matches('`').len());
    let start = range.start.saturating_add(marks);
    page.within(start..start.saturating_add(inside.len()))
}

/// What a fenced block holds, by its info string: its first word, without what
/// Pandoc, Docusaurus and Sphinx put around it.
fn of_info(info: &str) -> Block {
    let info = info.trim();
    if let Some(directive) = info.strip_prefix('{').filter(|rest| !rest.starts_with('.')) {
        let (name, rest) = directive.split_once('}').unwrap_or((directive, ""));
        return match name.trim() {
            "code-block" | "code" | "sourcecode" => of_info(rest),
            "literalinclude" | "include" | "toctree" => Block::Other,
            _ => Block::Page,
        };
    }
    let word = info
        .trim_start_matches(['{', '.'])
        .split(|c: char| c.is_whitespace() || ",:{}=".contains(c))
        .next()
        .unwrap_or_default();
    Block::Code(match word.to_ascii_lowercase().as_str() {
        "" => Language::Unnamed,
        "bash" | "sh" | "zsh" | "ksh" | "shell" => Language::Shell,
        "console" | "terminal" | "shell-session" | "shellsession" | "sh-session"
        | "bash-session" => Language::Session,
        "powershell" | "pwsh" | "posh" | "ps1" | "ps" => Language::PowerShell,
        "yaml" | "yml" => Language::Yaml,
        _ => return Block::Other,
    })
}
