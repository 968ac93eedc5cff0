//! `refit plan request`, `approve`, `comment` and what else people say about
//! plans, and where that stands

use crate::args::{PlainFormat, PlanSource, SOMEBODY, Speaker, StoreArgs};
use crate::commands::run::{actor, store_path};
use crate::commands::{look, plan_landscape, print};
use crate::{output, together};
use refit_model::governance::{ApprovalStanding, PlanEvent, Waived};
use refit_model::name::Actor;
use refit_model::plan::UpgradePlan;
use refit_model::review::Code;
use refit_service::approval::{self, Proof};
use refit_service::collaborating::{self, Paused};
use refit_service::documents::read_plan;
use refit_service::failure::{Failure, FailureKind};
use refit_service::knowing::Known;
use refit_service::speaking::text;
use refit_service::{exit, planning, running};
use std::path::Path;

/// Who speaks; a word about a plan needs a name.
pub(crate) fn speaker(store: &StoreArgs, what: &str) -> Result<Actor, Failure> {
    if store.actor == SOMEBODY {
        return Err(Failure::new(
            FailureKind::Usage,
            format!("{what} needs a name, and neither --as nor USER gives one"),
        )
        .hint("`--as NAME` says who speaks"));
    }
    actor(store)
}

/// `refit plan approve PLAN`
pub(crate) async fn approve(
    known: &Known,
    plan: &Path,
    source: &PlanSource,
    sign: Option<&Path>,
    store: &StoreArgs,
) -> Result<u8, Failure> {
    let plan = read_plan(plan)?;
    let actor = speaker(store, "an approval")?;
    let reading = look(&plan_landscape(source), known).await?;
    approval::same_cluster(&plan, &reading.snapshot)?;
    let review = planning::review(&plan, &reading.snapshot, known.knowledge());
    let journal = running::open_store(&store_path(store)?).await?;
    let proof = sign.map_or(Proof::Name, Proof::Key);
    let now = jiff::Timestamp::now();
    let judged = approval::approve(
        &journal,
        &plan,
        &reading.snapshot,
        &review,
        &actor,
        proof,
        now,
    )
    .await?;
    output::note(&format!(
        "{actor} approved plan {} for {}",
        plan.content_hash.short(),
        plan.spec.goal
    ));
    match judged.standing {
        ApprovalStanding::Granted { until, .. } => {
            if let Some(until) = until {
                output::note(&format!("it may run until {}", together::minute(until)));
            }
        }
        ApprovalStanding::Missing { wants, .. } => {
            output::note(&format!("still missing: {}", wants.join(", ")));
        }
        ApprovalStanding::Denied { denials } => {
            for no in denials {
                output::note(&format!("it stays denied by {no}"));
            }
        }
        ApprovalStanding::Canceled { by, reason } => {
            output::note(&format!("it stays canceled by {by}: {reason}"));
        }
    }
    Ok(exit::FINE)
}

/// `refit plan waive PLAN CODE`
pub(crate) async fn waive(
    known: &Known,
    plan: &Path,
    waiver: Waiver<'_>,
    source: &PlanSource,
    store: &StoreArgs,
) -> Result<u8, Failure> {
    let plan = read_plan(plan)?;
    let actor = speaker(store, "a waiver")?;
    let waived = Waived {
        code: waiver.code,
        step: waiver
            .step
            .map(|step| running::step(&plan, step))
            .transpose()?,
        reason: text("reason", waiver.reason)?,
        until: waiver.until,
    };
    let reading = look(&plan_landscape(source), known).await?;
    approval::same_cluster(&plan, &reading.snapshot)?;
    let review = planning::review(&plan, &reading.snapshot, known.knowledge());
    let journal = running::open_store(&store_path(store)?).await?;
    let until = waived.until;
    let now = jiff::Timestamp::now();
    let covered = approval::waive(&journal, &plan, &review, &actor, waived, now).await?;
    for objection in &covered {
        output::note(&format!(
            "{actor} answers until {until} for: {} {}",
            objection.code, objection.what
        ));
    }
    Ok(exit::FINE)
}

/// What somebody answers for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiver<'a> {
    /// The objection's code.
    pub(crate) code: Code,
    /// Its step.
    pub(crate) step: Option<&'a str>,
    /// Why it may stand.
    pub(crate) reason: &'a str,
    /// Until when.
    pub(crate) until: jiff::Timestamp,
}

/// Says one thing about a plan, and tells what was said.
async fn say(
    by: &Speaker,
    what: &str,
    event: impl FnOnce(&UpgradePlan, &Actor) -> Result<(PlanEvent, String), Failure>,
) -> Result<u8, Failure> {
    let plan = read_plan(&by.plan)?;
    let actor = speaker(&by.store, what)?;
    let (event, told) = event(&plan, &actor)?;
    let journal = running::open_store(&store_path(&by.store)?).await?;
    let now = jiff::Timestamp::now();
    collaborating::speak(&journal, &plan, &actor, &event, now).await?;
    output::note(&format!("{actor} {told}"));
    Ok(exit::FINE)
}

