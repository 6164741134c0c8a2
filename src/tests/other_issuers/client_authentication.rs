//! How the client authenticates at the token endpoint and at the revocation endpoint (RFC 6749 §2.3.1, Discovery §3).

use kinde_leptos::auth::ClientAuthentication;
use kinde_leptos::auth::paths::LOGOUT;
use serde_json::json;

use crate::harness::{Browser, Log, Site};

const BASIC: &str = "client_secret_basic";
const POST: &str = "client_secret_post";

#[tokio::test]
async fn a_client_signs_in_by_the_method_it_is_registered_for() {
    let both = json!([BASIC, POST]);
    for (listed, registered, configured) in [
        (both.clone(), BASIC, None),
        (json!(null), BASIC, None),
        (json!([POST]), POST, None),
        (both, POST, Some(ClientAuthentication::Post)),
        (json!([POST]), BASIC, Some(ClientAuthentication::Basic)),
    ] {
        let site = Site::start_plain(|config| config.client_authentication = configured).await;
        let methods = json!({
            "announced_authentication": listed,
            "basic_authentication": registered == BASIC,
            "post_authentication": registered == POST,
        });
        site.tenant.settings(methods).await;
        let page = Browser::new().sign_in(&site, "ada", "/").await;
        assert_eq!(page.status, 200, "{listed} {registered} {configured:?}");
    }
}

#[tokio::test]
async fn a_client_that_is_registered_for_the_other_method_is_named_in_the_log() {
    let site = Site::start_plain(|config| config.client_authentication = Some(ClientAuthentication::Post)).await;
    let log = Log::capture();
    assert_eq!(Browser::new().sign_in(&site, "ada", "/").await.status, 502);
    assert_eq!(log.lines_with("CLIENT_AUTH_METHOD").len(), 1, "{}", log.text());
}

// LO-2
#[tokio::test]
async fn tokens_are_revoked_by_the_method_of_the_token_endpoint() {
    let site = Site::start_plain(|_| {}).await;
    site.tenant.settings(json!({"revocation_endpoint": true, "announced_authentication": [POST, BASIC]})).await;
    let mut browser = site.signed_in("ada").await;
    assert_eq!(browser.get(&site.at(LOGOUT)).await.status, 303);
    site.auth.finish().await;
    let log = site.tenant.log().await;
    let request = log.iter().find(|entry| entry["path"] == "/realms/plain/revoke").expect("a revocation");
    assert_eq!(request["authorization"], "Basic");
    assert_eq!(request["form"]["token_type_hint"], "refresh_token");
    assert!(request["form"].get("client_id").is_none(), "{request}");
}
