//! A million sessions: what a signed-in page costs with them and without them, and how much memory they take.
//! It leaves out everything that goes wrong.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kinde_leptos::paths::HOME;
use kinde_leptos::sessions::{self, StoreUrl};
use tower_sessions::session::Id;

use super::case::Case;
use super::stage::Stage;
use super::store::Store;
use crate::harness::SESSION_COOKIE;

const FEW: usize = 1_000;
const MANY: usize = 1_000_000;
/// Visitors at once.
const VISITORS: usize = 4;
const PAGES_OF_A_VISITOR: usize = 5_000;
const READS: usize = 5_000;

pub async fn run(store: &mut Store) -> Case {
    let mut case = Case::new(store.kind, format!("{MANY} sessions"), "every page 200; p99 and memory as with 1000");
    let mut stage = Stage::start(store).await;
    let template = stage.signed_in().await.session().unwrap();
    let data = stage.store.read_record(&template).await.unwrap();
    case.number("bytes a page read loads", data.len());

    let mut ids = stage.store.add_sessions_like(&data, FEW).await;
    let few = pages(&mut case, &stage, &ids).await;
    case.number("p99 with 1000", few);
    case.number("memory", format!("{:.0} MB", stage.memory()));
    ids.extend(stage.store.add_sessions_like(&data, MANY - FEW).await);
    let many = pages(&mut case, &stage, &ids).await;
    case.number("p99 with 1000000", &many);
    case.number("memory", format!("{:.0} MB", stage.memory()));

    // A session file serves one process.
    tokio::task::block_in_place(|| stage.stop("TERM"));
    case.number("one read by the store", reads(stage.store.url(), &ids).await);
    case
}

/// The 50th and 99th percentile of a signed-in page's time.
async fn pages(case: &mut Case, stage: &Stage<'_>, ids: &[String]) -> String {
    let (url, ids) = (stage.at(HOME), Arc::new(ids.to_vec()));
    // The first rounds fill connections and caches.
    visit(&url, &ids).await;
    let (mut times, statuses) = visit(&url, &ids).await;
    case.expect(statuses.iter().all(|status| *status == 200), "pages 200");
    percentiles(&mut times)
}

async fn visit(url: &str, ids: &Arc<Vec<String>>) -> (Vec<Duration>, Vec<u16>) {
    let visitors = (0..VISITORS).map(|visitor| {
        let (url, ids) = (url.to_owned(), Arc::clone(ids));
        tokio::spawn(async move {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let mut seen = Vec::with_capacity(PAGES_OF_A_VISITOR);
            for number in 0..PAGES_OF_A_VISITOR {
                // The ids are random, so that any stride is.
                let id = &ids[(visitor * PAGES_OF_A_VISITOR + number) * 7919 % ids.len()];
                let request = client.get(&url).header("cookie", format!("{SESSION_COOKIE}={id}"));
                let begun = Instant::now();
                let answer = request.send().await.unwrap();
                let status = answer.status().as_u16();
                answer.bytes().await.unwrap();
                seen.push((begun.elapsed(), status));
            }
            seen
        })
    });
    let visitors: Vec<_> = visitors.collect();
    let mut all = Vec::new();
    for visitor in visitors {
        all.extend(visitor.await.unwrap());
    }
    all.into_iter().unzip()
}

async fn reads(url: &str, ids: &[String]) -> String {
    let store = sessions::open(&StoreUrl::parse(url).unwrap()).await.unwrap();
    let mut times = Vec::with_capacity(READS);
    for number in 0..READS {
        let id: Id = ids[number * 7919 % ids.len()].parse().unwrap();
        let begun = Instant::now();
        store.load(&id).await.unwrap().unwrap();
        times.push(begun.elapsed());
    }
    percentiles(&mut times)
}

fn percentiles(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let microseconds = |part: usize| times[times.len() * part / 100].as_micros();
    format!("{} µs (p50 {} µs)", microseconds(99), microseconds(50))
}
