//! The requests that a sign-in sends to the issuer: how many, to which addresses, and never the code twice.
//! The authorization request, which the browser sends, is tested in `authorization_request`.

use std::time::Duration;

use kinde_leptos::auth::paths::LOGIN;
use tokio::task::JoinSet;

use super::callback_response;
use crate::endpoints::{DISCOVERY, KEYS, STOLEN, TOKEN, USERINFO};
use crate::harness::{Browser, Response, Site};

// Numbers: "requests at the provider per sign-in, warm"
#[tokio::test]
async fn a_sign_in_costs_one_request_when_keys_and_endpoints_are_known() {
    let site = Site::start().await;
    site.signed_in("ada").await;
    site.tenant.clear_log().await;
    site.signed_in("grace").await;
    for (path, requests) in [(TOKEN, 1), (USERINFO, 0), (KEYS, 0), (DISCOVERY, 0)] {
        assert_eq!(site.tenant.requests_at(path).await, requests, "{path}");
    }
}

// PF-2, PF-6
#[tokio::test]
async fn a_code_is_exchanged_once_whatever_the_response() {
    let site = Site::start().await;
    for fault in ["token_500", "token_503", "token_429", "token_drop_mid", "token_malformed"] {
        site.tenant.clear_log().await;
        site.tenant.fault_times(fault, 1).await;
        let status = callback_response(&site, "ada").await.status;
        assert!(status == 502 || status == 503, "{fault}: {status}");
        assert_eq!(site.tenant.requests_at(TOKEN).await, 1, "{fault}");
    }
}

// PF-2
#[tokio::test]
async fn the_issuers_retry_after_is_passed_on() {
    let site = Site::start().await;
    site.tenant.fault("token_429").await;
    let response = callback_response(&site, "ada").await;
    assert_eq!((response.status, response.header("retry-after")), (503, "7"));
}

// PF-7
#[tokio::test]
async fn a_redirect_of_the_issuer_is_not_followed() {
    for (fault, person, status) in
        [("token_redirect", "ada", 502), ("jwks_redirect", "ada", 502), ("userinfo_redirect", "emmy", 303)]
    {
        let site = Site::start().await;
        let mut browser = Browser::new();
        let callback = browser.sign_in_up_to_callback(&site, person, "/").await;
        site.tenant.fault(fault).await;
        assert_eq!(browser.get(&callback).await.status, status, "{fault}");
        assert_eq!(site.tenant.requests_at(STOLEN).await, 0, "{fault}");
    }
}

// PF-7
#[tokio::test]
async fn a_redirect_of_discovery_is_not_followed() {
    let site = Site::start().await;
    site.tenant.fault("discovery_redirect").await;
    assert_eq!(Browser::new().get(&site.at(LOGIN)).await.status, 503);
    assert_eq!(site.tenant.requests_at(STOLEN).await, 0);
}

// PF-8
#[tokio::test]
async fn how_long_the_access_token_lives_does_not_end_the_session() {
    let site = Site::start().await;
    for fault in
        ["token_expires_in_zero", "token_expires_in_negative", "token_no_expires_in", "token_expires_in_string"]
    {
        site.tenant.fault_times(fault, 1).await;
        let mut browser = site.signed_in("ada").await;
        site.advance(Duration::from_secs(600));
        assert_eq!(browser.greeted(&site).await.as_deref(), Ok("Ada Lovelace"), "{fault}");
    }
}

// PF-9, CF-6
#[tokio::test]
async fn a_wrong_client_secret_is_our_fault_and_is_not_shown() {
    let site = Site::start_with(|config| config.client_secret = "a-secret-that-is-wrong".to_owned().into()).await;
    let response = callback_response(&site, "ada").await;
    assert_eq!(response.status, 502);
    for secret in ["a-secret-that-is-wrong", "invalid_client", "CLIENT_SECRET"] {
        assert!(!response.body.contains(secret), "the page contains {secret}");
    }
}

// CB-7
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_identical_callbacks_at_once_make_one_session() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(&site, "ada", "/").await;
    let responses = at_once(&browser, &callback, 10).await;
    let (winners, losers): (Vec<Response>, Vec<Response>) =
        responses.into_iter().partition(|response| response.status == 303);
    assert_eq!(winners.len(), 1);
    for loser in &losers {
        assert!((400..500).contains(&loser.status), "{}", loser.status);
    }
    assert_eq!(site.tenant.requests_at(TOKEN).await, 1);
    // All responses change the same cookie jar, and the one that signed in may arrive first.
    for response in winners.iter().chain(&losers) {
        browser.keep_cookies(response);
    }
    assert_eq!(browser.greeted(&site).await.as_deref(), Ok("Ada Lovelace"));
}

async fn at_once(browser: &Browser, url: &str, times: usize) -> Vec<Response> {
    let mut requests = JoinSet::new();
    for _ in 0..times {
        let (mut browser, url) = (browser.clone(), url.to_owned());
        requests.spawn(async move { browser.get(&url).await });
    }
    requests.join_all().await
}
