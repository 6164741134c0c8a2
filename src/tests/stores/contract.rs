//! Each operation with a single caller (SE-12, SE-21).
//! Simultaneous callers are tested in `races`.

use kinde_leptos::auth::{Id, Record};
use time::Duration;

use super::{
    Tested, a_minute_ago, content_of, create, created, created_for, every_topology, ids, ids_of, in_an_hour, open_in,
    record, record_of, records_of,
};

#[tokio::test]
async fn what_is_created_is_loaded_as_it_was() {
    for store in every_topology().await {
        for owner in [None, Some("ada".to_owned())] {
            for content in ["¶ \" \\ \n 李\r\n", "", "{}", "\n"] {
                let record = create(&*store, Record { owner: owner.clone(), ..record(content, in_an_hour()) }).await;
                assert_eq!(store.load(&record.id).await.unwrap(), Some(record));
            }
        }
        assert_eq!(store.load(&Id::default()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn creating_under_a_taken_id_leaves_the_first_record_as_it_is() {
    for store in every_topology().await {
        for (first, second) in [(None, None), (None, Some("ada")), (Some("ada"), None), (Some("ada"), Some("grace"))] {
            let owned =
                |owner: Option<&str>, text| Record { owner: owner.map(str::to_owned), ..record(text, in_an_hour()) };
            let first = create(&*store, owned(first, "first")).await;
            let second = Record { id: first.id, ..owned(second, "second") };
            assert!(!store.create(&second).await.unwrap());
            assert_eq!(store.load(&first.id).await.unwrap(), Some(first));
        }
        assert_eq!(records_of(&*store, "ada").await.len(), 2);
        assert_eq!(records_of(&*store, "grace").await, []);
    }
}

#[tokio::test]
async fn a_record_of_another_owner_is_another_record() {
    for store in every_topology().await {
        let first = created_for(&*store, "ada").await;
        assert!(!store.create(&Record { owner: Some("grace".to_owned()), ..first.clone() }).await.unwrap());
        assert!(!store.create(&Record { owner: None, ..first.clone() }).await.unwrap());
        assert_eq!(store.load(&first.id).await.unwrap(), Some(first));
    }
}

/// The caller repeats the request when the response to the first one was lost.
#[tokio::test]
async fn creating_the_very_same_record_again_succeeds() {
    for store in every_topology().await {
        for first in [record("once", in_an_hour()), record_of("ada", in_an_hour())] {
            for _ in 0..3 {
                assert!(store.create(&first).await.unwrap());
            }
            assert_eq!(store.load(&first.id).await.unwrap(), Some(first.clone()));
            assert!(store.take(&first.id).await.unwrap().is_some());
            assert_eq!(store.load(&first.id).await.unwrap(), None);
        }
    }
}

#[tokio::test]
async fn an_expired_record_does_not_hold_its_id() {
    for store in every_topology().await {
        let expired = create(&*store, record_of("ada", a_minute_ago())).await;
        let next = Record { id: expired.id, ..record_of("grace", in_an_hour()) };
        assert!(store.create(&next).await.unwrap());
        assert_eq!(store.load(&next.id).await.unwrap(), Some(next.clone()));
        assert_eq!(records_of(&*store, "grace").await, [next]);
        assert_eq!(records_of(&*store, "ada").await, []);
    }
}

#[tokio::test]
async fn what_has_expired_is_not_there() {
    for store in every_topology().await {
        let expired = create(&*store, record("expired", a_minute_ago())).await;
        assert_eq!(store.load(&expired.id).await.unwrap(), None);
        assert_eq!(store.take(&expired.id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn several_records_are_loaded_each_at_the_place_of_its_id() {
    for store in every_topology().await {
        let (first, second) = (created_for(&*store, "ada").await, created(&*store, "nobody's").await);
        let expired = create(&*store, record("expired", a_minute_ago())).await;
        let taken = created(&*store, "taken").await;
        store.take(&taken.id).await.unwrap();
        let ids = [second.id, Id::default(), first.id, expired.id, second.id, taken.id, first.id];
        let [first, second] = [Some(first), Some(second)];
        let places = [second.clone(), None, first.clone(), None, second, None, first];
        assert_eq!(store.load_many(&ids).await.unwrap(), places);
        assert_eq!(store.load_many(&ids).await.unwrap(), places, "reading changes nothing");
        assert_eq!(store.load_many(&[Id::default()]).await.unwrap(), [None]);
        assert_eq!(store.load_many(&[]).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_hundred_records_are_loaded_at_once() {
    for store in every_topology().await {
        let mut records = Vec::new();
        for number in 0..100 {
            records.push(Some(created(&*store, &format!("¶ {number}\n")).await));
        }
        records.reverse();
        let ids: Vec<Id> = records.iter().flatten().map(|record| record.id).collect();
        assert_eq!(store.load_many(&ids).await.unwrap(), records);
    }
}

#[tokio::test]
async fn touching_does_not_revive_what_has_expired_or_was_taken() {
    for store in every_topology().await {
        let expired = create(&*store, record("expired", a_minute_ago())).await;
        let taken = created(&*store, "taken").await;
        store.take(&taken.id).await.unwrap();
        store.touch(&[expired.id, taken.id, Id::default()], in_an_hour()).await.unwrap();
        assert_eq!(store.load(&expired.id).await.unwrap(), None);
        assert_eq!(store.load(&taken.id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_content_that_was_seen_is_replaced_and_nothing_else_changes() {
    for store in every_topology().await {
        for owner in [None, Some("ada".to_owned())] {
            let seen = create(&*store, Record { owner, ..record("¶ first\n", in_an_hour()) }).await;
            assert!(store.replace(&seen, "second\n").await.unwrap());
            let replaced = Record { content: "second\n".to_owned(), ..seen.clone() };
            assert_eq!(store.load(&seen.id).await.unwrap(), Some(replaced.clone()));
            assert!(store.replace(&seen, "second\n").await.unwrap(), "the response to the first try was lost");
            assert!(!store.replace(&seen, "third").await.unwrap(), "another content stands there");
            assert_eq!(store.load(&seen.id).await.unwrap(), Some(replaced.clone()));
            store.touch(&[seen.id], seen.expires_at + Duration::hours(1)).await.unwrap();
            assert!(store.replace(&replaced, "third").await.unwrap(), "another expiry is no other content");
            let touched = store.load(&seen.id).await.unwrap().unwrap();
            assert_eq!((touched.content.as_str(), touched.expires_at - seen.expires_at), ("third", Duration::hours(1)));
        }
        assert_eq!(records_of(&*store, "ada").await.len(), 1);
    }
}

#[tokio::test]
async fn replacing_creates_nothing() {
    for store in every_topology().await {
        let expired = create(&*store, record("expired", a_minute_ago())).await;
        let taken = created(&*store, "taken").await;
        store.take(&taken.id).await.unwrap();
        for gone in [expired, taken, record("never", in_an_hour())] {
            assert!(!store.replace(&gone, "new").await.unwrap());
            assert_eq!(store.load(&gone.id).await.unwrap(), None);
        }
    }
}

#[tokio::test]
async fn taking_removes_one_record() {
    for store in every_topology().await {
        let (record, stays) = (created(&*store, "taken").await, created(&*store, "stays").await);
        assert_eq!(store.take(&record.id).await.unwrap(), Some(record.clone()));
        assert_eq!(store.take(&record.id).await.unwrap(), None);
        assert_eq!(store.load(&record.id).await.unwrap(), None);
        assert_eq!(content_of(&*store, &stays.id).await.as_deref(), Some("stays"));
    }
}

#[tokio::test]
async fn touching_moves_the_expiry_alone() {
    for store in every_topology().await {
        let mut record = created(&*store, "touched").await;
        record.expires_at += Duration::hours(1);
        store.touch(&[record.id], record.expires_at).await.unwrap();
        assert_eq!(store.load(&record.id).await.unwrap(), Some(record.clone()));
        store.touch(&[record.id], a_minute_ago()).await.unwrap();
        assert_eq!(store.load(&record.id).await.unwrap(), None);
        store.touch(&[], in_an_hour()).await.unwrap();
    }
}

#[tokio::test]
async fn touching_several_records_moves_all_of_them_and_no_other() {
    for store in every_topology().await {
        let mut touched = [created_for(&*store, "ada").await, created(&*store, "nobody's").await];
        let other = created_for(&*store, "ada").await;
        let later = in_an_hour() + Duration::hours(1);
        store.touch(&touched.each_ref().map(|record| record.id), later).await.unwrap();
        for record in &mut touched {
            record.expires_at = later;
            assert_eq!(store.load(&record.id).await.unwrap().as_ref(), Some(&*record));
        }
        assert_eq!(store.load(&other.id).await.unwrap(), Some(other));
    }
}

#[tokio::test]
async fn an_owners_records_are_found_until_they_end() {
    for store in every_topology().await {
        let mut records = Vec::new();
        for (owner, expiry) in
            [("ada", in_an_hour()), ("ada", in_an_hour()), ("grace", in_an_hour()), ("ada", a_minute_ago())]
        {
            records.push(create(&*store, record_of(owner, expiry)).await);
        }
        created(&*store, "nobody's").await;
        assert_eq!(ids_of(&*store, "ada").await, ids(&records[..2]));
        assert_eq!(ids_of(&*store, "grace").await, ids(&records[2..3]));
        assert_eq!(records_of(&*store, "nobody").await, []);
        store.touch(&[records[0].id], in_an_hour() + Duration::hours(1)).await.unwrap();
        assert_eq!(ids_of(&*store, "ada").await, ids(&records[..2]));
        assert_eq!(records_of(&*store, "grace").await, records[2..3]);
        store.take(&records[0].id).await.unwrap();
        store.take(&records[2].id).await.unwrap();
        assert_eq!(ids_of(&*store, "ada").await, ids(&records[1..2]));
        assert_eq!(ids_of(&*store, "grace").await, ids(&[]));
    }
}

#[tokio::test]
async fn taking_an_owners_records_returns_each_and_leaves_all_others() {
    for store in every_topology().await {
        let owned = [created_for(&*store, "ada").await, created_for(&*store, "ada").await];
        create(&*store, record_of("ada", a_minute_ago())).await;
        let others = [created_for(&*store, "grace").await, created(&*store, "nobody's").await];
        let mut taken = store.take_owned_by("ada").await.unwrap();
        taken.sort_by_key(|record| record.id != owned[0].id);
        assert_eq!(taken, owned);
        for record in owned {
            assert_eq!(store.load(&record.id).await.unwrap(), None);
        }
        assert_eq!(store.take_owned_by("ada").await.unwrap(), []);
        assert_eq!(records_of(&*store, "ada").await, []);
        assert_eq!(store.take_owned_by("nobody").await.unwrap(), []);
        for record in others {
            assert_eq!(store.load(&record.id).await.unwrap(), Some(record));
        }
    }
}

/// One store after the other, because a session file can be open once at a time.
#[tokio::test]
async fn two_namespaces_in_one_database_do_not_see_each_others_records() {
    for Tested { name, store, url, folder } in every_topology().await {
        drop(store);
        let store = open_in("one", &url).await;
        let record = created_for(&*store, "ada").await;
        drop(store);

        let store = open_in("other", &url).await;
        assert_eq!(store.load(&record.id).await.unwrap(), None, "{name}");
        assert_eq!(store.load_many(&[record.id]).await.unwrap(), [None], "{name}");
        assert_eq!(store.take(&record.id).await.unwrap(), None, "{name}");
        assert_eq!(records_of(&*store, "ada").await, [], "{name}");
        assert_eq!(store.take_owned_by("ada").await.unwrap(), [], "{name}");
        store.touch(&[record.id], a_minute_ago()).await.unwrap();
        create(&*store, Record { id: record.id, ..record_of("ada", in_an_hour()) }).await;
        assert_eq!(store.take_owned_by("ada").await.unwrap().len(), 1, "{name}");
        drop(store);

        let store = open_in("one", &url).await;
        assert_eq!(records_of(&*store, "ada").await, [record], "{name}");
        drop(folder);
    }
}

#[tokio::test]
async fn a_store_in_order_responds() {
    for store in every_topology().await {
        store.ping().await.unwrap();
    }
}
