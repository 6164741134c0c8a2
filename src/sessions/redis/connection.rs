//! `Connection`: a connection to a Redis server that requests share, opened again when it breaks. The commands are in
//! `redis` and `deletions`. (The driver's own connection manager never recovers from a server that refused it once.)

use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue, Pipeline, RedisError, RedisResult, pipe};
use tokio::sync::Mutex;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(1);

/// The error code of a write to a server that has become a replica: a new connection may lead to the new primary.
const READ_ONLY: [&str; 1] = ["READONLY"];

/// One of the connections that a [`Connection`] has had.
pub(super) struct Opened {
    /// A later one has a higher number.
    pub(super) number: u64,
    connection: MultiplexedConnection,
}

/// A connection that outlives the server's restarts.
pub(super) struct Connection {
    client: Client,
    current: Mutex<Current>,
}

#[derive(Default)]
struct Current {
    connection: Option<MultiplexedConnection>,
    /// How many connections there have been.
    number: u64,
    last_failure: Option<(Instant, RedisError)>,
}

impl Opened {
    /// Sends one command, over this connection and no other.
    pub(super) async fn send<T: FromRedisValue>(&mut self, command: &Cmd) -> RedisResult<T> {
        command.query_async(&mut self.connection).await
    }
}

impl Connection {
    /// The connection is opened at the first command.
    pub(super) fn new(client: Client) -> Self {
        Self { client, current: Mutex::default() }
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

    /// Does what [`Self::send_all`] does, and also returns the connection that led to the response.
    pub(super) async fn send_all_over<T: FromRedisValue>(&self, commands: &Pipeline) -> RedisResult<(Opened, T)> {
        match self.send_once(commands).await {
            // A time-out does not mean that the connection is broken, and sending again would double the wait.
            Err(error) if is_broken(&error) && !error.is_timeout() => self.send_once(commands).await,
            done => done,
        }
    }

    async fn send_once<T: FromRedisValue>(&self, commands: &Pipeline) -> RedisResult<(Opened, T)> {
        let mut opened = self.get().await?;
        let done = commands.query_async(&mut opened.connection).await;
        // A connection without responses may be dead without an error. Opening another one takes little time.
        if done.as_ref().is_err_and(|error| is_broken(error) || error.is_timeout()) {
            self.give_up(opened.number).await;
        }
        Ok((opened, done?))
    }

    /// Returns the connection. Callers that wait while it is being opened share the result.
    async fn get(&self) -> RedisResult<Opened> {
        let asked = Instant::now();
        let mut current = self.current.lock().await;
        if let Some(connection) = &current.connection {
            return Ok(Opened { number: current.number, connection: connection.clone() });
        }
        if let Some((_, error)) = current.last_failure.as_ref().filter(|(failed, _)| *failed >= asked) {
            return Err(error.clone());
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT));
        match self.client.get_multiplexed_async_connection_with_config(&config).await {
            Ok(connection) => {
                current.number += 1;
                current.connection = Some(connection.clone());
                Ok(Opened { number: current.number, connection })
            }
            Err(error) => {
                current.last_failure = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    /// Drops a connection, unless another one has replaced it.
    async fn give_up(&self, number: u64) {
        let mut current = self.current.lock().await;
        if current.number == number {
            current.connection = None;
        }
    }
}

fn is_broken(error: &RedisError) -> bool {
    error.is_unrecoverable_error() || has_code(error, &READ_ONLY)
}

/// Whether the server responded to a command with one of these error codes.
pub(super) fn has_code(error: &RedisError, codes: &[&str]) -> bool {
    let errors = error.clone().into_server_errors();
    errors.is_some_and(|errors| errors.iter().any(|(_, error)| codes.contains(&error.code())))
}
