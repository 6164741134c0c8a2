//! Sign-out at issuers that are not Kinde (OpenID Connect RP-Initiated Logout 1.0), and the return from there.

use std::collections::BTreeMap;

use kinde_leptos::auth::paths::{LOGIN, LOGOUT, SIGNED_OUT};
use serde_json::json;
use url::Url;

use crate::harness::{Browser, Log, Records, Site};

const STATE_COOKIE: &str = "kinde_sign_out_state";

fn parameters(url: &Url) -> BTreeMap<String, String> {
    url.query_pairs().into_owned().collect()
}

/// Signs out up to the return from the issuer, and returns the address of that.
async fn sign_out_up_to_return(site: &Site, browser: &mut Browser) -> Url {
    let at_issuer = browser.get(&site.at(LOGOUT)).await.location().unwrap();
    let back = browser.get(at_issuer.as_str()).await;
    let back = back.location().unwrap_or_else(|| panic!("the issuer keeps the user: {} {}", back.status, back.body));
    assert_eq!((back.path(), back.as_str().starts_with(&site.url)), (LOGOUT, true), "{back}");
    back
}

// LO-1, LO-3, LO-10
#[tokio::test]
async fn sign_out_ends_the_issuers_session_and_returns_to_this_site() {
    let site = Site::start_plain(|_| {}).await;
    let mut browser = site.signed_in("ada").await;
    let at_issuer = browser.get(&site.at(LOGOUT)).await.location().unwrap();
    assert_eq!(at_issuer.path(), "/realms/plain/end_session");
    let sent = parameters(&at_issuer);
    assert_eq!(sent["post_logout_redirect_uri"], site.config.logout_redirect_url.as_str());
    assert_eq!(sent["client_id"], site.config.client_id);
    assert_eq!(sent["state"].len(), 43);
    assert_eq!(browser.cookie("localhost", STATE_COOKIE), Some(sent["state"].as_str()));
    let page = browser.visit(at_issuer.as_str()).await;
    assert_eq!((page.status, page.url.path()), (200, SIGNED_OUT));
    assert_eq!(browser.cookie("localhost", STATE_COOKIE), None);
    let mut request = browser.get(&site.at(LOGIN)).await.location().unwrap();
    request.query_pairs_mut().append_pair("prompt", "none");
    let callback = browser.get(request.as_str()).await.location().unwrap();
    assert_eq!(parameters(&callback)["error"], "login_required");
}

// LO-9
#[tokio::test]
async fn the_issuer_gets_the_sessions_id_token_as_a_hint_and_the_log_does_not() {
    let site = Site::start_plain(|_| {}).await;
    let mut browser = site.signed_in("ada").await;
    let tokens = Records::open(&site.store_file()).await.tokens().await;
    let log = Log::capture();
    let at_issuer = browser.get(&site.at(LOGOUT)).await.location().unwrap();
    assert_eq!(parameters(&at_issuer)["id_token_hint"], tokens["id_token"].as_str().unwrap());
    assert!(at_issuer.as_str().len() < 2_048);
    assert_eq!(browser.visit(at_issuer.as_str()).await.url.path(), SIGNED_OUT, "the issuer accepts it");
    assert!(log.text().contains("sign_out") && !log.text().contains("id_token_hint"), "{}", log.text());
}

// LO-14
#[tokio::test]
async fn a_return_from_the_issuer_ends_no_session_that_began_meanwhile() {
    let site = Site::start_plain(|_| {}).await;
    let mut browser = site.signed_in("ada").await;
    let back = sign_out_up_to_return(&site, &mut browser).await;
    assert_eq!(browser.sign_in(&site, "ada", "/").await.status, 200);
    let landing = browser.get(back.as_str()).await;
    assert_eq!((landing.status, landing.location().unwrap().path()), (303, SIGNED_OUT));
    assert!(browser.is_signed_in(&site).await);
}

// LO-14
#[tokio::test]
async fn the_return_of_another_browser_or_an_earlier_one_signs_nobody_out() {
    let site = Site::start_plain(|_| {}).await;
    let mut other = site.signed_in("ada").await;
    let back = sign_out_up_to_return(&site, &mut other).await;
    let mut browser = site.signed_in("grace").await;
    assert_eq!(browser.get(back.as_str()).await.status, 403);
    assert!(browser.is_signed_in(&site).await);
    other.get(back.as_str()).await;
    other.sign_in(&site, "ada", "/").await;
    assert_eq!(other.get(back.as_str()).await.status, 403, "a state is used once");
    assert!(other.is_signed_in(&site).await);
}

// LO-5
#[tokio::test]
async fn an_issuer_without_a_sign_out_of_its_own_is_not_visited() {
    let site = Site::start_plain(|_| {}).await;
    site.tenant.settings(json!({"end_session_endpoint": false})).await;
    let mut browser = site.signed_in("ada").await;
    let response = browser.get(&site.at(LOGOUT)).await;
    assert_eq!((response.status, response.location().unwrap().path()), (303, SIGNED_OUT));
    assert_eq!(browser.cookie("localhost", STATE_COOKIE), None);
    assert!(!browser.is_signed_in(&site).await);
}

#[tokio::test]
async fn a_state_that_nobody_would_compare_is_not_sent() {
    let elsewhere = Url::parse("https://www.example/bye").unwrap();
    let site = Site::start_plain(|config| config.logout_redirect_url = elsewhere.clone()).await;
    let mut browser = site.signed_in("ada").await;
    let sent = parameters(&browser.get(&site.at(LOGOUT)).await.location().unwrap());
    assert_eq!(sent["post_logout_redirect_uri"], elsewhere.as_str());
    assert!(!sent.contains_key("state"));
    assert_eq!(browser.cookie("localhost", STATE_COOKIE), None);
}
