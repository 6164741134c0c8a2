//! `SessionFile`: the SQLite file with its connections, and the right of this process to use it alone. `SqliteStore`
//! informs observers of changes.

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

/// Returns a number that changes when another connection has written to the file.
const DATA_VERSION: &str = "pragma data_version";
/// Copies the log into the file and empties it. The row that it returns begins with 1 if another statement still uses
/// the log, and otherwise with 0.
const CHECKPOINT: &str = "pragma wal_checkpoint(truncate)";
/// Copies the log into the file while others write.
const COPY: &str = "pragma wal_checkpoint(passive)";
/// How long a statement waits for another process that writes.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a write may take. Each waits until the disk has it, and for those before it. The disk of a machine on which
/// somebody builds programs takes more than a second for that now and then.
pub(super) const WRITE_TIMEOUT: Duration = Duration::from_secs(5);
const READERS: usize = 4;
/// How long a checkpoint waits for statements that read: no write waits longer than this for a checkpoint.
const CHECKPOINT_PATIENCE: Duration = Duration::from_millis(100);

/// The file with its connections: several that read, one that writes, and one that copies the log into the file.
#[derive(Debug)]
pub(super) struct SessionFile {
    path: PathBuf,
    statements: Statements,
    readers: Pool<Opener<SqliteConnectOptions>>,
    writer: Pool<Opener<SqliteConnectOptions>>,
    copier: Pool<Opener<SqliteConnectOptions>>,
    held: Mutex<Held>,
    /// False while another process may have the file.
    is_usable: AtomicBool,
}

/// The open file and its lock, held for as long as the store is used.
#[derive(Debug)]
struct Held {
    /// The file that was opened. Later, another one may be at its path.
    file: PrivateFile,
    ownership: Ownership,
}

/// Changes when a connection other than the writing one has written, or when the writing connection is a new one.
pub(super) type Version = (Instant, i64);

/// How a checkpoint ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checkpoint {
    /// The log is empty.
    Done,
    /// Another statement still uses the log.
    Busy,
}

impl SessionFile {
    /// Opens the file, which only its owner can read, and creates it and its folder if they are missing.
    ///
    /// # Errors
    /// [`OpenError`] when another process has it, or it cannot be used.
    pub(super) async fn open(path: &Path, namespace: &Namespace) -> std::result::Result<Self, OpenError> {
        let options = options_of(path);
        let ownership = Ownership::of(path).await?;
        let statements = Statements::new(namespace, &SQLITE);
        let file = prepare(path, &options, &statements).await?;
        Ok(Self {
            path: path.to_owned(),
            statements,
            readers: connections::pool(options.clone().read_only(true), READERS, BUSY_TIMEOUT),
            writer: connections::pool(options.clone(), 1, WRITE_TIMEOUT),
            copier: connections::pool(options, 1, BUSY_TIMEOUT),
            held: Mutex::new(Held { file, ownership }),
            is_usable: AtomicBool::new(true),
        })
    }

    /// Whether the opened file is still at its path, and its lock beside it. SQLite goes on with a removed file, but
    /// its content would be lost at the end of this process.
    pub(super) fn is_in_place(&self) -> bool {
        let held = self.held();
        held.file.is_in_place() && held.ownership.is_in_place()
    }

    /// To be called if [`Self::is_in_place`]: a file that was moved away may have been moved back.
    pub(super) fn resume(&self) {
        self.is_usable.store(true, Ordering::Relaxed);
    }

    /// Opens the file at the path again: a new and empty one, or the one that has replaced the removed one.
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
        let file = prepare(&self.path, self.writer.manager().target(), &self.statements).await?;
        self.held().file = file;
        // A connection that was opened meanwhile may have found the file without its table.
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
        self.copier.manager().renew();
    }

    /// Returns a value that changes when somebody else has written to the file.
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

    /// Copies the log into the file and empties it. Writes do not wait while the disk takes what is copied, but for what
    /// came into the log meanwhile: the log is emptied on the writing connection, because [`Self::version`] would take
    /// that by another one for a change.
    pub(super) async fn checkpoint(&self) -> Result<Checkpoint> {
        let mut copier = connections::connection(&self.copier).await?;
        let copied = sqlx::raw_sql(COPY).execute(copier.begin()).await;
        copier.finish(&copied);
        copied.map_err(|error| connections::backend(&error))?;
        let statements = format!("{}; {CHECKPOINT}; {}", busy_timeout(CHECKPOINT_PATIENCE), busy_timeout(BUSY_TIMEOUT));
        let mut writer = connections::connection(&self.writer).await?;
        let rows = sqlx::raw_sql(AssertSqlSafe(statements)).fetch_all(writer.begin()).await;
        writer.finish(&rows);
        // Each of the three statements returns a row.
        let is_busy = rows.and_then(|rows| rows.get(1).map_or(Ok(1), |row| row.try_get::<i64, _>(0)));
        let is_busy = is_busy.map_err(|error| connections::backend(&error))?;
        Ok(if is_busy == 0 { Checkpoint::Done } else { Checkpoint::Busy })
    }
}

/// How every connection to a session file is opened.
pub(super) fn options_of(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        // So that a sign-out survives a power failure.
        .synchronous(SqliteSynchronous::Full)
        // Removed records are overwritten in the file; a checkpoint removes them from the log.
        .pragma("secure_delete", "on")
        .busy_timeout(BUSY_TIMEOUT)
}

/// Sets how long the connection's next statements wait for another one that writes.
fn busy_timeout(timeout: Duration) -> String {
    format!("pragma busy_timeout = {}", timeout.as_millis())
}

/// Creates what is missing: folder, file and table.
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
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn statements(&self) -> &Statements {
        &self.statements
    }

    async fn run(&self, access: Access, statement: &SqlStr, arguments: Vec<Argument>) -> Result<Vec<Result<Record>>> {
        if !self.is_usable.load(Ordering::Relaxed) {
            return Err(Error::Backend(
                "the lock of the session file was removed, and another process may use the file now".to_owned(),
            ));
        }
        let pool = if access == Access::Read { &self.readers } else { &self.writer };
        run_on(pool, statement, arguments).await
    }
}

/// Runs one statement on a connection of a pool.
pub(super) async fn run_on(
    pool: &Pool<Opener<SqliteConnectOptions>>,
    statement: &SqlStr,
    arguments: Vec<Argument>,
) -> Result<Vec<Result<Record>>> {
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
