//! OSISM: its commands by their versions, roles, and the order of roles.

use super::call::{is_open, read};
use super::near::nearest;
use super::pen::{edit, on_line, on_span, replaced};
use super::remarks::Remarks;
use super::{Page, codes, weighed};
use refit_knowledge::osism::{Constraint, ConstraintBasis, Layer, Osism, Then};
use refit_model::guide::{Command, Language, Line, Shape, Snippet, Span, Word};
use refit_model::lint::{Edit, Gravity, Remark};
use std::collections::BTreeSet;

/// What `-a` takes: people write them where the role belongs. `bootstrap` is both.
const ACTIONS: &[&str] = &[
    "config",
    "deploy",
    "precheck",
    "pull",
    "reconfigure",
    "refresh-containers",
    "stop",
    "upgrade",
];

/// The most words that a command has: `get versions manager`.
const MOST_WORDS: usize = 4;

/// So many layers in one list are the order of an upgrade, and no list of links.
const LEAST_LAYERS: usize = 5;

pub(super) fn remarks(snippet: &Snippet, page: &Page<'_>, into: &mut Remarks) {
    for command in &snippet.commands {
        if command.name() != "osism" || into.is_full() {
            continue;
        }
        into.extend(unknown(snippet, command, page));
        into.extend(environment(snippet, command, page));
        into.extend(role(snippet, command, page));
    }
}

/// A command that no version has, or that the newest has no more.
fn unknown(snippet: &Snippet, command: &Command, page: &Page<'_>) -> Option<Remark> {
    let osism = page.knowledge.osism();
    let words: Vec<&Word> = command
        .arguments()
        .take_while(|word| !word.text.starts_with('-') && !is_open(word))
        .take(MOST_WORDS)
        .collect();
    let first = words.first()?;
    let last = words.last()?;
    let name = |count: usize| {
        let texts: Vec<&str> = words
            .iter()
            .take(count)
            .map(|word| word.text.as_str())
            .collect();
        texts.join(" ")
    };
    let all: BTreeSet<&str> = osism.commands().collect();
    let whole = (1..=words.len())
        .rev()
        .map(name)
        .find(|name| all.contains(name.as_str()));
    let newest = osism.clis().last().map(|(cli, _)| cli)?;
    if let Some(whole) = whole {
        if osism.has_command(&whole, newest) != Some(false) {
            return None;
        }
        let mut remark = on_span(
            (&codes::NOT_IN_EVERY_LINE, Gravity::Caution),
            snippet,
            first.span,
            format!("osism {whole} is not in version {newest} of the command line"),
            "a newer manager refuses it as an unknown command",
        )?;
        remark.advice = Some("say on the page which release of OSISM it is for".to_owned());
        return Some(remark);
    }
    // `osism manage --help` asks for the list.
    let wanted = name(words.len());
    let is_group = all
        .iter()
        .any(|other| other.starts_with(&format!("{wanted} ")));
    if is_group || first.text == "help" {
        return None;
    }
    let gone = (1..=words.len())
        .rev()
        .find_map(|count| page.knowledge.tools().gone("osism", &name(count), None));
    let line = page.knowledge.tools().lines("osism").last();
    let is_added = line.is_some_and(|line| line.plugins.contains(&first.text));
    let near = meant(&wanted, &all);
    let is_named = near.is_none() && snippet.language == Language::Inline;
    if gone.is_none() && (is_added || is_named) {
        return None;
    }
    let mut span = first.span;
    span.to = if last.span.line == span.line {
        last.span.to
    } else {
        span.to
    };
    let what = match gone {
        Some(gone) => format!("osism {} is gone", gone.command),
        None => format!("no version of osism has a command {wanted}"),
    };
    let mut remark = on_span(
        (
            &codes::COMMAND_UNKNOWN,
            weighed(Gravity::Defect, snippet.language),
        ),
        snippet,
        span,
        what,
        "osism refuses it as an unknown command",
    )?;
    match (gone, near) {
        (Some(gone), _) => remark.advice = Some(format!("now it is {}", gone.instead)),
        (None, Some(near)) => remark.edits = replaced(snippet, span, near),
        (None, None) => {}
    }
    Some(remark)
}

/// The command that `wanted` is a slip for: the words that lead to known commands
/// are right, and what stands behind them is compared.
fn meant<'o>(wanted: &str, all: &BTreeSet<&'o str>) -> Option<&'o str> {
    let ends = wanted
        .match_indices(' ')
        .map(|(at, _)| at.saturating_add(1));
    let lead = ends
        .rev()
        .filter_map(|end| wanted.get(..end))
        .find(|lead| all.iter().any(|command| command.starts_with(lead)))
        .unwrap_or_default();
    let rest = wanted.strip_prefix(lead)?;
    let below = all.iter().filter_map(|command| command.strip_prefix(lead));
    let near = nearest(rest, below)?;
    let whole = format!("{lead}{near}");
    all.iter().find(|command| **command == whole).copied()
}

