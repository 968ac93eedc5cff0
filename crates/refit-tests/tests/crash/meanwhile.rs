//! What goes on while the executor waits: the lease is kept during a long call,
//! a call without an end is given up at its deadline, and people are heard.

use crate::{process, run_id};
use jiff::Timestamp;
use refit_executor::ports::{
    AppendError, Clock, Guard, Journal, Lease, LeaseError, StorageError, World,
};
use refit_executor::{
    LEASE_TTL, MemoryJournal, Ports, RunError, RunEvent, RunPhase, StepPhase, Word, run, tell,
};
use refit_model::act::{Answer, Epoch, Fence, Intent, Refusal, Trace};
use refit_model::duration::Seconds;
use refit_model::event::{NewEvent, Recorded};
use refit_model::name::{ClusterId, Incarnation, OpKey, StreamId};
use refit_model::query::Query;
use refit_model::rehearsal::Ending;
use refit_model::snapshot::Snapshot;
use refit_tests::tiny::plans::{cordon, cordoned, each_class, in_a_row, released, step};
use refit_tests::tiny::world::{Rules, Scripted};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::task::Poll;

/// A world whose calls take their time. Nothing wakes them: only the clock of
/// the one who waits moves on.
struct Slow<'a> {
    world: &'a Scripted,
    takes: Seconds,
}

impl World for Slow<'_> {
    async fn observe(&self, query: &Query) -> Snapshot {
        self.world.observe(query).await
    }

    async fn act(&self, intent: &Intent) -> Answer {
        let until = self.takes.after(self.world.now());
        poll_fn(|_| {
            if self.world.now() < until {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
        self.world.act(intent).await
    }

    async fn probe(&self, key: &OpKey) -> Trace {
        self.world.probe(key).await
    }

    async fn fence(&self, epoch: Epoch) -> Fence {
        self.world.fence(epoch).await
    }
}

/// A clock that asks, whenever it is asked to wait, whether somebody else could
/// take the lease.
struct Rival<'a> {
    world: &'a Scripted,
    journal: &'a MemoryJournal,
}

impl Clock for Rival<'_> {
    fn now(&self) -> Timestamp {
        self.world.now()
    }

    async fn sleep_until(&self, until: Timestamp) {
        self.world.sleep_until(until).await;
        let tried = self
            .journal
            .acquire(
                &refit_tests::tiny::world::identity().id,
                &"rival".parse().unwrap(),
                self.world.now(),
                LEASE_TTL,
            )
            .await;
        assert!(matches!(tried, Err(LeaseError::Held { .. })), "{tried:?}");
    }
}

#[test]
fn the_lease_is_kept_during_a_call_that_outlasts_it() {
    let plan = in_a_row(vec![step(
        "s",
        Some(cordon()),
        vec![released()],
        vec![cordoned()],
    )]);
    let world = Scripted::new(Rules::default());
    let journal = MemoryJournal::new();
    let slow = Slow {
        world: &world,
        takes: Seconds::minutes(5),
    };
    let ports = Ports {
        world: &slow,
        journal: &journal,
        clock: &Rival {
            world: &world,
            journal: &journal,
        },
    };
    let outcome =
        pollster::block_on(run(&plan, &run_id(), ports, &process(1), &mut |_| {})).unwrap();
    assert_eq!(outcome.ending, Ending::Succeeded);
    assert_eq!(world.requests(), 1);
}

#[test]
fn a_call_without_an_end_is_given_up_at_its_deadline() {
    let mut only = step("s", Some(cordon()), vec![released()], vec![cordoned()]);
    only.timeout = Seconds::minutes(3);
    let plan = in_a_row(vec![only]);
    let world = Scripted::new(Rules::default());
    let slow = Slow {
        world: &world,
        takes: Seconds::minutes(60),
    };
    let ports = Ports {
        world: &slow,
        journal: &MemoryJournal::new(),
        clock: &world,
    };
    let outcome =
        pollster::block_on(run(&plan, &run_id(), ports, &process(1), &mut |_| {})).unwrap();
    let (_, found) = outcome.state.steps().next().unwrap();
    assert_eq!(found.phase, StepPhase::Failed, "{}", found.because);
    let lost = outcome.events.iter().any(|event| {
        matches!(RunEvent::of(event).unwrap(), RunEvent::Lost { why, .. } if why.contains("deadline"))
    });
    assert!(lost, "and until then nobody said that it did not happen");
}

