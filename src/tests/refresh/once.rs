//! Tests that the issuer is asked once for each expiry (RF-1 to RF-3), and that a page read stays one load.

use std::sync::Arc;

use futures_util::future::join_all;

use super::{breakable_site, expire, refreshes, session, shorten_lives, site};
use crate::harness::{Browser, Site, client};
use crate::stores::{every_store, open};

// RF-1
#[tokio::test]
async fn a_session_outlives_its_access_token() {
    let site = site().await;
    let mut browser = site.signed_in("ada").await;
    let former = site.auth.tokens(&session(&site).await).await.unwrap().unwrap();
    for expiry in 1..=3 {
        expire(&site).await;
        for _ in 0..3 {
            assert_eq!(browser.greeted(&site).await.as_deref(), Ok("Ada Lovelace"));
        }
        assert_eq!(refreshes(&site).await, expiry);
    }
    let tokens = site.auth.tokens(&session(&site).await).await.unwrap().unwrap();
    assert!(tokens.expires_at > former.expires_at);
}

#[tokio::test]
async fn while_the_access_token_lives_nothing_is_refreshed() {
    let site = site().await;
    let mut browser = site.signed_in("ada").await;
    super::pass(&site, super::LIFETIME - std::time::Duration::from_secs(5)).await;
    browser.greeted(&site).await.unwrap();
    assert_eq!(refreshes(&site).await, 0);
}

// RF-2
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_requests_at_expiry_one_refreshes() {
    let site = site().await;
    let mut browser = site.signed_in("ada").await;
    for expiry in 1..=3 {
        expire(&site).await;
        assert_eq!(statuses(&browser, &[&site.url], 50).await, [200; 50]);
        assert_eq!(refreshes(&site).await, expiry);
    }
    assert!(browser.greeted(&site).await.is_ok(), "the tenant ends a grant whose refresh token is used twice");
}

// RF-3
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_processes_one_refreshes() {
    for tested in every_store().await.into_iter().filter(|tested| tested.name != "SQLite") {
        let site = Site::start_on(Arc::clone(&tested.store), |_| {}).await;
        shorten_lives(&site).await;
        let twin = site.twin(open(&tested.url).await).await;
        let mut browser = site.signed_in("ada").await;
        for expiry in 1..=5 {
            expire(&site).await;
            assert_eq!(statuses(&browser, &[&site.url, &twin.url], 50).await, [200; 50], "{}", tested.name);
            assert_eq!(refreshes(&site).await, expiry, "{}", tested.name);
        }
        assert!(browser.greeted(&site).await.is_ok(), "{}", tested.name);
    }
}

/// The statuses of simultaneous requests for the greeting with one browser's cookie, spread over these sites.
async fn statuses(browser: &Browser, sites: &[&str], count: usize) -> Vec<u16> {
    let (cookie, client) = (format!("kinde_session={}", browser.session().unwrap()), client());
    let request = |number: usize| {
        let url = format!("{}/", sites[number % sites.len()]);
        let request = client.get(url).header("cookie", &cookie).header("accept", "application/json");
        async move { request.send().await.unwrap().status().as_u16() }
    };
    join_all((0..count).map(request)).await
}

#[tokio::test]
async fn a_page_read_is_one_load_however_large_the_tokens_are() {
    let (site, store) = breakable_site().await;
    for person in ["ada", "atlas"] {
        let mut browser = site.signed_in(person).await;
        let before = store.loads();
        browser.greeted(&site).await.unwrap();
        assert_eq!(store.loads() - before, 1, "{person}");
    }
}

#[tokio::test]
async fn a_session_without_a_refresh_token_lives_its_own_lifetime() {
    let site = Site::start_with(|config| config.scope = "openid profile email".to_owned()).await;
    shorten_lives(&site).await;
    let mut browser = site.signed_in("ada").await;
    expire(&site).await;
    assert_eq!(browser.greeted(&site).await.as_deref(), Ok("Ada Lovelace"));
    assert_eq!(refreshes(&site).await, 0);
}
