//! `cargo xtask bench-transitions`: what a step of a run costs to record, beside
//! a bare transaction of SQLite.

use crate::{Outcome, say};
use refit_executor::ports::{Guard, Journal as _, Lease};
use refit_model::duration::Seconds;
use refit_model::event::NewEvent;
use refit_model::name::StreamId;
use refit_store::{IfMissing, SqliteJournal};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, SqliteConnection};
use std::path::Path;
use std::time::{Duration, Instant};

/// How often each side takes its turn; the first is to warm up.
const ROUNDS: usize = 6;

/// Records the events of the demo's run again, one transaction each and under a
/// lease, in turns with as many bare transactions of one row of the same length.
/// Both are flushed to the disk at each commit; the files lie in the target
/// folder, or in another one that is named, which has to be on a disk.
pub(crate) fn run(arguments: &[String]) -> Outcome<()> {
    let folder = match arguments {
        [] => tempfile::tempdir_in(crate::root().join("target"))?,
        [flag, folder] if flag == "--in" => tempfile::tempdir_in(folder)?,
        _ => return Err("usage: cargo xtask bench-transitions [--in FOLDER]".into()),
    };
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(measure(folder.path()))
}

async fn measure(folder: &Path) -> Outcome<()> {
    refit_service::demo::demo(&folder.join("demo"), &mut |_| {})
        .await
        .map_err(|failure| failure.what)?;
    let events = events(&folder.join("demo/journal.db")).await?;
    let texts: Vec<String> = events
        .iter()
        .map(|event| "x".repeat(event.body.to_string().len()))
        .collect();
    let bytes: usize = texts.iter().map(String::len).sum();

    let journal = SqliteJournal::open(&folder.join("ours.db"), IfMissing::Create).await?;
    let now = jiff::Timestamp::now();
    let ttl = Seconds::minutes(60);
    let lease = journal
        .acquire(&"harbour".parse()?, &"bench".parse()?, now, ttl)
        .await?;
    let mut bare = bare(&folder.join("bare.db")).await?;

    say(&format!("{} events of a run, {bytes} bytes", events.len()))?;
    let (mut ours_took, mut bare_took) = (Duration::ZERO, Duration::ZERO);
    for round in 0..ROUNDS {
        let begun = Instant::now();
        for text in &texts {
            bare_transaction(&mut bare, text).await?;
        }
        let bare_in = begun.elapsed();
        let stream = format!("run/{round}").parse()?;
        let begun = Instant::now();
        record(&journal, &stream, &lease, &events).await?;
        let ours_in = begun.elapsed();
        if round > 0 {
            bare_took += bare_in;
            ours_took += ours_in;
            say(&format!(
                "bare {:.0} a second, ours {:.0} a second",
                rate(&events, bare_in),
                rate(&events, ours_in)
            ))?;
        }
    }
    journal.close().await;
    say(&format!(
        "step transitions at {:.0} % of bare transactions",
        bare_took.as_secs_f64() / ours_took.as_secs_f64() * 100.0
    ))
}

/// The events of the only run in a journal.
async fn events(path: &Path) -> Outcome<Vec<NewEvent>> {
    let journal = SqliteJournal::open(path, IfMissing::Refuse).await?;
    let streams = journal.streams("run/").await?;
    let [stream] = streams.as_slice() else {
        return Err(format!("{} runs in the demo's journal", streams.len()).into());
    };
    let recorded = journal.read(stream, 0).await?;
    journal.close().await;
    Ok(recorded
        .into_iter()
        .map(|recorded| recorded.event)
        .collect())
}

async fn record(
    journal: &SqliteJournal,
    stream: &StreamId,
    lease: &Lease,
    events: &[NewEvent],
) -> Outcome<()> {
    let mut head = 0;
    for event in events {
        head = journal
            .append(
                stream,
                head,
                Guard::Held(lease),
                std::slice::from_ref(event),
            )
            .await?;
    }
    Ok(())
}

/// A database with the journal's settings and one table.
async fn bare(path: &Path) -> Outcome<SqliteConnection> {
    let mut connection = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await?;
    sqlx::raw_sql("CREATE TABLE rows (number INTEGER PRIMARY KEY, text TEXT NOT NULL)")
        .execute(&mut connection)
        .await?;
    Ok(connection)
}

/// One call, so that no turn of the library's own thread is counted more often
/// than it must be. The text is ours and has no quotes.
async fn bare_transaction(connection: &mut SqliteConnection, text: &str) -> Outcome<()> {
    let statements = format!("BEGIN IMMEDIATE; INSERT INTO rows (text) VALUES ('{text}'); COMMIT");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements))
        .execute(connection)
        .await?;
    Ok(())
}

fn rate(events: &[NewEvent], took: Duration) -> f64 {
    let seconds = took.as_secs_f64();
    events.iter().map(|_| 1.0 / seconds).sum()
}
