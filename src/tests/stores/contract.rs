//! What each operation does when nobody else is there (SE-12, SE-21).
//! It leaves out simultaneous callers.

use std::collections::BTreeSet;

use kinde_leptos::auth::{OWNER_KEY, Store};
use time::{Duration, OffsetDateTime};
use tower_sessions::session::{Id, Record};

use super::{a_minute_ago, created, every_store, in_an_hour, record, text_of};

#[tokio::test]
async fn what_is_created_is_loaded_as_it_was() {
    for store in every_store().await {
        let mut record = record("¶ \" \\ \u{0} 李", in_an_hour());
        store.create(&mut record).await.unwrap();
        assert_eq!(store.load(&record.id).await.unwrap(), Some(record));
        assert_eq!(store.load(&Id::default()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn creating_under_a_taken_id_gives_another() {
    for store in every_store().await {
        let first = created(&*store, "first").await;
        let mut second = record("second", in_an_hour());
        second.id = first.id;
        store.create(&mut second).await.unwrap();
        assert_ne!(second.id, first.id);
        assert_eq!(text_of(&*store, &first.id).await.as_deref(), Some("first"));
        assert_eq!(text_of(&*store, &second.id).await.as_deref(), Some("second"));
    }
}

#[tokio::test]
async fn saving_changes_only_what_still_exists() {
    for store in every_store().await {
        let mut kept = created(&*store, "before").await;
        kept.data.insert("text".to_owned(), "after".into());
        kept.expiry_date += Duration::hours(1);
        store.save(&kept).await.unwrap();
        assert_eq!(store.load(&kept.id).await.unwrap(), Some(kept.clone()));
        store.delete(&kept.id).await.unwrap();
        store.save(&kept).await.unwrap();
        store.save(&record("never created", in_an_hour())).await.unwrap();
        assert_eq!(store.load(&kept.id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn deleting_removes_and_may_be_repeated() {
    for store in every_store().await {
        let (gone, stays) = (created(&*store, "gone").await, created(&*store, "stays").await);
        for _ in 0..2 {
            store.delete(&gone.id).await.unwrap();
            assert_eq!(store.load(&gone.id).await.unwrap(), None);
        }
        assert!(store.load(&stays.id).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn what_has_expired_is_not_there() {
    for store in every_store().await {
        let mut expired = record("expired", a_minute_ago());
        store.create(&mut expired).await.unwrap();
        assert_eq!(store.load(&expired.id).await.unwrap(), None);
        assert_eq!(store.take(&expired.id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn touching_does_not_revive_what_has_expired() {
    for store in every_store().await {
        let mut expired = record("expired", a_minute_ago());
        store.create(&mut expired).await.unwrap();
        store.touch(&expired.id, in_an_hour()).await.unwrap();
        assert_eq!(store.load(&expired.id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn saving_does_not_revive_what_has_expired() {
    for store in every_store().await {
        let mut expired = record("expired", a_minute_ago());
        store.create(&mut expired).await.unwrap();
        expired.expiry_date = in_an_hour();
        store.save(&expired).await.unwrap();
        assert_eq!(store.load(&expired.id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn taking_removes() {
    for store in every_store().await {
        let record = created(&*store, "taken").await;
        assert_eq!(store.take(&record.id).await.unwrap(), Some(record.clone()));
        assert_eq!(store.take(&record.id).await.unwrap(), None);
        assert_eq!(store.load(&record.id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn touching_moves_the_expiry_alone() {
    for store in every_store().await {
        let mut record = created(&*store, "touched").await;
        record.expiry_date += Duration::hours(1);
        store.touch(&record.id, record.expiry_date).await.unwrap();
        assert_eq!(store.load(&record.id).await.unwrap(), Some(record.clone()));
        store.touch(&record.id, a_minute_ago()).await.unwrap();
        assert_eq!(store.load(&record.id).await.unwrap(), None);
        store.touch(&Id::default(), in_an_hour()).await.unwrap();
    }
}

#[tokio::test]
async fn an_owners_records_are_found_until_they_end() {
    for store in every_store().await {
        let mut records = Vec::new();
        for (owner, expiry) in
            [("ada", in_an_hour()), ("ada", in_an_hour()), ("grace", in_an_hour()), ("ada", a_minute_ago())]
        {
            records.push(created_for(&*store, owner, expiry).await);
        }
        created(&*store, "nobody's").await;
        assert_eq!(ids_of(&*store, "ada").await, ids(&records[..2]));
        assert_eq!(ids_of(&*store, "grace").await, ids(&records[2..3]));
        assert_eq!(store.owned_by("nobody").await.unwrap(), []);
        store.touch(&records[0].id, in_an_hour() + Duration::hours(1)).await.unwrap();
        assert_eq!(ids_of(&*store, "ada").await, ids(&records[..2]));
        assert_eq!(store.owned_by("grace").await.unwrap(), records[2..3]);
        store.take(&records[0].id).await.unwrap();
        store.delete(&records[2].id).await.unwrap();
        assert_eq!(ids_of(&*store, "ada").await, ids(&records[1..2]));
        assert_eq!(ids_of(&*store, "grace").await, ids(&[]));
    }
}

async fn created_for(store: &dyn Store, owner: &str, expiry: OffsetDateTime) -> Record {
    let mut record = record("owned", expiry);
    record.data.insert(OWNER_KEY.to_owned(), owner.into());
    store.create(&mut record).await.unwrap();
    record
}

async fn ids_of(store: &dyn Store, owner: &str) -> BTreeSet<String> {
    ids(&store.owned_by(owner).await.unwrap())
}

fn ids(records: &[Record]) -> BTreeSet<String> {
    records.iter().map(|record| record.id.to_string()).collect()
}

#[tokio::test]
async fn a_store_in_order_answers() {
    for store in every_store().await {
        store.ping().await.unwrap();
    }
}
