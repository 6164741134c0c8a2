//! Tests of sign-in from the first request to the session.
//! The authorization request and the callback are tested in detail in `authorization_request` and `callback`.

use kinde_leptos::auth::paths::LOGIN;
use reqwest::Method;
use serde_json::json;

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

/// It sends a mode, and as no browser does, no site.
#[tokio::test]
async fn a_program_drives_a_sign_in_with_the_fetch_of_node() {
    const NODE: [(&str, &str); 2] = [("accept", "*/*"), ("sec-fetch-mode", "cors")];
    let site = Site::start().await;
    site.tenant.settings(json!({ "auto_sign_in": "ada" })).await;
    let mut program = Browser::new();
    let mut response = program.send(Method::GET, &site.at(LOGIN), &NODE, None).await;
    while let Some(next) = response.location() {
        response = program.send(Method::GET, next.as_str(), &NODE, None).await;
    }
    assert_eq!((response.status, response.url.as_str()), (200, site.at("/").as_str()));
    assert!(response.body.contains("Ada Lovelace"));
}
