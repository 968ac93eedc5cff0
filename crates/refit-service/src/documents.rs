//! Files of our own: read with the file, line and nearest right word in every
//! complaint, and written so that a person can review them.

use crate::failure::{Failure, FailureKind, defect};
use refit_assessor::near::nearest;
use refit_model::API_VERSION;
use refit_model::environment::Environment;
use refit_model::plan::UpgradePlan;
use refit_model::plan_overlay::PlanOverlay;
use refit_model::policy::UpgradePolicy;
use refit_model::template::UpgradeTemplate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Read;
use std::path::Path;

/// The largest file of our own that is read. A plan for 5,000 nodes takes
/// about 25 MiB (5 steps of 1 KiB a node); four times that is a mistake.
const LARGEST: u64 = 100 * 1024 * 1024;

/// Reads a plan and makes sure that nobody edited it.
///
/// # Errors
/// When the file is missing, is no plan, or no longer matches its own hash.
pub fn read_plan(path: &Path) -> Result<UpgradePlan, Failure> {
    let plan: UpgradePlan = read(path, "UpgradePlan")?;
    if plan.is_intact().map_err(defect)? {
        Ok(plan)
    } else {
        Err(Failure::new(
            FailureKind::Refused,
            format!(
                "{} was edited after it was made: its content no longer matches its hash {}",
                path.display(),
                plan.content_hash.short()
            ),
        )
        .hint("make the plan again with `refit plan new`; approvals are bound to the hash"))
    }
}

/// Reads a template from a file.
///
/// # Errors
/// When the file is missing or is no template.
pub fn read_template(path: &Path) -> Result<UpgradeTemplate, Failure> {
    read(path, "UpgradeTemplate")
}

/// Reads a policy from a file.
///
/// # Errors
/// When the file is missing or is no policy.
pub fn read_policy(path: &Path) -> Result<UpgradePolicy, Failure> {
    let text = text_of(path, "docs/guides/windows.md shows a policy")?;
    let policy: UpgradePolicy = parse(&path.display().to_string(), &text, "UpgradePolicy")?;
    match policy.approvals.problems().into_iter().next() {
        None => Ok(policy),
        Some(problem) => Err(Failure::new(
            FailureKind::Usage,
            format!("the approvals of {} can never be fulfilled", path.display()),
        )
        .because(problem)
        .hint("docs/guides/approvals.md shows which rules there are")),
    }
}

/// Reads an environment from a file.
///
/// # Errors
/// When the file is missing or is no environment.
pub fn read_environment(path: &Path) -> Result<Environment, Failure> {
    let text = text_of(path, "docs/guides/approvals.md shows an environment")?;
    parse(&path.display().to_string(), &text, "Environment")
}

/// Reads an overlay of a template from a file.
///
/// # Errors
/// When the file is missing or is no overlay.
pub fn read_overlay(path: &Path) -> Result<PlanOverlay, Failure> {
    let text = text_of(path, "docs/guides/templates.md shows an overlay")?;
    parse(&path.display().to_string(), &text, "PlanOverlay")
}

/// Parses a template that is part of Refit.
///
/// # Errors
/// When it is no template, which is a defect of the build.
pub(crate) fn parse_template(name: &str, text: &str) -> Result<UpgradeTemplate, Failure> {
    parse(name, text, "UpgradeTemplate")
}

/// Reads one file of the kind `kind`.
fn read<T: DeserializeOwned>(path: &Path, kind: &str) -> Result<T, Failure> {
    let hint = "`refit plan new` makes plans; `refit template list` shows templates";
    let text = text_of(path, hint)?;
    parse(&path.display().to_string(), &text, kind)
}

/// The text of a file; `hint` says what to do when there is none.
///
/// # Errors
/// When it is missing, a folder, too large, or not UTF-8.
pub(crate) fn text_of(path: &Path, hint: &str) -> Result<String, Failure> {
    text_within(path, LARGEST, hint)
}

