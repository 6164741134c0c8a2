//! What simultaneous callers get (SE-12, CB-7).
//! It leaves out load.

use std::collections::BTreeSet;
use std::sync::Arc;

use kinde_leptos::auth::Store;
use tower_sessions::session::Record;

use super::{created, every_store, in_an_hour, record, text_of};

const ROUNDS: usize = 200;
const TAKERS: usize = 10;
const WRITERS: usize = 50;

// SE-12
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_write_that_races_an_end_brings_a_record_back() {
    for tested in every_store().await {
        for round in 0..ROUNDS {
            let record = created(&*tested.store, "ended").await;
            let (ending, saving, touching) = (tested.store.clone(), tested.store.clone(), tested.store.clone());
            let (ended, held) = (record.id, record.clone());
            let end = tokio::spawn(async move { end(&ending, &ended, round).await });
            let save = tokio::spawn(async move { saving.save(&held).await.unwrap() });
            let touch = tokio::spawn(async move { touching.touch(&ended, in_an_hour()).await.unwrap() });
            tokio::try_join!(end, save, touch).unwrap();
            assert_eq!(tested.store.load(&record.id).await.unwrap(), None, "{}, round {round}", tested.name);
        }
        println!(
            "{}: a sign-out against a write and a touch, {ROUNDS} rounds, 0 sessions back from the dead",
            tested.name
        );
    }
}

/// Sign-out takes; a record that cannot be read is deleted.
async fn end(store: &Arc<dyn Store>, id: &tower_sessions::session::Id, round: usize) {
    if round.is_multiple_of(2) {
        store.delete(id).await.unwrap();
    } else {
        assert!(store.take(id).await.unwrap().is_some());
    }
}

// CB-7
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_takers_exactly_one_gets_the_record() {
    for tested in every_store().await {
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn simultaneous_writers_lose_nothing() {
    for tested in every_store().await {
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let store = tested.store.clone();
                tokio::spawn(async move { written(&store, number).await })
            })
            .collect();
        let mut ids = BTreeSet::new();
        for (number, writer) in writers.into_iter().enumerate() {
            let id = writer.await.unwrap().id;
            assert!(ids.insert(id.to_string()));
            assert_eq!(text_of(&*tested.store, &id).await, Some(format!("{number} again")), "{}", tested.name);
        }
    }
}

async fn written(store: &Arc<dyn Store>, number: usize) -> Record {
    let mut record = record(&number.to_string(), in_an_hour());
    store.create(&mut record).await.unwrap();
    record.data.insert("text".to_owned(), format!("{number} again").into());
    store.save(&record).await.unwrap();
    record
}
