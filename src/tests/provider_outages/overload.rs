//! Limits on requests to an issuer whose responses are late or endless.
//! Limits on requests to the site are tested in `limits`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kinde_leptos::auth::paths::{CALLBACK, LOGIN};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::{pending, until};
use crate::endpoints::{DISCOVERY, TOKEN};
use crate::harness::{Browser, Response, Site};

/// The highest number of simultaneous requests to the issuer.
const MOST_UNDER_WAY: usize = 64;
const MEBIBYTE: usize = 1 << 20;

// DL-7
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_are_served_while_thirty_sign_ins_wait_for_a_slow_issuer() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    let mut waiting = all_at_once(&site, 30).await;
    until("all sign-ins wait", async || site.tenant.requests_at(TOKEN).await == 31).await;
    assert_eq!(ada.greeted(&site).await.as_deref(), Ok("Ada Lovelace"));
    assert!(waiting.try_join_next().is_none(), "the page was served only after a sign-in had ended");
}

// DL-7
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn beyond_the_most_requests_under_way_sign_ins_are_refused_at_once() {
    let site = Site::start().await;
    let mut sign_ins = all_at_once(&site, MOST_UNDER_WAY + 3).await;
    for _ in 0..3 {
        // The others get 504 later, at their time limit.
        let response = sign_ins.join_next().await.unwrap().unwrap();
        assert_eq!(response.status, 503);
        assert!(!response.header("retry-after").is_empty());
    }
    assert!(site.tenant.requests_at(TOKEN).await <= MOST_UNDER_WAY);
}

/// Sends callbacks that all wait for a slow token endpoint.
async fn all_at_once(site: &Site, count: usize) -> JoinSet<Response> {
    let callbacks = pending(site, count).await;
    site.tenant.fault("token_slow").await;
    let mut responses = JoinSet::new();
    for (mut browser, callback) in callbacks {
        responses.spawn(async move { browser.get(&callback).await });
    }
    responses
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

// DL-7: made-up callbacks, and sign-ins whose authorization is pending in another browser
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callbacks_that_match_no_pending_authorization_take_nothing_from_others() {
    let site = Site::start().await;
    let mut waiting = all_at_once(&site, MOST_UNDER_WAY - 1).await;
    until("all sign-ins wait", async || site.tenant.requests_at(TOKEN).await == MOST_UNDER_WAY - 1).await;
    for number in 0..90 {
        let callback = site.at(&format!("{CALLBACK}?code=made-up&state=made-up-{number}"));
        assert_eq!(Browser::new().get(&callback).await.status, 400);
    }
    site.tenant.clear_faults().await;
    assert_eq!(site.signed_in("grace").await.greeted(&site).await.as_deref(), Ok("Grace"));
    waiting.abort_all();
}

// DL-7
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sign_in_that_is_refused_for_lack_of_a_slot_can_be_completed_later() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(&site, "grace", "/").await;
    let mut sign_ins = all_at_once(&site, MOST_UNDER_WAY).await;
    until("all sign-ins wait", async || site.tenant.requests_at(TOKEN).await == MOST_UNDER_WAY).await;
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
    assert_eq!(site.tenant.requests_at(TOKEN).await - before, 1);
    site.tenant.clear_faults().await;
    while responses.join_next().await.is_some() {}
    for (mut browser, callback) in held_back {
        assert_eq!(browser.get(&callback).await.status, 303, "its pending authorization was kept");
    }
}
