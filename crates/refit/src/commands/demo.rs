//! `refit demo`

use crate::args::DemoArgs;
use crate::human;
use crate::output::{self, BOLD, DIM, styled};
use refit_model::assessment::Severity;
use refit_model::rehearsal::Ending;
use refit_service::demo::{Scene, demo as walk};
use refit_service::failure::Failure;

pub(crate) async fn demo(args: &DemoArgs) -> Result<u8, Failure> {
    let width = output::width();
    let mut chapter = 0;
    let mut lines = 0;
    let demo = walk(&args.output, &mut |scene| match scene {
        Scene::Chapter(title) => {
            chapter += 1;
            output::note(&format!(
                "\n{}",
                styled(BOLD, format!("{chapter}. {title}"))
            ));
        }
        Scene::Line(line) => output::note(&output::wrapped(&line, 3, width)),
        Scene::Assessed(assessment) => {
            let summary = &assessment.summary;
            output::note(&format!(
                "   {}: {} blocking, {} to check, {} to know",
                summary.verdict, summary.blocking, summary.warning, summary.info
            ));
            let blocking = assessment
                .findings
                .iter()
                .filter(|finding| finding.severity == Severity::Blocking);
            for finding in blocking.take(6) {
                let text = output::wrapped(&finding.title, 11, width);
                output::note(&format!(
                    "   {}  {}",
                    styled(output::BAD, finding.code),
                    text.trim_start()
                ));
            }
            if summary.blocking > 6 {
                output::note(&format!(
                    "   and {} more in the report",
                    summary.blocking - 6
                ));
            }
        }
        Scene::Path(hops) => output::note(&indented(&human::hops(hops))),
        Scene::Reviewed(review) => {
            output::note(&indented(&human::review_in_short(review, width - 3)));
        }
        Scene::Rehearsed(rehearsal) => {
            output::note(&indented(&human::rehearsal(rehearsal, width - 3)));
        }
        Scene::Running(line) => {
            // Forty nodes make some hundreds of lines; the first ones show what
            // they are like, and the journal has them all.
            lines += 1;
            if lines <= 12 {
                output::note(&styled(DIM, line));
            } else if lines % 50 == 0 {
                output::note(&styled(DIM, format!("{line}   (line {lines})")));
            }
        }
        Scene::Ran(report) => {
            let ending = match &report.outcome.ending {
                Ending::Succeeded => "the run succeeded".to_owned(),
                Ending::SucceededWithExceptions(what) => {
                    format!("the run ended with exceptions: {what}")
                }
                Ending::Stopped(why) => format!("the run stopped: {why}"),
            };
            output::note(&format!(
                "   {ending}; {} events recorded",
                report.outcome.events.len()
            ));
            if let Some(verification) = &report.verification {
                output::note(&indented(&human::verification(verification, width - 3)));
            }
        }
    })
    .await?;
    let mut text = String::new();
    for path in &demo.written {
        text.push_str(&format!("   {}\n", path.display()));
    }
    let report = demo
        .written
        .first()
        .map(|path| path.display().to_string())
        .unwrap_or_default();
    text.push_str(&format!(
        "\n{}\n   open {report} in a browser\n   refit assess -f DIR --to 1.36      on manifests or a dump of yours\n   refit assess                       on the cluster of your current context\n   refit template list                the built-in procedures\n   refit explain RFA101               what a code means\n",
        styled(BOLD, "What to try next")
    ));
    output::deliver(&text, &output::Destination::StandardOutput)?;
    Ok(demo.exit_code)
}

fn indented(text: &str) -> String {
    text.trim_end()
        .lines()
        .map(|line| format!("   {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
