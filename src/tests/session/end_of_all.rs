//! The end of all sessions of an application, by its operators: what ends, what stays, and what becomes of sign-ins under
//! way.

use std::sync::Arc;

use kinde_leptos::auth::{Client, EndedSessions, SealingKeys};

use crate::harness::{Browser, Site};
use crate::stores::every_topology;

async fn end_all(auth: &Client) -> EndedSessions {
    auth.end_all_sessions(|_| {}).await.unwrap()
}

#[tokio::test]
async fn every_session_ends_in_every_process_and_its_tokens_are_revoked() {
    for tested in every_topology().await {
        let site = Site::start_on(Arc::clone(&tested.store), |_| {}).await;
        let mut browsers = Vec::new();
        for person in ["ada", "ada", "grace", "hypatia"] {
            browsers.push(site.signed_in(person).await);
        }
        let twin = site.twin(Arc::clone(&tested.store)).await;
        let mut told = Vec::new();
        let ended = site.auth.end_all_sessions(|so_far| told.push(*so_far)).await.unwrap();
        assert_eq!((ended.ended, ended.revoked, ended.not_revoked, ended.unreadable), (4, 4, 0, 0), "{}", tested.name);
        assert_eq!(told.last(), Some(&ended));
        for browser in &mut browsers {
            assert!(!browser.is_signed_in(&site).await, "{}", tested.name);
            assert_eq!(browser.get_json(&format!("{}/", twin.url)).await.status, 401, "{}", tested.name);
        }
        let revoked = site.tenant.log().await.iter().filter(|entry| entry["path"] == "/oauth2/revoke").count();
        assert_eq!(revoked, 4, "{}", tested.name);
        assert_eq!(end_all(&site.auth).await, EndedSessions::default(), "{}: nothing is left", tested.name);
        browsers[0].sign_in(&site, "ada", "/").await;
        assert!(browsers[0].is_signed_in(&site).await, "{}: and anybody can sign in again", tested.name);
    }
}

// SE-26
#[tokio::test]
async fn a_sign_in_that_was_begun_before_ends_without_a_session_and_can_be_begun_anew() {
    for tested in every_topology().await {
        let site = Site::start_on(Arc::clone(&tested.store), |_| {}).await;
        // One user is at the issuer, and the callback of another one is under way.
        let mut browser = Browser::new();
        let callback = browser.sign_in_up_to_callback(&site, "ada", "/").await;
        let under_way = Browser::new().sign_in_slowly(&site, "grace", "/oauth2/token").await;
        assert_eq!(end_all(&site.auth).await.ended, 0, "{}", tested.name);
        let response = browser.get(&callback).await;
        assert_eq!(response.status, 400, "{}", tested.name);
        assert!(!browser.is_signed_in(&site).await, "{}", tested.name);
        let (status, mut other) = under_way.await.unwrap();
        assert_eq!(status, 400, "{}", tested.name);
        assert!(!other.is_signed_in(&site).await, "{}", tested.name);
        assert_eq!(end_all(&site.auth).await, EndedSessions::default(), "{}: no session was left", tested.name);
        let mut anew = site.signed_in("ada").await;
        assert!(anew.is_signed_in(&site).await, "{}", tested.name);
    }
}

#[tokio::test]
async fn another_application_on_the_store_keeps_its_sessions() {
    for tested in every_topology().await {
        let ours = Site::start_on(Arc::clone(&tested.store), |_| {}).await;
        let theirs = Site::start_on(Arc::clone(&tested.store), |_| {}).await;
        let mut browser = theirs.signed_in("ada").await;
        let callback = Browser::new().sign_in_slowly(&theirs, "grace", "/oauth2/token").await;
        let mut our_browser = ours.signed_in("ada").await;
        let ended = end_all(&ours.auth).await;
        assert_eq!((ended.ended, ended.unreadable), (1, 1), "{}", tested.name);
        assert!(!our_browser.is_signed_in(&ours).await, "{}", tested.name);
        assert!(browser.is_signed_in(&theirs).await, "{}", tested.name);
        let (status, mut other) = callback.await.unwrap();
        assert_eq!(status, 303, "{}", tested.name);
        assert!(other.is_signed_in(&theirs).await, "{}", tested.name);
    }
}

#[tokio::test]
async fn an_issuer_that_is_down_keeps_no_session_alive() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    site.tenant.fault("revoke_500").await;
    let ended = end_all(&site.auth).await;
    assert_eq!((ended.ended, ended.revoked, ended.not_revoked), (1, 0, 1));
    assert!(!browser.is_signed_in(&site).await);
}

#[tokio::test]
async fn a_store_that_fails_half_way_is_an_error_and_the_rest_ends_with_the_next_try() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let mut browsers = Vec::new();
    for person in ["ada", "grace", "hypatia"] {
        browsers.push(site.signed_in(person).await);
    }
    // The mark and one user.
    store.die_after(2);
    site.auth.end_all_sessions(|_| {}).await.unwrap_err();
    store.repair();
    assert_eq!(end_all(&site.auth).await.ended, 2);
    for browser in &mut browsers {
        assert!(!browser.is_signed_in(&site).await);
    }
}

#[tokio::test]
async fn sessions_that_only_another_key_opens_are_counted_and_stay() {
    let key = |byte: u8| {
        use base64::Engine;
        let bytes: Vec<u8> = (0..32).map(|place| place ^ byte).collect();
        Arc::new(SealingKeys::parse(&base64::engine::general_purpose::STANDARD.encode(bytes)).unwrap())
    };
    let site = Site::start_with(|config| config.sealing_keys = key(1)).await;
    let mut browser = site.signed_in("ada").await;
    let other = Client::new(site.config.clone().with_sealing_keys(key(2)), Arc::clone(&site.store)).unwrap();
    let ended = end_all(&other).await;
    assert_eq!((ended.ended, ended.unreadable), (0, 1));
    assert!(browser.is_signed_in(&site).await);
}