/// `-e x=y` before the role names an environment.
fn environment(snippet: &Snippet, command: &Command, page: &Page<'_>) -> Option<Remark> {
    let words: Vec<&Word> = command.arguments().collect();
    let line = page.knowledge.tools().lines("osism").last()?;
    let call = read(line, &words)?;
    let (word, _, value) = call.options.iter().find(|(word, name, value)| {
        let given = value.map_or(word.text.as_str(), |value| value.text.as_str());
        let given = given.strip_prefix("--environment=").unwrap_or(given);
        matches!(name.as_str(), "-e" | "--environment") && given.contains('=')
    })?;
    let last = value.unwrap_or(word);
    let text = snippet.line(word.span)?;
    let to = if last.span.line == word.span.line {
        last.span.to
    } else {
        word.span.to
    };
    let mut remark = on_line(
        (
            &codes::ENVIRONMENT,
            weighed(Gravity::Defect, snippet.language),
        ),
        text,
        (word.span.from, to),
        "before the role, -e names an environment",
        "the role is sent to a worker of that name, which there is not, and nothing is applied",
    );
    let role = call
        .arguments
        .first()
        .filter(|role| role.span.line == word.span.line);
    match role {
        Some(role) => {
            let moved = snippet.text(Span { to, ..word.span });
            remark.edits = vec![
                edit(text, (word.span.from, role.span.from), ""),
                edit(text, (role.span.to, role.span.to), format!(" {moved}")),
            ];
        }
        None => remark.advice = Some("put it behind the role".to_owned()),
    }
    Some(remark)
}

/// A role that is none: an action where the role belongs, or a slip.
fn role(snippet: &Snippet, command: &Command, page: &Page<'_>) -> Option<Remark> {
    let words: Vec<&Word> = command.arguments().collect();
    let line = page.knowledge.tools().lines("osism").last()?;
    let call = read(line, &words)?;
    let osism = page.knowledge.osism();
    let role = call.arguments.first()?;
    if call.command != "apply" || is_open(role) || osism.role(&role.text).is_some() {
        return None;
    }
    let names: Vec<&str> = osism.roles().map(|role| role.name.as_str()).collect();
    let how = (&codes::ROLE, weighed(Gravity::Defect, snippet.language));
    let pasted = "an unknown role is sent to the environment custom, and fails there";
    if ACTIONS.contains(&role.text.as_str()) {
        let what = format!("{} is an action and no role", role.text);
        let mut remark = on_span(how, snippet, role.span, what, pasted)?;
        remark.edits = as_action(snippet, &call.strange, role, call.arguments.get(1), &names);
        return Some(remark);
    }
    let near = nearest(&role.text, names)?;
    let what = format!("no role is called {}", role.text);
    let mut remark = on_span(how, snippet, role.span, what, pasted)?;
    remark.edits = replaced(snippet, role.span, near);
    Some(remark)
}

/// `-s stop maria` as `-a stop mariadb`.
fn as_action(
    snippet: &Snippet,
    strange: &[(&Word, String)],
    action: &Word,
    role: Option<&&Word>,
    names: &[&str],
) -> Vec<Edit> {
    let before = strange.iter().map(|(word, _)| *word).find(|word| {
        word.span.line == action.span.line
            && word.span.to.saturating_add(1) == action.span.from
            && word.text.len() == 2
    });
    let mut edits = match before {
        Some(word) => replaced(snippet, word.span, "-a"),
        None => replaced(snippet, action.span, format!("-a {}", action.text)),
    };
    if let Some(role) = role.filter(|role| role.shape == Shape::Plain) {
        let is_right = names.contains(&role.text.as_str());
        let mut begun = names
            .iter()
            .filter(|name| role.text.len() > 3 && name.starts_with(role.text.as_str()));
        let meant = begun
            .next()
            .copied()
            .or_else(|| nearest(&role.text, names.iter().copied()));
        if let (false, Some(meant)) = (is_right, meant) {
            edits.extend(replaced(snippet, role.span, meant));
        }
    }
    edits
}

