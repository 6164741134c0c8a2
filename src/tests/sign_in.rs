//! Tests of sign-in from the first request to the session.
//! The authorization request and the callback are tested in detail in `authorization_request` and `callback`.

use super::harness::{Browser, Site};

#[tokio::test]
async fn a_user_returns_to_the_requested_page() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    let page = browser.sign_in(&site, "ada", "/items/42?q=a%26b%20c").await;
    assert_eq!(page.url.as_str(), site.at("/items/42?q=a%26b%20c"));
    assert!(page.body.contains("Ada Lovelace"));
}

#[tokio::test]
async fn two_tabs_can_sign_in_at_once() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    let first = browser.sign_in_up_to_callback(&site, "ada", "/items/1").await;
    let second = browser.sign_in_up_to_callback(&site, "ada", "/items/2").await;
    assert_eq!(browser.visit(&first).await.url.path(), "/items/1");
    assert_eq!(browser.visit(&second).await.url.path(), "/items/2");
}

#[tokio::test]
async fn a_session_survives_a_restart() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let site = site.restarted().await;
    assert_eq!(browser.get(&site.at("/")).await.status, 200);
}
