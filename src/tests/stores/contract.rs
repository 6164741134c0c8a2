//! What each operation does when nobody else is there (SE-12, SE-21).
//! It leaves out simultaneous callers.

use time::Duration;
use tower_sessions::session::Id;

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
async fn a_store_in_order_answers() {
    for store in every_store().await {
        store.ping().await.unwrap();
    }
}
