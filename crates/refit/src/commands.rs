//! One function a command: arguments in, a use case, words out.

pub(crate) mod assess;
pub(crate) mod demo;
pub(crate) mod plan;
pub(crate) mod run;

use crate::args::{PlainFormat, Source};
use crate::output;
use refit_service::documents::{to_json, to_yaml};
use refit_service::failure::{Failure, FailureKind};
use refit_service::landscape::{ConnectOptions, Landscape};
use serde::Serialize;

/// Where the arguments say to look.
///
/// A folder or cluster has to be named or meant: with no argument at all it is
/// the current context of the user's own kubeconfig, as with kubectl.
pub(crate) fn landscape(source: &Source) -> Landscape {
    if source.filename.is_empty() {
        Landscape::Live(ConnectOptions {
            kubeconfig: source.kubeconfig.clone(),
            context: source.context.clone(),
        })
    } else {
        Landscape::Files {
            paths: source.filename.clone(),
            cluster_name: source.cluster_name.clone(),
        }
    }
}

/// `value` in a machine's form, or `human` for people, to standard output.
pub(crate) fn print<T: Serialize>(
    value: &T,
    format: PlainFormat,
    human: impl FnOnce(&T) -> String,
) -> Result<(), Failure> {
    let text = match format {
        PlainFormat::Human => human(value),
        PlainFormat::Json => to_json(value)?,
        PlainFormat::Yaml => to_yaml(value)?,
    };
    output::deliver(&text, None)
}

/// The page of a code.
pub(crate) fn explain(code: &str) -> Result<u8, Failure> {
    let page = refit_service::codes::explain(code)?;
    let width = output::width();
    let text = format!(
        "{}  {}\n\n{}\n\n{}\n{}\n\n{}\n{}\n",
        output::styled(output::BOLD, page.code),
        page.title,
        output::wrapped(page.means, 0, width),
        output::styled(output::BOLD, "what to do"),
        output::wrapped(page.remedy, 0, width),
        output::styled(output::BOLD, "source"),
        output::wrapped(page.source, 0, width),
    );
    output::deliver(&text, None)?;
    Ok(refit_service::exit::FINE)
}

/// The failure of a name that breaks the rule of names.
pub(crate) fn bad_name(error: refit_model::name::NameError) -> Failure {
    Failure::new(FailureKind::Usage, "could not use a name that was given").because(error)
}
