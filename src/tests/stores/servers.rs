//! What concerns stores on a server: how they are made, found and left (SE-21, SF-5).
//! It leaves out what all stores promise; see `contract`.

use futures_util::future::join_all;
use kinde_leptos::auth::OWNER_KEY;
use time::Duration;
use tower_sessions::session::{Id, Record};

use super::{created, in_an_hour, open, record};
use crate::harness::{Kind, Silencer, StoreServer};

const STARTING_AT_ONCE: usize = 8;

#[tokio::test]
async fn processes_that_start_at_once_make_one_table() {
    let url = StoreServer::shared(Kind::Postgres).database().await;
    let stores = join_all((0..STARTING_AT_ONCE).map(|_| open(&url))).await;
    let record = created(&*stores[0], "shared").await;
    for store in stores {
        assert_eq!(store.load(&record.id).await.unwrap().as_ref(), Some(&record));
    }
}

#[tokio::test]
async fn an_account_that_may_not_make_tables_uses_the_one_that_is_there() {
    let server = StoreServer::shared(Kind::Postgres);
    let url = server.database().await;
    drop(open(&url).await);
    let role = format!("app_of_{}", url.rsplit('/').next().unwrap().split('?').next().unwrap());
    let grant = format!("create role {role} login; grant select, insert, update, delete on kinde_sessions to {role}");
    server.administer(&url, &grant).await;
    let store = open(&url.replace("kinde@", &format!("{role}@"))).await;
    let record = created(&*store, "written").await;
    assert_eq!(store.load(&record.id).await.unwrap(), Some(record));
}

/// The table of an account that may not make it comes back with whoever may, and not with a restart.
#[tokio::test]
async fn without_its_table_a_store_waits_for_it() {
    let server = StoreServer::shared(Kind::Postgres);
    let url = server.database().await;
    let owner = open(&url).await;
    let name = url.rsplit('/').next().unwrap().split('?').next().unwrap();
    let grant = format!("grant select, insert, update, delete on kinde_sessions to waiting_{name}");
    server.administer(&url, &format!("create role waiting_{name} login; {grant}")).await;
    let store = open(&url.replace("kinde@", &format!("waiting_{name}@"))).await;
    created(&*store, "before").await;
    server.administer(&url, "drop table kinde_sessions").await;
    for _ in 0..20 {
        store.load(&Id(1)).await.unwrap_err();
    }
    assert_eq!(owner.load(&Id(1)).await.unwrap(), None, "who may make the table makes it");
    server.administer(&url, &grant).await;
    for _ in 0..20 {
        created(&*store, "after").await;
    }
}

#[tokio::test]
async fn a_connection_that_has_fallen_silent_is_given_up() {
    for kind in [Kind::Redis, Kind::Postgres] {
        let server = StoreServer::shared(kind);
        let silencer = Silencer::before(server.port()).await;
        let url = server.database().await;
        let store = open(&url.replace(&server.port().to_string(), &silencer.port().to_string())).await;
        let record = created(&*store, "kept").await;
        silencer.silence();
        // As long as a request waits for a store.
        let limit = std::time::Duration::from_millis(1500);
        let unanswered = tokio::time::timeout(limit, store.load(&record.id)).await;
        assert!(!matches!(unanswered, Ok(Ok(_))), "{kind:?}: it was not silent");
        assert_eq!(store.load(&record.id).await.unwrap(), Some(record), "{kind:?}");
    }
}

#[tokio::test]
async fn a_key_that_holds_something_else_is_no_record_and_is_removed() {
    let server = StoreServer::shared(Kind::Redis);
    let url = server.database().await;
    let store = open(&url).await;
    for other in ["LPUSH", "SADD"] {
        let id = created(&*store, "spoiled").await.id;
        server.administer(&url, &format!("DEL kinde:record:{id}")).await;
        server.administer(&url, &format!("{other} kinde:record:{id} x")).await;
        if other == "LPUSH" {
            assert_eq!(store.load(&id).await.unwrap(), None, "{other}");
        } else {
            assert_eq!(store.take(&id).await.unwrap(), None, "{other}");
        }
        let mut replacement = record("replacement", in_an_hour());
        replacement.id = id;
        store.create(&mut replacement).await.unwrap();
        assert_eq!(replacement.id, id, "{other}: the key was not removed");
    }
}

// SE-21: a person who signs in every day leaves nothing behind
#[tokio::test]
async fn the_names_of_an_owners_ended_records_do_not_pile_up() {
    let server = StoreServer::shared(Kind::Redis);
    let url = server.database().await;
    let store = open(&url).await;
    for number in 0..20 {
        let expiry = if number % 2 == 0 { in_an_hour() } else { in_an_hour() - Duration::hours(2) };
        let mut record = Record { expiry_date: expiry, ..record("a day", expiry) };
        record.data.insert(OWNER_KEY.to_owned(), "ada".into());
        store.create(&mut record).await.unwrap();
        if number % 2 == 0 {
            store.take(&record.id).await.unwrap();
        }
    }
    let client = redis::Client::open(url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let named: i64 = redis::cmd("ZCARD").arg("kinde:owner:ada").query_async(&mut connection).await.unwrap();
    assert!(named <= 1, "{named} names");
}
