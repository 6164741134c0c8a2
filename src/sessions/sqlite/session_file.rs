//! `SessionFile`: the SQLite file with its connections, and with it the right to use it alone.
//! It keeps no copy of a record and informs nobody of a change; `SqliteStore` does.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use deadpool::managed::{Object, Pool};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, SqlStr};
use tower_sessions::session_store::{Error, Result};

use super::super::OpenError;
use super::super::connections::{self, Opener};
use super::super::namespace::Namespace;
use super::super::rows::{Access, Argument, Database, read};
use super::super::statements::{SQLITE, Statements};
use super::ownership::Ownership;
use super::private_file::PrivateFile;
use crate::auth::Record;

/// Returns a number that changes when another connection than the one that asks has written.
const DATA_VERSION: &str = "pragma data_version";
/// Copies the log into the file and empties it. The row that it returns begins with 1 when somebody reads or writes, so
/// that the log is still needed, and otherwise with 0.
const CHECKPOINT: &str = "pragma wal_checkpoint(truncate)";
/// How long a statement waits for another one that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(1);
const READERS: usize = 4;
/// How long a checkpoint waits for statements that read: no write waits longer than this for a checkpoint.
const CHECKPOINT_PATIENCE: Duration = Duration::from_millis(100);

/// The file with its connections: several that read, and one that writes.
#[derive(Debug)]
pub(super) struct SessionFile {
    path: PathBuf,
    statements: Statements,
    readers: Pool<Opener<SqliteConnectOptions>>,
    writer: Pool<Opener<SqliteConnectOptions>>,
    held: Mutex<Held>,
    /// Not while another process may have the file.
    is_usable: AtomicBool,
}

/// What is held for as long as the file is used.
#[derive(Debug)]
struct Held {
    /// The file that was opened, which need not be the one that stands there later.
    file: PrivateFile,
    ownership: Ownership,
}

/// Changes when another than the writing connection has written, or when that connection is a new one.
pub(super) type Version = (Instant, i64);

/// How a checkpoint ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checkpoint {
    /// The log is empty.
    Done,
    /// Somebody reads or writes, so that the log is still needed.
    Busy,
}

