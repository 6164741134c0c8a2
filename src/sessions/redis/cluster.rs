//! `Cluster`: commands to a Redis Cluster. The driver knows which server has a key, follows keys that move, finds the
//! primaries that take over, and opens broken connections again. One server is in `connection`.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::try_join_all;
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{RoutingInfo, SingleNodeRoutingInfo};
use redis::{Cmd, ConnectionInfo, ErrorKind, FromRedisValue, Pipeline, RedisResult, ServerErrorKind, Value, cmd};
use tokio::sync::Mutex;

use super::servers::{Scanned, scan_command};

/// While the driver looks for the servers again, all commands wait; so a server that hangs must not hold it up for long.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(400);
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(500);
/// Of a command with everything that it takes to find its server: less than a request waits for the store.
const COMMAND_TIMEOUT: Duration = Duration::from_millis(1300);
/// Enough for a key that has moved and is moving again. A primary that is gone is missed for longer than any number of
/// retries could wait.
const RETRIES: u32 = 4;
const RETRY_WAIT_MILLISECONDS: (u64, u64) = (20, 200);

/// After how long the servers are looked for again at the earliest.
const RENEWAL_INTERVAL: Duration = Duration::from_millis(500);

/// Connections to the servers of a cluster.
pub(super) struct Cluster {
    client: ClusterClient,
    current: Arc<Mutex<Current>>,
    is_being_renewed: Arc<AtomicBool>,
}

/// The driver's connections to all servers, which it treats as one.
#[derive(Default)]
struct Current {
    connection: Option<ClusterConnection>,
    /// How many there have been.
    number: u64,
}

/// One of those that a [`Cluster`] has had.
struct Opened {
    connection: ClusterConnection,
    /// A later one has a higher number.
    number: u64,
}

impl Current {
    fn replace(&mut self, connection: ClusterConnection) -> Opened {
        self.number += 1;
        Opened { connection: self.connection.insert(connection).clone(), number: self.number }
    }
}

impl Cluster {
    /// The connections are opened at the first command.
    ///
    /// # Errors
    /// When the driver cannot use the addresses.
    pub(super) fn new(nodes: &[ConnectionInfo]) -> RedisResult<Self> {
        let client = ClusterClientBuilder::new(nodes.iter().cloned())
            .connection_timeout(CONNECT_TIMEOUT)
            .response_timeout(RESPONSE_TIMEOUT)
            .overall_response_timeout(Some(COMMAND_TIMEOUT))
            .retries(RETRIES)
            .min_retry_wait(RETRY_WAIT_MILLISECONDS.0)
            .max_retry_wait(RETRY_WAIT_MILLISECONDS.1)
            .build()?;
        Ok(Self { client, current: Arc::default(), is_being_renewed: Arc::default() })
    }

