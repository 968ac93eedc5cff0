//! One journal: whatever keeps it gives the same answers to any sequence of
//! calls. A further database joins by standing in `Backend::ALL`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on says where"
)]

use jiff::Timestamp;
use proptest::prelude::*;
use refit_executor::MemoryJournal;
use refit_executor::ports::{AppendError, Guard, Journal, Lease, LeaseError, StorageError};
use refit_model::act::Epoch;
use refit_model::duration::Seconds;
use refit_model::event::{NewEvent, Recorded};
use refit_model::name::{ClusterId, Incarnation, StreamId};
use refit_store::{IfMissing, SqliteJournal};
use serde_json::json;

/// What can keep a journal.
#[derive(Clone, Copy, Debug)]
enum Backend {
    Memory,
    Sqlite,
}

impl Backend {
    const ALL: [Self; 2] = [Self::Memory, Self::Sqlite];

    async fn open(self) -> Opened {
        match self {
            Self::Memory => Opened::Memory(MemoryJournal::new()),
            Self::Sqlite => {
                let home = tempfile::tempdir().unwrap();
                let path = home.path().join("journal.db");
                let journal = SqliteJournal::open(&path, IfMissing::Create).await.unwrap();
                Opened::Sqlite(journal, home)
            }
        }
    }
}

enum Opened {
    Memory(MemoryJournal),
    Sqlite(
        SqliteJournal,
        #[expect(dead_code, reason = "its drop removes the file")] tempfile::TempDir,
    ),
}

/// Hands a call on to what keeps the journal.
macro_rules! with {
    ($opened:expr, $journal:ident => $call:expr) => {
        match $opened {
            Opened::Memory($journal) => $call.await,
            Opened::Sqlite($journal, _) => $call.await,
        }
    };
}

impl Journal for Opened {
    async fn acquire(
        &self,
        target: &ClusterId,
        holder: &Incarnation,
        now: Timestamp,
        ttl: Seconds,
    ) -> Result<Lease, LeaseError> {
        with!(self, journal => journal.acquire(target, holder, now, ttl))
    }

    async fn renew(
        &self,
        lease: &Lease,
        now: Timestamp,
        ttl: Seconds,
    ) -> Result<Lease, LeaseError> {
        with!(self, journal => journal.renew(lease, now, ttl))
    }

    async fn release(&self, lease: &Lease) -> Result<(), LeaseError> {
        with!(self, journal => journal.release(lease))
    }

    async fn append(
        &self,
        stream: &StreamId,
        expected: u64,
        guard: Guard<'_>,
        events: &[NewEvent],
    ) -> Result<u64, AppendError> {
        with!(self, journal => journal.append(stream, expected, guard, events))
    }

    async fn read(&self, stream: &StreamId, after: u64) -> Result<Vec<Recorded>, StorageError> {
        with!(self, journal => journal.read(stream, after))
    }

    async fn streams(&self, prefix: &str) -> Result<Vec<StreamId>, StorageError> {
        with!(self, journal => journal.streams(prefix))
    }
}

