//! Limits on requests to an issuer whose responses are late or endless.
//! Limits on requests to the site are tested in `limits`.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use kinde_leptos::auth::paths::{CALLBACK, LOGIN};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::{callback_response, pending, until};
use crate::endpoints::{DISCOVERY, TOKEN};
use crate::harness::{Browser, Response, Site};

/// The highest number of simultaneous requests to the issuer.
const MOST_UNDER_WAY: usize = 64;
/// The highest number of them for one client address.
const MOST_OF_ONE_ADDRESS: usize = MOST_UNDER_WAY / 2;
const MEBIBYTE: usize = 1 << 20;
/// Less than the app waits for a response of the issuer, so that all requests are still under way then.
const TIME_TO_WAIT: Duration = Duration::from_secs(3);
/// How long a set-up may be repeated.
const PATIENCE: Duration = Duration::from_secs(120);

// DL-7
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_are_served_while_thirty_sign_ins_wait_for_a_slow_issuer() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    let mut waiting = all_at_once(&site, 30).await;
    assert_eq!(ada.greeted(&site).await.as_deref(), Ok("Ada Lovelace"));
    assert!(waiting.try_join_next().is_none(), "the page was served only after a sign-in had ended");
}

// DL-7
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn beyond_the_most_requests_under_way_sign_ins_are_refused_at_once() {
    let site = Site::start().await;
    let mut sign_ins = all_at_once(&site, MOST_UNDER_WAY + 3).await;
    let sent = site.tenant.requests_at(TOKEN).await;
    for _ in 0..3 {
        // The others get 504 later, at their time limit.
        let response = sign_ins.join_next().await.unwrap().unwrap();
        assert_eq!(response.status, 503);
        assert!(!response.header("retry-after").is_empty());
    }
    assert_eq!(site.tenant.requests_at(TOKEN).await, sent, "more than the most are under way");
}

/// Sends callbacks that all wait for a slow token endpoint, as far as there are slots for them.
async fn all_at_once(site: &Site, count: usize) -> JoinSet<Response> {
    under_way(site, count, MOST_UNDER_WAY, |mut browser, callback| {
        Box::pin(async move { browser.get(&callback).await })
    })
    .await
}

/// Sends callbacks until so many of them, or all, wait for a slow token endpoint.
///
/// They must be under way together within the app's own time limit for such a request. A machine that was too busy for
/// that begins again with other sign-ins.
async fn under_way(
    site: &Site,
    count: usize,
    most: usize,
    send: impl Fn(Browser, String) -> Pin<Box<dyn Future<Output = Response> + Send>>,
) -> JoinSet<Response> {
    let began = Instant::now();
    loop {
        let before = site.tenant.requests_at(TOKEN).await;
        let callbacks = pending(site, count).await;
        site.tenant.fault("token_slow").await;
        let (mut responses, sent) = (JoinSet::new(), Instant::now());
        for (browser, callback) in callbacks {
            responses.spawn(send(browser, callback));
        }
        while sent.elapsed() < TIME_TO_WAIT {
            let waiting = site.tenant.requests_at(TOKEN).await - before;
            assert!(waiting <= most, "{waiting} are under way");
            if waiting == count.min(most) {
                return responses;
            }
        }
        assert!(began.elapsed() < PATIENCE, "the machine is too busy for {count} sign-ins at once");
        responses.join_all().await;
        site.tenant.clear_faults().await;
        until_sign_in_works(site).await;
    }
}

/// After many time-outs the app sends a request to the issuer every two seconds only.
async fn until_sign_in_works(site: &Site) {
    let login = site.at(LOGIN);
    until("sign-in works again", async || {
        Browser::new().get(&login).await.status == 303 && callback_response(site, "grace").await.status == 303
    })
    .await;
}

// PF-3, DL-7
#[tokio::test]
async fn the_first_sign_ins_wait_for_a_slow_discovery_together_and_not_one_after_another() {
    let site = Site::start().await;
    site.tenant.fault("discovery_slow").await;
    let mut sign_ins = JoinSet::new();
    for _ in 0..8 {
        let login = site.at(LOGIN);
        sign_ins.spawn(async move { Browser::new().get(&login).await.status });
    }
    assert_eq!(sign_ins.join_all().await, [503; 8]);
    assert_eq!(site.tenant.requests_at(DISCOVERY).await, 1);
}

// DL-8
#[tokio::test]
async fn an_endless_response_is_cut_off() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let sent = Arc::new(AtomicUsize::new(0));
    let issuer = tokio::spawn(respond_endlessly(listener, Arc::clone(&sent)));
    let site = Site::start_with(|config| config.issuer_url = format!("http://{address}")).await;
    assert_eq!(Browser::new().get(&site.at(LOGIN)).await.status, 503);
    issuer.await.unwrap();
    // This includes bytes in the buffers of the operating system.
    let sent = sent.load(Ordering::SeqCst);
    assert!(sent < 32 * MEBIBYTE, "{sent} bytes were taken");
}

