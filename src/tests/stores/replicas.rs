//! Redis with a replica: an ended session does not come back with the replica that takes over (SF-14), and a replica
//! that hangs keeps nobody signed in.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, timeout};

use super::{created, created_for, open};
use crate::harness::{Kind, Log, SlowLink, StoreServer, until};

/// Much less than a deletion waits for, and much more than a command takes.
const DELAY: Duration = Duration::from_millis(50);
/// The time that a request waits for a store.
const OPERATION_TIMEOUT: Duration = Duration::from_millis(1500);

/// Makes a server the replica of the one that listens on a port, and waits until it has its data.
async fn replicate(replica: &StoreServer, replica_url: &str, port: u16) {
    replica.administer(replica_url, &format!("REPLICAOF 127.0.0.1 {port}")).await;
    until(async || info(replica_url, "replication").await.contains("master_link_status:up")).await;
}

/// A primary without replicas, and its URL.
async fn primary() -> (StoreServer, String) {
    let server = StoreServer::start(Kind::Redis);
    let url = server.database().await;
    // Otherwise it waits 5 seconds for more replicas before it sends its data to the first.
    server.administer(&url, "CONFIG SET repl-diskless-sync-delay 0").await;
    (server, url)
}

/// A server that has just started and knows nothing, and its URL.
async fn other_server() -> (StoreServer, String) {
    let server = StoreServer::start(Kind::Redis);
    let url = server.database().await;
    (server, url)
}

async fn info(url: &str, section: &str) -> String {
    let client = redis::Client::open(url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd("INFO").arg(section).query_async(&mut connection).await.unwrap()
}

async fn has_replica_online(url: &str) -> bool {
    info(url, "replication").await.contains("state=online")
}

/// Whether the server has carried out a command since it started.
async fn has_carried_out(url: &str, command: &str) -> bool {
    info(url, "commandstats").await.contains(&format!("cmdstat_{command}:"))
}

// SF-14
#[tokio::test]
async fn a_session_that_has_ended_does_not_come_back_with_the_replica_that_takes_over() {
    let (mut primary, url) = primary().await;
    let (replica, replica_url) = other_server().await;
    let link = SlowLink::before(primary.port(), DELAY).await;
    replicate(&replica, &replica_url, link.port()).await;
    until(async || has_replica_online(&url).await).await;
    let store = open(&url).await;
    let (owned, ended) = (created_for(&*store, "ada").await, created(&*store, "ended").await);
    let goes_on = created(&*store, "goes on").await;
    // The records, and the set of their owner.
    until(async || info(&replica_url, "keyspace").await.contains("keys=4")).await;

    assert_eq!(store.take_owned_by("ada").await.unwrap(), std::slice::from_ref(&owned));
    assert_eq!(store.take(&ended.id).await.unwrap().as_ref(), Some(&ended));
    link.cut().await;
    primary.stop();
    replica.administer(&replica_url, "REPLICAOF NO ONE").await;

    let promoted = open(&replica_url).await;
    for record in [ended, owned] {
        assert_eq!(promoted.load(&record.id).await.unwrap(), None);
    }
    assert_eq!(promoted.load(&goes_on.id).await.unwrap(), Some(goes_on));
}

// SF-14
#[tokio::test]
async fn a_replica_that_hangs_delays_sign_outs_and_prevents_none() {
    let log = Log::capture();
    let (mut primary, url) = primary().await;
    let (replica, replica_url) = other_server().await;
    replicate(&replica, &replica_url, primary.port()).await;
    until(async || has_replica_online(&url).await).await;
    let store = open(&url).await;
    let read = created(&*store, "read meanwhile").await;
    let ended = join_all((0..20).map(|_| created(&*store, "ended"))).await;
    let last = created(&*store, "ended last").await;

    replica.freeze();
    let sign_outs = ended.iter().map(async |record| {
        let taken = timeout(OPERATION_TIMEOUT, store.take(&record.id)).await.expect("it took too long").unwrap();
        assert_eq!(taken.as_ref(), Some(record));
        Instant::now()
    });
    let reading = async {
        assert_eq!(store.load(&read.id).await.unwrap().as_ref(), Some(&read));
        Instant::now()
    };
    let (signed_out, has_read) = tokio::join!(join_all(sign_outs), reading);
    assert!(signed_out.iter().all(|end| *end > has_read), "a page waited for the replica");
    let warnings = log.lines_with("not all replicas of the session store").len();
    assert!((1..=3).contains(&warnings), "{}", log.text());
    for record in &ended {
        assert_eq!(store.load(&record.id).await.unwrap(), None);
    }

    replica.thaw();
    until(async || info(&replica_url, "keyspace").await.contains("keys=2")).await;
    store.take(&last.id).await.unwrap();
    primary.stop();
    replica.administer(&replica_url, "REPLICAOF NO ONE").await;
    let promoted = open(&replica_url).await;
    for record in ended.iter().chain([&last]) {
        assert_eq!(promoted.load(&record.id).await.unwrap(), None);
    }
    assert_eq!(promoted.load(&read.id).await.unwrap(), Some(read));
}

// SF-14
#[tokio::test]
async fn without_a_replica_nothing_waits_and_one_that_joins_is_waited_for() {
    let (primary, url) = primary().await;
    let store = open(&url).await;
    let record = created(&*store, "alone").await;
    primary.administer(&url, "CONFIG RESETSTAT").await;
    store.take(&record.id).await.unwrap();
    let statistics = info(&url, "commandstats").await;
    let commands = statistics.lines().filter_map(|line| line.strip_prefix("cmdstat_")?.split(':').next());
    // Some are of this test: its connections, and what it asked before.
    let mut commands: Vec<&str> =
        commands.filter(|name| !matches!(*name, "info" | "client|setinfo" | "hello")).collect();
    commands.sort_unstable();
    assert_eq!(commands, ["config|resetstat", "del", "eval", "get", "pexpiretime"]);

    let (replica, replica_url) = other_server().await;
    replicate(&replica, &replica_url, primary.port()).await;
    until(async || {
        let record = created(&*store, "with a replica").await;
        store.take(&record.id).await.unwrap();
        has_carried_out(&url, "wait").await
    })
    .await;
}