    pub(super) async fn send<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        let Opened { mut connection, number } = self.connection().await?;
        let done = command.query_async(&mut connection).await;
        self.recover_from(&done, number).await;
        done
    }

    pub(super) async fn send_each(&self, commands: &[Cmd]) -> RedisResult<Vec<Value>> {
        try_join_all(commands.iter().map(|command| self.send(command))).await
    }

    /// The driver takes the server from the first command that has a key.
    pub(super) async fn send_together<T: FromRedisValue>(&self, commands: &Pipeline) -> RedisResult<T> {
        let Opened { mut connection, number } = self.connection().await?;
        let done = commands.query_async(&mut connection).await;
        self.recover_from(&done, number).await;
        done
    }

    /// Sends a command to a server that is named, or to any.
    async fn send_to<T: FromRedisValue>(&self, server: SingleNodeRoutingInfo, command: Cmd) -> RedisResult<T> {
        let Opened { mut connection, number } = self.connection().await?;
        let done = connection.route_command(command, RoutingInfo::SingleNode(server)).await;
        self.recover_from(&done, number).await;
        Ok(redis::from_redis_value(done?.extract_error()?)?)
    }

    /// Succeeds when a server says that the cluster serves requests. One that has no server for some of its keys says that
    /// too, if `cluster-require-full-coverage` is `no`.
    pub(super) async fn check(&self) -> RedisResult<()> {
        let command = cmd("CLUSTER").arg("INFO").to_owned();
        let state: String = self.send_to(SingleNodeRoutingInfo::Random, command).await?;
        if state.contains("cluster_state:ok") {
            return Ok(());
        }
        Err((ServerErrorKind::ClusterDown.into(), "the cluster does not serve requests").into())
    }

    /// The keys of a pattern, one primary after the other. The search begins again when slots have got another primary:
    /// what it had not seen yet may be at one that it has seen.
    pub(super) async fn scan(&self, after: Option<&str>, pattern: &str, count: usize) -> RedisResult<Scanned> {
        let (version, primaries) = self.primaries().await?;
        let begin = |index: usize, cursor: &str| Some(format!("{version}-{index}-{cursor}"));
        let mut place = after.unwrap_or_default().splitn(3, '-');
        let (seen, index, cursor) = (place.next(), place.next(), place.next().unwrap_or("0"));
        if after.is_some() && seen != Some(version.to_string().as_str()) {
            return Ok(Scanned { keys: Vec::new(), next: begin(0, "0") });
        }
        let index = index.and_then(|index| index.parse().ok()).unwrap_or(0);
        let Some((host, port)) = primaries.get(index).cloned() else {
            return Ok(Scanned { keys: Vec::new(), next: None });
        };
        let there = SingleNodeRoutingInfo::ByAddress { host, port };
        let (cursor, keys): (String, Vec<String>) = self.send_to(there, scan_command(cursor, pattern, count)).await?;
        let next = match cursor.as_str() {
            "0" if index + 1 < primaries.len() => begin(index + 1, "0"),
            "0" => None,
            cursor => begin(index, cursor),
        };
        Ok(Scanned { keys, next })
    }

    /// The addresses of the primaries, and a number that is another one when slots have got another primary.
    pub(super) async fn primaries(&self) -> RedisResult<(u64, Vec<(String, u16)>)> {
        let command = cmd("CLUSTER").arg("SLOTS").to_owned();
        let ranges: Vec<Vec<Value>> = self.send_to(SingleNodeRoutingInfo::Random, command).await?;
        let mut by_slot = Vec::with_capacity(ranges.len());
        for range in ranges {
            let mut parts = range.into_iter();
            let (Some(first), Some(last), Some(Value::Array(primary))) = (parts.next(), parts.next(), parts.next())
            else {
                return Err((ServerErrorKind::ResponseError.into(), "CLUSTER SLOTS has another form").into());
            };
            let mut primary = primary.into_iter();
            let (host, port) = (primary.next().unwrap_or(Value::Nil), primary.next().unwrap_or(Value::Nil));
            let address: (String, u16) = (redis::from_redis_value(host)?, redis::from_redis_value(port)?);
            by_slot.push((redis::from_redis_value::<u16>(first)?, redis::from_redis_value::<u16>(last)?, address));
        }
        by_slot.sort();
        let mut hasher = DefaultHasher::new();
        by_slot.hash(&mut hasher);
        let mut primaries: Vec<_> = by_slot.into_iter().map(|(_, _, address)| address).collect();
        primaries.sort();
        primaries.dedup();
        Ok((hasher.finish(), primaries))
    }

    async fn connection(&self) -> RedisResult<Opened> {
        let mut current = self.current.lock().await;
        if let Some(connection) = current.connection.clone() {
            return Ok(Opened { connection, number: current.number });
        }
        Ok(current.replace(self.client.get_async_connection().await?))
    }

    /// Drops the connections of this number if the driver has none any more: it may then look for them again for ever,
    /// without a pause and among none, even when all servers are back. Opens them again, and uses them until then, if a
    /// server has not responded: the driver would send on to that server, for as long as its connection does not break,
    /// even after another one has taken over.
    async fn recover_from<T>(&self, done: &RedisResult<T>, number: u64) {
        let Err(error) = done else { return };
        if error.kind() == ErrorKind::ClusterConnectionNotFound {
            let mut current = self.current.lock().await;
            if current.number == number {
                current.connection = None;
            }
        } else if error.is_timeout() && !self.is_being_renewed.swap(true, Ordering::Relaxed) {
            self.renew();
        }
    }

    fn renew(&self) {
        let Self { client, current, is_being_renewed } = self;
        let (client, current, is_being_renewed) = (client.clone(), current.clone(), is_being_renewed.clone());
        tokio::spawn(async move {
            match client.get_async_connection().await {
                Ok(renewed) => drop(current.lock().await.replace(renewed)),
                Err(error) => tracing::debug!(%error, "no server of the session store's cluster responds"),
            }
            tokio::time::sleep(RENEWAL_INTERVAL).await;
            is_being_renewed.store(false, Ordering::Relaxed);
        });
    }
}
