//! An issuer that is down or limits requests, and a store that is down or hangs.

use std::time::Duration;

use kinde_leptos::auth::paths::LOGIN;

use super::scrape::growth;
use super::{
    BREAKER_LIMITED, BREAKER_OPEN, HELD_BACK, ISSUER_REQUESTS, OPERATION_DURATIONS, OPERATIONS, REQUESTS, SIGN_INS,
    SIGN_INS_BEGUN,
};
use crate::harness::{Browser, Site, random_cookie};

/// The browser and the callback of a sign-in that stopped before it.
async fn pending(site: &Site) -> (Browser, String) {
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(site, "ada", "/").await;
    (browser, callback)
}

#[tokio::test]
async fn five_requests_without_a_response_open_the_breaker_until_there_is_one() {
    let site = Site::start().await;
    site.signed_in("ada").await;
    let mut callbacks = Vec::new();
    for _ in 0..7 {
        callbacks.push(pending(&site).await);
    }
    let before = site.scrape();
    site.tenant.fault("token_drop").await;
    for (mut browser, callback) in callbacks.drain(..5) {
        assert_eq!(site.scrape().sum(BREAKER_OPEN, &[("breaker", "sign_in")]), 0.0);
        assert_eq!(browser.get(&callback).await.status, 502);
    }
    let (mut browser, callback) = callbacks.remove(0);
    // On a slow machine the breaker may let this one through, two seconds later.
    let status = browser.get(&callback).await.status;
    let now = site.scrape();
    let held_back = f64::from(u8::from(status == 503));
    assert_eq!(now.sum(BREAKER_OPEN, &[("breaker", "sign_in")]), 1.0);
    assert_eq!(now.sum(BREAKER_OPEN, &[("breaker", "account_api")]), 0.0);
    assert_eq!(now.sum(HELD_BACK, &[("reason", "open")]), held_back);
    assert_eq!(now.sum(SIGN_INS, &[("reason", "held_back")]), held_back);
    assert_eq!(now.sum(SIGN_INS, &[("reason", "issuer_unreachable")]), 6.0 - held_back);
    let unreachable = [("endpoint=token outcome=unreachable", 6.0 - held_back)];
    assert_eq!(now.since(&before, ISSUER_REQUESTS), growth(unreachable));

    site.tenant.clear_faults().await;
    let (mut browser, callback) = callbacks.remove(0);
    // Held back callbacks may be loaded again.
    while browser.get(&callback).await.status == 503 {}
    assert_eq!(site.scrape().sum(BREAKER_OPEN, &[("breaker", "sign_in")]), 0.0);
}

#[tokio::test]
async fn a_limit_of_the_issuer_is_shown_until_a_request_succeeds() {
    let site = Site::start().await;
    let (mut browser, callback) = pending(&site).await;
    site.tenant.fault_times("token_429", 1).await;
    browser.get(&callback).await;
    let limited = site.scrape();
    assert_eq!(limited.sum(BREAKER_LIMITED, &[("breaker", "sign_in")]), 1.0);
    assert_eq!(limited.sum(ISSUER_REQUESTS, &[("endpoint", "token"), ("outcome", "limited")]), 1.0);
    site.signed_in("ada").await;
    assert_eq!(site.scrape().sum(BREAKER_LIMITED, &[("breaker", "sign_in")]), 0.0);
}

#[tokio::test]
async fn a_sign_in_that_cannot_begin_is_counted_with_its_reason() {
    let site = Site::start().await;
    site.tenant.fault("discovery_500").await;
    assert_eq!(Browser::new().get(&site.at(LOGIN)).await.status, 503);
    let now = site.scrape();
    assert_eq!(now.sum(SIGN_INS_BEGUN, &[("outcome", "failure"), ("reason", "discovery")]), 1.0);
    assert_eq!(now.sum(ISSUER_REQUESTS, &[("endpoint", "discovery"), ("outcome", "error")]), 1.0);
}

#[tokio::test]
async fn a_store_that_fails_is_counted_by_operation() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    site.signed_in("ada").await;
    let before = site.scrape();
    store.fail();
    let mut stranger = Browser::with_session(&random_cookie());
    assert_eq!(stranger.get(&site.at("/")).await.status, 503);
    assert_eq!(Browser::new().get(&site.at(LOGIN)).await.status, 503);
    let now = site.scrape();
    // The page's session, and what a sign-in remembers of its beginning.
    let failures = [("operation=load outcome=failure store=sqlite".to_owned(), 2.0)];
    assert_eq!(now.since(&before, OPERATIONS), failures.into());
    assert_eq!(now.since(&before, SIGN_INS_BEGUN), growth([("outcome=failure reason=store", 1.0)]));
    assert_eq!(now.sum(REQUESTS, &[("route", "/"), ("status", "503")]), 1.0);
}

#[tokio::test]
async fn a_store_that_hangs_is_counted_apart_with_the_time_that_it_took() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    store.slow(Duration::from_secs(60));
    assert_eq!(Browser::with_session(&random_cookie()).get(&site.at("/")).await.status, 503);
    let now = site.scrape();
    assert_eq!(now.sum(OPERATIONS, &[("operation", "load"), ("outcome", "timeout")]), 1.0);
    assert_eq!(now.sum(OPERATION_DURATIONS, &[("operation", "load")]), 1.0);
    let seconds = now.sum("kinde_leptos_store_operation_duration_seconds_sum", &[("operation", "load")]);
    assert!(seconds >= 1.5, "{seconds}");
}
