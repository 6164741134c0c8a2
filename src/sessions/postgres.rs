//! The PostgreSQL store: sessions that several processes share. It keeps no copy in memory, so a session that one
//! process ends has ended for all.

mod servers;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deadpool::managed::Pool;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor, SqlStr};
use tower_sessions::session_store::{Error, Result};

use super::connections::{self, Opener, Target};
use super::namespace::Namespace;
use super::rows::{Access, Argument, Database, read};
use super::sql_store::SqlStore;
use super::statements::{POSTGRES, Statements, TABLE_EXISTS};
use super::sweep::sweep;
use crate::auth::Record;
use servers::Servers;

/// Lets one of several processes that start at once create the table while the others wait. The number means nothing,
/// but must be the same in all of them.
const LOCK_SCHEMA: &str = "select pg_advisory_xact_lock(7739838812089447283)";
/// The most connections of one process.
const MAX_CONNECTIONS: usize = 10;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Creating the table may wait for other processes that are about to create it.
const SCHEMA_TIMEOUT: Duration = Duration::from_secs(10);
/// SQLSTATE class of a server that is stopping or starting (PostgreSQL manual, appendix A): its connections end.
const OPERATOR_INTERVENTION: &str = "57P";
/// SQLSTATE of a write where only reading is possible: the server has become another one's standby, and a new
/// connection may lead to the new primary.
const READ_ONLY: &str = "25006";
/// SQLSTATE of a table that does not exist.
const UNDEFINED_TABLE: &str = "42P01";

/// A pool of connections to one server, or to the primary of several.
#[derive(Debug)]
pub(super) struct Server {
    pool: Pool<Opener<Servers>>,
    statements: Statements,
}

/// Connects, creates the table if it is missing, and starts to remove expired records.
///
/// # Errors
/// When no server that can be written is reached within a second, or it refuses.
pub(super) async fn open(servers: &[PgConnectOptions], namespace: &Namespace) -> sqlx::Result<SqlStore<Server>> {
    let servers = Servers::new(servers);
    let statements = Statements::new(namespace, &POSTGRES);
    let mut connection =
        tokio::time::timeout(CONNECT_TIMEOUT, servers.open()).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
    let made = tokio::time::timeout(SCHEMA_TIMEOUT, make_table(&mut connection, &statements)).await;
    made.map_err(|_| sqlx::Error::PoolTimedOut)??;
    connection.close().await?;
    let pool = connections::pool(servers, MAX_CONNECTIONS, CONNECT_TIMEOUT);
    let server = Arc::new(Server { pool, statements });
    tokio::spawn(sweep(Arc::downgrade(&server)));
    Ok(SqlStore(server))
}

/// Creates the table and its indexes. A table that exists is used as it is, so that the account of a running app needs
/// no right to create one.
async fn make_table(connection: &mut PgConnection, statements: &Statements) -> sqlx::Result<()> {
    let exists = sqlx::query_scalar(TABLE_EXISTS).bind(statements.table.as_str());
    if exists.fetch_one(&mut *connection).await? {
        return Ok(());
    }
    // Several statements sent at once are one transaction.
    let in_turn = format!("{LOCK_SCHEMA}; {}", statements.schema.as_str());
    connection.execute(sqlx::raw_sql(AssertSqlSafe(in_turn))).await.map(drop)
}

#[async_trait]
impl Database for Server {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn statements(&self) -> &Statements {
        &self.statements
    }

    async fn run(&self, _access: Access, statement: &SqlStr, arguments: Vec<Argument>) -> Result<Vec<Result<Record>>> {
        match self.attempt(statement, &arguments).await {
            Err(Failure::Disconnected(_)) => {
                // The server was restarted or is gone, so the other connections are dead as well.
                self.pool.manager().renew();
                Ok(self.attempt(statement, &arguments).await?)
            }
            Err(Failure::NoTable(_)) => {
                self.make_table().await?;
                tracing::warn!("the session table was removed, and all sessions with it; it was created again");
                Ok(self.attempt(statement, &arguments).await?)
            }
            done => Ok(done?),
        }
    }
}

/// Why a statement failed.
enum Failure {
    /// The connection broke; a new one may work.
    Disconnected(Error),
    /// Somebody removed the table.
    NoTable(Error),
    /// Anything else.
    Other(Error),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code());
        let cause = connections::backend(&error);
        match (&error, code.as_deref()) {
            (sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_), _) => Self::Disconnected(cause),
            (_, Some(code)) if code.starts_with(OPERATOR_INTERVENTION) || code == READ_ONLY => {
                Self::Disconnected(cause)
            }
            (_, Some(UNDEFINED_TABLE)) => Self::NoTable(cause),
            _ => Self::Other(cause),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Disconnected(error) | Failure::NoTable(error) | Failure::Other(error) => error,
        }
    }
}

impl Server {
    async fn attempt(
        &self,
        statement: &SqlStr,
        arguments: &[Argument],
    ) -> std::result::Result<Vec<Result<Record>>, Failure> {
        let mut pooled = connections::connection(&self.pool).await.map_err(Failure::Other)?;
        let query = arguments.iter().fold(sqlx::query(statement.clone()), |query, argument| match argument {
            Argument::Text(text) => query.bind(text.clone()),
            Argument::OptionalText(text) => query.bind(text.clone()),
            Argument::Texts(texts) => query.bind(texts.clone()),
            Argument::Number(number) => query.bind(*number),
        });
        let rows = query.fetch_all(pooled.begin()).await;
        pooled.finish(&rows);
        Ok(rows?.iter().map(read).collect())
    }

    async fn make_table(&self) -> Result<()> {
        let mut pooled = connections::connection(&self.pool).await?;
        let made = make_table(pooled.begin(), &self.statements).await;
        pooled.finish(&made);
        made.map_err(|error| connections::backend(&error))
    }
}
