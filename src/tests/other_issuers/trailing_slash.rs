//! An issuer whose URL ends with a slash in the settings, in its document, or in both (Discovery §4.3).

use kinde_leptos::auth::Config;
use kinde_leptos::auth::paths::LOGIN;
use serde_json::json;

use super::issuer_with_document;
use crate::harness::{Browser, Site};

/// The same settings, with a slash at the end of the issuer's URL.
fn with_slash(config: &mut Config) {
    let issuer = format!("{}/", config.issuer_url);
    *config = Config::new(issuer, &config.client_id, config.client_secret.clone(), config.site_url.clone());
}

#[tokio::test]
async fn a_slash_in_the_settings_alone_does_not_matter() {
    let site = Site::start_plain(with_slash).await;
    let mut browser = site.signed_in("ada").await;
    assert_eq!(browser.greeted(&site).await.unwrap(), "Ada Lovelace");
}

#[tokio::test]
async fn a_slash_in_the_document_does_not_matter() {
    for slash in ["", "/"] {
        let issuer = issuer_with_document(|issuer| json!({ "issuer": format!("{issuer}{slash}") })).await;
        for adapt in [|_: &mut Config| {}, with_slash] {
            let site = Site::start_with(|config| {
                config.issuer_url = issuer.clone();
                adapt(config);
            })
            .await;
            assert_eq!(Browser::new().get(&site.at(LOGIN)).await.status, 303, "{slash} {}", site.config.issuer_url);
        }
    }
}
