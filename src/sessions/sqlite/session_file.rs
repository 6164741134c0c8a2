//! `SessionFile`: the SQLite file with its connections, and with it the right to use it alone.
//! It keeps no copy of a record; `read_copy` does.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use deadpool::managed::{Object, Pool};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use tower_sessions::session::Record;
use tower_sessions::session_store::{Error, Result};

use super::super::OpenError;
use super::super::connections::{self, Opener};
use super::super::rows::{Access, Argument, Database, read};
use super::ownership::Ownership;
use super::private_file::PrivateFile;

/// One table: the id as 22 characters, whose it is, the expiry in seconds since 1970, the data as JSON.
const SCHEMA: &str = "
    create table if not exists kinde_sessions (id text primary key, owner text, expires_at integer not null, data text not null) strict, without rowid;
    create index if not exists kinde_sessions_by_expiry on kinde_sessions (expires_at);
    create index if not exists kinde_sessions_by_owner on kinde_sessions (owner) where owner is not null;
";
/// How long a statement waits for another one that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(1);
const READERS: usize = 4;

/// The file with its connections: several that read, and one that writes.
#[derive(Debug)]
pub(super) struct SessionFile {
    path: PathBuf,
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

impl SessionFile {
    /// Opens the file, made with its folder where missing, readable by its owner alone.
    ///
    /// # Errors
    /// [`OpenError`] when another process has it, or it cannot be used.
    pub(super) async fn open(path: &Path) -> std::result::Result<Self, OpenError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            // A sign-out outlives a power failure.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT);
        let ownership = Ownership::of(path).await?;
        let file = prepare(path, &options).await?;
        Ok(Self {
            path: path.to_owned(),
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
        let file = prepare(&self.path, self.writer.manager().options()).await?;
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
        let version = sqlx::query_scalar("pragma data_version").fetch_one(writer.begin()).await;
        writer.finish(&version);
        let created = Object::metrics(&writer).created;
        version.map(|version| (created, version)).map_err(|error| connections::backend(&error))
    }
}

/// Makes what is missing: folder, file and table.
async fn prepare(path: &Path, options: &SqliteConnectOptions) -> std::result::Result<PrivateFile, OpenError> {
    let failure = |cause: String| OpenError::Sqlite { path: path.display().to_string(), cause };
    let file = PrivateFile::open(path).map_err(|error| failure(error.to_string()))?;
    make_table(options).await.map_err(|error| failure(error.to_string()))?;
    Ok(file)
}

async fn make_table(options: &SqliteConnectOptions) -> sqlx::Result<()> {
    let mut connection = options.connect().await?;
    sqlx::raw_sql(SCHEMA).execute(&mut connection).await?;
    connection.close().await
}

#[async_trait]
impl Database for SessionFile {
    const SWEEP: &'static str = "delete from kinde_sessions where id in (select id from kinde_sessions where expires_at <= $1 limit $2) returning id, expires_at, '{}' as data";

    async fn run(
        &self,
        access: Access,
        statement: &'static str,
        arguments: Vec<Argument>,
    ) -> Result<Vec<Result<Record>>> {
        if !self.is_usable.load(Ordering::Relaxed) {
            return Err(Error::Backend("its lock was removed, and another process may have it now".to_owned()));
        }
        let pool = if access == Access::Read { &self.readers } else { &self.writer };
        let mut pooled = connections::connection(pool).await?;
        let query = arguments.into_iter().fold(sqlx::query(statement), |query, argument| match argument {
            Argument::Text(text) => query.bind(text),
            Argument::OptionalText(text) => query.bind(text),
            Argument::Number(number) => query.bind(number),
        });
        let rows = query.fetch_all(pooled.begin()).await;
        pooled.finish(&rows);
        let rows = rows.map_err(|error| connections::backend(&error))?;
        Ok(rows.iter().map(read).collect())
    }
}
