//! Restarts of the program, and two processes at once on the same store (SF-8 to SF-10).
//! Processes that are killed are tested in `kills`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use kinde_leptos::auth::paths::LOGOUT;
use kinde_leptos::paths::{HOME, READINESS};
use serde_json::json;

use super::case::Case;
use super::stage::{DEADLINE, Stage};
use super::store::{Kind, Store};
use crate::endpoints::TOKEN;
use crate::harness::{Address, Browser, client};

/// How long a load balancer has to notice that a process is about to end.
const NOTICE: [(&str, &str); 1] = [("SHUTDOWN_NOTICE_SECONDS", "1")];
const REQUEST_INTERVAL: Duration = Duration::from_millis(10);
const PROBE_INTERVAL: Duration = Duration::from_millis(100);
const USERS: usize = 20;

pub async fn restart(store: &mut Store) -> Case {
    let mut case = Case::new(store.kind, "Restart", "a sign-in under way ends well, the same cookie 200 afterwards");
    let mut stage = Stage::start(store).await;
    let mut earlier = stage.signed_in().await;
    let mut browser = Browser::new();
    let callback = browser.callback_from(&stage.at(HOME), "grace").await;
    stage.tenant.settings(json!({ "slow_seconds": 1 })).await;
    stage.tenant.fault_times("token_slow", 1).await;
    let before = stage.tenant.requests_at(TOKEN).await;
    let under_way = tokio::spawn(async move {
        let response = browser.get(callback.as_str()).await;
        (browser, response)
    });
    while stage.tenant.requests_at(TOKEN).await == before {
        tokio::task::yield_now().await;
    }
    let ended = tokio::task::block_in_place(|| stage.stop("TERM"));
    let (mut browser, response) = under_way.await.unwrap();
    case.milliseconds("graceful end", ended.took);
    case.expect(ended.code == Some(0), format!("exit {:?}", ended.code.unwrap_or(-1)));
    case.expect_status("callback", &response, 303);
    stage.start_again();
    for browser in [&mut earlier, &mut browser] {
        let mut browser = Browser::with_session(&browser.session().unwrap());
        case.expect_status("same cookie", &browser.get(&stage.at(HOME)).await, 200);
    }
    case
}

pub async fn second_process(store: &mut Store) -> Case {
    if store.kind == Kind::Sqlite { refused(store).await } else { shared(store).await }
}

async fn refused(store: &mut Store) -> Case {
    let mut case = Case::new(store.kind, "SecondProcess", "it stops with a sentence that names Redis and PostgreSQL");
    let stage = Stage::start(store).await;
    let mut browser = stage.signed_in().await;
    let ended = stage.start_unready().end();
    case.milliseconds("refused after", ended.took);
    case.expect(ended.code == Some(1), format!("exit {}", ended.code.unwrap_or(-1)));
    case.expect(ended.stderr.contains("Redis or PostgreSQL"), "names Redis and PostgreSQL");
    case.expect_status("page of the first", &browser.get(&stage.at(HOME)).await, 200);
    case
}

async fn shared(store: &mut Store) -> Case {
    let mut case = Case::new(
        store.kind,
        "SecondProcess",
        "a sign-in begun on one ends on the other, a sign-out on one is one on both at once",
    );
    let stage = Stage::start(store).await;
    let (_second, other) = stage.start_another(&[]);
    for (begins, ends) in [(&stage.address, &other), (&other, &stage.address)] {
        let mut browser = Browser::new();
        let callback = browser.callback_from(&begins.at("/items/7"), "ada").await;
        let callback = callback.as_str().replace(&stage.address.url, &ends.url);
        case.expect_status("callback on the other", &browser.get(&callback).await, 303);
        let cookie = browser.session().unwrap_or_default();
        for address in [begins, ends] {
            case.expect_status("page on both", &browser.get(&address.at(HOME)).await, 200);
        }
        case.expect_status("sign-out on one", &browser.post(&ends.at(LOGOUT), &[]).await, 303);
        for address in [begins, ends] {
            let page = Browser::with_session(&cookie).get(&address.at(HOME)).await;
            case.expect_status("then page on both", &page, 303);
        }
    }
    case
}

