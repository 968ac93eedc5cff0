//! The life of templates: rehearsed on a representative landscape, approved for
//! use, superseded, withdrawn.

use crate::failure::{Failure, FailureKind, defect};
use crate::planning::{self, PlanRequest};
use crate::rehearsing::rehearse;
use crate::speaking::{self, events};
use refit_executor::ports::Journal;
use refit_knowledge::Knowledge;
use refit_model::API_VERSION;
use refit_model::event::Recorded;
use refit_model::governance::{
    TemplateEvent, TemplateList, TemplateListKind, TemplateRecord, TemplateRehearsal,
    TemplateState, TemplateStatus,
};
use refit_model::hash::ContentHash;
use refit_model::name::{Actor, StreamId, TemplateName};
use refit_model::rehearsal::{Ending, Rehearsal};
use refit_model::report::Planned;
use refit_model::review::{Review, Weight};
use refit_model::snapshot::Snapshot;
use refit_model::template::UpgradeTemplate;
use refit_model::verification::ClaimResult;

/// What the rehearsal of a template showed.
#[derive(Clone, Debug)]
pub struct Rehearsed {
    /// The plan that was made from it.
    pub planned: Planned,
    /// What is held against that.
    pub review: Review,
    /// How it went on the twin.
    pub rehearsal: Rehearsal,
    /// What is recorded of it.
    pub record: TemplateRehearsal,
}

/// Makes the plan of `template` for a representative landscape, reviews it and
/// runs it on the twin.
///
/// # Errors
/// When no plan can be made, or no twin.
pub fn rehearse_template(
    template: &UpgradeTemplate,
    snapshot: &Snapshot,
    knowledge: &Knowledge,
    request: &PlanRequest,
    seed: u64,
) -> Result<Rehearsed, Failure> {
    let planned = planning::plan(template, snapshot, knowledge, request)?;
    let plan = &planned.plan;
    let review = planning::review(plan, snapshot, knowledge);
    let rehearsal = rehearse(plan, snapshot, knowledge, seed)?;
    let mut against: Vec<String> = Vec::new();
    if let Some(stop) = &planned.report.stops {
        against.push(format!(
            "the plan stops before {}, because {}",
            stop.before, stop.because
        ));
    }
    let fatal = review.objections.iter();
    against.extend(
        fatal
            .filter(|objection| objection.weight == Weight::Fatal)
            .map(|objection| format!("{} {}", objection.code, objection.what)),
    );
    match &rehearsal.ending {
        Ending::Succeeded | Ending::SucceededWithExceptions(_) => {
            // A plan of which the twin shows nothing is not held against its
            // template: its grade says what the rehearsal is worth.
            let claims = rehearsal.verification.claims.iter();
            against.extend(
                claims
                    .filter(|claim| claim.result != ClaimResult::Holds)
                    .map(|claim| format!("{}: {}", claim.claim, claim.because)),
            );
        }
        Ending::Stopped(because) => against.push(format!("the rehearsal stopped: {because}")),
    }
    let record = TemplateRehearsal {
        template: hash(template)?,
        revision: template.metadata.revision,
        cluster: snapshot.cluster.id.clone(),
        goal: plan.spec.goal.to_string(),
        plan: plan.content_hash.clone(),
        knowledge: knowledge.version().to_owned(),
        grade: rehearsal.grade,
        not_rehearsed: rehearsal.not_rehearsed(),
        against,
    };
    Ok(Rehearsed {
        planned,
        review,
        rehearsal,
        record,
    })
}

/// Records how a template was rehearsed.
///
/// # Errors
/// When it cannot be recorded.
pub async fn record<J: Journal>(
    journal: &J,
    name: &TemplateName,
    rehearsal: TemplateRehearsal,
    actor: &Actor,
    now: jiff::Timestamp,
) -> Result<(), Failure> {
    let event = TemplateEvent::Rehearsed(rehearsal);
    speaking::record(journal, &stream(name)?, actor, &event, now).await
}