/// A journal that has everything but renewals.
struct NoRenewals(MemoryJournal);

impl Journal for NoRenewals {
    async fn acquire(
        &self,
        target: &ClusterId,
        holder: &Incarnation,
        now: Timestamp,
        ttl: Seconds,
    ) -> Result<Lease, LeaseError> {
        self.0.acquire(target, holder, now, ttl).await
    }

    async fn renew(&self, _: &Lease, _: Timestamp, _: Seconds) -> Result<Lease, LeaseError> {
        Err(LeaseError::Storage(StorageError {
            what: "renew a lease",
            why: "the database is away".to_owned(),
        }))
    }

    async fn release(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.0.release(lease).await
    }

    async fn append(
        &self,
        stream: &StreamId,
        expected: u64,
        guard: Guard<'_>,
        events: &[NewEvent],
    ) -> Result<u64, AppendError> {
        self.0.append(stream, expected, guard, events).await
    }

    async fn read(&self, stream: &StreamId, after: u64) -> Result<Vec<Recorded>, StorageError> {
        self.0.read(stream, after).await
    }

    async fn streams(&self, prefix: &str) -> Result<Vec<StreamId>, StorageError> {
        self.0.streams(prefix).await
    }
}

#[test]
fn nothing_is_sent_under_a_lease_that_may_have_passed_to_another() {
    let plan = each_class();
    // A lease of 60 s is good for sending for 50 s; the upgrade of the node
    // takes 30 s and is then looked at three times in 15 s. With a start that
    // comes 10 s late the next step is due at 55 s or later.
    for (late, sent, fails) in [(0, 4, false), (10, 2, true)] {
        let world = Scripted::new(Rules {
            refusals: BTreeMap::from([(
                1,
                Refusal::Later {
                    why: "busy".to_owned(),
                    after: Some(Seconds::new(late)),
                },
            )]),
            ..Rules::default()
        });
        let journal = NoRenewals(MemoryJournal::new());
        let ports = Ports {
            world: &world,
            journal: &journal,
            clock: &world,
        };
        let ended = pollster::block_on(run(&plan, &run_id(), ports, &process(1), &mut |_| {}));
        // The first request was put off.
        assert_eq!(world.requests(), sent + 1, "{late}");
        assert_eq!(
            matches!(ended, Err(RunError::Lease(LeaseError::Storage(_)))),
            fails,
            "{late}: {ended:?}"
        );
        let stream = "run/r1".parse().unwrap();
        let written = pollster::block_on(journal.read(&stream, 0)).unwrap();
        let last = RunEvent::of(written.last().unwrap()).unwrap();
        assert!(
            !matches!(last, RunEvent::Intended { .. }),
            "an intent that cannot be sent is not recorded"
        );
    }
}

#[test]
fn a_person_who_says_stop_is_heard_before_the_next_send() {
    let plan = each_class();
    let world = Scripted::new(Rules::default());
    let journal = MemoryJournal::new();
    let ports = Ports {
        world: &world,
        journal: &journal,
        clock: &world,
    };
    let ada = "ada".parse().unwrap();
    let say = |word| {
        pollster::block_on(tell(&plan, &run_id(), &journal, &ada, word, world.now())).unwrap()
    };
    // Ada speaks right behind an event of the run, so that the run's own next
    // write meets a stream that has grown.
    let mut spoken = false;
    let paused = pollster::block_on(run(&plan, &run_id(), ports, &process(1), &mut |event| {
        let began = matches!(
            RunEvent::of(event).unwrap(),
            RunEvent::Began { step, .. } if step.as_str() == "upgrade"
        );
        if began && !spoken {
            spoken = true;
            drop(say(Word::Pause {
                reason: "a storm".to_owned(),
            }));
        }
    }))
    .unwrap();
    assert_eq!(paused.ending, Ending::Stopped("paused: a storm".to_owned()));
    assert_eq!(paused.state.phase(), RunPhase::Paused);
    assert_eq!(world.requests(), 1, "the cordon, and nothing behind it");
    let actors: Vec<_> = paused
        .events
        .iter()
        .map(|event| event.event.actor.as_str())
        .filter(|actor| *actor == "ada")
        .collect();
    assert_eq!(actors, ["ada"], "what she said is hers");

    say(Word::Resume);
    let done = pollster::block_on(run(&plan, &run_id(), ports, &process(1), &mut |_| {})).unwrap();
    assert_eq!(done.ending, Ending::Succeeded);
}
