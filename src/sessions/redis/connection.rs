//! `Connection`: a connection to one Redis server that requests share, opened again when it breaks: to the same address,
//! or to the primary that the Sentinels name. The commands are in `redis` and `deletions`, clusters in `cluster`. (The
//! driver's own connection manager never recovers from a server that refused it once.)

use std::sync::Arc;
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::sentinel::SentinelClient;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, FromRedisValue, Pipeline, RedisError, RedisResult, pipe,
};
use tokio::sync::Mutex;

use crate::sessions::url::Sentinels;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(1);

/// The error code of a write to a server that has become a replica: a new connection may lead to the new primary.
const READ_ONLY: [&str; 1] = ["READONLY"];

/// A connection that outlives the server's restarts.
pub(super) struct Connection {
    current: Arc<Mutex<Current>>,
    /// Asks the Sentinels while the connection is in use.
    lookup: Option<Mutex<SentinelClient>>,
}

/// Whom a connection leads to.
enum Target {
    Server(Box<Client>),
    /// The primary at the time when the connection is opened.
    Primary(Box<SentinelClient>),
}

struct Current {
    target: Target,
    /// Where the connection leads to, if Sentinels said so.
    primary: Option<ConnectionAddr>,
    connection: Option<MultiplexedConnection>,
    /// How many connections there have been.
    number: u64,
    last_failure: Option<(Instant, RedisError)>,
}

/// One of the connections that a [`Connection`] has had.
struct Opened {
    /// A later one has a higher number.
    number: u64,
    connection: MultiplexedConnection,
}

impl Connection {
    /// The connection is opened at the first command.
    pub(super) fn to_server(client: &Client) -> Self {
        Self::to(Target::Server(Box::new(client.clone())), None)
    }

    /// The Sentinels are asked for the primary whenever a connection is opened.
    ///
    /// # Errors
    /// When the driver cannot use the addresses.
    pub(super) fn to_primary(sentinels: &Sentinels) -> RedisResult<Self> {
        Ok(Self::to(Target::Primary(Box::new(sentinels.client()?)), Some(Mutex::new(sentinels.client()?))))
    }

    fn to(target: Target, lookup: Option<Mutex<SentinelClient>>) -> Self {
        let current = Current { target, primary: None, connection: None, number: 0, last_failure: None };
        Self { current: Arc::new(Mutex::new(current)), lookup }
    }

    /// Sends one command.
    pub(super) async fn send<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        let (response,) = self.send_all(pipe().add_command(command.clone())).await?;
        Ok(response)
    }

    /// Sends several commands at once, and once more if the connection turns out to be broken: sent twice, the commands
    /// must have the same effect as once.
    pub(super) async fn send_all<T: FromRedisValue>(&self, commands: &Pipeline) -> RedisResult<T> {
        self.send_all_over(commands).await.map(|(_, response)| response)
    }

    /// Does what [`Self::send_all`] does, and also returns the number of the connection that led to the response.
    pub(super) async fn send_all_over<T: FromRedisValue>(&self, commands: &Pipeline) -> RedisResult<(u64, T)> {
        match self.send_once(commands).await {
            // A time-out does not mean that the connection is broken, and sending again would double the wait.
            Err(error) if is_broken(&error) && !error.is_timeout() => self.send_once(commands).await,
            done => done,
        }
    }

    async fn send_once<T: FromRedisValue>(&self, commands: &Pipeline) -> RedisResult<(u64, T)> {
        let mut opened = self.get().await?;
        let done = commands.query_async(&mut opened.connection).await;
        // A connection without responses may be dead without an error. Opening another one takes little time.
        if done.as_ref().is_err_and(|error| is_broken(error) || error.is_timeout()) {
            self.give_up(opened.number).await;
        }
        Ok((opened.number, done?))
    }

    /// Returns the connection. Callers that wait while it is being opened share the result.
    async fn get(&self) -> RedisResult<Opened> {
        let asked = Instant::now();
        if let Some(opened) = self.current.lock().await.opened() {
            return Ok(opened);
        }
        let current = self.current.clone();
        // In a task of its own: Sentinels that do not respond may hold it up for longer than this caller waits.
        let opening = tokio::spawn(async move { current.lock_owned().await.open(asked).await });
        opening.await.unwrap_or_else(|error| Err(std::io::Error::other(error).into()))
    }

    /// Drops a connection, unless another one has replaced it.
    async fn give_up(&self, number: u64) {
        let mut current = self.current.lock().await;
        if current.number == number {
            current.connection = None;
        }
    }

    /// Drops the connection.
    pub(super) async fn renew(&self) {
        self.current.lock().await.connection = None;
    }

    /// Asks the Sentinels for the primary, and drops the connection if they name another one. Returns whether they do.
    pub(super) async fn is_replaced(&self) -> bool {
        let Some(used) = self.primary().await else { return false };
        let Some(lookup) = &self.lookup else { return false };
        let Ok(named) = lookup.lock().await.async_get_client().await else { return false };
        let is_replaced = *named.get_connection_info().addr() != used;
        let mut current = self.current.lock().await;
        if is_replaced && current.primary == Some(used) {
            current.connection = None;
        }
        is_replaced
    }

    /// Whether Sentinels say which server it leads to.
    pub(super) fn follows_sentinels(&self) -> bool {
        self.lookup.is_some()
    }

    /// The primary that was used last, if Sentinels said so.
    pub(super) async fn primary(&self) -> Option<ConnectionAddr> {
        self.current.lock().await.primary.clone()
    }
}

impl Current {
    fn opened(&self) -> Option<Opened> {
        let connection = self.connection.clone()?;
        Some(Opened { number: self.number, connection })
    }

    /// Opens the connection, unless that was done, or failed, after the caller had asked for it.
    async fn open(&mut self, asked: Instant) -> RedisResult<Opened> {
        if let Some(opened) = self.opened() {
            return Ok(opened);
        }
        if let Some((_, error)) = self.last_failure.as_ref().filter(|(failed, _)| *failed >= asked) {
            return Err(error.clone());
        }
        match self.target.connect().await {
            Ok((connection, primary)) => {
                self.primary = primary;
                self.number += 1;
                self.connection = Some(connection.clone());
                Ok(Opened { number: self.number, connection })
            }
            Err(error) => {
                self.last_failure = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }
}

impl Target {
    /// Opens a connection. Also returns where it leads to, if Sentinels said so.
    async fn connect(&mut self) -> RedisResult<(MultiplexedConnection, Option<ConnectionAddr>)> {
        let (client, primary) = match self {
            Self::Server(client) => (Client::clone(client), None),
            Self::Primary(sentinels) => {
                let client = sentinels.async_get_client().await?;
                let primary = client.get_connection_info().addr().clone();
                (client, Some(primary))
            }
        };
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT));
        Ok((client.get_multiplexed_async_connection_with_config(&config).await?, primary))
    }
}

fn is_broken(error: &RedisError) -> bool {
    error.is_unrecoverable_error() || has_code(error, &READ_ONLY)
}

/// Whether the server responded to a command with one of these error codes.
fn has_code(error: &RedisError, codes: &[&str]) -> bool {
    let errors = error.clone().into_server_errors();
    errors.is_some_and(|errors| errors.iter().any(|(_, error)| codes.contains(&error.code())))
}
