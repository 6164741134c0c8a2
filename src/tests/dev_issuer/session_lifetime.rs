//! Sessions at the tenant end after a time without use, by the tenant's clock (Kinde documentation, "Session
//! management").

use serde_json::{Value, json};

use super::harness::{TenantClient, callback, json};

const DAY: i64 = 86_400;

async fn forward(tenant: &TenantClient, seconds: i64) -> Value {
    let body = json!({"forward_seconds": seconds}).to_string();
    json(tenant.write(tenant.post("/dev/clock"), body).await).await["ended"].take()
}

/// Whether the tenant redirects with a code, without a question.
async fn is_signed_in(tenant: &TenantClient) -> bool {
    let silent = callback(&tenant.authorize(&[("prompt", "none")]).await);
    assert_eq!(silent.contains_key("code"), !silent.contains_key("error"));
    assert!(silent.get("error").is_none_or(|error| error == "login_required"), "{silent:?}");
    silent.contains_key("code")
}

async fn lists_a_session(tenant: &TenantClient) -> bool {
    let page = tenant.page("/people/ada").await;
    let lists = page.contains("End all");
    assert_ne!(lists, page.contains("There is none."));
    lists
}

#[tokio::test]
async fn a_session_ends_after_a_day_without_use() {
    for tenant in [TenantClient::start().await, TenantClient::start_plain().await] {
        tenant.code_for("ada", &[]).await;
        assert_eq!(forward(&tenant, DAY - 60).await["sessions"], 0);
        assert!(lists_a_session(&tenant).await);
        assert_eq!(forward(&tenant, 60).await["sessions"], 1);
        assert!(!lists_a_session(&tenant).await);
        assert!(!is_signed_in(&tenant).await);
        let page = tenant.authorize(&[]).await;
        assert_eq!(page.status(), 200);
        assert!(page.headers().contains_key("x-dev-transaction"), "the sign-in page");
        tenant.code_for("ada", &[]).await;
        assert!(is_signed_in(&tenant).await);
    }
}

#[tokio::test]
async fn a_sign_in_and_a_refresh_use_the_session() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    for _ in 0..2 {
        assert_eq!(forward(&tenant, DAY - 60).await["sessions"], 0);
        assert!(is_signed_in(&tenant).await);
    }
    forward(&tenant, DAY - 60).await;
    assert_eq!(tenant.refresh(&tokens).await.status(), 200);
    forward(&tenant, DAY - 60).await;
    assert!(lists_a_session(&tenant).await);
    forward(&tenant, 60).await;
    assert!(!lists_a_session(&tenant).await);
}

/// Kinde tells no application of it, and a refresh token has a lifetime of its own, so that users need not sign in
/// daily.
#[tokio::test]
async fn refresh_tokens_outlive_the_session_and_nobody_is_told_of_its_end() {
    for tenant in [TenantClient::start().await, TenantClient::start_plain().await] {
        tenant
            .set(json!({"webhook_url": "http://127.0.0.1:1/", "backchannel_logout_url": "http://127.0.0.1:1/"}))
            .await;
        let is_plain = tenant.server.issuer().ends_with("/plain");
        let (scope, logout) = match is_plain {
            true => ("openid offline_access", "/realms/plain/end_session"),
            false => ("openid offline", "/logout"),
        };
        let tokens = tenant.tokens_for("ada", &[("scope", scope)]).await;
        assert_eq!(forward(&tenant, 2 * DAY).await["sessions"], 1);
        assert_eq!(tenant.refresh(&tokens).await.status(), 200);
        assert!(!lists_a_session(&tenant).await, "a refresh does not bring the session back");
        assert!(!is_signed_in(&tenant).await);
        assert_eq!(tenant.get(logout).send().await.unwrap().status(), 200);
        let deliveries = json(tenant.get("/dev/deliveries").send().await.unwrap()).await;
        assert_eq!(deliveries, json!([]));
    }
}

#[tokio::test]
async fn the_lifetime_is_a_setting_and_counts_for_present_sessions() {
    let tenant = TenantClient::start().await;
    tenant.code_for("ada", &[]).await;
    forward(&tenant, 60).await;
    assert!(lists_a_session(&tenant).await);
    tenant.set(json!({"authenticated_session_lifetime": 60})).await;
    assert!(!lists_a_session(&tenant).await);
    assert!(tenant.page("/people/ada").await.contains("has used it for 60 seconds"));
}
