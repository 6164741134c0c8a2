//! `RedisCluster`: six Redis servers that are a cluster: three primaries, each with a replica.

use std::sync::OnceLock;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{FromRedisValue, RedisResult};
use tokio::time::{Instant, sleep};

use super::{Kind, Start, StoreServer};
use crate::harness::free_port;

const PRIMARIES: usize = 3;
const SERVERS: usize = 2 * PRIMARIES;
const SLOTS: usize = 16384;
/// A primary that has not responded for so long is replaced. The default is 15 seconds.
const NODE_TIMEOUT_MILLISECONDS: u32 = 1000;
const DEADLINE: Duration = Duration::from_secs(60);

/// A cluster; it ends with this value.
pub struct RedisCluster {
    /// First the primaries, then the replica of each.
    pub servers: Vec<StoreServer>,
}

#[allow(dead_code, reason = "neither target uses all of these")]
impl RedisCluster {
    /// The URL of the cluster that all tests of this process share, each with a namespace of its own.
    pub async fn shared_url() -> String {
        static SHARED: OnceLock<RedisCluster> = OnceLock::new();
        // Tests wait here while one of them starts the servers. A thread of its own has a runtime of its own.
        let start = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            std::thread::spawn(move || runtime.block_on(Self::start_as(true))).join().unwrap()
        };
        tokio::task::spawn_blocking(move || SHARED.get_or_init(start)).await.unwrap().url()
    }

    pub async fn start() -> Self {
        Self::start_as(false).await
    }

    async fn start_as(is_shared: bool) -> Self {
        let servers = (0..SERVERS).map(|_| StoreServer::new(Kind::Redis, Start { is_shared, ..node() })).collect();
        let cluster = Self { servers };
        for primary in 0..PRIMARIES {
            let (first, last) = (SLOTS * primary / PRIMARIES, SLOTS * (primary + 1) / PRIMARIES - 1);
            cluster.command::<()>(primary, &format!("CLUSTER ADDSLOTSRANGE {first} {last}")).await.unwrap();
        }
        for server in 1..SERVERS {
            let (port, bus) = (cluster.servers[0].port(), cluster.bus_port(0).await);
            cluster.command::<()>(server, &format!("CLUSTER MEET 127.0.0.1 {port} {bus}")).await.unwrap();
        }
        for replica in PRIMARIES..SERVERS {
            let primary = cluster.id(replica - PRIMARIES).await;
            // It does not know the primary at first.
            until(async || cluster.command::<()>(replica, &format!("CLUSTER REPLICATE {primary}")).await.is_ok()).await;
        }
        cluster.until_whole().await;
        cluster
    }

    /// The URL with all servers.
    pub fn url(&self) -> String {
        let hosts: Vec<String> = self.servers.iter().map(|server| format!("127.0.0.1:{}", server.port())).collect();
        format!("redis+cluster://{}", hosts.join(","))
    }

    /// Waits until each of the servers knows that all primaries serve, and each replica has its primary's data.
    pub async fn until_whole(&self) {
        for server in 0..SERVERS {
            until(async || {
                let state: RedisResult<String> = self.command(server, "CLUSTER INFO").await;
                let known: RedisResult<String> = self.command(server, "CLUSTER NODES").await;
                let replication: RedisResult<String> = self.command(server, "INFO replication").await;
                state.is_ok_and(|state| state.contains("cluster_state:ok"))
                    && known
                        .is_ok_and(|known| known.matches(" connected").count() == SERVERS && !known.contains("fail"))
                    && replication
                        .is_ok_and(|text| text.contains("master_link_status:up") || text.contains("state=online"))
            })
            .await;
        }
    }

    /// The number of the primary with the most keys.
    pub async fn fullest_primary(&self) -> usize {
        let mut fullest = (0, None);
        for server in 0..SERVERS {
            let replication: String = self.command(server, "INFO replication").await.unwrap();
            let keys: usize = self.command(server, "DBSIZE").await.unwrap();
            if replication.contains("role:master") && keys >= fullest.0 {
                fullest = (keys, Some(server));
            }
        }
        fullest.1.unwrap()
    }

    pub async fn id(&self, server: usize) -> String {
        self.command(server, "CLUSTER MYID").await.unwrap()
    }

    /// Sends a server a command of words.
    pub async fn command<T: FromRedisValue>(&self, server: usize, words: &str) -> RedisResult<T> {
        let words: Vec<&str> = words.split(' ').collect();
        let mut connection = self.connect(server).await?;
        redis::cmd(words[0]).arg(&words[1..]).query_async(&mut connection).await
    }

    async fn connect(&self, server: usize) -> RedisResult<MultiplexedConnection> {
        let url = format!("redis://127.0.0.1:{}", self.servers[server].port());
        redis::Client::open(url)?.get_multiplexed_async_connection().await
    }

    async fn bus_port(&self, server: usize) -> u16 {
        let (_, port): (String, String) = self.command(server, "CONFIG GET cluster-port").await.unwrap();
        port.parse().unwrap()
    }
}

/// How a server of a cluster is started. Its second port, for the other servers, would be out of range if it were 10,000
/// above the first.
fn node() -> Start<'static> {
    let arguments = format!(
        "--cluster-enabled yes --cluster-config-file nodes.conf --cluster-port {} --cluster-node-timeout {NODE_TIMEOUT_MILLISECONDS} --cluster-replica-validity-factor 0 --repl-diskless-sync-delay 0",
        free_port()
    );
    Start { arguments: arguments.split(' ').map(str::to_owned).collect(), ..Start::default() }
}

/// Waits until something is so.
pub async fn until(mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !condition().await {
        assert!(Instant::now() < deadline, "it did not happen");
        sleep(Duration::from_millis(10)).await;
    }
}
