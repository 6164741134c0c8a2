//! `Sentinels`: a Redis primary with a replica, and three Sentinels that watch them.

use std::time::Duration;

use super::supervised::Supervised;
use super::{Kind, Start, StoreServer};
use crate::harness::free_port;

/// The passwords differ, so that none is sent to the wrong server.
const SERVER_PASSWORD: &str = "sesame-of-servers";
const SENTINEL_PASSWORD: &str = "sesame-of-sentinels";
const SERVICE: &str = "sessions";
/// A primary that has not responded for so long is replaced. The default is 30 seconds.
const DOWN_AFTER_MILLISECONDS: u32 = 1000;
/// Between two fail-overs at least twice this time passes. The default is three minutes.
const FAILOVER_TIMEOUT: Duration = Duration::from_secs(5);

/// Sentinels with their servers; they end with this value.
#[allow(dead_code, reason = "neither target uses all of these")]
pub struct Sentinels {
    /// The first primary, and its replica.
    pub servers: [StoreServer; 2],
    sentinels: Vec<(u16, Supervised)>,
}

#[allow(dead_code, reason = "neither target uses all of these")]
impl Sentinels {
    pub async fn start() -> Self {
        let passwords = ["--requirepass", SERVER_PASSWORD, "--masterauth", SERVER_PASSWORD].map(str::to_owned);
        let arguments = [&passwords[..], &["--repl-diskless-sync-delay".to_owned(), "0".to_owned()]].concat();
        let primary = StoreServer::new(Kind::Redis, Start { arguments: arguments.clone(), ..Start::default() });
        let of_replica =
            ["--replicaof".to_owned(), "127.0.0.1".to_owned(), primary.port().to_string()].into_iter().chain(arguments);
        let replica = StoreServer::new(Kind::Redis, Start { arguments: of_replica.collect(), ..Start::default() });
        let sentinels = (0..3).map(|_| sentinel(primary.port())).collect();
        let all = Self { servers: [primary, replica], sentinels };
        super::redis_cluster::until(async || all.know_everything().await).await;
        all
    }

    /// The URL with all Sentinels.
    pub fn url(&self) -> String {
        let hosts: Vec<String> = self.sentinels.iter().map(|(port, _)| format!("127.0.0.1:{port}")).collect();
        let hosts = hosts.join(",");
        format!("redis+sentinel://:{SERVER_PASSWORD}@{hosts}/1?service={SERVICE}&sentinel_password={SENTINEL_PASSWORD}")
    }

    /// The URL of a server itself.
    pub fn server_url(&self, server: usize) -> String {
        format!("redis://:{SERVER_PASSWORD}@127.0.0.1:{}/1", self.servers[server].port())
    }

    pub fn freeze_sentinel(&self, sentinel: usize) {
        self.sentinels[sentinel].1.freeze();
    }

    pub fn thaw_sentinel(&self, sentinel: usize) {
        self.sentinels[sentinel].1.thaw();
    }

