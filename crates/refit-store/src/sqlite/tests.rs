//! Opening what is there, and what is not.

use super::*;
use refit_executor::ports::{AppendError, Guard, Journal as _};
use refit_model::event::NewEvent;

fn event() -> NewEvent {
    NewEvent {
        at: jiff::Timestamp::UNIX_EPOCH,
        actor: "ada".parse().unwrap(),
        body: serde_json::json!({"said": "x".repeat(20_000)}),
    }
}

#[tokio::test]
async fn what_cannot_be_opened_is_told_apart() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    std::fs::write(at("notes.txt"), "x".repeat(4096)).unwrap();
    std::fs::create_dir(at("dir")).unwrap();

    let other = pool(1)
        .connect_with(
            SqliteConnectOptions::new()
                .filename(at("other.db"))
                .create_if_missing(true),
        )
        .await
        .unwrap();
    sqlx::query::<Sqlite>("CREATE TABLE songs (title TEXT)")
        .execute(&other)
        .await
        .unwrap();
    other.close().await;
    let before = std::fs::read(at("other.db")).unwrap();

    let newer = SqliteJournal::open(&at("newer.db"), IfMissing::Create)
        .await
        .unwrap();
    sqlx::query::<Sqlite>(SET_VERSION)
        .bind(VERSION + 1)
        .execute(&newer.writer)
        .await
        .unwrap();
    newer.close().await;

    let cases = [
        ("dir", IfMissing::Create, "is a directory, not a journal"),
        ("gone/run.db", IfMissing::Create, "gone does not exist"),
        ("gone.db", IfMissing::Refuse, "there is no journal at"),
        ("notes.txt", IfMissing::Create, "is not an SQLite database"),
        ("other.db", IfMissing::Create, "not a journal of Refit"),
        ("newer.db", IfMissing::Refuse, "has schema 2"),
    ];
    for (name, if_missing, said) in cases {
        let error = SqliteJournal::open(&at(name), if_missing)
            .await
            .unwrap_err();
        assert!(error.to_string().contains(said), "{name}: {error}");
    }
    assert!(!at("gone.db").exists(), "looking makes no file");
    assert_eq!(
        before,
        std::fs::read(at("other.db")).unwrap(),
        "somebody else's database stays as it is"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_what_is_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::open(&home.path().join("run.db"), IfMissing::Create)
        .await
        .unwrap();
    journal
        .append(&"run/r1".parse().unwrap(), 0, Guard::Open, &[event()])
        .await
        .unwrap();
    let mut files = 0;
    for file in std::fs::read_dir(home.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.path().display());
        files += 1;
    }
    assert!(files >= 2, "the log stands beside the database");
}

#[tokio::test]
async fn what_was_committed_is_there_after_opening_again() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("run.db");
    let stream = "run/r1".parse().unwrap();
    let journal = SqliteJournal::open(&path, IfMissing::Create).await.unwrap();
    journal
        .append(&stream, 0, Guard::Open, &[event(), event()])
        .await
        .unwrap();
    // Not closed: as after a kill.
    let again = SqliteJournal::open(&path, IfMissing::Refuse).await.unwrap();
    assert_eq!(again.read(&stream, 0).await.unwrap().len(), 2);
    let pragma =
        |name: &'static str| sqlx::query_scalar::<Sqlite, String>(name).fetch_one(&again.writer);
    assert_eq!(pragma("PRAGMA journal_mode").await.unwrap(), "wal");
    let full: i64 = sqlx::query_scalar::<Sqlite, _>("PRAGMA synchronous")
        .fetch_one(&again.writer)
        .await
        .unwrap();
    assert_eq!(full, 2, "FULL");
}

#[tokio::test]
async fn a_full_disk_is_told_as_such_and_leaves_nothing_behind() {
    let home = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::open(&home.path().join("run.db"), IfMissing::Create)
        .await
        .unwrap();
    // The database's own limit stands for the disk's.
    sqlx::query::<Sqlite>("PRAGMA max_page_count = 16")
        .execute(&journal.writer)
        .await
        .unwrap();
    let stream = "run/r1".parse().unwrap();
    let many = vec![event(); 8];
    let error = journal
        .append(&stream, 0, Guard::Open, &many)
        .await
        .unwrap_err();
    let AppendError::Storage { source, .. } = error else {
        panic!("{error}");
    };
    assert!(source.why.starts_with("the disk is full"), "{source}");
    assert_eq!(journal.read(&stream, 0).await.unwrap(), []);
    assert_eq!(
        journal
            .append(&stream, 0, Guard::Open, &[event()])
            .await
            .unwrap(),
        1,
        "it goes on when there is room"
    );
}