pub async fn rolling_restart(store: &mut Store) -> Case {
    let mut case = Case::new(store.kind, "RollingRestart", "at 100 requests/s none is lost and nobody is signed out");
    let mut stage = Stage::start_with(store, &NOTICE).await;
    let (mut second, other) = stage.start_another(&NOTICE);
    let mut cookies = Vec::new();
    for _ in 0..USERS {
        cookies.push(stage.signed_in().await.session().unwrap());
    }
    let balancer = Balancer::new([&stage.address, &other], cookies);
    let load = tokio::spawn(Arc::clone(&balancer).run());
    let begun = Instant::now();
    let ended = tokio::task::block_in_place(|| stage.stop("TERM"));
    case.expect(ended.code == Some(0), format!("exit {}", ended.code.unwrap_or(-1)));
    tokio::task::block_in_place(|| stage.start_again_with(&NOTICE));
    balancer.until_ready(0).await;
    let ended = tokio::task::block_in_place(|| second.stop("TERM"));
    case.expect(ended.code == Some(0), format!("exit {}", ended.code.unwrap_or(-1)));
    second = tokio::task::block_in_place(|| stage.start_another_at(&other, &NOTICE));
    balancer.until_ready(1).await;
    balancer.is_over.store(true, Ordering::Relaxed);
    let results = load.await.unwrap();
    drop(second);
    case.number("over", format!("{:.1} s", begun.elapsed().as_secs_f64()));
    case.number("requests", results.len());
    case.number("sent to another after a refused connection", balancer.refused.load(Ordering::Relaxed));
    let lost: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    case.expect(lost.is_empty(), format!("lost {}", lost.len()));
    for error in lost.into_iter().take(3) {
        case.number("such as", error);
    }
    let others: BTreeSet<u16> = results.iter().flatten().copied().filter(|status| *status != 200).collect();
    case.expect(others.is_empty(), format!("other responses than 200: {others:?}"));
    case
}

/// Sends requests of signed-in users to one of two processes, as a load balancer does: to one that is ready, and to the
/// other when a connection is refused.
struct Balancer {
    client: reqwest::Client,
    urls: [String; 2],
    ready: [AtomicBool; 2],
    cookies: Vec<String>,
    refused: AtomicUsize,
    is_over: AtomicBool,
}

impl Balancer {
    fn new(addresses: [&Address; 2], cookies: Vec<String>) -> Arc<Self> {
        Arc::new(Self {
            client: client(),
            urls: addresses.map(|address| address.url.clone()),
            ready: [true, true].map(AtomicBool::new),
            cookies,
            refused: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        })
    }

    /// Requests a page every ten milliseconds until `is_over`. Returns the status of each response, or the error.
    async fn run(self: Arc<Self>) -> Vec<Result<u16, String>> {
        let probes = [0, 1].map(|number| tokio::spawn(Arc::clone(&self).probe(number)));
        let mut ticks = tokio::time::interval(REQUEST_INTERVAL);
        let mut requests = Vec::new();
        while !self.is_over.load(Ordering::Relaxed) {
            ticks.tick().await;
            requests.push(tokio::spawn(Arc::clone(&self).request(requests.len())));
        }
        let mut results = Vec::new();
        for request in requests {
            results.push(request.await.unwrap());
        }
        for probe in probes {
            probe.await.unwrap();
        }
        results
    }

    async fn request(self: Arc<Self>, number: usize) -> Result<u16, String> {
        let preferred = usize::from(number.is_multiple_of(2));
        let is_ready = |index: &usize| self.ready[*index].load(Ordering::Relaxed);
        let mut order = [preferred, 1 - preferred];
        order.sort_by_key(|index| !is_ready(index));
        let cookie = format!("{}={}", crate::harness::SESSION_COOKIE, self.cookies[number % self.cookies.len()]);
        for (tried, index) in order.into_iter().enumerate() {
            let request = self.client.get(format!("{}{HOME}", self.urls[index])).header("cookie", &cookie);
            match request.send().await {
                Ok(response) => return Ok(response.status().as_u16()),
                Err(error) if error.is_connect() && tried == 0 => {
                    self.refused.fetch_add(1, Ordering::Relaxed);
                }
                Err(error) => return Err(format!("{error:?}")),
            }
        }
        Err("no process takes connections".to_owned())
    }

    async fn probe(self: Arc<Self>, number: usize) {
        let url = format!("{}{READINESS}", self.urls[number]);
        while !self.is_over.load(Ordering::Relaxed) {
            let is_ready = self.client.get(&url).send().await.is_ok_and(|response| response.status().is_success());
            self.ready[number].store(is_ready, Ordering::Relaxed);
            tokio::time::sleep(PROBE_INTERVAL).await;
        }
    }

    async fn until_ready(&self, number: usize) {
        let deadline = Instant::now() + DEADLINE;
        while !self.ready[number].load(Ordering::Relaxed) {
            assert!(Instant::now() < deadline, "it does not get ready");
            tokio::time::sleep(PROBE_INTERVAL).await;
        }
    }
}
