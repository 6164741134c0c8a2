//! One suite for what every session store promises (`auth::Store`); a further store joins [`every_store`] and has it all.
//! It leaves out what stands in a record.

mod contract;
mod encrypted;
mod races;
mod servers;
mod sqlite;

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

use crate::harness::{Kind, StoreServer};
use kinde_leptos::auth::Store;
use kinde_leptos::sessions::{self, StoreUrl};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};
use tower_sessions::session::{Id, Record};

/// A store to be tested. A file that it lives in ends with this value.
struct Tested {
    name: &'static str,
    store: Arc<dyn Store>,
    _folder: Option<TempDir>,
}

impl Deref for Tested {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        // Shown when the test fails: which store it was.
        println!("{}", self.name);
        &*self.store
    }
}

/// A fresh one of each kind.
async fn every_store() -> Vec<Tested> {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = open(&format!("sqlite:{}/sessions.db", folder.path().display())).await;
    let redis = open(&StoreServer::shared(Kind::Redis).database().await).await;
    let postgres = open(&StoreServer::shared(Kind::Postgres).database().await).await;
    vec![
        Tested { name: "SQLite", store: sqlite, _folder: Some(folder) },
        Tested { name: "Redis", store: redis, _folder: None },
        Tested { name: "PostgreSQL", store: postgres, _folder: None },
    ]
}

async fn open(url: &str) -> Arc<dyn Store> {
    sessions::open(&StoreUrl::parse(url).unwrap()).await.unwrap()
}

/// A record with one text in it.
fn record(text: &str, expiry_date: OffsetDateTime) -> Record {
    Record { id: Id::default(), data: HashMap::from([("text".to_owned(), text.into())]), expiry_date }
}

async fn created(store: &dyn Store, text: &str) -> Record {
    let mut record = record(text, in_an_hour());
    store.create(&mut record).await.unwrap();
    record
}

/// Stores keep whole seconds.
fn in_an_hour() -> OffsetDateTime {
    (OffsetDateTime::now_utc() + Duration::hours(1)).replace_nanosecond(0).unwrap()
}

fn a_minute_ago() -> OffsetDateTime {
    OffsetDateTime::now_utc() - Duration::minutes(1)
}

async fn text_of(store: &dyn Store, id: &Id) -> Option<String> {
    let record = store.load(id).await.unwrap()?;
    Some(record.data["text"].as_str().unwrap().to_owned())
}
