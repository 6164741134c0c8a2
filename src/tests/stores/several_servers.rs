//! Stores of several servers: which of them is used, and what waits for which (SF-14, SF-17). What happens under load when
//! one of them is lost is in `store_faults::failovers`.

use std::time::Duration;

use kinde_leptos::sessions::{self, Namespace, StoreUrl};
use tokio::time::timeout;

use super::{created, open};
use crate::harness::{Kind, Log, RedisCluster, StoreServer};

/// The time that a request waits for a store.
const OPERATION_TIMEOUT: Duration = Duration::from_millis(1500);

// SF-17
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_postgresql_servers_the_primary_is_used() {
    let mut primary = StoreServer::start(Kind::Postgres);
    let database = primary.database().await;
    let standby = primary.start_standby();
    let of_standby = database.replace(&primary.port().to_string(), &standby.port().to_string());
    let store = open(&StoreServer::url_of_several(&[&standby, &primary], &of_standby)).await;
    let record = created(&*store, "kept").await;
    primary.wait_for_standby().await;

    primary.stop();
    store.load(&record.id).await.unwrap_err();
    let alone = StoreUrl::parse(&StoreServer::url_of_several(&[&standby, &primary], &of_standby)).unwrap();
    let error = sessions::open(&alone, &Namespace::default()).await.unwrap_err().to_string();
    assert!(error.contains("no server of the session store is the primary") && error.contains("a standby"), "{error}");

    standby.promote().await;
    assert_eq!(store.load(&record.id).await.unwrap(), Some(record));
    created(&*store, "written").await;
}

// SF-14
#[tokio::test]
async fn in_a_cluster_a_deletion_waits_for_the_replica_of_its_primary() {
    let log = Log::capture();
    let cluster = RedisCluster::start().await;
    let store = open(&cluster.url()).await;
    let (first, second) = (created(&*store, "first").await, created(&*store, "second").await);
    assert_eq!(store.take(&first.id).await.unwrap(), Some(first));
    assert_eq!(log.lines_with("replicas of the session store"), [""; 0]);

    cluster.servers[3..].iter().for_each(StoreServer::freeze);
    let taken = timeout(OPERATION_TIMEOUT, store.take(&second.id)).await.expect("it took too long").unwrap();
    assert_eq!(taken, Some(second));
    assert_eq!(log.lines_with("not all replicas of the session store").len(), 1, "{}", log.text());
    cluster.servers[3..].iter().for_each(StoreServer::thaw);
}
