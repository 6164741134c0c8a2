//! `Connection`: the one connection to a Redis server that all requests share, opened again when it breaks.
//! It knows no key. (The driver's own connection manager never recovers from a server that refused it once.)

use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue, Pipeline, RedisError, RedisResult, pipe};
use tokio::sync::Mutex;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(1);

/// What a server says to a write that has become another one's replica: a new connection may lead to the new primary.
const READ_ONLY: [&str; 1] = ["READONLY"];

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

impl Connection {
    /// Nothing is opened until the first command.
    pub(super) fn new(client: Client) -> Self {
        Self { client, current: Mutex::default() }
    }

    /// Sends one command.
    pub(super) async fn send<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        let (response,) = self.send_all(pipe().add_command(command.clone())).await?;
        Ok(response)
    }

    /// Sends several commands at once; and once more when the connection turns out to be broken, so what they change
    /// must be the same when done twice.
    pub(super) async fn send_all<T: FromRedisValue>(&self, commands: &Pipeline) -> RedisResult<T> {
        match self.send_once(commands).await {
            // No answer in time is no broken connection: asking again would double the wait.
            Err(error) if is_broken(&error) && !error.is_timeout() => self.send_once(commands).await,
            done => done,
        }
    }

    async fn send_once<T: FromRedisValue>(&self, commands: &Pipeline) -> RedisResult<T> {
        let (number, mut connection) = self.get().await?;
        let done = commands.query_async(&mut connection).await;
        // A connection that has fallen silent may be dead without anybody saying so; another is soon opened.
        if done.as_ref().is_err_and(|error| is_broken(error) || error.is_timeout()) {
            self.give_up(number).await;
        }
        done
    }

    /// The connection and its number. Those who wait while it is being opened share what comes of that.
    async fn get(&self) -> RedisResult<(u64, MultiplexedConnection)> {
        let asked = Instant::now();
        let mut current = self.current.lock().await;
        if let Some(connection) = &current.connection {
            return Ok((current.number, connection.clone()));
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
                Ok((current.number, connection))
            }
            Err(error) => {
                current.last_failure = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    /// Forgets a connection, unless another one has taken its place.
    async fn give_up(&self, number: u64) {
        let mut current = self.current.lock().await;
        if current.number == number {
            current.connection = None;
        }
    }
}

fn is_broken(error: &RedisError) -> bool {
    error.is_unrecoverable_error() || said(error, &READ_ONLY)
}

/// Whether the server answered a command with one of these codes.
pub(super) fn said(error: &RedisError, codes: &[&str]) -> bool {
    let errors = error.clone().into_server_errors();
    errors.is_some_and(|errors| errors.iter().any(|(_, error)| codes.contains(&error.code())))
}
