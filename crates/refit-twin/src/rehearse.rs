//! A rehearsal: the real executor, on the twin, in virtual time.

use crate::incidents;
use crate::options::TwinOptions;
use crate::twin::{Twin, TwinError};
use crate::world::SharedTwin;
use refit_executor::{
    EventError, MemoryJournal, Ports, RunError, RunOptions, RunOutcome, StepPhase, StepSpan,
    TellError, Word, is_for_a_person, run, tell, timeline,
};
use refit_knowledge::Knowledge;
use refit_model::act::{Act, EffectClass, JujuAct, PersonAct};
use refit_model::condition::Condition;
use refit_model::duration::Seconds;
use refit_model::event::Recorded;
use refit_model::name::{Actor, ApplicationName, NameError, RunId, StepId};
use refit_model::plan::{Hop, Stage, UpgradePlan};
use refit_model::query::Query;
use refit_model::rehearsal::{Grade, Rehearsal, RehearsalKind, RehearsedStep};
use refit_model::snapshot::Snapshot;
use refit_model::step::Step;
use refit_model::verification::{Verification, verify};
use std::collections::BTreeSet;

/// How a rehearsal is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RehearsalOptions {
    /// The seed of everything that the twin draws by lot.
    pub seed: u64,
    /// How the twin behaves; absent for what the plan and the snapshot tell
    /// ([`options_for`]). Its seed is replaced by `seed`.
    pub twin: Option<TwinOptions>,
}

impl RehearsalOptions {
    /// The usual options with this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, twin: None }
    }
}

