//! Histories: runs of the executor in which a seed decides what goes wrong and
//! when. Several processes share one journal and one world; each of their calls
//! is a place where another gets its turn, where one is killed or held up, where
//! the storage or the target is away, where a clock jumps and where a person
//! speaks. One seed is one history, to the byte.
//!
//! The crash points are those of our execution design, part 9: C1 to C5 and C8
//! to C10 (a process dies between any two calls, on both sides of each), C13 (it
//! is held up for longer than its lease and goes on), C14 (the storage is away,
//! and a commit whose answer is lost), C15 (clocks jump by an hour), C16 (people
//! speak between decision and send), C17 (several processes on one journal) and
//! C22 (the target is away, and requests are lost or late).

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

mod chance;
pub mod checks;
mod seat;

use crate::tiny::plans::{each_class, released};
use crate::tiny::world::{Scripted, version};
use chance::{Chance, Happens};
use refit_executor::ports::{Clock as _, Journal as _};
use refit_executor::{
    OnHeld, Ports, RunError, RunOptions, RunOutcome, RunPhase, RunState, Word, fold, run, tell,
};
use refit_model::duration::Seconds;
use refit_model::event::Recorded;
use refit_model::name::{RunId, StepId};
use refit_model::plan::UpgradePlan;
use refit_model::rehearsal::Ending;
use seat::{Seat, Stage};
use std::collections::BTreeSet;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// So many turns may go wrong. A run without faults takes about 200.
const TURNS: usize = 1_200;

/// So many processes may stand beside each other.
const MOST_PROCESSES: usize = 3;

/// After the faults, a run that starts again so often without an end makes no
/// progress. Each start either ends or asks a person, who answers about one step
/// of six; the most that was seen is 15.
const CALM_STARTS: usize = 40;

/// And so many turns in one of these starts.
const CALM_TURNS: usize = 20_000;

/// What is wrong with the stage on purpose, to see that the checks notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// Nothing is.
    None,
    /// The journal does not ask who holds the lease.
    NoGuard,
    /// The target says that it refuses old epochs, and takes them.
    NoFence,
}

/// What became of one seed.
#[derive(Clone, Debug)]
pub struct History {
    /// The events of the run.
    pub events: Vec<Recorded>,
    /// How it ended; nothing when it did not.
    pub ending: Option<Ending>,
    /// What went wrong in it.
    pub happened: BTreeSet<&'static str>,
    /// Which laws it broke.
    pub broken: Vec<String>,
}

/// A process: a run that goes on when it is its turn.
struct Process<'a> {
    future: Pin<Box<dyn Future<Output = Result<RunOutcome, RunError>> + 'a>>,
    /// Nobody gives it a turn before.
    held_until: jiff::Timestamp,
    /// When it wants its next turn; nothing when at once.
    wakes: Option<jiff::Timestamp>,
}

/// Plays the history of `seed` and checks it.
#[must_use]
pub fn history(seed: u64, defect: Defect) -> History {
    let plan = each_class();
    let mut chance = Chance::of(seed);
    let rules = chance.rules();
    let fence = rules.fence;
    let stage = Stage::new(Scripted::new(rules), fence, chance, defect);
    let mut play = Play {
        plan: &plan,
        run_id: "r1".parse().unwrap(),
        stage: &stage,
        started: 0,
        broken: Vec::new(),
    };
    play.storm();
    stage.calm();
    let ending = play.calm();
    let events = play.events();
    let mut broken = play.broken;
    broken.extend(checks::events(&plan, &events));
    broken.extend(checks::effects(&plan, &events, &stage.world.effects()));
    broken.extend(stage.broken());
    // Where the target cannot refuse an old epoch, what a process sends that was
    // held up for long arrives behind everything: nobody but the target could
    // keep it out.
    if ending == Some(Ending::Succeeded) && stage.keeps_old_epochs_out() {
        broken.extend(checks::landscape(&stage.world.landscape()));
    }
    History {
        events,
        ending,
        happened: stage.happened(),
        broken,
    }
}

struct Play<'a> {
    plan: &'a UpgradePlan,
    run_id: RunId,
    stage: &'a Stage,
    started: u32,
    broken: Vec<String>,
}

