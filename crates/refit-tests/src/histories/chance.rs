//! What a seed decides.

use crate::tiny::world::{Fault, Rules};
use refit_executor::Word;
use refit_model::act::{Fence, Refusal};
use refit_model::duration::Seconds;

/// Requests after this one meet no fault: the target is well in the end.
const LAST_FAULT: u32 = 12;

/// What happens in one turn of the storm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Happens {
    Turn,
    Start,
    Kill,
    HoldUp,
    Word,
    StorageAway,
    TargetAway,
    ClockJump,
}

pub(super) struct Chance {
    random: fastrand::Rng,
    /// In how many turns of a thousand something goes wrong.
    wildness: u32,
}

impl Chance {
    pub(super) fn of(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let wildness = [5, 20, 60, 150][random.usize(..4)];
        Self { random, wildness }
    }

    /// How the target behaves.
    pub(super) fn rules(&mut self) -> Rules {
        let mut rules = Rules {
            fence: if self.random.bool() {
                Fence::Raised
            } else {
                Fence::Unsupported
            },
            ..Rules::default()
        };
        for request in 1..=LAST_FAULT {
            match self.random.u32(..12) {
                0 => {
                    rules.faults.insert(request, Fault::RequestLost);
                }
                1 => {
                    rules.faults.insert(request, Fault::AnswerLost);
                }
                2 => {
                    let by = self.seconds(300);
                    rules.faults.insert(request, Fault::Late(by));
                }
                3 => {
                    let refusal = if self.random.bool() {
                        Refusal::Denied("not like this".to_owned())
                    } else {
                        Refusal::Later {
                            why: "busy".to_owned(),
                            after: Some(self.seconds(60)),
                        }
                    };
                    rules.refusals.insert(request, refusal);
                }
                _ => {}
            }
        }
        rules
    }

    pub(super) fn happens(&mut self) -> Happens {
        if self.random.u32(..1_000) >= self.wildness {
            return Happens::Turn;
        }
        match self.random.u32(..16) {
            0..=3 => Happens::Kill,
            4..=6 => Happens::HoldUp,
            7..=9 => Happens::Start,
            10 | 11 => Happens::Word,
            12 | 13 => Happens::StorageAway,
            14 => Happens::TargetAway,
            _ => Happens::ClockJump,
        }
    }

    /// What a person says without having been asked.
    pub(super) fn word(&mut self) -> Word {
        match self.random.u32(..10) {
            0..=4 => Word::Pause {
                reason: "a storm".to_owned(),
            },
            5..=8 => Word::Resume,
            _ => Word::Abort {
                reason: "enough".to_owned(),
            },
        }
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        self.random.usize(..end)
    }

    /// True once in `times`.
    pub(super) fn flips(&mut self, times: u32) -> bool {
        self.random.u32(..times) == 0
    }

    /// From one second to `most`.
    pub(super) fn seconds(&mut self, most: u32) -> Seconds {
        Seconds::new(self.random.u32(1..=most))
    }
}
