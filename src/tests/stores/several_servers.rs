//! Stores of several servers: which of them is used, and what waits for which (SF-14, SF-17). What happens under load when
//! one of them is lost is in `store_faults::failovers`.

use std::time::Duration;

use futures_util::future::join_all;
use kinde_leptos::auth::{Id, Record};
use kinde_leptos::sessions::{self, Namespace, StoreUrl};
use tokio::time::timeout;

use super::lost_cluster::LostCluster;
use super::{created, open};
use crate::harness::{Kind, Log, RedisCluster, Sentinels, StoreServer, until};

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

/// The number of the primary that has a record.
async fn primary_of(cluster: &RedisCluster, record: &Record) -> usize {
    for server in 0..3 {
        // The others say where it is.
        if cluster.command::<usize>(server, &format!("EXISTS kinde:record:{}", record.id)).await.is_ok() {
            return server;
        }
    }
    panic!("no primary has the record");
}

// SF-14
#[tokio::test]
async fn in_a_cluster_what_a_replica_does_not_know_ended_ends_again_when_it_takes_over() {
    let log = Log::capture();
    let mut cluster = RedisCluster::start().await;
    let store = open(&cluster.url()).await;
    let first = created(&*store, "first").await;
    let primary = primary_of(&cluster, &first).await;
    let second = loop {
        let record = created(&*store, "second").await;
        if primary_of(&cluster, &record).await == primary {
            break record;
        }
    };
    // From now on the store knows that this primary has a replica.
    assert_eq!(store.take(&first.id).await.unwrap(), Some(first));

    cluster.servers[primary + 3].freeze();
    cluster.command::<usize>(primary, "CLIENT KILL TYPE replica").await.unwrap();
    assert_eq!(store.take(&second.id).await.unwrap().as_ref(), Some(&second));
    cluster.servers[primary].stop();
    cluster.servers[primary + 3].thaw();
    until(async || store.load(&second.id).await.is_ok_and(|found| found.is_none())).await;
    until(async || log.lines_with("were back in the session store, and were ended again").len() == 1).await;
}

// SF-16
#[tokio::test]
async fn with_sentinels_what_ends_without_a_replica_ends_again_when_one_with_older_data_takes_over() {
    let log = Log::capture();
    let mut sentinels = Sentinels::start().await;
    let primary = sentinels.until_agreed().await;
    let replica = &sentinels.servers[1 - primary];
    // What it has confirmed is on disk when it is killed, and so is there when it starts again.
    replica.administer(&sentinels.server_url(1 - primary), "CONFIG SET appendfsync always").await;
    let store = open(&sentinels.url()).await;
    let (ended, goes_on) = (created(&*store, "ended").await, created(&*store, "goes on").await);
    sentinels.until_replicated().await;

    sentinels.servers[1 - primary].stop();
    assert_eq!(store.take(&ended.id).await.unwrap().as_ref(), Some(&ended));
    assert_eq!(log.lines_with("replicas of the session store"), [""; 0]);
    sentinels.servers[primary].stop();
    sentinels.servers[1 - primary].start_again();
    until(async || log.lines_with("were back in the session store, and were ended again").len() == 1).await;
    assert_eq!(store.load(&ended.id).await.unwrap(), None);
    assert_eq!(store.load(&goes_on.id).await.unwrap(), Some(goes_on));
}

// SF-15
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_whose_servers_were_all_lost_is_used_again_when_they_are_back() {
    let mut cluster = RedisCluster::start().await;
    let store = open(&cluster.url()).await;
    let records = join_all((0..20).map(|_| created(&*store, "kept"))).await;
    let load_all = async || join_all(records.iter().map(|record| store.load(&record.id))).await;
    for server in 0..cluster.servers.len() {
        tokio::join!(async { tokio::task::block_in_place(|| cluster.servers[server].stop()) }, async {
            for _ in 0..5 {
                load_all().await;
            }
        });
    }
    assert!(load_all().await.iter().all(Result::is_err));
    tokio::task::block_in_place(|| cluster.servers.iter_mut().for_each(StoreServer::start_again));
    // Which records the servers have kept is up to their disks.
    until(async || load_all().await.iter().all(Result::is_ok)).await;
    let new = created(&*store, "new").await;
    assert_eq!(store.load(&new.id).await.unwrap(), Some(new));
}

// SF-15: the driver then has no server left that it could ask for others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_of_whose_servers_none_is_known_any_more_is_used_again() {
    let cluster = LostCluster::start().await;
    let store = open(&cluster.url()).await;
    assert_eq!(store.load(&Id(1)).await.unwrap(), None);
    cluster.lose(true);
    for _ in 0..3 {
        store.load(&Id(1)).await.unwrap_err();
    }
    cluster.lose(false);
    until(async || store.load(&Id(1)).await.is_ok_and(|found| found.is_none())).await;
}