/// Approves a template that was rehearsed, and against which nothing spoke.
///
/// # Errors
/// A refusal when it was not rehearsed, or something spoke against it.
pub async fn approve<J: Journal>(
    journal: &J,
    template: &UpgradeTemplate,
    note: Option<String>,
    actor: &Actor,
    now: jiff::Timestamp,
) -> Result<TemplateRehearsal, Failure> {
    let name = &template.metadata.name;
    let record = record_of(journal, template).await?;
    let refuse = |what: String| Failure::new(FailureKind::Refused, what);
    let Some(rehearsal) = record.rehearsed else {
        return Err(refuse(format!(
            "template {name} has not been rehearsed as it is now"
        ))
        .hint("`refit template rehearse TEMPLATE -f PATH --to VERSION` does it on a representative landscape"));
    };
    if let Some(first) = rehearsal.against.first() {
        let more = match rehearsal.against.len() {
            1 => String::new(),
            many => format!(", and {} more", many - 1),
        };
        return Err(refuse(format!(
            "the rehearsal of template {name} speaks against it: {first}{more}"
        ))
        .hint("mend the template, or choose a landscape that is fit, and rehearse it again"));
    }
    let event = TemplateEvent::Approved {
        template: hash(template)?,
        note,
    };
    speaking::record(journal, &stream(name)?, actor, &event, now).await?;
    Ok(rehearsal)
}

/// Withdraws a template.
///
/// # Errors
/// A refusal when somebody has done so already; when it cannot be recorded.
pub async fn cancel<J: Journal>(
    journal: &J,
    template: &UpgradeTemplate,
    reason: String,
    actor: &Actor,
    now: jiff::Timestamp,
) -> Result<(), Failure> {
    if let Some((by, earlier)) = record_of(journal, template).await?.canceled {
        return Err(Failure::new(
            FailureKind::Refused,
            format!(
                "{by} has withdrawn template {} already: {earlier}",
                template.metadata.name
            ),
        )
        .hint("`refit template list` shows where each template stands"));
    }
    let event = TemplateEvent::Canceled {
        template: hash(template)?,
        reason,
    };
    let stream = stream(&template.metadata.name)?;
    speaking::record(journal, &stream, actor, &event, now).await
}

/// Refuses a template that somebody has withdrawn.
///
/// # Errors
/// The refusal, which says who did and why.
pub async fn not_withdrawn<J: Journal>(
    journal: &J,
    template: &UpgradeTemplate,
) -> Result<(), Failure> {
    let record = record_of(journal, template).await?;
    record.canceled.map_or(Ok(()), |(by, reason)| {
        Err(withdrawn(&template.metadata.name, &by, &reason))
    })
}

/// Refuses a template that is not approved for use. One whose rehearsal is old is
/// still approved.
///
/// # Errors
/// The refusal.
pub async fn approved<J: Journal>(journal: &J, template: &UpgradeTemplate) -> Result<(), Failure> {
    let name = &template.metadata.name;
    let record = record_of(journal, template).await?;
    if let Some((by, reason)) = &record.canceled {
        return Err(withdrawn(name, by, reason));
    }
    // The version of the knowledge decides only between two states that both do.
    let why = match record.state("") {
        TemplateState::Approved | TemplateState::Stale => return Ok(()),
        TemplateState::Available => "nobody has approved it as it is now",
        TemplateState::Superseded => "a later content of it was approved since",
        TemplateState::Canceled => "it was withdrawn",
    };
    Err(Failure::new(
        FailureKind::Refused,
        format!("the environment wants approved templates, and {name} is none: {why}"),
    )
    .hint(MADE_USABLE))
}

/// What makes a template one that may be used.
const MADE_USABLE: &str = "`refit template rehearse TEMPLATE -f PATH --to VERSION` and then \
     `refit template approve TEMPLATE` let it be used";

fn withdrawn(name: &TemplateName, by: &Actor, reason: &str) -> Failure {
    Failure::new(
        FailureKind::Refused,
        format!("{by} has withdrawn template {name}: {reason}"),
    )
    .hint("choose another one: `refit template list` shows where each stands")
    .hint(MADE_USABLE)
}

