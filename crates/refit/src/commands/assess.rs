//! `refit assess`

use crate::args::{AssessArgs, AssessFormat, FailOnArg};
use crate::commands::{files, landscape, look, paths, tell};
use crate::{human, output};
use refit_model::version::TargetVersion;
use refit_service::assess::{AssessRequest, FailOn, Strictness, assess as run, exit_code};
use refit_service::baseline::read_baseline;
use refit_service::documents::{to_json, to_yaml};
use refit_service::failure::Failure;
use refit_service::knowing::Known;
use refit_service::landscape::{HelmReleases, Landscape, Sought};
use refit_service::planning::path;
use refit_service::report::{PageContent, assessment_markdown, page, sarif};
use refit_service::waivers::read_waivers;
use std::path::PathBuf;

pub(crate) async fn assess(known: &Known, args: &AssessArgs) -> Result<u8, Failure> {
    let sought = Sought::Findings {
        families: args.only.iter().copied().collect(),
        target: args.to.as_ref().map(TargetVersion::minor),
    };
    let read = [&args.waivers, &args.baseline].into_iter().flatten();
    output::apart(
        &args.delivery.output_file,
        files(&args.source).chain(read.map(PathBuf::as_path)),
    )?;
    let mut landscape = landscape(&args.source, sought);
    if let (Landscape::Live(live), true) = (&mut landscape, args.helm_releases) {
        live.releases = HelmReleases::Read;
    }
    let reading = look(&landscape, known).await?;
    tell(&reading.notes);
    let waivers = match &args.waivers {
        Some(file) => read_waivers(file)?,
        None => Vec::new(),
    };
    let baseline = args.baseline.as_deref().map(read_baseline).transpose()?;
    let roots = paths(&args.source)
        .iter()
        .map(|path| {
            if path.as_os_str() == "-" {
                "standard input".to_owned()
            } else {
                path.display().to_string()
            }
        })
        .collect();
    let assessed = run(
        &reading,
        known,
        &AssessRequest {
            to: args.to.clone(),
            now: args.now.unwrap_or_else(jiff::Timestamp::now),
            only: args.only.iter().copied().collect(),
            waivers,
            baseline,
            roots,
        },
    )?;
    if let Some(why) = &assessed.target_chosen {
        output::note(&format!("note: {why}"));
    }
    for idle in &assessed.idle_waivers {
        output::note(&format!("note: {idle}"));
    }
    if let Some(kept_away) = &assessed.kept_away {
        output::note(&format!("note: {kept_away}"));
    }
    let assessment = &assessed.assessment;
    let text = match args.output {
        AssessFormat::Human => human::assessment(assessment, output::width()),
        AssessFormat::Json => to_json(assessment)?,
        AssessFormat::Yaml => to_yaml(assessment)?,
        AssessFormat::Markdown => assessment_markdown(assessment),
        AssessFormat::Sarif => sarif(assessment)?,
        AssessFormat::Html => {
            // No hops where the present version was not seen: the page then
            // leaves that part out.
            let hops =
                path(&reading.snapshot, &assessment.target, known.knowledge()).unwrap_or_default();
            page(&PageContent {
                assessment,
                hops: &hops,
                plan: None,
                review: None,
                rehearsal: None,
                note: None,
            })?
        }
    };
    match args.output {
        AssessFormat::Human | AssessFormat::Markdown | AssessFormat::Html => {
            output::prose(&text, &args.delivery.output_file)?;
        }
        AssessFormat::Json | AssessFormat::Yaml | AssessFormat::Sarif => {
            output::deliver(&text, &args.delivery.output_file)?;
        }
    }
    let fail_on = match args.fail_on {
        FailOnArg::Blocking => FailOn::Blocking,
        FailOnArg::Warning => FailOn::Warning,
        FailOnArg::Never => FailOn::Never,
    };
    let strictness = if args.strict {
        Strictness::Strict
    } else {
        Strictness::Normal
    };
    Ok(exit_code(assessment, fail_on, strictness))
}