/// Where the order of the page has something before what must come first: by the
/// roles that it upgrades, or by the pages that it leads to, one for each layer.
pub(super) fn order(page: &Page<'_>, into: &mut Remarks) {
    let osism = page.knowledge.osism();
    let upgrades = upgrades(page);
    for constraint in osism.constraints() {
        let first = upgrades
            .iter()
            .position(|(role, ..)| *role == constraint.first);
        let early = upgrades.iter().take(first.unwrap_or(0)).find(|(role, ..)| {
            osism
                .role(role)
                .is_some_and(|role| constraint.is_about(role))
        });
        if let Some((role, line, span)) = early {
            into.push(too_early(line, *span, role, constraint));
        }
    }
    into.extend(layers(page, osism));
}

/// The roles that the page upgrades, each where it does so first.
fn upgrades<'g>(page: &Page<'g>) -> Vec<(String, &'g Line, (usize, usize))> {
    let mut found: Vec<(String, &Line, (usize, usize))> = Vec::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let osism = page.knowledge.osism();
    // Without an action a role is deployed: a page about that is no upgrade.
    let snippets = page.guide.snippets.iter();
    let commands = snippets.flat_map(|snippet| &snippet.commands);
    let mut words = commands.flat_map(Command::arguments);
    if words.all(|word| word.text != "upgrade" && word.text != "--action=upgrade") {
        return found;
    }
    let Some(tool) = page.knowledge.tools().lines("osism").last() else {
        return found;
    };
    for snippet in &page.guide.snippets {
        let is_page = snippet.language != Language::Inline;
        for command in snippet
            .commands
            .iter()
            .filter(|command| is_page && command.name() == "osism")
        {
            let words: Vec<&Word> = command.arguments().collect();
            let Some(call) = read(tool, &words).filter(|call| call.command == "apply") else {
                continue;
            };
            let action = call
                .options
                .iter()
                .find(|(_, name, _)| name == "-a" || name == "--action");
            let action = action.map_or("upgrade", |(_, _, value)| {
                value.map_or("", |value| &value.text)
            });
            let Some(role) = call.arguments.first().filter(|_| action == "upgrade") else {
                continue;
            };
            // No order is known of what is no role.
            let is_new = osism.role(&role.text).is_some() && seen.insert(&role.text);
            if let Some(line) = snippet.line(role.span).filter(|_| is_new) {
                found.push((role.text.clone(), line, (role.span.from, role.span.to)));
            }
        }
    }
    found
}

/// The order of the layers, where a page is a list of the pages of each.
fn layers(page: &Page<'_>, osism: &Osism) -> Vec<Remark> {
    let mut listed: Vec<(Layer, &Line)> = Vec::new();
    for step in &page.guide.steps {
        let name = step
            .target
            .trim_start_matches("./")
            .trim_end_matches(".md")
            .trim_end_matches('/');
        if let Ok(layer) = name.parse()
            && listed.iter().all(|(other, _)| *other != layer)
        {
            listed.push((layer, &step.line));
        }
    }
    if listed.len() < LEAST_LAYERS {
        return Vec::new();
    }
    let place = |layer: Layer| listed.iter().position(|(other, _)| *other == layer);
    let mut remarks = Vec::new();
    for constraint in osism.constraints() {
        let Some(first) = osism
            .role(&constraint.first)
            .and_then(|role| place(role.layer))
        else {
            continue;
        };
        let early = osism
            .roles()
            .filter(|role| constraint.is_about(role))
            .filter_map(|role| Some((place(role.layer)?, role)))
            .filter(|(at, _)| *at < first)
            .min_by_key(|(at, _)| *at);
        if let Some((at, role)) = early
            && let Some((_, line)) = listed.get(at)
        {
            remarks.push(too_early(line, (0, line.length()), &role.name, constraint));
        }
    }
    remarks
}

fn too_early(line: &Line, span: (usize, usize), role: &str, constraint: &Constraint) -> Remark {
    let first = &constraint.first;
    let others = match &constraint.then {
        Then::Role(role) => role.clone(),
        Then::OpenStack => "the services of OpenStack".to_owned(),
        Then::Kolla => "every other role of Kolla".to_owned(),
        Then::Every => "every other role".to_owned(),
    };
    let (gravity, basis) = match constraint.basis {
        ConstraintBasis::Documented => (Gravity::Defect, "the vendor says that"),
        ConstraintBasis::Ci => (Gravity::Caution, "the vendor tests only that"),
    };
    let why = if constraint.notes.is_empty() {
        String::new()
    } else {
        format!(": {}", constraint.notes)
    };
    let mut remark = on_line(
        (&codes::ORDER, gravity),
        line,
        span,
        format!("{role} comes before {first} here, and {basis} {first} comes before {others}{why}"),
        "the roles are upgraded in an order that nobody stands for",
    );
    remark.advice = Some(format!(
        "upgrade {first} before; {} has it so",
        constraint.source
    ));
    remark
}