/// `refit plan request PLAN`
pub(crate) async fn request(by: &Speaker, note: Option<&str>) -> Result<u8, Failure> {
    say(by, "a request", |plan, _| {
        let note = note.map(|note| text("note", note)).transpose()?;
        let told = format!("asks for approval of plan {}", plan.content_hash.short());
        Ok((PlanEvent::Requested { note }, told))
    })
    .await
}

/// `refit plan deny PLAN`
pub(crate) async fn deny(by: &Speaker, reason: &str) -> Result<u8, Failure> {
    say(by, "a denial", |plan, _| {
        let reason = text("reason", reason)?;
        let told = format!("denies plan {}", plan.content_hash.short());
        Ok((PlanEvent::Denied { reason }, told))
    })
    .await
}

/// `refit plan cancel PLAN`
pub(crate) async fn cancel(by: &Speaker, reason: &str) -> Result<u8, Failure> {
    say(by, "a cancellation", |plan, _| {
        let reason = text("reason", reason)?;
        let told = format!("cancels plan {}", plan.content_hash.short());
        Ok((PlanEvent::Canceled { reason }, told))
    })
    .await
}

/// `refit plan reopen PLAN`
pub(crate) async fn reopen(by: &Speaker, reason: &str) -> Result<u8, Failure> {
    say(by, "a plan that is opened again", |plan, _| {
        let reason = text("reason", reason)?;
        let told = format!(
            "opens plan {} again: it is a draft",
            plan.content_hash.short()
        );
        Ok((PlanEvent::Reopened { reason }, told))
    })
    .await
}

/// `refit plan comment PLAN TEXT`
pub(crate) async fn comment(by: &Speaker, remark: &str, step: Option<&str>) -> Result<u8, Failure> {
    say(by, "a remark", |plan, _| {
        let step = step.map(|step| running::step(plan, step)).transpose()?;
        let text = text("remark", remark)?;
        let told = match &step {
            Some(step) => format!("remarks on step {step}"),
            None => format!("remarks on plan {}", plan.content_hash.short()),
        };
        Ok((PlanEvent::Commented { step, text }, told))
    })
    .await
}

/// `refit plan own PLAN`
pub(crate) async fn own(by: &Speaker, owner: Option<&Actor>) -> Result<u8, Failure> {
    say(by, "an owner", |plan, actor| {
        let owner = owner.unwrap_or(actor).clone();
        let told = format!(
            "makes {owner} the owner of plan {}",
            plan.content_hash.short()
        );
        Ok((PlanEvent::Owned { owner }, told))
    })
    .await
}

/// `refit plan assign PLAN STEP`
pub(crate) async fn assign(
    by: &Speaker,
    step: &str,
    to: &Actor,
    due: Option<jiff::Timestamp>,
) -> Result<u8, Failure> {
    say(by, "an assignment", |plan, _| {
        let step = running::step(plan, step)?;
        let told = format!("gives step {step} to {to}");
        let to = to.clone();
        Ok((PlanEvent::Assigned { step, to, due }, told))
    })
    .await
}

/// `refit plan revoke PLAN`
pub(crate) async fn revoke(by: &Speaker, reason: &str) -> Result<u8, Failure> {
    let plan = read_plan(&by.plan)?;
    let actor = speaker(&by.store, "a revocation")?;
    let reason = text("reason", reason)?;
    let journal = running::open_store(&store_path(&by.store)?).await?;
    let now = jiff::Timestamp::now();
    let paused = collaborating::revoke(&journal, &plan, &actor, &reason, now).await?;
    output::note(&format!(
        "{actor} takes their word on plan {} back",
        plan.content_hash.short()
    ));
    match paused {
        Paused::Asked => output::note("its run is not approved any more, and pauses"),
        Paused::NotNeeded => {}
    }
    Ok(exit::FINE)
}

/// `refit plan status PLAN`
pub(crate) async fn status(by: &Speaker, format: PlainFormat) -> Result<u8, Failure> {
    let plan = read_plan(&by.plan)?;
    let journal = running::open_store(&store_path(&by.store)?).await?;
    let status = collaborating::status(&journal, &plan, jiff::Timestamp::now()).await?;
    print(&status, format, |status| {
        together::status(status, output::width())
    })?;
    Ok(exit::FINE)
}

/// `refit plan feed PLAN`
pub(crate) async fn feed(by: &Speaker, format: PlainFormat) -> Result<u8, Failure> {
    let plan = read_plan(&by.plan)?;
    let journal = running::open_store(&store_path(&by.store)?).await?;
    let feed = collaborating::feed(&journal, &plan).await?;
    print(&feed, format, |feed| together::feed(feed, output::width()))?;
    Ok(exit::FINE)
}
