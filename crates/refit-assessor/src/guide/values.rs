//! Values: keys that a chart does not have, and versions that YAML takes for
//! numbers.

use super::call::read;
use super::near::nearest;
use super::pen::{edit, on_line, on_span, replaced};
use super::remarks::Remarks;
use super::{Page, codes, weighed};
use refit_knowledge::cluedin::{ReleaseName, ValueKeys};
use refit_model::guide::{Command, Guide, Language, Snippet, Word};
use refit_model::lint::{Gravity, Remark};

/// Keys whose values are versions, which are text.
const VERSIONS: &[&str] = &["imageTag", "tag"];

/// The chart whose keys are known, as commands name it.
const CHART: &str = "cluedin-platform";

pub(super) fn remarks(snippet: &Snippet, page: &Page<'_>, into: &mut Remarks) {
    if snippet.language == Language::Yaml {
        let is_values = page.is_about_cluedin && is_values(snippet, page);
        for at in 0..snippet.settings.len() {
            if into.is_full() {
                return;
            }
            into.extend(number(snippet, at));
            if is_values {
                into.extend(floating(snippet, at, page));
                into.extend(unknown_key(snippet, at, page));
            }
        }
    }
    for command in &snippet.commands {
        unknown_settings(snippet, command, page, into);
    }
}

/// Whether a guide names CluedIn anywhere: nothing else says of keys whose they are.
pub(super) fn is_about_cluedin(guide: &Guide) -> bool {
    let named = |text: &str| text.to_ascii_lowercase().contains("cluedin");
    let snippets = guide.snippets.iter();
    let mut lines = snippets
        .flat_map(|snippet| &snippet.lines)
        .chain(&guide.prose);
    lines.any(|line| named(&line.text))
}

fn keys<'k>(page: &Page<'k>) -> Option<(&'k str, &'k ValueKeys)> {
    let keys = page.knowledge.cluedin_values();
    Some((keys.charts().last()?, keys))
}

/// Whether a snippet is of values of the chart: what stands on top are keys of it.
fn is_values(snippet: &Snippet, page: &Page<'_>) -> bool {
    let known = keys(page).and_then(|(chart, keys)| keys.below(chart, ""));
    let mut tops = snippet
        .settings
        .iter()
        .filter(|setting| setting.parent.is_none())
        .peekable();
    tops.peek().is_some()
        && known.is_some_and(|known| tops.all(|setting| known.contains(&setting.key)))
}

fn unknown_key(snippet: &Snippet, at: usize, page: &Page<'_>) -> Option<Remark> {
    let setting = snippet.settings.get(at)?;
    let path = snippet.path(at);
    let above = path.get(..path.len().saturating_sub(1))?;
    let (chart, near) = misspelt(&above.join("."), &setting.key, page)?;
    let mut remark = on_span(
        (&codes::VALUE_KEY, Gravity::Defect),
        snippet,
        setting.span,
        format!("chart {chart} has no value {}", path.join(".")),
        "Helm takes it without a word, and nothing reads it",
    )?;
    remark.edits = replaced(snippet, setting.span, near);
    Some(remark)
}

/// The key that `key` below `above` is a slip for, and the chart that says so.
fn misspelt<'p>(above: &str, key: &str, page: &Page<'p>) -> Option<(&'p str, &'p str)> {
    let (chart, keys) = keys(page)?;
    let known = keys.below(chart, above)?;
    if known.contains(key) {
        return None;
    }
    let near = nearest(key, known.iter().map(String::as_str))?;
    Some((chart, near))
}

