//! `FileOfAnother`: a session file that another process owns, opened beside it for a command. It keeps nothing in memory,
//! neither sweeps the file nor empties its log, and creates nothing. The owner notices what is changed (`watch`).

use std::path::Path;

use async_trait::async_trait;
use deadpool::managed::Pool;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqlStr};
use tower_sessions::session_store::Result;

use super::super::OpenError;
use super::super::connections::{self, Opener};
use super::super::namespace::Namespace;
use super::super::rows::{Access, Argument, Database};
use super::super::statements::{SQLITE, Statements};
use super::session_file::{BUSY_TIMEOUT, options_of, run_on};
use crate::auth::Record;

const READERS: usize = 4;

/// The file of another process.
#[derive(Debug)]
pub(in crate::sessions) struct FileOfAnother {
    statements: Statements,
    readers: Pool<Opener<SqliteConnectOptions>>,
    /// One connection: several would wait for each other in SQLite, which keeps no order and gives up.
    writer: Pool<Opener<SqliteConnectOptions>>,
}

impl FileOfAnother {
    /// Opens the file.
    ///
    /// # Errors
    /// [`OpenError::Missing`] when there is none, or none with the table of this namespace: no site has used it.
    /// [`OpenError::Sqlite`] when it cannot be opened.
    pub(in crate::sessions) async fn open(path: &Path, namespace: &Namespace) -> std::result::Result<Self, OpenError> {
        let shown = || path.display().to_string();
        if !path.is_file() {
            return Err(OpenError::Missing { path: shown() });
        }
        let statements = Statements::new(namespace, &SQLITE);
        match has_table(path, &statements).await {
            Ok(true) => Ok(Self {
                statements,
                readers: connections::pool(options_of(path).read_only(true), READERS, BUSY_TIMEOUT),
                writer: connections::pool(options_of(path), 1, BUSY_TIMEOUT),
            }),
            Ok(false) => Err(OpenError::Missing { path: shown() }),
            Err(error) => Err(OpenError::Sqlite { path: shown(), cause: error.to_string() }),
        }
    }
}

/// Looks without writing: another program's file stays as it is.
async fn has_table(path: &Path, statements: &Statements) -> sqlx::Result<bool> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(BUSY_TIMEOUT);
    let mut connection = options.connect().await?;
    let found = sqlx::query_scalar("select count(*) from sqlite_schema where type = 'table' and name = $1")
        .bind(statements.table.as_str())
        .fetch_one(&mut connection)
        .await
        .map(|tables: i64| tables == 1);
    connection.close().await?;
    found
}

#[async_trait]
impl Database for FileOfAnother {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn statements(&self) -> &Statements {
        &self.statements
    }

    async fn run(&self, access: Access, statement: &SqlStr, arguments: Vec<Argument>) -> Result<Vec<Result<Record>>> {
        let pool = if access == Access::Read { &self.readers } else { &self.writer };
        run_on(pool, statement, arguments).await
    }
}
