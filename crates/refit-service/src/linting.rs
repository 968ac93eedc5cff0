//! The use case *lint*: what is wrong with guides.

use crate::documents::{text, text_within};
use crate::exit;
use crate::failure::{Failure, FailureKind};
use refit_knowledge::Knowledge;
use refit_model::lint::{Gravity, GuideLint, LintedGuide};
use refit_sources::guide::{self, Form};
use std::path::{Path, PathBuf};

/// The largest guide that is read. The longest page of the vendors whose guides
/// were looked at has 0.3 MiB.
const LARGEST_GUIDE: u64 = 4 * 1024 * 1024;

/// What makes the command exit with 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// A defect.
    Defect,
    /// A caution, or a defect.
    Caution,
    /// Nothing.
    Never,
}

/// Looks for what is wrong in the guides at `paths`; `-` is standard input.
///
/// # Errors
/// When a file is missing, a folder, too large, or not UTF-8.
pub fn lint(paths: &[PathBuf], knowledge: &Knowledge) -> Result<GuideLint, Failure> {
    let guides: Result<Vec<LintedGuide>, Failure> = paths
        .iter()
        .map(|path| {
            let (name, form, text) = read(path)?;
            Ok(linted(name, form, &text, knowledge))
        })
        .collect();
    Ok(GuideLint::new(
        env!("CARGO_PKG_VERSION"),
        knowledge.version(),
        guides?,
    ))
}

/// What is wrong with one guide.
#[must_use]
pub fn linted(name: String, form: Form, text: &str, knowledge: &Knowledge) -> LintedGuide {
    let tools = knowledge.tools().names().collect();
    let guide = guide::read(text, form, &tools);
    let found = refit_assessor::guide::lint(&guide, knowledge);
    let snippets = guide.snippets.iter();
    LintedGuide {
        file: name,
        commands: snippets.map(|snippet| snippet.commands.len()).sum(),
        judged: refit_assessor::guide::judged(&guide, knowledge),
        remarks: found.remarks,
        unseen: found.unseen,
    }
}

/// The exit code: remarks of the gravity that is asked for refuse the page, and of
/// what was not looked at nobody knows whether they would.
#[must_use]
pub fn exit_code(lint: &GuideLint, fail_on: FailOn) -> u8 {
    let defects = lint.count(Gravity::Defect);
    let failing = match fail_on {
        FailOn::Defect => defects,
        FailOn::Caution => defects.saturating_add(lint.count(Gravity::Caution)),
        FailOn::Never => 0,
    };
    exit::worst([
        if failing == 0 {
            exit::FINE
        } else {
            exit::REFUSED
        },
        if lint.is_whole() {
            exit::FINE
        } else {
            exit::UNSEEN
        },
    ])
}

fn read(path: &Path) -> Result<(String, Form, String), Failure> {
    let hint = "name a page of Markdown, a script, a file of values or a text, cut into pages where it is too large";
    if path.as_os_str() == "-" {
        let name = "standard input".to_owned();
        let input = (std::io::stdin().lock(), 0);
        let text = text(&name, input, LARGEST_GUIDE, hint)?;
        return Ok((name, Form::Text, text));
    }
    let name = path.display().to_string();
    if path.is_dir() {
        let failure = Failure::new(FailureKind::Usage, format!("{name} is a folder"));
        return Err(failure.hint(format!("name the guides in it, as in {name}/*.md")));
    }
    let text = text_within(path, LARGEST_GUIDE, hint)?;
    Ok((name.clone(), Form::of(&name), text))
}