/// `--set a.b=c,d=e` of the chart.
fn unknown_settings(snippet: &Snippet, command: &Command, page: &Page<'_>, into: &mut Remarks) {
    let words: Vec<&Word> = command.arguments().collect();
    let helm = page.knowledge.tools().lines("helm").last();
    let call = helm
        .filter(|_| command.name().eq_ignore_ascii_case("helm"))
        .and_then(|line| read(line, &words));
    let Some(call) = call.filter(|call| {
        let mut arguments = call.arguments.iter();
        arguments.any(|word| word.text.ends_with(CHART) && word.text.contains('/'))
    }) else {
        return;
    };
    let sets = call
        .options
        .iter()
        .filter(|(_, name, _)| name.starts_with("--set"));
    for (option, _, value) in sets {
        let word = value.unwrap_or(option);
        // Quotation marks around the whole are no part of a key.
        let raw = snippet.text(word.span);
        let marks = raw.chars().take_while(|c| matches!(c, '\'' | '"')).count();
        let raw = raw.trim_matches(['\'', '"']);
        let mut from = word.span.from.saturating_add(marks);
        for part in raw.split(',') {
            let length = part.chars().count();
            let skip = if value.is_none() {
                part.find('=').map_or(0, |at| at.saturating_add(1))
            } else {
                0
            };
            let path = part
                .get(skip..)
                .and_then(|rest| rest.split('=').next())
                .unwrap_or_default();
            into.extend(unknown_path(
                snippet,
                word.span.line,
                from.saturating_add(skip),
                path,
                page,
            ));
            from = from.saturating_add(length).saturating_add(1);
        }
    }
}

fn unknown_path(
    snippet: &Snippet,
    row: usize,
    start: usize,
    path: &str,
    page: &Page<'_>,
) -> Option<Remark> {
    let mut above = String::new();
    let mut from = start;
    for key in path.split('.') {
        let to = from.saturating_add(key.chars().count());
        if let Some((chart, near)) = misspelt(&above, key, page) {
            let line = snippet.lines.get(row)?;
            let mut remark = on_line(
                (
                    &codes::VALUE_KEY,
                    weighed(Gravity::Defect, snippet.language),
                ),
                line,
                (from, to),
                format!("chart {chart} has no value {path}"),
                "Helm takes it without a word, and nothing reads it",
            );
            remark.edits = vec![edit(line, (from, to), near)];
            return Some(remark);
        }
        if !above.is_empty() {
            above.push('.');
        }
        above.push_str(key);
        from = to.saturating_add(1);
    }
    None
}

/// A version of two numbers without quotation marks.
fn number(snippet: &Snippet, at: usize) -> Option<Remark> {
    let setting = snippet.settings.get(at)?;
    let value = setting.value.as_ref().filter(|value| !value.is_quoted)?;
    let (whole, part) = value.text.split_once('.')?;
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    if !VERSIONS.contains(&setting.key.as_str()) || !is_number(whole) || !is_number(part) {
        return None;
    }
    let (gravity, pasted) = match part.trim_end_matches('0') {
        kept if kept.len() == part.len() => (
            Gravity::Caution,
            "it comes out as it is written by luck: a version that ends in 0 would lose it"
                .to_owned(),
        ),
        "" => (
            Gravity::Defect,
            format!("it comes out as {whole}, which is another version"),
        ),
        kept => (
            Gravity::Defect,
            format!("it comes out as {whole}.{kept}, which is another version"),
        ),
    };
    let mut remark = on_span(
        (&codes::VALUE_NUMBER, gravity),
        snippet,
        value.span,
        format!("YAML takes {} for a number", value.text),
        pasted,
    )?;
    remark.edits = replaced(snippet, value.span, format!("\"{}\"", value.text));
    Some(remark)
}

/// A release without its patch: the image behind such a tag changes.
fn floating(snippet: &Snippet, at: usize, page: &Page<'_>) -> Option<Remark> {
    let setting = snippet.settings.get(at)?;
    let value = setting
        .value
        .as_ref()
        .filter(|_| VERSIONS.contains(&setting.key.as_str()))?;
    let named: ReleaseName = value.text.parse().ok()?;
    if !named.is_floating() {
        return None;
    }
    let mut patches = page
        .knowledge
        .cluedin()
        .releases()
        .filter(|release| release.name != named && named.covers(&release.name));
    let patch = patches.next()?;
    let mut remark = on_span(
        (&codes::FLOATING_TAG, Gravity::Caution),
        snippet,
        value.span,
        format!("{} names a line of releases and no release", value.text),
        "the image behind it changes with each patch, and two pods of one workload may run different ones",
    )?;
    remark.advice = Some(format!("name the patch, as in {}", patch.name));
    Some(remark)
}
