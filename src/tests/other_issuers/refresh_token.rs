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