/// Why there is no rehearsal. A plan that fails on the twin is no error: the
/// rehearsal says so.
#[derive(Debug, thiserror::Error)]
pub enum RehearseError {
    /// There is no twin of the snapshot.
    #[error("could not make a twin")]
    Twin(#[source] TwinError),
    /// The executor could not do its part.
    #[error("could not run the plan on the twin")]
    Run(#[source] RunError),
    /// A person's step could not be signed for.
    #[error("could not sign for a step that the twin has no hands for")]
    Tell(#[source] TellError),
    /// What happened could not be read back: a defect.
    #[error("could not read what happened on the twin")]
    Events(#[source] EventError),
    /// The plan could not be written for the twin: a defect.
    #[error("could not write the plan for the twin")]
    Seal(#[source] serde_json::Error),
    /// A name of the rehearsal's own was refused: a defect.
    #[error("could not name the rehearsal")]
    Name(#[source] NameError),
}

/// In whose name a rehearsal acts and signs.
const ACTOR: &str = "rehearsal";

/// Runs `plan` on a twin of `snapshot`.
///
/// Steps that a person carries out are signed for by the rehearsal itself and
/// graded as not rehearsed.
///
/// # Errors
/// See [`RehearseError`].
pub fn rehearse(
    plan: &UpgradePlan,
    snapshot: &Snapshot,
    knowledge: &Knowledge,
    options: &RehearsalOptions,
) -> Result<Rehearsal, RehearseError> {
    let twin_options = TwinOptions {
        seed: options.seed,
        ..options
            .twin
            .clone()
            .unwrap_or_else(|| options_for(plan, snapshot, options.seed))
    };
    let twin = Twin::from_snapshot(snapshot, twin_options).map_err(RehearseError::Twin)?;
    let twin = SharedTwin::new(twin);
    let playable = as_far_as_modelled(plan).map_err(RehearseError::Seal)?;
    // Every future of the twin is ready when it is polled; nothing ever waits.
    let actor = Actor::new(ACTOR).map_err(RehearseError::Name)?;
    let outcome = pollster::block_on(play(&playable, &twin, &actor, &mut |_| {}))?;

    let spans = timeline(&outcome.events).map_err(RehearseError::Events)?;
    let (first, last) = match (outcome.events.first(), outcome.events.last()) {
        (Some(first), Some(last)) => (first.event.at, last.event.at),
        _ => (snapshot.taken_at, snapshot.taken_at),
    };
    let after = twin.with(|twin| twin.observe(&Query::Everything));
    // What was not rehearsed promises nothing here: it is counted instead.
    let verification = Verification {
        plan: plan.content_hash.clone(),
        ..verify(&playable, snapshot, &after)
    };
    let mut found = twin.with(|twin| incidents::incidents(twin, first));
    found.extend(incidents::skew(
        &after,
        knowledge,
        Seconds::between(first, last),
    ));
    let steps: Vec<RehearsedStep> = spans
        .iter()
        .filter_map(|span| rehearsed(plan, span, first, last))
        .collect();
    Ok(Rehearsal {
        api_version: refit_model::API_VERSION.to_owned(),
        kind: RehearsalKind::Rehearsal,
        plan: plan.content_hash.clone(),
        seed: options.seed,
        grade: steps
            .iter()
            .map(|step| step.grade)
            .min()
            .unwrap_or(Grade::R0),
        ending: outcome.ending,
        took: Seconds::between(first, last),
        steps,
        incidents: found,
        not_modelled: incidents::not_modelled(plan, snapshot),
        verification,
    })
}

/// Carries out on `twin` what of a plan it can play ([`as_far_as_modelled`]), in
/// the name of `actor`, who signs for people's steps, until nothing leads on.
/// `watch` hears every event.
///
/// # Errors
/// See [`RehearseError`].
pub async fn play(
    playable: &UpgradePlan,
    twin: &SharedTwin,
    actor: &Actor,
    watch: &mut (dyn FnMut(&Recorded) + Send),
) -> Result<RunOutcome, RehearseError> {
    let plan = playable;
    let run_id = RunId::new(ACTOR).map_err(RehearseError::Name)?;
    let incarnation = ACTOR.parse().map_err(RehearseError::Name)?;
    let run_options = RunOptions::new(actor.clone(), incarnation);
    let journal = MemoryJournal::new();
    let mut signed: BTreeSet<StepId> = BTreeSet::new();
    loop {
        let ports = Ports {
            world: twin,
            journal: &journal,
            clock: twin,
        };
        let outcome = run(plan, &run_id, ports, &run_options, watch)
            .await
            .map_err(RehearseError::Run)?;
        let waiting: Vec<_> = outcome
            .state
            .active()
            .filter(|(id, state)| {
                state.phase == StepPhase::NeedsPerson
                    && !signed.contains(*id)
                    && plan.step(id).is_some_and(is_for_a_person)
            })
            .map(|(id, _)| id.clone())
            .collect();
        if waiting.is_empty() {
            return Ok(outcome);
        }
        for step in waiting {
            signed.insert(step.clone());
            let word = Word::Done {
                step,
                evidence: "the twin has no hands for it, and it is taken as done".to_owned(),
            };
            let now = twin.with(|twin| twin.now());
            tell(plan, &run_id, &journal, actor, word, now)
                .await
                .map_err(RehearseError::Tell)?;
        }
    }
}

fn rehearsed(
    plan: &UpgradePlan,
    span: &StepSpan,
    first: jiff::Timestamp,
    last: jiff::Timestamp,
) -> Option<RehearsedStep> {
    let (stage, step): (&Stage, &Step) = plan.steps().find(|(_, step)| step.id == span.step)?;
    Some(RehearsedStep {
        stage: stage.id.clone(),
        step: step.id.clone(),
        title: step.title.clone(),
        begins: Seconds::between(first, span.begin),
        took: Seconds::between(span.begin, span.end.unwrap_or(last)),
        outcome: span.outcome.to_string(),
        because: span.because.clone(),
        waited_on: span.waited_on.clone(),
        grade: if is_modelled(step) && !is_by_a_person(step) {
            Grade::R2
        } else {
            Grade::R0
        },
    })
}

fn is_by_a_person(step: &Step) -> bool {
    is_for_a_person(step) || matches!(step.act, Some(Act::Person(_)))
}

/// Whether the twin has what the step does and what it looks at.
fn is_modelled(step: &Step) -> bool {
    let acts = match &step.act {
        None
        | Some(Act::Kube(_) | Act::Kubeadm(_) | Act::Etcd(_) | Act::Juju(_) | Act::Person(_)) => {
            true
        }
        Some(Act::Helm(_) | Act::Osism(_) | Act::Exec(_) | Act::Edit(_)) => false,
    };
    acts && step.looks().is_empty()
}

/// The plan with every step that the twin does not model given to a person, who
/// signs at once: the rest can be played, and what was not is graded so. It is
/// another plan, with a hash of its own, which nobody approves.
///
/// # Errors
/// Only when it cannot be written as JSON, which is a defect.
pub fn as_far_as_modelled(plan: &UpgradePlan) -> Result<UpgradePlan, serde_json::Error> {
    let mut body = plan.spec.clone();
    for step in body.stages.iter_mut().flat_map(|stage| &mut stage.steps) {
        if is_modelled(step) {
            continue;
        }
        let none = Vec::new;
        *step = Step {
            act: Some(Act::Person(PersonAct::Do {
                instructions: step.title.clone(),
                commands: Vec::new(),
            })),
            expects: none(),
            keeps: none(),
            passes: none(),
            reaches: none(),
            effect: EffectClass::Human,
            resend: None,
            ..step.clone()
        };
    }
    UpgradePlan::seal(body)
}

/// The options of a twin on which `plan` can be run: the defaults, with what the
/// plan says of charms. Which release a revision carries is shown nowhere before
/// it is there, so the plan's own word for it is taken.
#[must_use]
pub fn options_for(plan: &UpgradePlan, snapshot: &Snapshot, seed: u64) -> TwinOptions {
    let mut options = TwinOptions {
        seed,
        ..TwinOptions::default()
    };
    let Some(juju) = &snapshot.juju else {
        return options;
    };
    let Some(Hop { to, .. }) = plan.spec.goal.kubernetes() else {
        return options;
    };
    let mut newest = 0;
    for application in juju.applications.items.values() {
        if let (Some(revision), Some(Some(version))) = (
            application.revision.get(),
            application.claimed_version.get(),
        ) {
            options.charm_versions.insert(*revision, version.clone());
        }
        if let Some(Some(revision)) = application.offered.get() {
            options.charm_versions.insert(*revision, to.clone());
        }
        let offered = application.offered.get().copied().flatten();
        newest = newest
            .max(application.revision.get().copied().unwrap_or_default())
            .max(offered.unwrap_or_default());
    }
    for (_, step) in plan.steps() {
        let Some(Act::Juju(JujuAct::Refresh {
            application: name,
            channel: Some(channel),
        })) = &step.act
        else {
            continue;
        };
        let Some(application) = juju.applications.items.get(name) else {
            continue;
        };
        let head = (application.charm.clone(), channel.clone());
        // What a channel holds is not shown either; the number is the twin's own
        // then, and newer than every one that was seen.
        let known =
            promised_revision(step, name).or_else(|| options.channel_heads.get(&head).copied());
        let revision = known.unwrap_or_else(|| {
            newest = newest.saturating_add(1);
            newest
        });
        options.charm_versions.insert(revision, to.clone());
        options.channel_heads.insert(head, revision);
    }
    options
}

/// The revision that a refresh promises to reach.
fn promised_revision(step: &Step, name: &ApplicationName) -> Option<u32> {
    step.reaches.iter().find_map(|condition| {
        if let Condition::CharmAt {
            application,
            revision,
        } = condition
            && application == name
        {
            Some(*revision)
        } else {
            None
        }
    })
}
