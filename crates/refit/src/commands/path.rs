//! `refit path`

use crate::args::PathArgs;
use crate::commands::{landscape, look, print};
use crate::{output, path as told};
use refit_model::path::UpgradePath;
use refit_service::failure::{Failure, FailureKind};
use refit_service::knowing::Known;
use refit_service::landscape::Sought;
use refit_service::paths::{self, Asked};
use std::error::Error;
use std::str::FromStr;

/// Shows what moves on the way to a target, in which order, and why.
pub(crate) async fn path(known: &Known, args: &PathArgs) -> Result<u8, Failure> {
    let path = match (&args.project, &args.from) {
        (Some(project), _) => of_project(known, args, project).await?,
        (None, Some(from)) => of_versions(known, args, from)?,
        (None, None) => of_landscape(known, args).await?,
    };
    print(&path, args.output, |path| told::path(path, output::width()))?;
    if !path.blocked.is_empty() {
        output::note(&format!(
            "{} `--keep NAME` and `--move NAME=VERSION` ask again; docs/guides/paths.md says what the words mean",
            output::styled(output::DIM, "hint:")
        ));
    }
    Ok(paths::exit_code(&path))
}

async fn of_project(known: &Known, args: &PathArgs, project: &str) -> Result<UpgradePath, Failure> {
    let from = if let Some(from) = &args.from {
        from.clone()
    } else {
        let reading = look(&landscape(&args.source, Sought::Everything), known).await?;
        paths::version_in(&reading.snapshot, project, now(args), known.knowledge())?
    };
    paths::of_project(project, &from, &args.to, args.kubernetes, known.knowledge())
}

fn of_versions(known: &Known, args: &PathArgs, from: &str) -> Result<UpgradePath, Failure> {
    let source = &args.source;
    if !source.filename.is_empty() || source.kubeconfig.is_some() || source.context.is_some() {
        return Err(Failure::new(
            FailureKind::Usage,
            "--from is for when no cluster is looked at",
        )
        .hint("leave it out, and the path begins at what runs"));
    }
    if let Some(wish) = args.keep.iter().chain(&args.go).next() {
        return Err(Failure::new(
            FailureKind::Usage,
            format!("{wish:?} cannot be heard: without a cluster there are no projects"),
        )
        .hint("name a cluster, or the path of one project with --project"));
    }
    let (from, to) = (version("--from", from)?, version("--to", &args.to)?);
    paths::of_versions(&from, &to, now(args), known.knowledge())
}

async fn of_landscape(known: &Known, args: &PathArgs) -> Result<UpgradePath, Failure> {
    let to = version("--to", &args.to)?;
    let asked = Asked {
        keep: args.keep.clone(),
        go: args.go.clone(),
    };
    let reading = look(&landscape(&args.source, Sought::Everything), known).await?;
    paths::of_landscape(&reading.snapshot, &to, &asked, now(args), known.knowledge())
}

fn now(args: &PathArgs) -> jiff::Timestamp {
    args.now.unwrap_or_else(jiff::Timestamp::now)
}

fn version<V>(option: &str, text: &str) -> Result<V, Failure>
where
    V: FromStr,
    V::Err: Error + Send + Sync + 'static,
{
    text.parse().map_err(|error| {
        let what = format!("{option} {text:?} is no version of Kubernetes");
        Failure::new(FailureKind::Usage, what)
            .because(error)
            .hint("what runs is named with its patch, as in 1.34.2; versions of a project go with --project NAME")
    })
}
