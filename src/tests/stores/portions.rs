//! All records of a store, one portion after the other.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kinde_leptos::auth::{Record, Store};

use super::{a_minute_ago, create, every_topology, in_an_hour, open, open_in, record, record_of};
use crate::harness::{Kind, StoreServer};

/// More than one portion.
const RECORDS: usize = 700;

/// Reads the portions after this one. A record that is named twice counts once.
async fn the_rest(store: &dyn Store, mut after: Option<String>) -> BTreeMap<String, Record> {
    let mut all = BTreeMap::new();
    loop {
        let portion = store.portion(after.as_deref()).await.unwrap();
        all.extend(portion.records.into_iter().map(|record| (record.id.to_string(), record)));
        after = portion.next;
        if after.is_none() {
            return all;
        }
    }
}

async fn filled(store: &dyn Store) -> BTreeMap<String, Record> {
    let mut created = BTreeMap::new();
    for number in 0..RECORDS {
        let owner = (number % 2 == 0).then(|| format!("owner {}", number % 7));
        let record = create(store, Record { owner, ..record(&format!("number {number}"), in_an_hour()) }).await;
        created.insert(record.id.to_string(), record);
    }
    created
}

#[tokio::test]
async fn every_record_is_in_a_portion_and_each_is_as_it_was() {
    for store in every_topology().await {
        assert_eq!(store.portion(None).await.unwrap().records, []);
        let created = filled(&*store).await;
        create(&*store, record_of("ada", a_minute_ago())).await;
        let first = store.portion(None).await.unwrap();
        assert!(!first.records.is_empty() && first.records.len() < RECORDS, "{}", first.records.len());
        assert_eq!(the_rest(&*store, None).await, created);
    }
}

#[tokio::test]
async fn what_comes_and_goes_between_two_portions_disturbs_no_other_record() {
    for store in every_topology().await {
        let mut created = filled(&*store).await;
        let first = store.portion(None).await.unwrap();
        let mut found: BTreeMap<_, _> =
            first.records.into_iter().map(|record| (record.id.to_string(), record)).collect();
        let gone: Vec<_> = created.keys().step_by(3).cloned().collect();
        for id in gone {
            let record = created.remove(&id).unwrap();
            store.take(&record.id).await.unwrap();
            create(&*store, record_of("grace", in_an_hour())).await;
        }
        found.extend(the_rest(&*store, first.next).await);
        for (id, record) in created {
            assert_eq!(found.get(&id), Some(&record));
        }
    }
}

#[tokio::test]
async fn another_namespace_is_in_no_portion() {
    for tested in every_topology().await.into_iter().filter(|tested| tested.name != "SQLite") {
        create(&*tested, record_of("ada", in_an_hour())).await;
        let other = open_in("kinde_2", &tested.url).await;
        assert_eq!(the_rest(&*other, None).await.len(), 0, "{}", tested.name);
    }
}

/// Where a portion ended means nothing to another server, or to the same one after its restart.
#[tokio::test]
async fn a_server_that_restarts_between_two_portions_loses_no_record() {
    let mut server = StoreServer::start(Kind::Redis);
    let url = server.database().await;
    // While its disk is slow, a server that is killed loses what it has not written yet.
    server.administer(&url, "CONFIG SET appendfsync always").await;
    let store = open(&url).await;
    let created = filled(&*store).await;
    let first = store.portion(None).await.unwrap();
    server.stop();
    server.start_again();
    let deadline = Instant::now() + Duration::from_secs(10);
    let begins_anew = loop {
        match store.portion(first.next.as_deref()).await {
            Ok(portion) => break portion,
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(begins_anew.records, [], "what follows a place on the former connection");
    assert_eq!(the_rest(&*store, begins_anew.next).await, created);
}
