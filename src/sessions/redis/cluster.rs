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
use redis::{Cmd, ConnectionInfo, FromRedisValue, Pipeline, RedisError, RedisResult, ServerErrorKind, Value, cmd};
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
    connection: Arc<Mutex<Option<ClusterConnection>>>,
    is_being_renewed: Arc<AtomicBool>,
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
        Ok(Self { client, connection: Arc::default(), is_being_renewed: Arc::default() })
    }

    pub(super) async fn send<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        let done = command.query_async(&mut self.connection().await?).await;
        self.renew_after_time_out(&done);
        done
    }

    pub(super) async fn send_each(&self, commands: &[Cmd]) -> RedisResult<Vec<Value>> {
        try_join_all(commands.iter().map(|command| self.send(command))).await
    }

    /// The driver takes the server from the first command that has a key.
    pub(super) async fn send_together<T: FromRedisValue>(&self, commands: &Pipeline) -> RedisResult<T> {
        let done = commands.query_async(&mut self.connection().await?).await;
        self.renew_after_time_out(&done);
        done
    }

    /// Succeeds when a server says that the cluster serves requests. One that has no server for some of its keys says that
    /// too, if `cluster-require-full-coverage` is `no`.
    pub(super) async fn check(&self) -> RedisResult<()> {
        let command = cmd("CLUSTER").arg("INFO").to_owned();
        let any = RoutingInfo::SingleNode(SingleNodeRoutingInfo::Random);
        let response = self.connection().await?.route_command(command, any).await?;
        let state: String = redis::from_redis_value(response.extract_error()?)?;
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
        let there = RoutingInfo::SingleNode(SingleNodeRoutingInfo::ByAddress { host, port });
        let found = self.connection().await?.route_command(scan_command(cursor, pattern, count), there).await?;
        let (cursor, keys): (String, Vec<String>) = redis::from_redis_value(found.extract_error()?)?;
        let next = match cursor.as_str() {
            "0" if index + 1 < primaries.len() => begin(index + 1, "0"),
            "0" => None,
            cursor => begin(index, cursor),
        };
        Ok(Scanned { keys, next })
    }

    /// The addresses of the primaries, and a number that is another one when slots have got another primary.
    async fn primaries(&self) -> RedisResult<(u64, Vec<(String, u16)>)> {
        let any = RoutingInfo::SingleNode(SingleNodeRoutingInfo::Random);
        let command = cmd("CLUSTER").arg("SLOTS").to_owned();
        let slots = self.connection().await?.route_command(command, any).await?.extract_error()?;
        let ranges: Vec<Vec<Value>> = redis::from_redis_value(slots)?;
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

    async fn connection(&self) -> RedisResult<ClusterConnection> {
        let mut connection = self.connection.lock().await;
        if let Some(connection) = &*connection {
            return Ok(connection.clone());
        }
        Ok(connection.insert(self.client.get_async_connection().await?).clone())
    }

    /// Opens all connections again if a server has not responded. The driver would send on to that server, for as long as
    /// its connection does not break, even after another one has taken over.
    fn renew_after_time_out<T>(&self, done: &RedisResult<T>) {
        let is_due = done.as_ref().is_err_and(RedisError::is_timeout);
        if !is_due || self.is_being_renewed.swap(true, Ordering::Relaxed) {
            return;
        }
        let Self { client, connection, is_being_renewed } = self;
        let (client, connection, is_being_renewed) = (client.clone(), connection.clone(), is_being_renewed.clone());
        tokio::spawn(async move {
            // Meanwhile requests use the connections that there are.
            match client.get_async_connection().await {
                Ok(renewed) => *connection.lock().await = Some(renewed),
                Err(error) => tracing::debug!(%error, "no server of the session store's cluster responds"),
            }
            tokio::time::sleep(RENEWAL_INTERVAL).await;
            is_being_renewed.store(false, Ordering::Relaxed);
        });
    }
}