impl<'a> Play<'a> {
    fn events(&self) -> Vec<Recorded> {
        let stream = refit_executor::stream_of(&self.run_id).unwrap();
        pollster::block_on(self.stage.journal.read(&stream, 0)).unwrap()
    }

    fn state(&self) -> RunState {
        fold(&self.events()).unwrap()
    }

    fn start(&mut self, on_held: OnHeld) -> Process<'a> {
        self.started += 1;
        let options = RunOptions {
            on_held,
            ..RunOptions::new(
                "refit".parse().unwrap(),
                format!("process-{}", self.started).parse().unwrap(),
            )
        };
        let (plan, run_id, stage) = (self.plan, self.run_id.clone(), self.stage);
        Process {
            future: Box::pin(async move {
                let seat = Seat::at(stage);
                let ports = Ports {
                    world: &seat,
                    journal: &seat,
                    clock: &seat,
                };
                run(plan, &run_id, ports, &options, &mut |_| {}).await
            }),
            held_until: stage.world.now(),
            wakes: None,
        }
    }

    /// Everything that can go wrong does.
    fn storm(&mut self) {
        let mut processes: Vec<Process<'a>> = Vec::new();
        for _ in 0..TURNS {
            if processes.is_empty() {
                if self.state().phase().is_terminal() {
                    return;
                }
                self.stage.pass(self.stage.chance().seconds(20));
                if self.stage.chance().flips(2) {
                    self.answer();
                }
                let on_held = self.on_held();
                processes.push(self.start(on_held));
            }
            let place = self.stage.chance().below(processes.len());
            // Not in the head of the match, where the lock would be kept.
            let happens = self.stage.chance().happens();
            match happens {
                Happens::Turn => {
                    if !self.turn(&mut processes) {
                        let until = next(&processes);
                        self.stage.advance(until);
                    }
                }
                Happens::Start if processes.len() < MOST_PROCESSES => {
                    self.stage.note("a second process");
                    let on_held = self.on_held();
                    processes.push(self.start(on_held));
                }
                Happens::Start => {}
                Happens::Kill => {
                    self.stage.note("a process killed");
                    drop(processes.swap_remove(place));
                }
                Happens::HoldUp => {
                    self.stage.note("a process held up");
                    let span = self.stage.chance().seconds(200);
                    processes[place].held_until = span.after(self.stage.world.now());
                }
                Happens::Word => {
                    let word = self.stage.chance().word();
                    self.say(word);
                }
                Happens::StorageAway => {
                    let span = self.stage.chance().seconds(300);
                    self.stage.storage_away(span);
                }
                Happens::TargetAway => {
                    let span = self.stage.chance().seconds(300);
                    self.stage.target_away(span);
                }
                Happens::ClockJump => {
                    let hours = if self.stage.chance().flips(2) { 1 } else { -1 };
                    self.stage.jump(hours);
                }
            }
        }
        // Whoever is left is killed.
    }

    fn on_held(&self) -> OnHeld {
        if self.stage.chance().flips(2) {
            OnHeld::Wait
        } else {
            OnHeld::Refuse
        }
    }

    /// Gives one process a turn; false when none can use it now.
    fn turn(&mut self, processes: &mut Vec<Process<'a>>) -> bool {
        let now = self.stage.world.now();
        let able: Vec<usize> = (0..processes.len())
            .filter(|place| {
                let process = &processes[*place];
                process.held_until <= now && process.wakes.is_none_or(|wakes| wakes <= now)
            })
            .collect();
        if able.is_empty() {
            return false;
        }
        let place = able[self.stage.chance().below(able.len())];
        if let Some(ended) = self.poll(&mut processes[place]) {
            drop(processes.swap_remove(place));
            self.ended(ended);
        }
        true
    }

    fn poll(&mut self, process: &mut Process<'a>) -> Option<Result<RunOutcome, RunError>> {
        self.stage.begin_turn();
        let mut context = Context::from_waker(Waker::noop());
        match process.future.as_mut().poll(&mut context) {
            Poll::Ready(ended) => Some(ended),
            Poll::Pending => {
                process.wakes = self.stage.end_turn();
                None
            }
        }
    }

    /// A process came to its end: what it says has to be what the journal says.
    fn ended(&mut self, ended: Result<RunOutcome, RunError>) {
        match ended {
            Ok(outcome) => {
                let known = fold(&outcome.events).unwrap();
                if outcome.state != known {
                    self.broken
                        .push("I6: the state is not the fold of the events".to_owned());
                }
            }
            Err(
                RunError::Append(_)
                | RunError::Read(_)
                | RunError::Lease(_)
                | RunError::Fenced { .. },
            ) => {}
            Err(
                error @ (RunError::Edited { .. }
                | RunError::Hash(_)
                | RunError::Steps(_)
                | RunError::WrongCluster { .. }
                | RunError::OtherPlan { .. }
                | RunError::Stream(_)
                | RunError::LeaseTooShort(_)
                | RunError::Event(_)
                | RunError::Write(_)
                | RunError::Decide(_)),
            ) => self.broken.push(format!("a process ended with {error:?}")),
        }
    }

    /// Nothing goes wrong any more, and a person answers: the run comes to an end.
    fn calm(&mut self) -> Option<Ending> {
        for _ in 0..CALM_STARTS {
            let mut process = self.start(OnHeld::Wait);
            let mut outcome = None;
            for _ in 0..CALM_TURNS {
                if let Some(until) = process.wakes {
                    self.stage.advance(until);
                }
                if let Some(ended) = self.poll(&mut process) {
                    outcome = Some(ended);
                    break;
                }
            }
            match outcome {
                Some(Ok(outcome)) if outcome.state.phase().is_terminal() => {
                    let ending = outcome.ending.clone();
                    self.ended(Ok(outcome));
                    return Some(ending);
                }
                Some(ended @ Ok(_)) => self.ended(ended),
                Some(Err(error)) => {
                    self.broken
                        .push(format!("I13: with everything well, {error:?}"));
                    return None;
                }
                None => {
                    self.broken
                        .push("I13: a process goes on for ever".to_owned());
                    return None;
                }
            }
            self.stage.pass(Seconds::minutes(6));
            self.answer();
        }
        self.broken.push(format!(
            "I13: after {CALM_STARTS} starts the run is {}: {:?}",
            self.state().phase(),
            self.state().reasons()
        ));
        None
    }

    /// An honest person looks at the world and says what is the case. While
    /// anything is under way nothing is said of a step.
    fn answer(&mut self) {
        let state = self.state();
        if matches!(state.phase(), RunPhase::Paused | RunPhase::Pausing) {
            self.say(Word::Resume);
        }
        if self.stage.world.is_busy() {
            return;
        }
        let waiting: Vec<StepId> = state
            .active()
            .filter(|(_, step)| step.phase.waits_for_a_person())
            .map(|(id, _)| id.clone())
            .collect();
        for step in waiting {
            let word = self.honestly(step);
            self.say(word);
        }
    }

    fn honestly(&self, step: StepId) -> Word {
        let world = self.stage.world.landscape();
        let (is_done, is_past) = match step.as_str() {
            "cordon" => (world.cordoned, false),
            "upgrade" => (world.kubelet == version("1.33.4"), false),
            "refresh" => (world.revision == 8, world.revision > 8),
            "uncordon" => (!world.cordoned, false),
            "tell" => (true, false),
            _ => (false, false),
        };
        if is_past {
            Word::Skip {
                step,
                reason: "it went further than this".to_owned(),
            }
        } else if is_done {
            Word::Done {
                step,
                evidence: format!("seen: {:?}", released()),
            }
        } else {
            Word::Retry {
                step,
                reason: "it is not there".to_owned(),
            }
        }
    }

    /// Says it; what is not possible where the run stands is not said.
    fn say(&mut self, word: Word) {
        let ada = "ada".parse().unwrap();
        let now = self.stage.now();
        let said = tell(
            self.plan,
            &self.run_id,
            &self.stage.journal,
            &ada,
            word,
            now,
        );
        if pollster::block_on(said).is_ok() {
            self.stage.note("a person spoke");
        }
    }
}

/// When the next of these can use a turn.
fn next(processes: &[Process<'_>]) -> jiff::Timestamp {
    processes
        .iter()
        .map(|process| {
            let wakes = process.wakes.unwrap_or(process.held_until);
            wakes.max(process.held_until)
        })
        .min()
        .unwrap()
}
