//! The claims of a session's tokens: those that were verified, and what becomes of those that were not. Their types are
//! tested in `auth::claims`; what a refresh does with them in `refresh`.

use kinde_leptos::auth::Claims;
use serde_json::json;

use super::attributes;
use crate::harness::{Browser, Log, SESSION_COOKIE, Site, person};

async fn claims(site: &Site, key: &str) -> Claims {
    let session = site.auth.sessions_of(&person(key).subject).await.unwrap().remove(0);
    site.auth.claims(&session).await.unwrap().unwrap()
}

#[tokio::test]
async fn the_claims_of_both_tokens_are_kept() {
    let site = Site::start().await;
    site.signed_in("ada").await;
    let Claims { access_token, id_token, .. } = claims(&site, "ada").await;
    let access_token = access_token.unwrap();
    assert_eq!(access_token.sub, person("ada").subject);
    assert_eq!(access_token.permissions.unwrap(), person("ada").permissions);
    assert_eq!(access_token.roles.unwrap()[0].key, "admin");
    assert_eq!(access_token.feature_flags.unwrap()["competitions_limit"].value, 5);
    assert_eq!(id_token.email.as_deref(), Some("ada@example.com"));
    assert!(id_token.auth_time.is_some() && id_token.org_codes.unwrap().len() == 1);
}

#[tokio::test]
async fn hasuras_names_are_read_as_well() {
    let site = Site::start().await;
    site.tenant.settings(json!({"hasura_mapping": true})).await;
    site.signed_in("ada").await;
    let claims = claims(&site, "ada").await;
    assert_eq!(claims.access_token.unwrap().permissions.unwrap(), person("ada").permissions);
    assert_eq!(claims.id_token.org_codes.unwrap().len(), 1);
}

#[tokio::test]
async fn an_access_token_that_fails_verification_signs_in_without_its_claims_and_with_a_warning() {
    for fault in [
        "access_wrong_iss",
        "access_wrong_client",
        "access_expired",
        "access_missing_exp",
        "access_nbf_future",
        "access_alg_none",
        "access_hs256_public_key",
        "access_unknown_key_same_kid",
        "access_unknown_kid",
        "access_tampered",
    ] {
        let site = Site::start().await;
        site.tenant.fault(fault).await;
        let log = Log::capture();
        site.signed_in("ada").await;
        assert_eq!(claims(&site, "ada").await.access_token, None, "{fault}");
        assert_eq!(log.lines_with("are not used").len(), 1, "{fault}: {}", log.text());
    }
}

/// What the account API says to another user's access token are another user's rights.
#[tokio::test]
async fn the_access_token_of_another_user_signs_nobody_in_and_is_revoked() {
    let site = Site::start().await;
    let mut browser = crate::harness::Browser::new();
    let callback = browser.sign_in_up_to_callback(&site, "ada", "/").await;
    site.tenant.fault("access_sub_other").await;
    assert_eq!(browser.get(&callback).await.status, 400);
    assert_eq!(site.auth.sessions_of(&person("ada").subject).await.unwrap().len(), 0);
    site.auth.finish().await;
    assert_eq!(site.tenant.requests_at("/oauth2/revoke").await, 1);
}

#[tokio::test]
async fn the_tokens_of_a_session_that_cannot_be_written_are_revoked() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(&site, "ada", "/").await;
    store.fail_to_create();
    assert_eq!(browser.get(&callback).await.status, 503);
    site.auth.finish().await;
    assert_eq!(site.tenant.requests_at("/oauth2/revoke").await, 1);
}

#[tokio::test]
async fn claims_of_unexpected_types_count_as_absent() {
    let site = Site::start().await;
    site.tenant.fault("access_odd_types").await;
    site.signed_in("ada").await;
    let claims = claims(&site, "ada").await.access_token.unwrap();
    assert_eq!((claims.permissions, claims.org_code, claims.roles), (None, None, None));
}

#[tokio::test]
async fn an_opaque_access_token_has_no_claims_and_is_no_reason_for_a_warning() {
    let site = Site::start_plain(|_| {}).await;
    let log = Log::capture();
    site.signed_in("ada").await;
    assert_eq!(claims(&site, "ada").await.access_token, None);
    assert!(log.lines_with("access token").is_empty(), "{}", log.text());
}

#[tokio::test]
async fn a_session_that_kinde_does_not_want_to_persist_ends_with_the_browser() {
    let site = Site::start().await;
    for (key, persists) in [("ada", true), ("augusta", false)] {
        let mut browser = Browser::new();
        let callback = browser.sign_in_up_to_callback(&site, key, "/").await;
        let response = browser.get(&callback).await;
        let name = format!("{SESSION_COOKIE}=");
        let cookie = response.set_cookies().into_iter().find(|cookie| cookie.starts_with(&name)).unwrap().to_owned();
        let has_age = attributes(&cookie).iter().any(|attribute| attribute.starts_with("Max-Age"));
        assert_eq!(has_age, persists, "{cookie}");
        assert!(browser.is_signed_in(&site).await);
    }
}
