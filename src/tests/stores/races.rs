//! Simultaneous callers (SE-12, CB-7).
//! Single callers are tested in `contract`.

use std::collections::BTreeSet;
use std::sync::Arc;

use kinde_leptos::auth::{Id, Record, Store};
use time::Duration;

use super::{content_of, create, created, created_for, every_topology, ids, in_an_hour, record, records_of};

const ROUNDS: usize = 200;
const TAKERS: usize = 10;
const WRITERS: usize = 50;

// SE-12
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_write_that_races_an_end_brings_a_record_back() {
    for tested in every_topology().await {
        for round in 0..ROUNDS {
            let (record, beside) = (created_for(&*tested.store, "ada").await, created(&*tested.store, "beside").await);
            let (ending, touching, other) = (tested.store.clone(), tested.store.clone(), tested.store.clone());
            let (ended, beside) = (record.id, beside.id);
            let end = tokio::spawn(async move { assert_eq!(end(&ending, &ended, round).await, 1) });
            let touch = tokio::spawn(async move { touching.touch(&[ended, beside], in_an_hour()).await.unwrap() });
            let again = tokio::spawn(async move { other.touch(&[beside, ended], in_an_hour()).await.unwrap() });
            tokio::try_join!(end, touch, again).unwrap();
            assert_eq!(tested.store.load(&record.id).await.unwrap(), None, "{}, round {round}", tested.name);
            assert_eq!(records_of(&*tested.store, "ada").await, [], "{}, round {round}", tested.name);
        }
        println!("{}: a sign-out against two touches, {ROUNDS} rounds, 0 sessions back from the dead", tested.name);
    }
}

/// Sign-out takes one record; the end of all sessions of a user takes what the user owns.
async fn end(store: &Arc<dyn Store>, id: &Id, round: usize) -> usize {
    if round.is_multiple_of(2) {
        store.take_owned_by("ada").await.unwrap().len()
    } else {
        store.take(id).await.unwrap().into_iter().count()
    }
}

// CB-7
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_takers_exactly_one_gets_the_record() {
    for tested in every_topology().await {
        for _ in 0..20 {
            let id = created(&*tested.store, "taken").await.id;
            let takers: Vec<_> = (0..TAKERS)
                .map(|_| {
                    let store = tested.store.clone();
                    tokio::spawn(async move { store.take(&id).await.unwrap() })
                })
                .collect();
            let mut taken: Vec<Record> = Vec::new();
            for taker in takers {
                taken.extend(taker.await.unwrap());
            }
            assert_eq!(taken.len(), 1, "{}", tested.name);
        }
    }
}

// RF-3
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_who_replace_what_they_saw_exactly_one_succeeds() {
    for tested in every_topology().await {
        for _ in 0..20 {
            let seen = created_for(&*tested.store, "ada").await;
            let replacing: Vec<_> = (0..TAKERS)
                .map(|number| {
                    let (store, seen) = (tested.store.clone(), seen.clone());
                    let content = format!("of {number}");
                    tokio::spawn(async move { store.replace(&seen, &content).await.unwrap().then_some(content) })
                })
                .collect();
            let mut succeeded = Vec::new();
            for replacing in replacing {
                succeeded.extend(replacing.await.unwrap());
            }
            assert_eq!(succeeded.len(), 1, "{}", tested.name);
            assert_eq!(content_of(&*tested.store, &seen.id).await, succeeded.pop(), "{}", tested.name);
        }
    }
}

// RF-11
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_replacement_that_races_an_end_brings_no_record_back() {
    for tested in every_topology().await {
        for round in 0..ROUNDS {
            let record = created_for(&*tested.store, "ada").await;
            let (ending, replacing, id) = (tested.store.clone(), tested.store.clone(), record.id);
            let end = tokio::spawn(async move { assert_eq!(end(&ending, &id, round).await, 1) });
            let replace = tokio::spawn(async move { replacing.replace(&record, "new").await.unwrap() });
            tokio::try_join!(end, replace).unwrap();
            assert_eq!(tested.store.load(&id).await.unwrap(), None, "{}, round {round}", tested.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_who_take_an_owners_records_exactly_one_gets_each() {
    for tested in every_topology().await {
        for _ in 0..20 {
            let mut owned = Vec::new();
            for _ in 0..5 {
                owned.push(created_for(&*tested.store, "ada").await);
            }
            let takers: Vec<_> = (0..TAKERS)
                .map(|_| {
                    let store = tested.store.clone();
                    tokio::spawn(async move { store.take_owned_by("ada").await.unwrap() })
                })
                .collect();
            let mut taken: Vec<Record> = Vec::new();
            for taker in takers {
                taken.extend(taker.await.unwrap());
            }
            assert_eq!(taken.len(), owned.len(), "{}", tested.name);
            assert_eq!(ids(&taken), ids(&owned), "{}", tested.name);
        }
    }
}

/// When a user signs in while all sessions of that user are ended, the new session is kept or ended: its owner's list
/// never misses it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_record_that_is_created_while_its_owners_are_taken_is_lost() {
    for tested in every_topology().await {
        for round in 0..ROUNDS {
            let (creating, taking) = (tested.store.clone(), tested.store.clone());
            let create = tokio::spawn(async move { created_for(&*creating, "ada").await });
            let take = tokio::spawn(async move { taking.take_owned_by("ada").await.unwrap() });
            let (created, taken) = tokio::try_join!(create, take).unwrap();
            let left = tested.store.take_owned_by("ada").await.unwrap();
            assert_eq!([taken, left].concat(), [created], "{}, round {round}", tested.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn simultaneous_writers_lose_nothing() {
    for tested in every_topology().await {
        let later = in_an_hour() + Duration::hours(1);
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let store = tested.store.clone();
                tokio::spawn(async move {
                    let written = create(&*store, record(&number.to_string(), in_an_hour())).await;
                    store.touch(&[written.id], later).await.unwrap();
                    written.id
                })
            })
            .collect();
        let mut ids = BTreeSet::new();
        for (number, writer) in writers.into_iter().enumerate() {
            let id = writer.await.unwrap();
            assert!(ids.insert(id.to_string()));
            assert_eq!(content_of(&*tested.store, &id).await, Some(number.to_string()), "{}", tested.name);
            assert_eq!(tested.store.load(&id).await.unwrap().unwrap().expires_at, later, "{}", tested.name);
        }
    }
}
