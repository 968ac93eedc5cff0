//! `refit snapshot`

use crate::args::SnapshotArgs;
use crate::commands::{files, look, plan_landscape, settings, tell};
use crate::output::{self, Destination};
use refit_service::exit;
use refit_service::failure::{Failure, FailureKind};
use refit_service::keeping::{for_file, snapshot_text};
use refit_service::knowing::Known;
use refit_service::looking::for_plan;
use refit_service::planning::{self, PlanRequest};
use std::path::Path;

/// Writes down what a landscape boils down to.
pub(crate) async fn snapshot(known: &Known, args: &SnapshotArgs) -> Result<u8, Failure> {
    if args.source.landscape.is_some() && args.template.is_none() {
        return Err(Failure::new(
            FailureKind::Usage,
            "nothing is to be looked at: --landscape names a landscape without an API, and only \
             the programs of a template show it",
        )
        .hint("`--for TEMPLATE --to VERSION` says which; `refit template list` lists them"));
    }
    let template = args.template.iter().map(Path::new);
    output::apart(
        &args.output_file,
        files(&args.source.cluster).chain(template),
    )?;
    let mut reading = look(&plan_landscape(&args.source), known).await?;
    if let (Some(name), Some(to)) = (&args.template, &args.to) {
        let template = planning::template(name)?;
        let request = PlanRequest {
            target: planning::target(&template, to)?,
            parameters: settings(&args.set)?,
            hop: None,
            terms: planning::Terms::default(),
        };
        let mut note = |line: &str| output::note(line);
        for_plan(
            &template,
            &mut reading.snapshot,
            known.knowledge(),
            &request,
            &mut note,
        )
        .await?;
    }
    tell(&reading.notes);
    let text = snapshot_text(&reading)?;
    let Destination::File(path) = &args.output_file else {
        output::deliver(&text, &args.output_file)?;
        return Ok(exit::FINE);
    };
    output::deliver_bytes(&for_file(&text, path)?, path)?;
    let gaps = reading.snapshot.gaps.len();
    output::note(&format!(
        "{} objects of {}, gaps: {gaps}; `refit assess -f {}` reads it",
        reading.objects,
        reading.snapshot.cluster,
        path.display()
    ));
    Ok(exit::FINE)
}
