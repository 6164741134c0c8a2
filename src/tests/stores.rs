//! Tests of the promises that every session store makes (`auth::Store`). A new store is added to [`every_store`] or [`every_topology`] and is
//! covered by all of them.
//! The content of records is tested in `session`.

mod contract;
mod encrypted;
mod lost_cluster;
mod portions;
mod races;
mod replicas;
mod servers;
mod several_servers;
mod sqlite;

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::harness::{Kind, PgBouncer, RedisCluster, StoreServer};
use kinde_leptos::auth::{Id, Record, Store};
use kinde_leptos::sessions::{self, Namespace, StoreUrl};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

static NAMESPACES: AtomicUsize = AtomicUsize::new(0);

/// A store under test. Its file, if it has one, is removed with this value.
pub struct Tested {
    pub name: &'static str,
    pub store: Arc<dyn Store>,
    pub url: String,
    folder: Option<TempDir>,
}

impl Deref for Tested {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        // Printed when a test fails, to show which store it was.
        println!("{}", self.name);
        &*self.store
    }
}

/// A new store of each kind, on a database of its own.
pub async fn every_store() -> Vec<Tested> {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite:{}/sessions.db", folder.path().display());
    let redis = StoreServer::shared(Kind::Redis).database().await;
    let postgres = StoreServer::shared(Kind::Postgres).database().await;
    let mut stores = Vec::new();
    for (name, url, folder) in
        [("SQLite", sqlite, Some(folder)), ("Redis", redis, None), ("PostgreSQL", postgres, None)]
    {
        stores.push(Tested { name, store: open(&url).await, url, folder });
    }
    stores
}

/// As [`every_store`], and the same servers as others run them: a cluster, and behind a pool of connections.
pub async fn every_topology() -> Vec<Tested> {
    let mut stores = every_store().await;
    let (cluster, pool) = (RedisCluster::shared_url().await, PgBouncer::database().await);
    // A cluster has one database for all tests.
    let namespace = format!("test_{}", NAMESPACES.fetch_add(1, Ordering::Relaxed));
    stores.push(Tested {
        name: "Redis Cluster",
        store: open_in(&namespace, &cluster).await,
        url: cluster,
        folder: None,
    });
    stores.push(Tested { name: "PgBouncer", store: open(&pool).await, url: pool, folder: None });
    stores
}

pub async fn open(url: &str) -> Arc<dyn Store> {
    open_in("kinde", url).await
}

async fn open_in(namespace: &str, url: &str) -> Arc<dyn Store> {
    sessions::open(&StoreUrl::parse(url).unwrap(), &Namespace::parse(namespace).unwrap()).await.unwrap()
}

/// A record without an owner.
fn record(content: &str, expires_at: OffsetDateTime) -> Record {
    Record { id: Id::default(), owner: None, content: content.to_owned(), expires_at }
}

fn record_of(owner: &str, expires_at: OffsetDateTime) -> Record {
    Record { owner: Some(owner.to_owned()), ..record("owned", expires_at) }
}

async fn created(store: &dyn Store, content: &str) -> Record {
    create(store, record(content, in_an_hour())).await
}

async fn created_for(store: &dyn Store, owner: &str) -> Record {
    create(store, record_of(owner, in_an_hour())).await
}

async fn create(store: &dyn Store, record: Record) -> Record {
    assert!(store.create(&record).await.unwrap(), "another record has the id");
    record
}

/// Stores keep whole seconds.
fn in_an_hour() -> OffsetDateTime {
    (OffsetDateTime::now_utc() + Duration::hours(1)).replace_nanosecond(0).unwrap()
}

fn a_minute_ago() -> OffsetDateTime {
    OffsetDateTime::now_utc() - Duration::minutes(1)
}

async fn content_of(store: &dyn Store, id: &Id) -> Option<String> {
    Some(store.load(id).await.unwrap()?.content)
}

fn ids(records: &[Record]) -> BTreeSet<String> {
    records.iter().map(|record| record.id.to_string()).collect()
}

/// The records of an owner, in no order.
async fn records_of(store: &dyn Store, owner: &str) -> Vec<Record> {
    let ids = store.owned_ids(owner).await.unwrap();
    store.load_many(&ids).await.unwrap().into_iter().flatten().collect()
}

async fn ids_of(store: &dyn Store, owner: &str) -> BTreeSet<String> {
    ids(&records_of(store, owner).await)
}
