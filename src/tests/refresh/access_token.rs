//! Tests of access tokens for calls to other services (RF-15): the extractor and `Client::access_token`.

use std::time::Duration;

use kinde_leptos::auth::Error;
use secrecy::ExposeSecret;
use serde_json::json;

use super::{LIFETIME, expire, pass, refreshes, session, shorten_lives, site};
use crate::harness::Site;

#[tokio::test]
async fn the_access_token_of_kinde_is_passed_on_until_its_end_and_then_refreshed() {
    let site = site().await;
    site.signed_in("ada").await;
    let session = session(&site).await;
    let first = site.auth.access_token(&session).await.unwrap();
    pass(&site, LIFETIME - Duration::from_secs(5)).await;
    let same = site.auth.access_token(&session).await.unwrap();
    assert_eq!(same.secret.expose_secret(), first.secret.expose_secret());
    assert_eq!(refreshes(&site).await, 0);
    pass(&site, Duration::from_secs(6)).await;
    let next = site.auth.access_token(&session).await.unwrap();
    assert_ne!(next.secret.expose_secret(), first.secret.expose_secret());
    assert_eq!((next.expires_at > first.expires_at, refreshes(&site).await), (true, 1));
}

// RF-15
#[tokio::test]
async fn no_call_gets_a_token_with_under_thirty_seconds_left() {
    let site = Site::start_plain(|_| {}).await;
    site.tenant.settings(json!({"access_token_lifetime": 120, "refresh_overlap": 0})).await;
    site.signed_in("ada").await;
    let session = session(&site).await;
    let first = site.auth.access_token(&session).await.unwrap();
    pass(&site, Duration::from_secs(85)).await;
    assert_eq!(site.auth.access_token(&session).await.unwrap().expires_at, first.expires_at);
    pass(&site, Duration::from_secs(10)).await;
    let next = site.auth.access_token(&session).await.unwrap();
    assert!(next.expires_at - first.expires_at > time::Duration::seconds(90));
    site.tenant.fault("refresh_500").await;
    pass(&site, Duration::from_secs(95)).await;
    assert!(matches!(site.auth.access_token(&session).await, Err(Error::NoAccessToken)));
    assert_eq!(Error::NoAccessToken.status(), 503);
    assert!(Error::NoAccessToken.retry_after_seconds().is_some());
}

#[tokio::test]
async fn a_token_that_the_issuer_returns_again_is_passed_on_as_it_is_and_requested_once() {
    let site = site().await;
    site.signed_in("ada").await;
    let session = session(&site).await;
    let first = site.auth.access_token(&session).await.unwrap();
    // By the tenant's clock the token has not ended.
    site.advance(LIFETIME);
    for _ in 0..5 {
        let same = site.auth.access_token(&session).await.unwrap();
        assert_eq!(same.secret.expose_secret(), first.secret.expose_secret());
    }
    assert_eq!(refreshes(&site).await, 1);
}

#[tokio::test]
async fn without_a_refresh_token_an_ended_access_token_needs_a_sign_in_and_the_session_stays() {
    let site = Site::start_with(|config| config.scope = "openid profile email".to_owned()).await;
    shorten_lives(&site).await;
    let mut browser = site.signed_in("ada").await;
    let session = session(&site).await;
    site.auth.access_token(&session).await.unwrap();
    expire(&site).await;
    assert!(matches!(site.auth.access_token(&session).await, Err(Error::NotAuthenticated)));
    assert_eq!(browser.greeted(&site).await.as_deref(), Ok("Ada Lovelace"));
}
