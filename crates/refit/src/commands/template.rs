//! `refit template`

use crate::args::{Delivery, PlainFormat, StoreArgs, TemplateRehearseArgs};
use crate::commands::run::{actor, existing_store, store_path};
use crate::commands::together::speaker;
use crate::commands::{look, plan_landscape, print, settings};
use crate::{human, output, together};
use refit_model::name::TemplateName;
use refit_model::template::UpgradeTemplate;
use refit_service::documents::to_yaml;
use refit_service::failure::Failure;
use refit_service::governing::{self, Frame};
use refit_service::knowing::Known;
use refit_service::looking::for_plan;
use refit_service::planning::{self, PlanRequest};
use refit_service::speaking::text;
use refit_service::{approving, exit, running};
use std::path::{Path, PathBuf};

/// The template of this name or file, with these overlays carried into it.
fn template(name: &str, overlays: &[PathBuf]) -> Result<UpgradeTemplate, Failure> {
    let template = planning::template(name)?;
    let frame: Frame = governing::frame(None, None, overlays)?;
    governing::laid_over(&template, &frame).map(|(template, _)| template)
}

/// `refit template list`
pub(crate) async fn list(
    known: &Known,
    store: &StoreArgs,
    format: PlainFormat,
) -> Result<u8, Failure> {
    let journal = existing_store(store).await?;
    let list = approving::list(journal.as_ref(), known.knowledge()).await?;
    print(&list, format, together::templates)?;
    Ok(exit::FINE)
}

/// `refit template show NAME`
pub(crate) fn show(name: &str, overlays: &[PathBuf]) -> Result<u8, Failure> {
    output::deliver(
        &to_yaml(&template(name, overlays)?)?,
        &output::Destination::StandardOutput,
    )?;
    Ok(exit::FINE)
}

/// `refit template new NAME --from TEMPLATE`
pub(crate) fn new(
    name: &TemplateName,
    from: &str,
    overlays: &[PathBuf],
    delivery: &Delivery,
) -> Result<u8, Failure> {
    let read = overlays.iter().map(PathBuf::as_path);
    output::apart(&delivery.output_file, read.chain([Path::new(from)]))?;
    let mut template = template(from, overlays)?;
    planning::validate(&template, None)?;
    // A name of its own begins its own count of revisions; under the same name it
    // is the next one.
    template.metadata.revision = if template.metadata.name == *name {
        template.metadata.revision.saturating_add(1)
    } else {
        1
    };
    template.metadata.name = name.clone();
    output::deliver(&to_yaml(&template)?, &delivery.output_file)?;
    output::note(&format!(
        "template {name}, revision {}; raise the revision with every change of meaning",
        template.metadata.revision
    ));
    Ok(exit::FINE)
}

/// `refit template validate NAME`
pub(crate) fn validate(name: &str, overlays: &[PathBuf]) -> Result<u8, Failure> {
    let template = template(name, overlays)?;
    // The lines of a template say nothing about what an overlay changed in it.
    let text = match overlays {
        [] => std::fs::read_to_string(name).ok(),
        [_, ..] => None,
    };
    let written = text.as_deref().map(|text| (Path::new(name), text));
    planning::validate(&template, written)?;
    let steps: usize = template.stages.iter().map(|stage| stage.steps.len()).sum();
    output::note(&format!(
        "{} is sound: {} stages, {steps} steps; `refit template rehearse` shows whether it works",
        template.metadata.name,
        template.stages.len()
    ));
    Ok(exit::FINE)
}

/// `refit template diff OLD NEW`
pub(crate) fn diff(old: &str, new: &str) -> Result<u8, Failure> {
    let (old, new) = (planning::template(old)?, planning::template(new)?);
    let mut text = planning::template_changes(&old, &new)?.to_string();
    if text.is_empty() {
        text.push_str("the templates are the same\n");
    }
    output::prose(&text, &output::Destination::StandardOutput)?;
    Ok(exit::FINE)
}

/// `refit template rehearse TEMPLATE`
pub(crate) async fn rehearse(known: &Known, args: &TemplateRehearseArgs) -> Result<u8, Failure> {
    let template = planning::template(&args.make.template)?;
    let request = PlanRequest {
        target: planning::target(&template, &args.make.to)?,
        parameters: settings(&args.make.set)?,
        hop: None,
        terms: planning::Terms::default(),
    };
    let actor = actor(&args.store)?;
    let mut reading = look(&plan_landscape(&args.make.source), known).await?;
    if args.make.source.cluster.filename.is_empty() {
        let mut note = |line: &str| output::note(line);
        let snapshot = &mut reading.snapshot;
        for_plan(&template, snapshot, known.knowledge(), &request, &mut note).await?;
    }
    let rehearsed = approving::rehearse_template(
        &template,
        &reading.snapshot,
        known.knowledge(),
        &request,
        args.seed,
    )?;
    let journal = running::open_store(&store_path(&args.store)?).await?;
    let name = &template.metadata.name;
    let now = jiff::Timestamp::now();
    approving::record(&journal, name, rehearsed.record.clone(), &actor, now).await?;
    print(&rehearsed.rehearsal, args.output, |rehearsal| {
        let width = output::width();
        format!(
            "{}\n{}",
            human::review(&rehearsed.review, width),
            human::rehearsal(rehearsal, width)
        )
    })?;
    for against in &rehearsed.record.against {
        output::note(&format!(
            "{} {against}",
            output::styled(output::BAD, "against it:")
        ));
    }
    if !rehearsed.review.allows_approval() {
        return Ok(exit::REFUSED);
    }
    if rehearsed.planned.report.stops.is_some() {
        return Ok(exit::UNSEEN);
    }
    Ok(if rehearsed.record.against.is_empty() {
        exit::FINE
    } else {
        exit::UNPROVEN
    })
}

/// `refit template approve NAME`
pub(crate) async fn approve(
    name: &str,
    note: Option<&str>,
    store: &StoreArgs,
) -> Result<u8, Failure> {
    let template = planning::template(name)?;
    let actor = speaker(store, "an approval")?;
    let note = note.map(|note| text("note", note)).transpose()?;
    let journal = running::open_store(&store_path(store)?).await?;
    let now = jiff::Timestamp::now();
    let rehearsal = approving::approve(&journal, &template, note, &actor, now).await?;
    output::note(&format!(
        "{actor} approved template {}, revision {}: rehearsed from {} on {}, {}",
        template.metadata.name,
        template.metadata.revision,
        rehearsal.goal,
        rehearsal.cluster,
        rehearsal.grade.title()
    ));
    if rehearsal.not_rehearsed > 0 {
        output::note(&format!(
            "{} steps of it were not rehearsed, because the twin does not model what they do",
            rehearsal.not_rehearsed
        ));
    }
    Ok(exit::FINE)
}

/// `refit template cancel NAME`
pub(crate) async fn cancel(name: &str, reason: &str, store: &StoreArgs) -> Result<u8, Failure> {
    let template = planning::template(name)?;
    let actor = speaker(store, "a withdrawal")?;
    let reason = text("reason", reason)?;
    let journal = running::open_store(&store_path(store)?).await?;
    let now = jiff::Timestamp::now();
    approving::cancel(&journal, &template, reason, &actor, now).await?;
    output::note(&format!(
        "{actor} withdraws template {}",
        template.metadata.name
    ));
    Ok(exit::FINE)
}