impl SessionFile {
    /// Opens the file, made with its folder where missing, readable by its owner alone.
    ///
    /// # Errors
    /// [`OpenError`] when another process has it, or it cannot be used.
    pub(super) async fn open(path: &Path, namespace: &Namespace) -> std::result::Result<Self, OpenError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            // A sign-out outlives a power failure.
            .synchronous(SqliteSynchronous::Full)
            // What is removed is overwritten; a checkpoint removes it from the log, too.
            .pragma("secure_delete", "on")
            .busy_timeout(BUSY_TIMEOUT);
        let ownership = Ownership::of(path).await?;
        let statements = Statements::new(namespace, &SQLITE);
        let file = prepare(path, &options, &statements).await?;
        Ok(Self {
            path: path.to_owned(),
            statements,
            readers: connections::pool(options.clone().read_only(true), READERS, BUSY_TIMEOUT),
            writer: connections::pool(options, 1, BUSY_TIMEOUT),
            held: Mutex::new(Held { file, ownership }),
            is_usable: AtomicBool::new(true),
        })
    }

    /// Whether the file that was opened still stands at its path, and its lock beside it. SQLite goes on with a file that
    /// was removed, but nothing of that would outlive this process.
    pub(super) fn is_in_place(&self) -> bool {
        let held = self.held();
        held.file.is_in_place() && held.ownership.is_in_place()
    }

    /// To be called while everything is in place: what was taken away may have been put back.
    pub(super) fn resume(&self) {
        self.is_usable.store(true, Ordering::Relaxed);
    }

    /// Begins anew with an empty file, or with the one that was put in the place of the removed one.
    ///
    /// # Errors
    /// [`OpenError`] when that cannot be used; then nothing can be read or written until a later try succeeds.
    pub(super) async fn open_again(&self) -> std::result::Result<(), OpenError> {
        self.forget_connections();
        let is_owned = self.held().ownership.is_in_place();
        if !is_owned {
            self.is_usable.store(false, Ordering::Relaxed);
            let ownership = Ownership::of(&self.path).await?;
            self.held().ownership = ownership;
        }
        let file = prepare(&self.path, self.writer.manager().options(), &self.statements).await?;
        self.held().file = file;
        // One that was opened in the meantime may have met the file before its table was there.
        self.forget_connections();
        self.is_usable.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Whole values are put in: a panic elsewhere cannot leave one half-written.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget_connections(&self) {
        self.readers.manager().renew();
        self.writer.manager().renew();
    }

    /// Tells whether somebody else has written (`PRAGMA data_version`).
    pub(super) async fn version(&self) -> Result<Version> {
        let mut writer = connections::connection(&self.writer).await?;
        let version = sqlx::query_scalar(DATA_VERSION).fetch_one(writer.begin()).await;
        writer.finish(&version);
        let created = Object::metrics(&writer).created;
        version.map(|version| (created, version)).map_err(|error| connections::backend(&error))
    }

    /// Whether the log holds anything, written by this process or by another.
    pub(super) fn has_log(&self) -> bool {
        let mut log = OsString::from(&self.path);
        log.push("-wal");
        std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
    }

    /// Copies the log into the file and empties it. On the writing connection, as [`Self::version`] would take the
    /// checkpoint of another one for a change.
    pub(super) async fn checkpoint(&self) -> Result<Checkpoint> {
        let statements = format!("{}; {CHECKPOINT}; {}", busy_timeout(CHECKPOINT_PATIENCE), busy_timeout(BUSY_TIMEOUT));
        let mut writer = connections::connection(&self.writer).await?;
        let rows = sqlx::raw_sql(AssertSqlSafe(statements)).fetch_all(writer.begin()).await;
        writer.finish(&rows);
        // Each of the three returns a row.
        let is_busy = rows.and_then(|rows| rows.get(1).map_or(Ok(1), |row| row.try_get::<i64, _>(0)));
        let is_busy = is_busy.map_err(|error| connections::backend(&error))?;
        Ok(if is_busy == 0 { Checkpoint::Done } else { Checkpoint::Busy })
    }
}

/// Sets how long the connection's next statements wait for another one that writes.
fn busy_timeout(timeout: Duration) -> String {
    format!("pragma busy_timeout = {}", timeout.as_millis())
}

/// Makes what is missing: folder, file and table.
async fn prepare(
    path: &Path,
    options: &SqliteConnectOptions,
    statements: &Statements,
) -> std::result::Result<PrivateFile, OpenError> {
    let failure = |cause: String| OpenError::Sqlite { path: path.display().to_string(), cause };
    let file = PrivateFile::open(path).map_err(|error| failure(error.to_string()))?;
    make_table(options, statements).await.map_err(|error| failure(error.to_string()))?;
    Ok(file)
}

async fn make_table(options: &SqliteConnectOptions, statements: &Statements) -> sqlx::Result<()> {
    let mut connection = options.connect().await?;
    sqlx::raw_sql(statements.schema.clone()).execute(&mut connection).await?;
    connection.close().await
}

#[async_trait]
impl Database for SessionFile {
    fn statements(&self) -> &Statements {
        &self.statements
    }

    async fn run(&self, access: Access, statement: &SqlStr, arguments: Vec<Argument>) -> Result<Vec<Result<Record>>> {
        if !self.is_usable.load(Ordering::Relaxed) {
            return Err(Error::Backend("its lock was removed, and another process may have it now".to_owned()));
        }
        let pool = if access == Access::Read { &self.readers } else { &self.writer };
        let mut pooled = connections::connection(pool).await?;
        let query = arguments.into_iter().fold(sqlx::query(statement.clone()), |query, argument| match argument {
            Argument::Text(text) => query.bind(text),
            Argument::OptionalText(text) => query.bind(text),
            Argument::Texts(texts) => query.bind(serde_json::Value::from(texts).to_string()),
            Argument::Number(number) => query.bind(number),
        });
        let rows = query.fetch_all(pooled.begin()).await;
        pooled.finish(&rows);
        let rows = rows.map_err(|error| connections::backend(&error))?;
        Ok(rows.iter().map(read).collect())
    }
}
