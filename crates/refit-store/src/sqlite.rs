//! Opening a journal on SQLite.

use crate::schema::{GET_VERSION, SET_VERSION, TABLES, VERSION};
use refit_executor::ports::StorageError;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection as _, Sqlite};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Takes the right to write at once, so that two writers wait for each other
/// instead of failing half-way.
pub(crate) const BEGIN: &str = "BEGIN IMMEDIATE";

/// How long a writer waits for another process to finish writing. Half of the
/// ten seconds by which a lease is guarded: a record that comes late still comes
/// before the lease has ended.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How many readers may be under way at once, beside the one writer. Screens
/// and watchers read; each reader is a thread, and a machine that runs upgrades
/// has few cores to spare.
const READERS: u32 = 4;

/// A journal in one SQLite file: write-ahead log, every commit flushed to the
/// disk, one writer.
///
/// Its futures need the Tokio runtime.
#[derive(Clone, Debug)]
pub struct SqliteJournal {
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
}

/// What to do when the file does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfMissing {
    /// Make it, readable for its owner only.
    Create,
    /// Say so.
    Refuse,
}

/// Why a journal could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no place for the file.
    #[error("the directory {0} does not exist")]
    NoDirectory(PathBuf),
    /// The path is a directory.
    #[error("{0} is a directory, not a journal")]
    IsDirectory(PathBuf),
    /// There is no such file.
    #[error("there is no journal at {0}")]
    Missing(PathBuf),
    /// The file could not be made.
    #[error("could not create {path}")]
    Create {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file is something else.
    #[error("{0} is not an SQLite database")]
    NotADatabase(PathBuf),
    /// The database is somebody else's.
    #[error("{0} is an SQLite database, but not a journal of Refit")]
    NotAJournal(PathBuf),
    /// A newer version of Refit wrote it.
    #[error("{path} has schema {found}, and this version of Refit knows schemas up to {known}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version that it has.
        found: i64,
        /// The newest version that this build knows.
        known: i64,
    },
    /// The database could not be used.
    #[error("could not open {path}")]
    Storage {
        /// The file.
        path: PathBuf,
        /// What the database said.
        #[source]
        source: StorageError,
    },
}

impl SqliteJournal {
    /// Opens the journal at `path`.
    ///
    /// # Errors
    /// See [`OpenError`]; a file that is not a journal is left as it is.
    pub async fn open(path: &Path, if_missing: IfMissing) -> Result<Self, OpenError> {
        prepare(path, if_missing)?;
        let failed = |error: sqlx::Error| {
            if code(&error) == Some(NOT_A_DATABASE) {
                OpenError::NotADatabase(path.to_owned())
            } else {
                OpenError::Storage {
                    path: path.to_owned(),
                    source: storage("open the journal", &error),
                }
            }
        };
        // Looks before it turns anything on: a database of somebody else's
        // must not get a write-ahead log from us.
        let plain = SqliteConnectOptions::new()
            .filename(path)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
            .synchronous(SqliteSynchronous::Full);
        let looking = pool(1).connect_with(plain.clone()).await.map_err(failed)?;
        let found = look(&looking).await.map_err(failed)?;
        looking.close().await;
        match found {
            Found::Nothing | Found::Journal => {}
            Found::SomethingElse => return Err(OpenError::NotAJournal(path.to_owned())),
        }
        let options = plain.journal_mode(SqliteJournalMode::Wal);
        let writer = pool(1)
            .connect_with(options.clone())
            .await
            .map_err(failed)?;
        let version = bring_up(&writer).await.map_err(failed)?;
        if version > VERSION {
            return Err(OpenError::Newer {
                path: path.to_owned(),
                found: version,
                known: VERSION,
            });
        }
        let readers = pool(READERS)
            .connect_with(options.read_only(true))
            .await
            .map_err(failed)?;
        Ok(Self { writer, readers })
    }

