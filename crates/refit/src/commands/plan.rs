//! `refit template` and `refit plan`

use crate::args::{
    Delivery, ExportFormat, FrameArgs, PlainFormat, PlanNewArgs, PlanSource, StartArgs, StoreArgs,
};
use crate::commands::run::{existing_store, store_path};
use crate::commands::{files, look, plan_landscape, print, settings};
use crate::{human, output};
use jiff::Timestamp;
use refit_model::duration::Seconds;
use refit_model::plan::UpgradePlan;
use refit_model::policy::PlanTime;
use refit_model::report::PlanReport;
use refit_model::step::StepKind;
use refit_service::announcing::{self, Announced, Firmness};
use refit_service::documents::{read_plan, read_policy, to_json, to_yaml};
use refit_service::exit;
use refit_service::failure::{Failure, FailureKind};
use refit_service::knowing::Known;
use refit_service::looking::for_plan;
use refit_service::planning::{self, PlanRequest};
use refit_service::report::{plan_calendar, plan_html, plan_markdown, plan_notices};
use refit_service::{approving, collaborating, governing, running, windows};
use std::path::{Path, PathBuf};

/// `refit plan new TEMPLATE`
pub(crate) async fn new(known: &Known, args: &PlanNewArgs) -> Result<u8, Failure> {
    let FrameArgs {
        environment,
        policy,
        overlay,
    } = &args.frame;
    let named = [environment, policy, &args.since].into_iter().flatten();
    output::apart(
        &args.delivery.output_file,
        files(&args.make.source.cluster)
            .chain(named.chain(overlay).map(PathBuf::as_path))
            .chain([Path::new(&args.make.template)]),
    )?;
    let frame = governing::frame(environment.as_deref(), policy.as_deref(), overlay)?;
    let original = planning::template(&args.make.template)?;
    let record = if governing::wants_approved(&frame) {
        let journal = running::open_store(&store_path(&args.store)?).await?;
        approving::approved(&journal, &original).await?;
        Some(journal)
    } else {
        let journal = existing_store(&args.store).await?;
        if let Some(journal) = &journal {
            approving::not_withdrawn(journal, &original).await?;
        }
        journal
    };
    let (template, overlays) = governing::laid_over(&original, &frame)?;
    let set = settings(&args.make.set)?;
    let parameters = governing::parameters(&template, &frame, &set)?;
    for name in &parameters.passed_over {
        output::note(&format!(
            "note: the environment sets parameter {name}, which no built-in template has"
        ));
    }
    let mut request = PlanRequest {
        target: planning::target(&template, &args.make.to)?,
        parameters: parameters.set,
        hop: None,
        terms: planning::Terms::default(),
    };
    let mut reading = look(&plan_landscape(&args.make.source), known).await?;
    request.terms = governing::terms(&frame, &reading.snapshot.cluster, overlays)?;
    if args.look || args.make.source.cluster.filename.is_empty() {
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
    let planned = planning::plan(&template, &reading.snapshot, known.knowledge(), &request)?;
    output::deliver(&to_yaml(&planned.plan)?, &args.delivery.output_file)?;
    if let Some(old) = &args.since {
        let changes = planning::changes(&read_plan(old)?, &planned.plan)?;
        output::note(&format!("since {}:", old.display()));
        for line in changes.to_string().lines() {
            output::note(&format!("  {line}"));
        }
    }
    let report = &planned.report;
    let changing = planned
        .plan
        .steps()
        .filter(|(_, step)| step.kind == StepKind::Act)
        .count();
    output::note(&format!(
        "plan {} for {}: {} steps, {changing} of them acts",
        planned.plan.content_hash.short(),
        planned.plan.spec.goal,
        planned.plan.steps().count()
    ));
    if let Some(journal) = &record
        && let Some((by, reason)) = collaborating::canceled(journal, &planned.plan).await?
    {
        output::note(&format!(
            "{} {by} has canceled this very plan: {reason}; `refit plan reopen` makes it a draft \
             again",
            output::styled(output::WARN, "canceled:")
        ));
    }
    if !report.left_out.is_empty() {
        output::note(&format!(
            "{} steps were left out, because this hop or this landscape does not need them",
            report.left_out.len()
        ));
    }
    for conflict in &report.conflicts {
        output::note(&format!(
            "{} {conflict}",
            output::styled(output::WARN, "order:")
        ));
    }
    for hop in &report.later_hops {
        output::note(&format!("later: {hop}, planned when this plan is verified"));
    }
    match &report.stops {
        Some(stop) => {
            output::note(&format!(
                "{} the plan stops before {}, because {}",
                output::styled(output::WARN, "incomplete:"),
                stop.before,
                stop.because
            ));
            Ok(exit::UNSEEN)
        }
        None => Ok(exit::FINE),
    }
}

/// `refit plan diff OLD NEW`
pub(crate) fn diff(old: &Path, new: &Path) -> Result<u8, Failure> {
    let changes = planning::changes(&read_plan(old)?, &read_plan(new)?)?;
    let mut text = changes.to_string();
    if text.is_empty() {
        text.push_str("every step is the same\n");
    }
    output::prose(&text, &output::Destination::StandardOutput)?;
    Ok(exit::FINE)
}

/// `refit plan show PLAN`
pub(crate) fn show(plan: &Path) -> Result<u8, Failure> {
    let plan = read_plan(plan)?;
    output::prose(
        &plan_markdown(&plan, &PlanReport::default()),
        &output::Destination::StandardOutput,
    )?;
    Ok(exit::FINE)
}

/// `refit plan review PLAN`
pub(crate) async fn review(
    known: &Known,
    plan: &Path,
    source: &PlanSource,
    format: PlainFormat,
) -> Result<u8, Failure> {
    let plan = read_plan(plan)?;
    let reading = look(&plan_landscape(source), known).await?;
    let review = planning::review(&plan, &reading.snapshot, known.knowledge());
    print(&review, format, |review| {
        human::review(review, output::width())
    })?;
    Ok(if review.allows_approval() {
        exit::FINE
    } else {
        exit::REFUSED
    })
}

/// `refit plan export PLAN`
pub(crate) async fn export(
    plan: &Path,
    format: ExportFormat,
    start: &StartArgs,
    delivery: &Delivery,
    store: &StoreArgs,
) -> Result<u8, Failure> {
    let to = &delivery.output_file;
    output::apart(to, start.policy.as_deref().into_iter().chain([plan]))?;
    let plan = read_plan(plan)?;
    let report = PlanReport::default();
    let leaves_out = match format {
        ExportFormat::Markdown => {
            output::prose(&plan_markdown(&plan, &report), to)?;
            RUNBOOK_LEAVES_OUT
        }
        ExportFormat::Html => {
            output::prose(&plan_html(&plan, &report), to)?;
            RUNBOOK_LEAVES_OUT
        }
        ExportFormat::Json => {
            output::deliver(&to_json(&plan)?, to)?;
            return Ok(exit::FINE);
        }
        ExportFormat::Ical => {
            let (needs, begins, announced) =
                begins(&plan, start, store, "an entry for calendars").await?;
            output::prose(&plan_calendar(&plan, &needs, begins, &announced)?, to)?;
            CALENDAR_LEAVES_OUT
        }
    };
    output::note(&format!("not in this form: {leaves_out}"));
    Ok(exit::FINE)
}

/// What a runbook cannot say.
const RUNBOOK_LEAVES_OUT: &str = "how often a look is repeated, what counts as no progress, and the expressions that judge answers; the plan file holds them";
/// What a calendar cannot say.
const CALENDAR_LEAVES_OUT: &str =
    "the steps with their commands, conditions and ways back; `--format markdown` holds them";

/// What a plan needs, when it begins, and how firm that is; which is told where it
/// is not.
async fn begins(
    plan: &UpgradePlan,
    start: &StartArgs,
    store: &StoreArgs,
    what: &str,
) -> Result<(PlanTime, Timestamp, Announced), Failure> {
    let now = start.now.unwrap_or_else(Timestamp::now);
    let (needs, starts) = starts(plan, start, now, what)?;
    let journal = existing_store(store).await?;
    let announced = announcing::announced(journal.as_ref(), plan, now).await?;
    announcing::not_over(&announced.firmness, starts, now)?;
    let style = output::styled;
    match &announced.firmness {
        Firmness::Approved | Firmness::Begun => {}
        Firmness::NotApproved(missing) => {
            output::note(&format!(
                "{} {missing}",
                style(output::WARN, "not approved:")
            ));
        }
        Firmness::Canceled { by, reason } => output::note(&format!(
            "{} by {by}: {reason}",
            style(output::WARN, "canceled:")
        )),
    }
    Ok((needs, starts, announced))
}

/// What a plan needs, and when it begins.
fn starts(
    plan: &UpgradePlan,
    start: &StartArgs,
    now: Timestamp,
    what: &str,
) -> Result<(PlanTime, Timestamp), Failure> {
    let Some(policy) = &start.policy else {
        let Some(at) = start.starts else {
            return Err(Failure::new(
                FailureKind::Usage,
                format!("{what} has to say when the plan starts"),
            )
            .hint("`--starts TIME` says it")
            .hint("`--policy FILE` takes the first opening in which the plan fits"));
        };
        return Ok((windows::needs(plan, Seconds::new(0)), at));
    };
    let policy = read_policy(policy)?;
    let schedule = windows::schedule(plan, &policy, now)?;
    match schedule.first {
        Some(first) => Ok((schedule.needs, first)),
        None => Err(Failure::new(
            FailureKind::Refused,
            format!(
                "the plan needs {} with its reserve and fits no opening of policy {}",
                schedule.needs.total, policy.name
            ),
        )
        .hint(windows::longest(&schedule))),
    }
}

/// `refit plan notices PLAN`
pub(crate) async fn notices(
    plan: &Path,
    start: &StartArgs,
    delivery: &Delivery,
    store: &StoreArgs,
) -> Result<u8, Failure> {
    let read = start.policy.as_deref().into_iter().chain([plan]);
    output::apart(&delivery.output_file, read)?;
    let plan = read_plan(plan)?;
    if plan.spec.governance.stakeholders.is_empty() {
        return Err(Failure::new(
            FailureKind::Usage,
            "the plan names nobody who is to be told",
        )
        .hint(
            "`refit plan new --environment FILE` takes the stakeholders of an environment over",
        ));
    }
    let (needs, begins, announced) = begins(&plan, start, store, "a notice").await?;
    let text = plan_notices(&plan, &needs, begins, &announced.firmness)?;
    output::prose(&text, &delivery.output_file)?;
    Ok(exit::FINE)
}

/// `refit plan windows PLAN`
pub(crate) fn windows(
    plan: &Path,
    policy: &Path,
    now: Option<Timestamp>,
    format: PlainFormat,
) -> Result<u8, Failure> {
    let plan = read_plan(plan)?;
    let policy = read_policy(policy)?;
    let schedule = windows::schedule(&plan, &policy, now.unwrap_or_else(Timestamp::now))?;
    print(&schedule, format, human::schedule)?;
    Ok(windows::exit_code(&schedule))
}
