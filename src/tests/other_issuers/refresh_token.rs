//! The scope for a refresh token: its name at issuers that are not Kinde, and what happens when none is issued (OIDC Core
//! §11).

use serde_json::json;

use crate::harness::{Log, Records, Site};

/// The scopes of the authorization requests so far.
async fn requested_scopes(site: &Site) -> Vec<String> {
    let log = site.tenant.log().await;
    log.iter().filter_map(|entry| Some(entry["query"]["scope"].as_str()?.to_owned())).collect()
}

// AR-6
#[tokio::test]
async fn the_default_scope_yields_a_refresh_token_at_an_issuer_that_lists_the_standards_name() {
    let site = Site::start_plain(|_| {}).await;
    let log = Log::capture();
    site.signed_in("ada").await;
    assert_eq!(requested_scopes(&site).await, ["openid profile email offline_access"]);
    assert!(Records::open(&site.store_file()).await.tokens().await["refresh_token"].is_string());
    assert!(log.lines_with("refresh token").is_empty(), "{}", log.text());
}

// AR-6
#[tokio::test]
async fn an_issuer_without_refresh_tokens_signs_in_with_one_warning() {
    let site = Site::start_plain(|_| {}).await;
    site.tenant.settings(json!({ "refresh_scope": null })).await;
    let log = Log::capture();
    for _ in 0..2 {
        site.signed_in("ada").await;
    }
    assert_eq!(requested_scopes(&site).await, ["openid profile email"; 2]);
    assert_eq!(log.lines_with("issued no refresh token").len(), 1, "{}", log.text());
}

#[tokio::test]
async fn nobody_is_warned_of_a_refresh_token_that_was_not_asked_for() {
    let site = Site::start_plain(|config| config.scope = "openid profile".to_owned()).await;
    let log = Log::capture();
    site.signed_in("ada").await;
    assert!(log.lines_with("refresh token").is_empty(), "{}", log.text());
}

#[tokio::test]
async fn an_issuer_that_wants_consent_for_a_refresh_token_gets_it_by_the_prompt() {
    for (prompt, has_refresh_token) in [(None, false), (Some("consent"), true)] {
        let site = Site::start_plain(|config| config.prompt = prompt.map(str::to_owned)).await;
        site.tenant.settings(json!({ "refresh_needs_consent": true })).await;
        let log = Log::capture();
        site.signed_in("ada").await;
        let tokens = Records::open(&site.store_file()).await.tokens().await;
        assert_eq!(tokens["refresh_token"].is_string(), has_refresh_token, "{prompt:?}");
        assert_eq!(log.lines_with("issued no refresh token").is_empty(), has_refresh_token, "{}", log.text());
    }
}

/// The settings as the program reads them reach the issuer.
#[tokio::test]
async fn every_audience_and_the_prompt_are_in_the_authorization_request() {
    let site = Site::start_plain(|config| {
        config.audiences = vec!["https://api.example".to_owned(), "other".to_owned()];
        config.prompt = Some("login consent".to_owned());
    })
    .await;
    site.signed_in("ada").await;
    let log = site.tenant.log().await;
    let request = log.iter().find(|entry| entry["path"] == "/realms/plain/authorize").unwrap();
    assert_eq!(request["query"]["audience"], json!(["https://api.example", "other"]));
    assert_eq!(request["query"]["prompt"], "login consent");
}