/// Runs one test on everything that can keep a journal.
fn on_each(test: impl AsyncFn(&Opened)) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for backend in Backend::ALL {
        println!("on {backend:?}");
        runtime.block_on(async {
            let opened = backend.open().await;
            test(&opened).await;
        });
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn event(what: &str) -> NewEvent {
    NewEvent {
        at: at(0),
        actor: "ada".parse().unwrap(),
        body: json!({"what": what, "text": "line\nbreak \u{1F600} \" ' %_"}),
    }
}

fn target(name: &str) -> ClusterId {
    name.parse().unwrap()
}

fn holder(name: &str) -> Incarnation {
    name.parse().unwrap()
}

fn stream(name: &str) -> StreamId {
    name.parse().unwrap()
}

const TTL: Seconds = Seconds::new(60);

#[test]
fn a_lease_has_one_holder_and_a_number_of_its_own() {
    on_each(async |journal| {
        let first = journal
            .acquire(&target("c1"), &holder("a"), at(0), TTL)
            .await
            .unwrap();
        assert_eq!((first.epoch, first.expires), (Epoch(1), at(60)));
        let held = journal
            .acquire(&target("c1"), &holder("b"), at(59), TTL)
            .await
            .unwrap_err();
        assert!(
            matches!(&held, LeaseError::Held { holder, until, .. }
                if holder.as_str() == "a" && *until == at(60)),
            "{held}"
        );
        let elsewhere = journal
            .acquire(&target("c2"), &holder("b"), at(0), TTL)
            .await
            .unwrap();
        assert_eq!(elsewhere.epoch, Epoch(1), "epochs are per target");
        // The holder itself may take it again, under a higher number.
        let raised = journal
            .acquire(&target("c1"), &holder("a"), at(1), TTL)
            .await
            .unwrap();
        assert_eq!(raised.epoch, Epoch(2));
        let lost = journal.renew(&first, at(2), TTL).await.unwrap_err();
        assert!(
            matches!(
                lost,
                LeaseError::Lost {
                    epoch: Epoch(1),
                    ..
                }
            ),
            "{lost}"
        );
    });
}

#[test]
fn an_expired_lease_is_its_holders_until_somebody_takes_it() {
    on_each(async |journal| {
        let old = journal
            .acquire(&target("c"), &holder("a"), at(0), TTL)
            .await
            .unwrap();
        let renewed = journal.renew(&old, at(100), TTL).await.unwrap();
        assert_eq!((renewed.epoch, renewed.expires), (Epoch(1), at(160)));
        journal
            .append(&stream("run/r"), 0, Guard::Held(&old), &[event("late")])
            .await
            .unwrap();
        let taken = journal
            .acquire(&target("c"), &holder("b"), at(160), TTL)
            .await
            .unwrap();
        assert_eq!(taken.epoch, Epoch(2));
        assert!(matches!(
            journal.renew(&renewed, at(161), TTL).await.unwrap_err(),
            LeaseError::Lost { .. }
        ));
        let fenced = journal
            .append(&stream("run/r"), 1, Guard::Held(&renewed), &[event("x")])
            .await
            .unwrap_err();
        assert!(
            matches!(
                fenced,
                AppendError::Fenced {
                    epoch: Epoch(1),
                    ..
                }
            ),
            "{fenced}"
        );
        assert_eq!(journal.read(&stream("run/r"), 0).await.unwrap().len(), 1);
        journal
            .append(&stream("run/r"), 1, Guard::Held(&taken), &[event("y")])
            .await
            .unwrap();
    });
}

#[test]
fn a_lease_given_back_is_free_and_its_number_is_not() {
    on_each(async |journal| {
        let old = journal
            .acquire(&target("c"), &holder("a"), at(0), TTL)
            .await
            .unwrap();
        journal.release(&old).await.unwrap();
        assert!(journal.renew(&old, at(1), TTL).await.is_err());
        assert!(
            journal
                .append(&stream("s"), 0, Guard::Held(&old), &[event("x")])
                .await
                .is_err()
        );
        let next = journal
            .acquire(&target("c"), &holder("b"), at(1), TTL)
            .await
            .unwrap();
        assert_eq!(next.epoch, Epoch(2));
        // Giving back what is somebody else's by now does nothing.
        journal.release(&old).await.unwrap();
        assert!(journal.renew(&next, at(2), TTL).await.is_ok());
    });
}

#[test]
fn a_lease_that_nobody_gave_is_worth_nothing() {
    on_each(async |journal| {
        let forged = Lease {
            target: target("c"),
            epoch: Epoch(u64::MAX),
            holder: holder("a"),
            expires: at(60),
        };
        assert!(matches!(
            journal
                .append(&stream("s"), 0, Guard::Held(&forged), &[event("x")])
                .await
                .unwrap_err(),
            AppendError::Fenced { .. }
        ));
        assert!(matches!(
            journal.renew(&forged, at(0), TTL).await.unwrap_err(),
            LeaseError::Lost { .. }
        ));
    });
}

#[test]
fn events_stand_where_they_were_expected_or_not_at_all() {
    on_each(async |journal| {
        let name = stream("run/r");
        let last = journal
            .append(&name, 0, Guard::Open, &[event("1"), event("2")])
            .await
            .unwrap();
        assert_eq!(last, 2);
        for expected in [0, 1, 3, u64::MAX] {
            let conflict = journal
                .append(&name, expected, Guard::Open, &[event("x"), event("y")])
                .await
                .unwrap_err();
            assert!(
                matches!(conflict, AppendError::Conflict { found: 2, .. }),
                "{conflict}"
            );
        }
        assert_eq!(
            journal.append(&name, 2, Guard::Open, &[]).await.unwrap(),
            2,
            "nothing is appended, but the place is checked"
        );
        let all = journal.read(&name, 0).await.unwrap();
        assert_eq!(all.iter().map(|kept| kept.seq).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(all[1].event, event("2"), "what is read is what was written");
        assert_eq!(all[1].stream, name);
        assert_eq!(journal.read(&name, 1).await.unwrap(), all[1..]);
        for after in [2, 3, u64::MAX] {
            assert_eq!(journal.read(&name, after).await.unwrap(), []);
        }
        assert_eq!(journal.read(&stream("run/none"), 0).await.unwrap(), []);
    });
}

#[test]
fn streams_are_found_by_what_they_begin_with() {
    on_each(async |journal| {
        for name in [
            "run/a", "run/b%c", "run/b_c", "run", "runs/a", "plan/ä", "r",
        ] {
            journal
                .append(&stream(name), 0, Guard::Open, &[event(name)])
                .await
                .unwrap();
        }
        for (prefix, expected) in [
            ("run/", vec!["run/a", "run/b%c", "run/b_c"]),
            ("run/b%", vec!["run/b%c"]),
            ("run/_", vec![]),
            ("plan/ä", vec!["plan/ä"]),
            ("run", vec!["run", "run/a", "run/b%c", "run/b_c", "runs/a"]),
            ("-", vec![]),
            ("' OR 1", vec![]),
            ("\u{10FFFF}", vec![]),
            (
                "",
                vec![
                    "plan/ä", "r", "run", "run/a", "run/b%c", "run/b_c", "runs/a",
                ],
            ),
        ] {
            let found = journal.streams(prefix).await.unwrap();
            let found: Vec<_> = found.iter().map(StreamId::as_str).collect();
            assert_eq!(found, expected, "{prefix:?}");
        }
    });
}

/// One call, with its arguments by number.
#[derive(Clone, Debug)]
enum Call {
    Acquire {
        target: u8,
        holder: u8,
        now: u32,
        ttl: u32,
    },
    Renew {
        lease: usize,
        now: u32,
        ttl: u32,
    },
    Release {
        lease: usize,
    },
    Append {
        stream: u8,
        offset: i64,
        guard: Option<usize>,
        events: u8,
    },
    Read {
        stream: u8,
        after: u64,
    },
    Streams {
        prefix: u8,
    },
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let call = prop_oneof![
        3 => (0..2_u8, 0..3_u8, 0..200_000_000_u32, 0..90_u32)
            .prop_map(|(target, holder, now, ttl)| Call::Acquire { target, holder, now, ttl }),
        2 => (any::<usize>(), 0..200_000_000_u32, 0..90_u32)
            .prop_map(|(lease, now, ttl)| Call::Renew { lease, now, ttl }),
        1 => any::<usize>().prop_map(|lease| Call::Release { lease }),
        5 => (
            0..3_u8,
            prop_oneof![6 => Just(0_i64), 1 => -2..3_i64],
            proptest::option::of(any::<usize>()),
            0..4_u8,
        )
            .prop_map(|(stream, offset, guard, events)| Call::Append {
                stream, offset, guard, events,
            }),
        2 => (0..3_u8, 0..6_u64).prop_map(|(stream, after)| Call::Read { stream, after }),
        1 => (0..4_u8).prop_map(|prefix| Call::Streams { prefix }),
    ];
    proptest::collection::vec(call, 1..30)
}

/// Makes the calls, and writes down what came back.
async fn answers(journal: &Opened, calls: &[Call]) -> Vec<String> {
    let streams = ["run/a", "run/b", "plan/a"].map(stream);
    let targets = ["c1", "c2"].map(target);
    let holders = ["x", "y", "z"].map(holder);
    // Finer than a microsecond, so that what is cut off is cut off alike.
    let when = |now: u32| {
        Timestamp::from_nanosecond(1_800_000_000_000_000_000 + i128::from(now) * 1_001).unwrap()
    };
    let mut leases: Vec<Lease> = Vec::new();
    let mut told = Vec::new();
    for (number, call) in calls.iter().enumerate() {
        let pick =
            |lease: usize| (!leases.is_empty()).then(|| leases[lease % leases.len()].clone());
        told.push(match call {
            Call::Acquire {
                target,
                holder,
                now,
                ttl,
            } => {
                let taken = journal
                    .acquire(
                        &targets[usize::from(*target)],
                        &holders[usize::from(*holder)],
                        when(*now),
                        Seconds::new(*ttl),
                    )
                    .await;
                leases.extend(taken.as_ref().ok().cloned());
                format!("{taken:?}")
            }
            Call::Renew { lease, now, ttl } => match pick(*lease) {
                Some(lease) => {
                    let renewed = journal.renew(&lease, when(*now), Seconds::new(*ttl)).await;
                    format!("{renewed:?}")
                }
                None => String::new(),
            },
            Call::Release { lease } => match pick(*lease) {
                Some(lease) => format!("{:?}", journal.release(&lease).await),
                None => String::new(),
            },
            Call::Append {
                stream,
                offset,
                guard,
                events,
            } => {
                let name = &streams[usize::from(*stream)];
                let found = journal.read(name, 0).await.unwrap().len();
                let expected = u64::try_from(found).unwrap().saturating_add_signed(*offset);
                let written: Vec<_> = (0..*events)
                    .map(|place| NewEvent {
                        at: when(u32::from(place)),
                        ..event(&format!("{number}.{place}"))
                    })
                    .collect();
                let lease = guard.and_then(pick);
                let guard = lease.as_ref().map_or(Guard::Open, Guard::Held);
                format!(
                    "{:?}",
                    journal.append(name, expected, guard, &written).await
                )
            }
            Call::Read { stream, after } => {
                format!(
                    "{:?}",
                    journal.read(&streams[usize::from(*stream)], *after).await
                )
            }
            Call::Streams { prefix } => {
                let prefix = ["", "run/", "plan", "x"][usize::from(*prefix)];
                format!("{:?}", journal.streams(prefix).await)
            }
        });
    }
    told
}

proptest! {
    // Each case opens a database and waits for its disk a few dozen times.
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_calls_has_one_answer(calls in calls()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let told = Backend::ALL.map(|backend| {
            runtime.block_on(async { answers(&backend.open().await, &calls).await })
        });
        for pair in told.windows(2) {
            prop_assert_eq!(&pair[0], &pair[1]);
        }
    }
}