/// Accepts one request and sends spaces, which JSON allows before its first character, until the client closes.
async fn respond_endlessly(listener: TcpListener, sent: Arc<AtomicUsize>) {
    let (mut connection, _) = listener.accept().await.unwrap();
    let _ = connection.read(&mut [0; 4096]).await.unwrap();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
    connection.write_all(head.as_bytes()).await.unwrap();
    let spaces = vec![b' '; MEBIBYTE];
    while sent.load(Ordering::SeqCst) < 256 * MEBIBYTE && connection.write_all(&spaces).await.is_ok() {
        sent.fetch_add(MEBIBYTE, Ordering::SeqCst);
    }
}

// DL-7: made-up callbacks, callbacks of a sign-in in another browser, callbacks of a sign-in that is completed
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callbacks_that_match_no_pending_authorization_take_no_slot() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    let completed = browser.sign_in_up_to_callback(&site, "grace", "/").await;
    let with_former_cookies = browser.clone();
    assert_eq!(browser.get(&completed).await.status, 303);
    let of_another_browser = Browser::new().sign_in_up_to_callback(&site, "grace", "/").await;
    let waiting = all_at_once(&site, MOST_UNDER_WAY).await;
    // A callback that needs a slot gets 503 now.
    for number in 0..10 {
        let made_up = site.at(&format!("{CALLBACK}?code=made-up&state=made-up-{number}"));
        assert_eq!(Browser::new().get(&made_up).await.status, 400, "made up");
        assert_eq!(Browser::new().get(&of_another_browser).await.status, 400, "of another browser");
        assert_eq!(with_former_cookies.clone().get(&completed).await.status, 400, "completed before");
    }
    site.tenant.clear_faults().await;
    waiting.join_all().await;
    until_sign_in_works(&site).await;
}

// DL-7
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_client_address_holds_at_most_half_of_the_slots() {
    let site = Site::start().await;
    let (other_browser, other_callback) = pending(&site, 1).await.remove(0);
    let mut sign_ins = under_way(&site, MOST_OF_ONE_ADDRESS + 3, MOST_OF_ONE_ADDRESS, |browser, callback| {
        Box::pin(response_from("192.0.2.1", browser, callback))
    })
    .await;
    let sent = site.tenant.requests_at(TOKEN).await;
    for _ in 0..3 {
        // The others get 504 later, at their time limit.
        assert_eq!(sign_ins.join_next().await.unwrap().unwrap().status, 503);
    }
    sign_ins.spawn(response_from("192.0.2.2", other_browser, other_callback));
    until("another address has a slot", async || site.tenant.requests_at(TOKEN).await == sent + 1).await;
}

/// The response to a callback that a client at this address sends through the site's proxy.
async fn response_from(address: &'static str, mut browser: Browser, callback: String) -> Response {
    browser.send(reqwest::Method::GET, &callback, &[("x-forwarded-for", address)], None).await
}

// DL-7
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sign_in_that_is_refused_for_lack_of_a_slot_can_be_completed_later() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(&site, "grace", "/").await;
    let mut sign_ins = all_at_once(&site, MOST_UNDER_WAY).await;
    let refused = browser.get(&callback).await;
    assert_eq!(refused.status, 503);
    assert!(refused.set_cookies().is_empty() && !refused.header("retry-after").is_empty());
    site.tenant.clear_faults().await;
    while sign_ins.join_next().await.is_some() {}
    // After so many time-outs the issuer is tried every two seconds.
    until("the sign-in is completed", async || browser.get(&callback).await.status == 303).await;
    assert_eq!(browser.greeted(&site).await.as_deref(), Ok("Grace"));
}

// PF-2: the issuer limits our requests, and every further one would prolong that
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_a_429_one_request_at_a_time_goes_out_until_one_succeeds() {
    let site = Site::start().await;
    let callbacks = pending(&site, 12).await;
    site.tenant.fault_times("token_429", 1).await;
    let mut browser = Browser::new();
    let limited = browser.sign_in_up_to_callback(&site, "grace", "/").await;
    assert_eq!(browser.get(&limited).await.status, 503);
    site.tenant.fault("token_slow").await;
    let before = site.tenant.requests_at(TOKEN).await;
    let mut responses = JoinSet::new();
    for (mut browser, callback) in callbacks {
        responses.spawn(async move { (browser.get(&callback).await, browser, callback) });
    }
    let mut held_back = Vec::new();
    while held_back.len() < 11 {
        let (response, browser, callback) = responses.join_next().await.unwrap().unwrap();
        assert_eq!((response.status, response.header("retry-after")), (503, "7"));
        held_back.push((browser, callback));
    }
    // The others are refused at once, perhaps before this request reaches the issuer.
    until("one request is sent", async || site.tenant.requests_at(TOKEN).await - before == 1).await;
    site.tenant.clear_faults().await;
    while responses.join_next().await.is_some() {}
    for (mut browser, callback) in held_back {
        assert_eq!(browser.get(&callback).await.status, 303, "its pending authorization was kept");
    }
}