    /// Which server a Sentinel calls the primary.
    pub async fn primary(&self, sentinel: usize) -> Option<usize> {
        let (_, port): (String, String) =
            self.ask(sentinel, &["SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE]).await.ok()?;
        self.servers.iter().position(|server| server.port().to_string() == port)
    }

    /// Waits until the Sentinels agree on the primary and its replica is in order, and returns the primary.
    pub async fn until_agreed(&self) -> usize {
        let mut primary = None;
        super::redis_cluster::until(async || {
            primary = self.primary(0).await;
            self.agree_on(primary).await
        })
        .await;
        primary.unwrap()
    }

    /// Waits until a server is the primary and the other one its replica.
    pub async fn until_followed(&self, primary: usize) {
        super::redis_cluster::until(async || self.agree_on(Some(primary)).await).await;
    }

    async fn agree_on(&self, primary: Option<usize>) -> bool {
        let Some(primary) = primary else { return false };
        for sentinel in 0..self.sentinels.len() {
            if self.primary(sentinel).await != Some(primary) {
                return false;
            }
        }
        self.know_everything().await && self.is_followed(primary).await
    }

    /// Whether the servers say themselves that one is the primary and the other one has its data. What the Sentinels know
    /// of them is some seconds old: a former primary that has just started again is no replica yet.
    async fn is_followed(&self, primary: usize) -> bool {
        let (Ok(of_primary), Ok(of_replica)) = (self.replication(primary).await, self.replication(1 - primary).await)
        else {
            return false;
        };
        let follows = format!("master_port:{}", self.servers[primary].port());
        of_primary.contains("role:master")
            && of_primary.contains("state=online")
            && ["role:slave", "master_link_status:up", &follows].iter().all(|line| of_replica.contains(line))
    }

    /// Waits until the replica has received everything that the primary has written.
    pub async fn until_replicated(&self) {
        super::redis_cluster::until(async || {
            let (Ok(one), Ok(other)) = (self.replication(0).await, self.replication(1).await) else { return false };
            let offset =
                |text: &str| text.lines().find(|line| line.starts_with("master_repl_offset:")).map(str::to_owned);
            offset(&one) == offset(&other)
        })
        .await;
    }

    async fn replication(&self, server: usize) -> redis::RedisResult<String> {
        send(self.server_url(server), &["INFO", "replication"]).await
    }

    /// Lets the replica take over although the primary is well.
    pub async fn fail_over(&self) {
        self.ask::<()>(0, &["SENTINEL", "FAILOVER", SERVICE]).await.unwrap();
    }

    /// Whether each Sentinel knows the replica, which is in order, and the other Sentinels.
    async fn know_everything(&self) -> bool {
        for sentinel in 0..self.sentinels.len() {
            let quorum: redis::RedisResult<String> = self.ask(sentinel, &["SENTINEL", "CKQUORUM", SERVICE]).await;
            let Ok(replicas) = self
                .ask::<Vec<std::collections::HashMap<String, String>>>(sentinel, &["SENTINEL", "REPLICAS", SERVICE])
                .await
            else {
                return false;
            };
            let is_known = quorum.is_ok_and(|text| text.contains("OK 3 usable"))
                && replicas.iter().any(|replica| {
                    replica["flags"] == "slave" && replica.get("master-link-status").is_some_and(|link| link == "ok")
                });
            if !is_known {
                return false;
            }
        }
        true
    }

    async fn ask<T: redis::FromRedisValue>(&self, sentinel: usize, words: &[&str]) -> redis::RedisResult<T> {
        send(format!("redis://:{SENTINEL_PASSWORD}@127.0.0.1:{}", self.sentinels[sentinel].0), words).await
    }
}

async fn send<T: redis::FromRedisValue>(url: String, words: &[&str]) -> redis::RedisResult<T> {
    let mut connection = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
    redis::cmd(words[0]).arg(&words[1..]).query_async(&mut connection).await
}

/// A Sentinel, which keeps what it learns in its configuration file, and its port.
fn sentinel(primary: u16) -> (u16, Supervised) {
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let file = folder.path().join("sentinel.conf");
    let configuration = format!(
        "port {port}
bind 127.0.0.1
dir {}
requirepass {SENTINEL_PASSWORD}
sentinel sentinel-pass {SENTINEL_PASSWORD}
sentinel monitor {SERVICE} 127.0.0.1 {primary} 2
sentinel auth-pass {SERVICE} {SERVER_PASSWORD}
sentinel down-after-milliseconds {SERVICE} {DOWN_AFTER_MILLISECONDS}
sentinel failover-timeout {SERVICE} {}
",
        folder.path().display(),
        FAILOVER_TIMEOUT.as_millis(),
    );
    std::fs::write(&file, configuration).unwrap();
    let command = ["redis-server".into(), file.into(), "--sentinel".into()].to_vec();
    (port, Supervised::start(folder, command, "+monitor", "KILL", false))
}
