//! `Servers`: the PostgreSQL servers that a URL names. Of several, a connection leads to the one that is the primary when
//! it is opened.

use futures_util::stream::{FuturesUnordered, StreamExt};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, Row};

use crate::sessions::connections::Target;

/// A standby is in recovery for as long as it follows its primary.
const IS_STANDBY: &str = "select pg_is_in_recovery()";

/// The options of each server, at least one.
#[derive(Debug)]
pub(super) struct Servers(Vec<PgConnectOptions>);

impl Servers {
    /// The server shows the connections under the program's name, unless the URL has another one.
    pub(super) fn new(servers: &[PgConnectOptions]) -> Self {
        Self(servers.iter().cloned().map(adapted).collect())
    }
}

impl Target for Servers {
    type Connection = PgConnection;

    /// Asks several servers at once, so that one that hangs holds up nothing, and takes the first primary that responds.
    async fn open(&self) -> sqlx::Result<PgConnection> {
        if let [only] = &self.0[..] {
            return only.connect().await;
        }
        let mut asked: FuturesUnordered<_> = self.0.iter().map(connect_to_primary).collect();
        let mut refusals = Vec::new();
        while let Some(connected) = asked.next().await {
            match connected {
                Ok(connection) => return Ok(connection),
                Err(refusal) => refusals.push(refusal.to_string()),
            }
        }
        let text = format!("no server of the session store is the primary: {}", refusals.join("; "));
        Err(sqlx::Error::Io(std::io::Error::other(text)))
    }
}

fn adapted(options: PgConnectOptions) -> PgConnectOptions {
    // The driver's setting for fractions, of which the table has none; PgBouncer refuses to pass it on.
    let options = options.extra_float_digits(None);
    match options.get_application_name() {
        None => options.application_name(env!("CARGO_PKG_NAME")),
        Some(_) => options,
    }
}

async fn connect_to_primary(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    let mut connection = options.connect().await?;
    // Not a prepared statement: it runs once.
    let is_standby: bool = sqlx::raw_sql(IS_STANDBY).fetch_one(&mut connection).await?.try_get(0)?;
    if is_standby {
        connection.close().await?;
        return Err(sqlx::Error::Io(std::io::Error::other("a standby")));
    }
    Ok(connection)
}
