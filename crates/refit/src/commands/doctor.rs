//! `refit doctor`

use crate::args::DoctorArgs;
use crate::commands::print;
use crate::output::{self, BAD, BOLD, DIM, GOOD, WARN, styled, wrapped};
use anstyle::Style;
use refit_service::doctor::{
    Cluster, Diagnosis, KubeconfigState, Permissions, ToolState, Trouble, Works, diagnose,
};
use refit_service::failure::Failure;
use refit_service::landscape::{ConnectOptions, HelmReleases, Live};

/// Looks around and tells what works.
pub(crate) fn doctor(args: &DoctorArgs) -> Result<u8, Failure> {
    let diagnosis = diagnose(&Live {
        connect: ConnectOptions {
            kubeconfig: args.kubeconfig.clone(),
            context: args.context.clone(),
        },
        releases: HelmReleases::NotAsked,
        tell: output::note,
    });
    print(&diagnosis, args.output, human)?;
    Ok(diagnosis.exit_code())
}

/// How many names are listed one by one: a screen holds them.
const MOST: usize = 20;

fn human(diagnosis: &Diagnosis) -> String {
    let mut out = format!("refit {}\n\n{}\n", diagnosis.refit, styled(BOLD, "tools"));
    for tool in &diagnosis.tools {
        let (style, word, what) = match &tool.state {
            ToolState::Found { version } => (GOOD, "found", version.clone()),
            ToolState::Missing => (DIM, "absent", format!("needed for {}", tool.needed_for)),
            ToolState::Unclear { why } => (WARN, "unclear", why.clone()),
        };
        out.push_str(&row(style, word, tool.name, &what));
    }
    out.push_str(&format!("\n{}\n", styled(BOLD, "kubeconfig")));
    for file in &diagnosis.kubeconfig.files {
        out.push_str(&format!("  {}\n", file.display()));
    }
    match &diagnosis.kubeconfig.state {
        KubeconfigState::Read { contexts, current } => {
            let current = current.as_deref().unwrap_or("none");
            out.push_str(&format!("  current context: {current}\n"));
            out.push_str(&list("contexts: ", contexts));
        }
        KubeconfigState::Unusable(trouble) => out.push_str(&told(trouble)),
    }
    out.push_str(&format!("\n{}\n", styled(BOLD, "cluster")));
    match &diagnosis.cluster {
        Cluster::Unreached(trouble) => out.push_str(&told(trouble)),
        Cluster::Answers {
            context,
            version,
            reading,
            acting,
        } => {
            let version = version.as_deref().unwrap_or("of no version that it tells");
            out.push_str(&format!("  {context} answers: Kubernetes {version}\n"));
            out.push_str(&rights("to assess", reading));
            out.push_str(&rights("to run live", acting));
        }
    }
    out.push_str(&format!("\n{}\n", styled(BOLD, "what works from here")));
    for ability in &diagnosis.abilities {
        let (style, word) = match ability.works {
            Works::Yes => (GOOD, "yes"),
            Works::Partly => (WARN, "partly"),
            Works::No => (BAD, "no"),
        };
        out.push_str(&row(style, word, ability.what, &ability.next));
    }
    out
}

/// A word of judgement, what it is about, and the rest of the line.
fn row(style: Style, word: &str, what: &str, rest: &str) -> String {
    let text = wrapped(rest, 30, output::width());
    format!(
        "  {} {what:<19} {}\n",
        styled(style, format!("{word:<7}")),
        text.trim_start()
    )
}

fn told(trouble: &Trouble) -> String {
    let width = output::width();
    let mut out = format!("{}\n", wrapped(&trouble.what, 2, width));
    for next in &trouble.next {
        out.push_str(&format!("{}\n", wrapped(&format!("-> {next}"), 4, width)));
    }
    out
}

fn rights(what: &str, permissions: &Permissions) -> String {
    let mut out = format!(
        "  rights {what}: {} of {}\n",
        permissions.allowed(),
        permissions.asked
    );
    out.push_str(&list("missing: ", &permissions.missing));
    out.push_str(&list("not known: ", &permissions.unknown));
    out
}

/// Names after `lead`; nothing when there are none.
fn list(lead: &str, names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let shown: Vec<&str> = names.iter().take(MOST).map(String::as_str).collect();
    let more = match names.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more; `-o yaml` has all"),
    };
    let text = format!("{lead}{}{more}", shown.join(", "));
    format!("{}\n", wrapped(&text, 2, output::width()))
}
