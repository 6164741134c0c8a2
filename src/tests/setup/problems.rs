//! Each problem, provoked. (CF-15)

use std::time::Duration;

use kinde_leptos::auth::paths::LOGIN;
use kinde_leptos::paths::{AUTH_HEALTH, SETUP};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{diagnosis, problems};
use crate::harness::{Browser, Site};
use crate::other_issuers::issuer_with_document;

/// What the site says of the issuer while the tenant has a fault, and what is wrong.
async fn with_fault(fault: &str) -> (Value, Vec<String>) {
    let site = Site::start().await;
    site.tenant.fault(fault).await;
    let issuer = diagnosis(&site).await["issuer"].clone();
    (issuer, problems(&site).await)
}

#[track_caller]
fn assert_one(problems: &[String], text: &str) {
    assert!(matches!(problems, [only] if only.contains(text)), "{text}: {problems:?}");
}

fn issuer(said: &Value, reachable: bool, matches: Option<bool>, keys: Option<u64>) {
    let expected = (json!(reachable), json!(matches), json!(keys));
    assert_eq!((said["reachable"].clone(), said["matches"].clone(), said["keys"].clone()), expected, "{said}");
}

#[tokio::test]
async fn an_issuer_that_does_not_respond() {
    for fault in ["discovery_drop", "discovery_slow", "all_down"] {
        let (said, problems) = with_fault(fault).await;
        issuer(&said, false, None, None);
        assert_eq!((&said["flavor"], &said["clock_skew_seconds"]), (&Value::Null, &Value::Null), "{fault}");
        assert_one(&problems, "does not respond");
    }
}

#[tokio::test]
async fn an_address_that_is_no_issuers() {
    for fault in ["discovery_500", "discovery_html", "discovery_malformed", "discovery_huge", "discovery_redirect"] {
        let (said, problems) = with_fault(fault).await;
        issuer(&said, true, None, None);
        assert_one(&problems, "responds without a discovery document");
    }
}

#[tokio::test]
async fn a_document_that_names_another_issuer() {
    let (said, problems) = with_fault("discovery_wrong_issuer").await;
    issuer(&said, true, Some(false), None);
    assert_eq!(said["flavor"], "kinde");
    assert_one(&problems, "names another issuer");
}

#[tokio::test]
async fn a_document_whose_endpoints_are_plain_http_gets_no_secret() {
    let url = issuer_with_document(|_| json!({"token_endpoint": "http://token.example/"})).await;
    let site = Site::start_with(|config| config.issuer_url = url).await;
    issuer(&diagnosis(&site).await["issuer"], true, Some(true), None);
    assert_one(&problems(&site).await, "no secret is sent there");
}

#[tokio::test]
async fn keys_that_are_missing() {
    for fault in ["jwks_500", "jwks_empty", "jwks_drop", "jwks_slow", "jwks_html"] {
        let (said, problems) = with_fault(fault).await;
        issuer(&said, true, Some(true), None);
        assert_one(&problems, "signing keys cannot be used");
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_by_more_than_is_tolerated() {
    let site = Site::start().await;
    site.advance(Duration::from_secs(50));
    let skew = diagnosis(&site).await["issuer"]["clock_skew_seconds"].as_i64().unwrap();
    assert!((49..=50).contains(&skew), "{skew}");
    assert_eq!(problems(&site).await, [""; 0]);
    site.advance(Duration::from_secs(50));
    assert_one(&problems(&site).await, "seconds ahead of the issuer's, and 60 are tolerated");
}

#[tokio::test]
async fn a_clock_of_the_tenant_that_is_moved() {
    let site = Site::start().await;
    site.tenant.forward_clock(3_600).await;
    let skew = diagnosis(&site).await["issuer"]["clock_skew_seconds"].as_i64().unwrap();
    assert!((-3_601..=-3_599).contains(&skew), "{skew}");
    assert_one(&problems(&site).await, "seconds behind the issuer's, and 60 are tolerated");
}

#[tokio::test]
async fn a_client_secret_that_is_wrong() {
    let site = Site::start_with(|config| config.client_secret = "not-this-one".to_owned().into()).await;
    let [problem] = problems(&site).await.try_into().unwrap();
    assert!(problem.contains("CLIENT_SECRET") && !problem.contains("not-this-one"), "{problem}");
    let place = diagnosis(&site).await["problems"][0]["where"].clone();
    assert_eq!(place, "Kinde: the application, page \"Details\", \"Client ID\" and \"Client secret\"");
    let plain = Site::start_plain(|config| config.client_secret = "not-this-one".to_owned().into()).await;
    let place = diagnosis(&plain).await["problems"][0]["where"].clone();
    assert!(place.as_str().unwrap().starts_with("The issuer's own administration"), "{place}");
}

/// Only `invalid_client` says that it is wrong.
#[tokio::test]
async fn a_client_of_which_the_token_endpoint_says_nothing_is_no_problem() {
    for fault in ["token_500", "token_drop", "token_html", "token_slow", "token_malformed"] {
        assert_eq!(with_fault(fault).await.1, [""; 0], "{fault}");
    }
    assert_one(&with_fault("token_invalid_client").await.1, "CLIENT_SECRET");
}

#[tokio::test]
async fn a_scope_without_refresh_tokens() {
    let site = Site::start_with(|config| config.scope = "openid email".to_owned()).await;
    assert_one(&problems(&site).await, "add offline to KINDE_SCOPE");
}

#[tokio::test]
async fn refresh_tokens_that_are_asked_for_and_not_issued() {
    let site = Site::start_plain(|_| {}).await;
    site.tenant.settings(json!({ "refresh_needs_consent": true })).await;
    site.signed_in("ada").await;
    assert_one(&problems(&site).await, "brought no refresh token");
    site.tenant.settings(json!({ "refresh_needs_consent": false })).await;
    site.signed_in("ada").await;
    assert_eq!(problems(&site).await, [""; 0]);
}

#[tokio::test]
async fn callbacks_that_never_came() {
    let site = Site::start().await;
    for _ in 0..3 {
        assert_eq!(problems(&site).await, [""; 0]);
        Browser::new().get(&site.at(LOGIN)).await;
    }
    assert_one(&problems(&site).await, &format!("allow exactly the callback URL {}", site.config.callback_url));
    site.signed_in("ada").await;
    assert_eq!(problems(&site).await, [""; 0]);
}

#[tokio::test]
async fn several_problems_are_told_at_once() {
    let site = Site::start_with(|config| {
        config.client_secret = "not-this-one".to_owned().into();
        config.scope = "openid".to_owned();
    })
    .await;
    site.tenant.fault("jwks_500").await;
    assert_eq!(problems(&site).await.len(), 3);
}

#[tokio::test]
async fn whatever_is_wrong_no_secret_is_shown() {
    let site = Site::start().await;
    let secret = site.config.client_secret.expose_secret().to_owned();
    let faults = ["discovery_wrong_issuer", "jwks_html", "token_invalid_client", "all_down", "token_html"];
    for fault in faults {
        site.tenant.clear_faults().await;
        site.tenant.fault(fault).await;
        for path in [SETUP, AUTH_HEALTH] {
            let response = Browser::new().get(&site.at(path)).await;
            assert_eq!(response.status, 200, "{fault} {path}");
            assert!(!response.body.contains(&secret), "{fault} {path}: {}", response.body);
        }
    }
}