/// The same of a file of up to `limit` bytes.
///
/// # Errors
/// As of [`text_of`].
pub(crate) fn text_within(path: &Path, limit: u64, hint: &str) -> Result<String, Failure> {
    let unread = || {
        Failure::new(
            FailureKind::Usage,
            format!("could not read {}", path.display()),
        )
    };
    let length = std::fs::metadata(path)
        .map_err(|error| {
            match neighbour(path) {
                Some(near) => unread().hint(format!("did you mean {near}?")),
                None => unread().hint(hint),
            }
            .because(error)
        })?
        .len();
    let file = std::fs::File::open(path).map_err(|error| unread().because(error))?;
    text(&path.display().to_string(), (file, length), limit, hint)
}

/// The text that `source` has, which is about `length` bytes long, and called
/// `name`.
///
/// # Errors
/// When it cannot be read, has more than `limit` bytes, or is not UTF-8.
pub(crate) fn text(
    name: &str,
    (source, length): (impl Read, u64),
    limit: u64,
    hint: &str,
) -> Result<String, Failure> {
    let unread = |why: &str| {
        let what = format!("could not read {name}{why}");
        Failure::new(FailureKind::Usage, what)
    };
    let bytes = bounded(source, length, limit).map_err(|error| unread("").because(error))?;
    let Some(bytes) = bytes else {
        let most = limit / (1024 * 1024);
        return Err(unread(&format!(
            ": it is larger than any file of this kind can be, more than {most} MiB"
        ))
        .hint(hint));
    };
    String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        let lines = error
            .as_bytes()
            .iter()
            .take(place)
            .filter(|byte| **byte == b'\n');
        unread(": it is not UTF-8 text").hint(format!(
            "line {} has the first byte that is not; `iconv -t UTF-8` or an editor converts it",
            lines.count() + 1
        ))
    })
}

/// Everything in `source`, which is about `length` bytes long as far as is known;
/// nothing where there are more than `limit`. What has no end is left at that.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn bounded(
    source: impl Read,
    length: u64,
    limit: u64,
) -> std::io::Result<Option<Vec<u8>>> {
    let expected = length.min(limit).saturating_add(1);
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or_default());
    source
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    let is_whole = u64::try_from(bytes.len()).is_ok_and(|size| size <= limit);
    Ok(is_whole.then_some(bytes))
}

/// The file beside a missing one whose name is nearest to it.
pub(crate) fn neighbour(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let stem = |name: &str| name.split('.').next().unwrap_or(name).to_owned();
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."));
    let names = std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    // Endings are alike anyway; what people misspell is in front of them.
    let near = names
        .filter_map(|name| {
            let near = nearest(&stem(wanted), [stem(&name)]).is_some();
            near.then_some((strsim::osa_distance(wanted, &name), name))
        })
        .min()?
        .1;
    Some(folder.join(near).display().to_string())
}

/// What makes a file of this kind, or shows a whole one.
fn maker(kind: &str) -> &'static str {
    match kind {
        "Assessment" => "`refit assess -o json --output-file FILE` writes a baseline",
        "UpgradePolicy" => "docs/guides/windows.md shows a policy",
        "Environment" => "docs/guides/approvals.md shows an environment",
        "PlanOverlay" => "docs/guides/templates.md shows an overlay",
        "UpgradeTemplate" => "`refit template show` shows a whole one",
        _ => "`refit plan new` makes plans",
    }
}

/// Parses one document of the kind `kind`, YAML or JSON.
pub(crate) fn parse<T: DeserializeOwned>(name: &str, text: &str, kind: &str) -> Result<T, Failure> {
    // Kind first: a list of unknown keys is no help to somebody who named the
    // wrong file.
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Header {
        api_version: Option<String>,
        kind: Option<String>,
    }
    let (syntax, header) = read_as::<Header>(text, None).map_err(|why| {
        Failure::new(
            FailureKind::Usage,
            format!("{name} is not YAML or JSON that can be read"),
        )
        .because(why)
        .hint(format!(
            "mend that place, or name another file; {}",
            maker(kind)
        ))
    })?;
    let found = header.kind.as_deref().unwrap_or("nothing");
    if found != kind {
        let failure = Failure::new(
            FailureKind::Usage,
            format!("{name} holds {found}, not the {kind} that is needed here"),
        );
        return Err(match found {
            "UpgradePolicy" => {
                failure.hint("a policy is read by `refit plan windows` and `refit run`")
            }
            "UpgradeTemplate" => failure.hint("`refit plan new` makes a plan from a template"),
            "List" | "Node" | "Pod" => failure.hint("cluster files are given with -f"),
            _ => failure.hint(maker(kind)),
        });
    }
    let version = header.api_version.as_deref().unwrap_or("none");
    if version != API_VERSION {
        return Err(Failure::new(
            FailureKind::Usage,
            format!("{name} is of apiVersion {version}; this Refit reads {API_VERSION}"),
        )
        .hint("a newer Refit may read it; `refit --version` shows this one's"));
    }
    let read = read_as::<T>(text, Some(syntax));
    read.map(|(_, value)| value).map_err(|why| {
        let failure = Failure::new(
            FailureKind::Usage,
            format!("{name} holds no {kind} that can be used"),
        );
        match nearest_key(&why.0) {
            Some((wrong, right)) => failure.hint(format!("{wrong:?} may be meant as {right:?}")),
            None => failure.hint(format!("compare it with a whole one: {}", maker(kind))),
        }
        .because(why)
    })
}