    /// Closes it, and waits until the file is at rest.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Checks the path, and makes the file if that is wanted.
fn prepare(path: &Path, if_missing: IfMissing) -> Result<(), OpenError> {
    if path.is_dir() {
        return Err(OpenError::IsDirectory(path.to_owned()));
    }
    if path.exists() {
        return Ok(());
    }
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() && !parent.is_dir() => {
            return Err(OpenError::NoDirectory(parent.to_owned()));
        }
        Some(_) | None => {}
    }
    match if_missing {
        IfMissing::Refuse => Err(OpenError::Missing(path.to_owned())),
        IfMissing::Create => create(path).map_err(|source| OpenError::Create {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Makes an empty file that only its owner can read: a journal tells what a
/// landscape looks like. SQLite gives its other files the same mode.
fn create(path: &Path) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        // Another process was faster, which is as good.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Connections that live as long as the journal.
///
/// SQLite itself rolls a transaction back when the disk is full or fails. The
/// library does not notice: its own rollback finds nothing to undo, and the
/// connection would refuse every further transaction. Such a connection is
/// closed, and the next caller gets a new one.
fn pool(size: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(size)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_release(|connection, _| {
            Box::pin(async move {
                if connection.is_in_transaction() {
                    // A rollback that is still on its way is carried out first.
                    connection.ping().await?;
                }
                Ok(!connection.is_in_transaction())
            })
        })
}

/// What a database file holds.
enum Found {
    Nothing,
    Journal,
    SomethingElse,
}

async fn look(pool: &SqlitePool) -> Result<Found, sqlx::Error> {
    let tables: Vec<String> =
        sqlx::query_scalar::<Sqlite, _>("SELECT name FROM sqlite_schema WHERE type = 'table'")
            .fetch_all(pool)
            .await?;
    Ok(if tables.is_empty() {
        Found::Nothing
    } else if tables.iter().any(|table| table == "refit_schema") {
        Found::Journal
    } else {
        Found::SomethingElse
    })
}

/// Makes the tables if there are none; returns the version that is there then.
async fn bring_up(pool: &SqlitePool) -> Result<i64, sqlx::Error> {
    let mut change = pool.begin_with(BEGIN).await?;
    let there: Option<i64> = sqlx::query_scalar::<Sqlite, _>(
        "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'refit_schema'",
    )
    .fetch_optional(&mut *change)
    .await?;
    if there == Some(0) {
        for table in TABLES {
            sqlx::query::<Sqlite>(table).execute(&mut *change).await?;
        }
        sqlx::query::<Sqlite>(SET_VERSION)
            .bind(VERSION)
            .execute(&mut *change)
            .await?;
        change.commit().await?;
        return Ok(VERSION);
    }
    let version: Option<i64> = sqlx::query_scalar::<Sqlite, Option<i64>>(GET_VERSION)
        .fetch_one(&mut *change)
        .await?;
    change.rollback().await?;
    Ok(version.unwrap_or(0))
}

/// SQLite's `SQLITE_NOTADB`. Source of the codes: <https://sqlite.org/rescode.html>
const NOT_A_DATABASE: u32 = 26;

/// The primary result code of an error that SQLite itself reported: the low
/// eight bits of the extended one.
fn code(error: &sqlx::Error) -> Option<u32> {
    let extended: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}

/// What a person can do something with, as one text.
pub(crate) fn storage(what: &'static str, error: &sqlx::Error) -> StorageError {
    let plainly = match code(error) {
        Some(5 | 6) => Some("another process is writing to it"),
        Some(8) => Some("it can only be read"),
        Some(10) => Some("the disk reported a fault"),
        Some(11) => Some("the file is damaged"),
        Some(13) => Some("the disk is full"),
        Some(14) => Some("the file could not be opened"),
        Some(_) | None => None,
    };
    // The library's own text already holds its causes.
    let why = match plainly {
        Some(plainly) => format!("{plainly} ({error})"),
        None => error.to_string(),
    };
    StorageError { what, why }
}

#[cfg(test)]
mod tests;