/// Every built-in template and every one that the record knows, with its state.
///
/// # Errors
/// When the record cannot be read.
pub async fn list<J: Journal>(
    journal: Option<&J>,
    knowledge: &Knowledge,
) -> Result<TemplateList, Failure> {
    let mut templates = Vec::new();
    for template in planning::templates()? {
        let record = match journal {
            Some(journal) => record_of(journal, &template).await?,
            None => TemplateRecord::default(),
        };
        templates.push(status(
            template.metadata.name.clone(),
            template.metadata.revision,
            Some(template.metadata.title.clone()),
            hash(&template)?,
            record,
            knowledge,
        ));
    }
    if let Some(journal) = journal {
        for (name, said) in names(journal).await? {
            for (template, revision) in contents(&said)? {
                if templates.iter().any(|other| other.template == template) {
                    continue;
                }
                let record = TemplateRecord::fold(&said, &template).map_err(not_understood)?;
                templates.push(status(
                    name.clone(),
                    revision,
                    None,
                    template,
                    record,
                    knowledge,
                ));
            }
        }
    }
    Ok(TemplateList {
        api_version: API_VERSION.to_owned(),
        kind: TemplateListKind::TemplateList,
        templates,
    })
}

fn status(
    name: TemplateName,
    revision: u32,
    title: Option<String>,
    template: ContentHash,
    record: TemplateRecord,
    knowledge: &Knowledge,
) -> TemplateStatus {
    TemplateStatus {
        name,
        revision,
        title,
        template,
        state: record.state(knowledge.version()),
        rehearsed: record.rehearsed,
        approved: record.approved.map(|(actor, at, _)| (actor, at)),
    }
}

/// The contents of one name that were rehearsed, with their revisions.
fn contents(said: &[Recorded]) -> Result<Vec<(ContentHash, u32)>, Failure> {
    let mut found: Vec<(ContentHash, u32)> = Vec::new();
    for recorded in said {
        let event = serde_json::from_value(recorded.event.body.clone()).map_err(not_understood)?;
        if let TemplateEvent::Rehearsed(rehearsal) = event
            && !found.iter().any(|(hash, _)| *hash == rehearsal.template)
        {
            found.push((rehearsal.template, rehearsal.revision));
        }
    }
    Ok(found)
}

async fn names<J: Journal>(journal: &J) -> Result<Vec<(TemplateName, Vec<Recorded>)>, Failure> {
    let streams = journal.streams(PREFIX).await.map_err(|error| {
        Failure::new(
            FailureKind::Broken,
            "could not read the record of templates",
        )
        .because(error)
    })?;
    let mut all = Vec::new();
    for stream in streams {
        let Some(name) = stream.as_str().strip_prefix(PREFIX) else {
            continue;
        };
        if let Ok(name) = TemplateName::new(name) {
            all.push((name, events(journal, &stream).await?));
        }
    }
    Ok(all)
}

/// What the record knows of `template` as it is now.
///
/// # Errors
/// When it cannot be read.
pub async fn record_of<J: Journal>(
    journal: &J,
    template: &UpgradeTemplate,
) -> Result<TemplateRecord, Failure> {
    let said = events(journal, &stream(&template.metadata.name)?).await?;
    TemplateRecord::fold(&said, &hash(template)?).map_err(not_understood)
}

fn hash(template: &UpgradeTemplate) -> Result<ContentHash, Failure> {
    ContentHash::of(template).map_err(defect)
}

const PREFIX: &str = "template/";

fn stream(name: &TemplateName) -> Result<StreamId, Failure> {
    StreamId::new(format!("{PREFIX}{name}")).map_err(|error| {
        Failure::new(FailureKind::Broken, "could not name the template's stream").because(error)
    })
}

fn not_understood(error: serde_json::Error) -> Failure {
    Failure::new(
        FailureKind::Broken,
        "could not understand what the record says of a template",
    )
    .because(error)
    .hint("a newer Refit may have written it; `refit --version` shows this one's")
}
