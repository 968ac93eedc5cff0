//! `refit lint`

use crate::args::{LintArgs, LintFailOn, LintFormat};
use crate::{lint as told, output};
use refit_service::documents::{to_json, to_yaml};
use refit_service::failure::Failure;
use refit_service::knowing::Known;
use refit_service::linting::{self, FailOn};
use refit_service::report::guide_sarif;
use std::path::PathBuf;

/// How many guides without commands are told by name.
const MOST_NOTES: usize = 5;

/// Finds what is wrong with the commands of guides.
pub(crate) fn lint(known: &Known, args: &LintArgs) -> Result<u8, Failure> {
    let read = args.guides.iter().map(PathBuf::as_path);
    output::apart(&args.delivery.output_file, read)?;
    let lint = linting::lint(&args.guides, known.knowledge())?;
    let text = match args.output {
        LintFormat::Human => told::guides(&lint, output::width()),
        LintFormat::Json => to_json(&lint)?,
        LintFormat::Yaml => to_yaml(&lint)?,
        LintFormat::Sarif => guide_sarif(&lint)?,
    };
    match args.output {
        LintFormat::Human => output::prose(&text, &args.delivery.output_file)?,
        LintFormat::Json | LintFormat::Yaml | LintFormat::Sarif => {
            output::deliver(&text, &args.delivery.output_file)?;
        }
    }
    let mut silent = lint.guides.iter().filter(|guide| guide.commands == 0);
    for guide in silent.by_ref().take(MOST_NOTES) {
        output::note(&format!(
            "note: {}: no command was found, so that there was none to judge",
            guide.file
        ));
    }
    match silent.count() {
        0 => {}
        more => output::note(&format!("note: nor in {more} more")),
    }
    for guide in &lint.guides {
        for unseen in &guide.unseen {
            output::note(&format!("not seen: {}: {unseen}", guide.file));
        }
    }
    let fail_on = match args.fail_on {
        LintFailOn::Defect => FailOn::Defect,
        LintFailOn::Caution => FailOn::Caution,
        LintFailOn::Never => FailOn::Never,
    };
    Ok(linting::exit_code(&lint, fail_on))
}
