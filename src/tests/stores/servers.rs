//! Stores on a server: how their tables are made, found and removed, and how connections fail (SE-21, SF-5).
//! The promises of all stores are tested in `contract`.

use futures_util::future::join_all;
use kinde_leptos::auth::{Id, Record, Store};
use time::Duration;

use super::{create, created, created_for, in_an_hour, open, record, record_of, records_of};
use crate::harness::{Kind, Silencer, SlowLink, StoreServer};

const STARTING_AT_ONCE: usize = 8;
/// Longer than a request needs to be sent, so that a round trip ends after its request.
const DELAY: std::time::Duration = std::time::Duration::from_millis(20);

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

/// An account that may not create the table uses it again once another account has created it, without a restart.
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
        // The time that a request waits for a store.
        let limit = std::time::Duration::from_millis(1500);
        let loaded = tokio::time::timeout(limit, store.load(&record.id)).await;
        assert!(!matches!(loaded, Ok(Ok(_))), "{kind:?}: it was not silent");
        assert_eq!(store.load(&record.id).await.unwrap(), Some(record), "{kind:?}");
    }
}

#[tokio::test]
async fn many_records_are_loaded_in_one_round_trip_and_none_in_no_round_trip() {
    for kind in [Kind::Redis, Kind::Postgres] {
        let server = StoreServer::shared(kind);
        let link = SlowLink::before(server.port(), DELAY).await;
        let url = server.database().await;
        let store = open(&url.replace(&server.port().to_string(), &link.port().to_string())).await;
        let records = [created_for(&*store, "ada").await, created(&*store, "nobody's").await];
        let ids: Vec<Id> = (0..98).map(|_| Id::default()).chain(records.iter().map(|record| record.id)).collect();
        let loaded = store.load_many(&ids).await.unwrap();
        assert_eq!(loaded[98..], records.map(Some), "{kind:?}");
        // The first use of a connection prepares the statement, and the sweep at the start has a connection, too.
        assert_eq!(fewest_round_trips(&*store, &link, &ids).await, 1, "{kind:?}");
        assert_eq!(fewest_round_trips(&*store, &link, &[]).await, 0, "{kind:?}");
    }
}

/// The fewest round trips that loading these records took, of several times.
async fn fewest_round_trips(store: &dyn Store, link: &SlowLink, ids: &[Id]) -> usize {
    let mut fewest = usize::MAX;
    for _ in 0..5 {
        let before = link.round_trips();
        store.load_many(ids).await.unwrap();
        fewest = fewest.min(link.round_trips() - before);
    }
    fewest
}

#[tokio::test]
async fn a_key_that_holds_something_else_is_no_record_and_is_removed() {
    let server = StoreServer::shared(Kind::Redis);
    let url = server.database().await;
    let store = open(&url).await;
    // The last is a text without the line of an owner.
    for other in ["LPUSH", "SADD", "SET"] {
        for operation in ["load", "load_many", "take"] {
            let id = created(&*store, "spoiled").await.id;
            server.administer(&url, &format!("DEL kinde:record:{id}")).await;
            server.administer(&url, &format!("{other} kinde:record:{id} x")).await;
            let good = created(&*store, "good").await;
            let returned = match operation {
                "load" => store.load(&id).await.unwrap(),
                "take" => store.take(&id).await.unwrap(),
                _ => {
                    let [spoiled, loaded] = store.load_many(&[id, good.id]).await.unwrap().try_into().unwrap();
                    assert_eq!(loaded, Some(good), "{other}");
                    spoiled
                }
            };
            assert_eq!(returned, None, "{operation} {other}");
            let replacement = Record { id, ..record("replacement", in_an_hour()) };
            assert!(store.create(&replacement).await.unwrap(), "{operation} {other}: the key was not removed");
        }
    }
}

// SE-21: a user who signs in every day leaves no old names behind
#[tokio::test]
async fn the_names_of_an_owners_ended_records_do_not_pile_up() {
    let server = StoreServer::shared(Kind::Redis);
    let url = server.database().await;
    let store = open(&url).await;
    for number in 0..20 {
        let expiry = if number % 2 == 0 { in_an_hour() } else { in_an_hour() - Duration::hours(2) };
        let record = create(&*store, record_of("ada", expiry)).await;
        if number % 2 == 0 {
            store.take(&record.id).await.unwrap();
        }
    }
    let named = names(&url, "ada").await;
    assert!(named <= 1, "{named} names");
}

async fn names(url: &str, owner: &str) -> i64 {
    let client = redis::Client::open(url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd("ZCARD").arg(format!("kinde:owner:{owner}")).query_async(&mut connection).await.unwrap()
}

#[tokio::test]
async fn a_refused_record_leaves_no_name_with_its_owner() {
    let url = StoreServer::shared(Kind::Redis).database().await;
    let store = open(&url).await;
    let first = created_for(&*store, "ada").await;
    assert!(!store.create(&Record { id: first.id, ..record_of("grace", in_an_hour()) }).await.unwrap());
    assert_eq!((names(&url, "ada").await, names(&url, "grace").await), (1, 0));
    let second = Record { id: first.id, content: "second".to_owned(), ..record_of("ada", in_an_hour()) };
    assert!(!store.create(&second).await.unwrap());
    assert_eq!(names(&url, "ada").await, 1, "the first record's name");
}

#[tokio::test]
async fn taking_an_owners_records_leaves_what_a_stale_name_leads_to() {
    let server = StoreServer::shared(Kind::Redis);
    let url = server.database().await;
    let store = open(&url).await;
    let others = [created_for(&*store, "grace").await, created(&*store, "nobody's").await];
    for record in &others {
        server.administer(&url, &format!("ZADD kinde:owner:ada 9999999999 {}", record.id)).await;
    }
    let list = Id::default();
    server.administer(&url, &format!("RPUSH kinde:record:{list} x")).await;
    server.administer(&url, &format!("ZADD kinde:owner:ada 9999999999 {list} 9999999999 no-id")).await;
    let owned = created_for(&*store, "ada").await;
    assert_eq!(store.take_owned_by("ada").await.unwrap(), [owned]);
    assert_eq!(names(&url, "ada").await, 0);
    for record in others {
        assert_eq!(store.load(&record.id).await.unwrap(), Some(record));
    }
}

#[tokio::test]
async fn an_owner_with_more_records_than_one_request_takes_is_served_in_several() {
    let url = StoreServer::shared(Kind::Redis).database().await;
    let store = open(&url).await;
    let (portions, portion) = (11, 100);
    for _ in 0..portions {
        join_all((0..portion).map(|_| created_for(&*store, "ada"))).await;
    }
    assert_eq!(records_of(&*store, "ada").await.len(), portions * portion);
    assert_eq!(store.take_owned_by("ada").await.unwrap().len(), portions * portion);
    assert_eq!(names(&url, "ada").await, 0);
}
