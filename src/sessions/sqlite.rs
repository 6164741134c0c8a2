//! `SqliteStore`: sessions in one SQLite file, for an app that runs as one process.
//! It shares nothing with other machines, and knows nothing of what the records mean.

use std::fmt::Display;
use std::fs::OpenOptions;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Row, sqlite::SqliteRow};
use time::OffsetDateTime;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use super::OpenError;
use crate::auth::Store;

/// One table: the id as 22 characters, the expiry in seconds since 1970, the data as JSON.
const SCHEMA: &str = "
    create table if not exists sessions (id text primary key, expires_at integer not null, data text not null) strict, without rowid;
    create index if not exists sessions_by_expiry on sessions (expires_at);
";
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);
/// Expired records are removed in portions, so that no sweep holds up a sign-in.
const SWEEP_PORTION: u32 = 500;
/// How long a statement waits for another writer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
const MAX_CONNECTIONS: u32 = 4;

/// Sessions in one SQLite file.
#[derive(Debug, Clone)]
pub(super) struct SqliteStore {
    pool: SqlitePool,
}

impl SqliteStore {
    /// Opens the file, made with its folder where missing, readable by its owner alone.
    pub(super) async fn open(path: &Path) -> std::result::Result<Self, OpenError> {
        let failure =
            |cause: &dyn Display| OpenError::Sqlite { path: path.display().to_string(), cause: cause.to_string() };
        make_private_file(path).map_err(|error| failure(&error))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY_TIMEOUT);
        let pool = SqlitePoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .acquire_timeout(BUSY_TIMEOUT)
            .connect_with(options)
            .await
            .map_err(|error| failure(&error))?;
        sqlx::raw_sql(SCHEMA).execute(&pool).await.map_err(|error| failure(&error))?;
        tokio::spawn(sweep(pool.clone()));
        Ok(Self { pool })
    }
}

/// The files SQLite puts beside it take over the mode.
fn make_private_file(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    drop(file);
    Ok(())
}

/// Removes expired records until the pool is closed.
async fn sweep(pool: SqlitePool) {
    while !pool.is_closed() {
        let removed =
            sqlx::query("delete from sessions where id in (select id from sessions where expires_at <= ? limit ?)")
                .bind(OffsetDateTime::now_utc().unix_timestamp())
                .bind(SWEEP_PORTION)
                .execute(&pool)
                .await;
        match removed {
            Ok(done) if done.rows_affected() == u64::from(SWEEP_PORTION) => tokio::task::yield_now().await,
            Ok(_) => tokio::time::sleep(SWEEP_INTERVAL).await,
            Err(error) => {
                tracing::warn!(%error, "expired sessions could not be removed");
                tokio::time::sleep(SWEEP_INTERVAL).await;
            }
        }
    }
}

#[async_trait]
impl SessionStore for SqliteStore {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let data = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        loop {
            let inserted =
                sqlx::query("insert into sessions (id, expires_at, data) values (?, ?, ?) on conflict do nothing")
                    .bind(record.id.to_string())
                    .bind(record.expiry_date.unix_timestamp())
                    .bind(&data)
                    .execute(&self.pool)
                    .await
                    .map_err(backend)?;
            if inserted.rows_affected() == 1 {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let data = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        sqlx::query("update sessions set expires_at = ?, data = ? where id = ? and expires_at > ?")
            .bind(record.expiry_date.unix_timestamp())
            .bind(data)
            .bind(record.id.to_string())
            .bind(OffsetDateTime::now_utc().unix_timestamp())
            .execute(&self.pool)
            .await
            .map_err(backend)?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let row = sqlx::query("select id, expires_at, data from sessions where id = ? and expires_at > ?")
            .bind(id.to_string())
            .bind(OffsetDateTime::now_utc().unix_timestamp())
            .fetch_optional(&self.pool)
            .await
            .map_err(backend)?;
        self.read_or_remove(id, row).await
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        sqlx::query("delete from sessions where id = ?")
            .bind(id.to_string())
            .execute(&self.pool)
            .await
            .map_err(backend)?;
        Ok(())
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn take(&self, id: &Id) -> Result<Option<Record>> {
        let row = sqlx::query("delete from sessions where id = ? returning id, expires_at, data")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await
            .map_err(backend)?;
        let record = row.and_then(|row| read(&row).ok());
        Ok(record.filter(|record| record.expiry_date > OffsetDateTime::now_utc()))
    }

    async fn touch(&self, id: &Id, expiry: OffsetDateTime) -> Result<()> {
        sqlx::query("update sessions set expires_at = ? where id = ? and expires_at > ?")
            .bind(expiry.unix_timestamp())
            .bind(id.to_string())
            .bind(OffsetDateTime::now_utc().unix_timestamp())
            .execute(&self.pool)
            .await
            .map_err(backend)?;
        Ok(())
    }

    async fn ping(&self) -> Result<()> {
        sqlx::query("select 1").execute(&self.pool).await.map_err(backend)?;
        Ok(())
    }
}

impl SqliteStore {
    /// A row that cannot be read is as good as none: it is removed, so that this is logged once.
    async fn read_or_remove(&self, id: &Id, row: Option<SqliteRow>) -> Result<Option<Record>> {
        match row.as_ref().map(read) {
            None => Ok(None),
            Some(Ok(record)) => Ok(Some(record)),
            Some(Err(error)) => {
                tracing::warn!(%error, "a session record cannot be read and is removed");
                self.delete(id).await?;
                Ok(None)
            }
        }
    }
}

fn read(row: &SqliteRow) -> Result<Record> {
    let decode = |error: &dyn Display| Error::Decode(error.to_string());
    let id: String = row.try_get("id").map_err(backend)?;
    let expires_at: i64 = row.try_get("expires_at").map_err(backend)?;
    let data: String = row.try_get("data").map_err(backend)?;
    Ok(Record {
        id: Id::from_str(&id).map_err(|error| decode(&error))?,
        data: serde_json::from_str(&data).map_err(|error| decode(&error))?,
        expiry_date: OffsetDateTime::from_unix_timestamp(expires_at).map_err(|error| decode(&error))?,
    })
}

fn backend(error: sqlx::Error) -> Error {
    Error::Backend(error.to_string())
}