/// How a file of ours is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Syntax {
    Json,
    Yaml,
}

/// Reads `text`; without a `syntax` as JSON when it is that, else as YAML.
fn read_as<T: DeserializeOwned>(text: &str, syntax: Option<Syntax>) -> Result<(Syntax, T), Flat> {
    // All JSON is YAML, but a YAML parser takes ten times as long over it.
    if syntax != Some(Syntax::Yaml) && text.trim_start().starts_with('{') {
        match serde_json::from_str(text) {
            Ok(value) => return Ok((Syntax::Json, value)),
            Err(error) if syntax == Some(Syntax::Json) => return Err(Flat(error.to_string())),
            Err(_) => {}
        }
    }
    serde_saphyr::from_str(text)
        .map(|value| (Syntax::Yaml, value))
        .map_err(|error| Flat(error.to_string()))
}

/// From "unknown field `stpes`, expected one of id, steps": the wrong key and
/// the nearest right one. The parsers quote the right ones or do not.
pub(crate) fn nearest_key(message: &str) -> Option<(String, String)> {
    let rest = ["unknown field `", "unknown variant `"]
        .iter()
        .find_map(|lead| message.split(lead).nth(1))?;
    let (wrong, rest) = rest.split_once('`')?;
    let expected = rest.lines().next()?.split_once("expected ")?.1;
    let words = expected
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .filter(|word| !matches!(*word, "" | "one" | "of" | "or"));
    let right = nearest(wrong, words)?;
    Some((wrong.to_owned(), right.to_owned()))
}

/// An error of a parser, flattened to its text at this edge.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Flat(pub(crate) String);

/// A value as YAML.
///
/// # Errors
/// When it cannot be written, which is a defect.
pub fn to_yaml<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_saphyr::to_string(value).map_err(|error| {
        Failure::new(FailureKind::Broken, "could not write a value as YAML")
            .because(Flat(error.to_string()))
    })
}

/// A value as JSON with two blanks of indent and a final line break.
///
/// # Errors
/// When it cannot be written, which is a defect.
pub fn to_json<T: Serialize>(value: &T) -> Result<String, Failure> {
    let mut text = serde_json::to_string_pretty(value).map_err(defect)?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_key_is_found_in_the_words_of_a_parser() {
        for message in [
            "unknown field `stpes`, expected one of `id`, `steps`",
            "error: line 3: unknown field `stpes`, expected one of id, steps\n  --> 3:1",
            "unknown variant `stpes`, expected `steps` or `id`",
        ] {
            assert_eq!(
                nearest_key(message),
                Some(("stpes".to_owned(), "steps".to_owned())),
                "{message}"
            );
        }
    }

    #[test]
    fn reading_ends_where_the_source_does_not() {
        for (source, limit, expected) in [
            ("", 0, Some("")),
            ("abc", 3, Some("abc")),
            ("abcd", 3, None),
        ] {
            for length in [0, 4, 9] {
                let read = bounded(source.as_bytes(), length, limit).unwrap();
                let expected = expected.map(|text| text.as_bytes().to_vec());
                assert_eq!(read, expected, "{source} {length} {limit}");
            }
        }
        assert_eq!(bounded(std::io::repeat(0), 0, 5000).unwrap(), None);
    }
}
