//! `Cluster`: commands to a Redis Cluster. The driver knows which server has a key, follows keys that move, finds the
//! primaries that take over, and opens broken connections again. One server is in `connection`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::try_join_all;
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{RoutingInfo, SingleNodeRoutingInfo};
use redis::{Cmd, ConnectionInfo, FromRedisValue, Pipeline, RedisError, RedisResult, ServerErrorKind, Value, cmd};
use tokio::sync::Mutex;

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
