//! A million sessions: how long a signed-in page takes with them and without them, and how much memory they need.

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kinde_leptos::auth::Id;
use kinde_leptos::paths::HOME;
use kinde_leptos::sessions::{self, Namespace, StoreUrl};

use super::case::Case;
use super::stage::Stage;
use super::store::Store;
use crate::harness::{SESSION_COOKIE, client, random_cookie};

const FEW: usize = 1_000;
const MANY: usize = 1_000_000;
/// Simultaneous clients.
const CLIENTS: usize = 2;
const PAGES_PER_CLIENT: usize = 2_000;
/// The median of this number of runs counts, because other processes disturb single runs.
const RUNS: usize = 7;
const READS: usize = 5_000;

pub async fn run(store: &mut Store) -> Case {
    let mut case = Case::new(store.kind, format!("{MANY} sessions"), "every page 200; p99 and memory as with 1000");
    let mut stage = Stage::start(store).await;
    let template = stage.signed_in().await.session().unwrap();
    let data = stage.store.read_record(&stage.id_of(&template)).await.unwrap();
    case.number("bytes a page read loads", data.len());

    let mut cookies = add_sessions(&stage, &data, FEW).await;
    let few = pages(&mut case, &stage, &cookies).await;
    case.number("with 1000", format!("{few}, {:.0} MB", stage.memory()));
    cookies.extend(add_sessions(&stage, &data, MANY - FEW).await);
    let many = pages(&mut case, &stage, &cookies).await;
    case.number("with 1000000", format!("{many}, {:.0} MB", stage.memory()));
    case.number("in the store", format!("{} MB", stage.store.megabytes().await));
    case.number("p99 ratio", format!("{:.2}", many.p99.as_secs_f64() / few.p99.as_secs_f64()));

    let ids: Vec<String> = cookies.iter().map(|cookie| stage.id_of(cookie)).collect();
    // A session file can be open in one process at a time.
    tokio::task::block_in_place(|| stage.stop("TERM"));
    case.number("one read by the store", reads(stage.store.url(), &ids).await);
    case
}

/// Adds sessions to the store, and returns the cookies that open them.
async fn add_sessions(stage: &Stage<'_>, data: &str, count: usize) -> Vec<String> {
    let cookies: Vec<String> = (0..count).map(|_| random_cookie()).collect();
    let ids: Vec<String> = cookies.iter().map(|cookie| stage.id_of(cookie)).collect();
    stage.store.add_sessions_like(data, &ids).await;
    cookies
}

/// How long a signed-in page takes.
async fn pages(case: &mut Case, stage: &Stage<'_>, cookies: &[String]) -> Times {
    let (url, cookies) = (stage.at(HOME), Arc::new(cookies.to_vec()));
    stage.store.settle().await;
    // The first requests open connections and fill caches.
    visit(&url, &cookies).await;
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let (times, statuses) = visit(&url, &cookies).await;
        case.expect(statuses.iter().all(|status| *status == 200), "pages 200");
        runs.push(Times::of(times));
    }
    runs.sort_unstable_by_key(|times| times.p99);
    runs.remove(RUNS / 2)
}

async fn visit(url: &str, cookies: &Arc<Vec<String>>) -> (Vec<Duration>, Vec<u16>) {
    let clients = (0..CLIENTS).map(|index| {
        let (url, cookies) = (url.to_owned(), Arc::clone(cookies));
        tokio::spawn(async move {
            let client = client();
            let mut seen = Vec::with_capacity(PAGES_PER_CLIENT);
            for number in 0..PAGES_PER_CLIENT {
                // The cookies are random, so the order of any stride is random, too.
                let cookie = &cookies[(index * PAGES_PER_CLIENT + number) * 7919 % cookies.len()];
                let request = client.get(&url).header("cookie", format!("{SESSION_COOKIE}={cookie}"));
                let begun = Instant::now();
                let response = request.send().await.unwrap();
                let status = response.status().as_u16();
                response.bytes().await.unwrap();
                seen.push((begun.elapsed(), status));
            }
            seen
        })
    });
    let clients: Vec<_> = clients.collect();
    let mut all = Vec::new();
    for client in clients {
        all.extend(client.await.unwrap());
    }
    all.into_iter().unzip()
}

async fn reads(url: &str, ids: &[String]) -> Times {
    let store = sessions::open(&StoreUrl::parse(url).unwrap(), &Namespace::default()).await.unwrap();
    let mut times = Vec::with_capacity(READS);
    for number in 0..READS {
        let id: Id = ids[number * 7919 % ids.len()].parse().unwrap();
        let begun = Instant::now();
        store.load(&id).await.unwrap().unwrap();
        times.push(begun.elapsed());
    }
    Times::of(times)
}

/// Percentiles.
struct Times {
    p50: Duration,
    p99: Duration,
}

impl Times {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let percentile = |percent: usize| times[times.len() * percent / 100];
        Self { p50: percentile(50), p99: percentile(99) }
    }
}

impl Display for Times {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "p99 {} µs (p50 {} µs)", self.p99.as_micros(), self.p50.as_micros())
    }
}
