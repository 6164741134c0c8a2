//! The tenant's faults: each can be switched on, and some are checked for their effect. The documentation of
//! `kinde_leptos::dev_issuer` lists them.
//! How the app reacts to them is tested in `provider_faults`.

use serde_json::{Value, json};

use super::harness::{JWKS, STATE, TenantClient, callback, claims, header, json, location, verify};

#[tokio::test]
async fn every_listed_fault_can_be_switched_on_and_all_off_again() {
    let tenant = TenantClient::start().await;
    let listed = json(tenant.get("/dev/faults").send().await.unwrap()).await;
    let names: Vec<_> = listed.as_array().unwrap().iter().map(|f| f["fault"].as_str().unwrap()).collect();
    let rotates = |name: &str| name.starts_with("key_rotation");
    for name in names.iter().filter(|name| !rotates(name)) {
        tenant.switch_on(name).await;
    }
    let listed_on = json(tenant.get("/dev/faults").send().await.unwrap()).await;
    let is_on = |fault: &&Value| fault["on"] == true && fault["times"] == 1;
    assert_eq!(listed_on.as_array().unwrap().iter().filter(is_on).count(), names.len() - 2);
    assert_eq!(tenant.delete("/dev/faults").send().await.unwrap().status(), 204);
    assert_eq!(listed, json(tenant.get("/dev/faults").send().await.unwrap()).await);
    let unknown = tenant.write(tenant.post("/dev/faults"), json!({"fault": "no_such"}).to_string());
    let unknown = unknown.await;
    assert_eq!(unknown.status(), 400);
    assert!(json(unknown).await["faults"].as_array().unwrap().len() > 90);
}

#[tokio::test]
async fn faults_of_the_callback_show_in_the_redirect_once() {
    let tenant = TenantClient::start().await;
    tenant.switch_on("cb_wrong_state").await;
    let spoiled = callback(&tenant.decide(&[], &[("person", "ada")]).await);
    assert_ne!(spoiled["state"], STATE);
    assert_eq!(callback(&tenant.authorize(&[]).await)["state"], STATE);
    for (fault, error) in [
        ("cb_server_error", "server_error"),
        ("cb_xss_error", "<script>alert(1)</script>"),
        ("cb_login_link_expired", "login_link_expired"),
    ] {
        tenant.switch_on(fault).await;
        let spoiled = callback(&tenant.authorize(&[]).await);
        assert_eq!(spoiled["error"], error);
        assert!(!spoiled.contains_key("code"));
    }
    assert_eq!(callback(&faulty(&tenant, "cb_login_link_expired").await)["state"], STATE);
    let stateless = callback(&faulty(&tenant, "cb_login_link_expired_no_state").await);
    assert_eq!(stateless["error"], "login_link_expired");
    assert!(stateless.contains_key("reauth_state") && !stateless.contains_key("state"));
    tenant.switch_on("cb_duplicate_state").await;
    assert_eq!(location(&tenant.authorize(&[]).await).matches("state=").count(), 2);
    tenant.switch_on("cb_wrong_iss").await;
    assert_eq!(callback(&tenant.authorize(&[]).await)["iss"], "https://evil.example");
    tenant.set(json!({"iss_parameter": true})).await;
    assert_eq!(callback(&tenant.authorize(&[]).await)["iss"], tenant.server.issuer());
}

/// The response to an authorization request while a fault is on.
async fn faulty(tenant: &TenantClient, fault: &str) -> reqwest::Response {
    tenant.switch_on(fault).await;
    tenant.authorize(&[]).await
}

#[tokio::test]
async fn faults_of_the_claims_show_in_the_id_token() {
    let tenant = TenantClient::start().await;
    tenant.set(json!({"auto_sign_in": "ada"})).await;
    for (fault, claim, expected) in [
        ("id_wrong_nonce", "nonce", json!("another-nonce")),
        ("id_wrong_iss", "iss", json!("https://evil.example")),
        ("id_iss_trailing_slash", "iss", json!(format!("{}/", tenant.server.issuer()))),
        ("id_missing_exp", "exp", Value::Null),
        ("id_aud_untrusted_extra", "aud", json!([tenant.server.client_id(), "another-client"])),
    ] {
        tenant.switch_on(fault).await;
        let code = callback(&tenant.authorize(&[]).await)["code"].clone();
        let tokens = json(tenant.exchange(&code, &[]).await).await;
        let claims = claims(&tokens["id_token"]);
        assert_eq!(claims.get(claim).unwrap_or(&Value::Null), &expected, "{fault}");
    }
}

#[tokio::test]
async fn faults_of_the_signature_do_not_verify() {
    let tenant = TenantClient::start().await;
    tenant.set(json!({"auto_sign_in": "ada"})).await;
    for fault in [
        "id_alg_none",
        "id_alg_none_upper",
        "id_hs256_public_key",
        "id_hs256_client_secret",
        "id_unknown_key_same_kid",
        "id_unknown_kid",
        "id_embedded_jwk",
        "id_tampered",
        "id_expired",
    ] {
        tenant.switch_on(fault).await;
        let code = callback(&tenant.authorize(&[]).await)["code"].clone();
        let tokens = json(tenant.exchange(&code, &[]).await).await;
        assert!(verify(&tenant, &tokens["id_token"]).await.is_err(), "{fault}");
        let tokens = json(tenant.refresh(&tokens).await).await;
        assert!(verify(&tenant, &tokens["id_token"]).await.is_ok(), "{fault} lasts");
    }
}

#[tokio::test]
async fn a_rotated_key_verifies_and_the_old_one_stays_unless_dropped() {
    let tenant = TenantClient::start().await;
    let old = tenant.tokens_for("ada", &[]).await;
    tenant.switch_on("key_rotation").await;
    assert!(verify(&tenant, &old["id_token"]).await.is_ok());
    let new = json(tenant.refresh(&old).await).await;
    assert!(verify(&tenant, &new["id_token"]).await.is_ok());
    tenant.switch_on("key_rotation_drop_old").await;
    assert!(verify(&tenant, &new["id_token"]).await.is_err());
    tenant.switch_on("id_no_kid_multiple_jwks").await;
    let unnamed = json(tenant.refresh(&new).await).await;
    assert!(header(&unnamed["id_token"]).get("kid").is_none());
    let keys = json(tenant.get(JWKS).send().await.unwrap()).await;
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn faults_of_the_token_endpoint_respond_as_listed() {
    let tenant = TenantClient::start().await;
    for (fault, status) in
        [("token_500", 500), ("token_429", 429), ("token_invalid_client", 401), ("token_redirect", 307)]
    {
        tenant.switch_on(fault).await;
        let response = tenant.exchange("unused", &[]).await;
        assert_eq!(response.status(), status, "{fault}");
        assert_eq!(response.headers().contains_key("retry-after"), status == 429);
    }
    let tokens = tenant.tokens_for("ada", &[]).await;
    tenant.switch_on("token_malformed").await;
    let broken = tenant.refresh(&tokens).await.text().await.unwrap();
    assert!(serde_json::from_str::<Value>(&broken).is_err());
    tenant.switch_on("token_expires_in_string").await;
    assert!(json(tenant.refresh(&tokens).await).await["expires_in"].is_string());
    tenant.switch_on("refresh_minimal").await;
    let minimal = json(tenant.refresh(&tokens).await).await;
    assert_eq!(minimal.as_object().unwrap().len(), 3);
}

#[tokio::test]
async fn dropped_connections_return_no_response_and_only_the_late_drop_uses_the_token() {
    let tenant = TenantClient::start().await;
    tenant.set(json!({"refresh_overlap": 0})).await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    tenant.switch_on("refresh_drop").await;
    assert!(tenant.token_request(&form).await.is_err());
    tenant.switch_on("token_drop_mid").await;
    assert!(tenant.token_request(&form).await.unwrap().text().await.is_err());
    assert_eq!(tenant.refresh(&tokens).await.status(), 400, "the response that was cut off used it");
    tenant.switch_on("all_down").await;
    assert!(tenant.get(JWKS).send().await.is_err());
    assert_eq!(tenant.get(JWKS).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_huge_response_is_far_longer_than_any_client_should_read() {
    let tenant = TenantClient::start().await;
    tenant.switch_on("jwks_huge").await;
    let mut response = tenant.get(JWKS).send().await.unwrap();
    let mut read = 0;
    while read < 8 * 1024 * 1024 {
        read += response.chunk().await.unwrap().expect("the response goes on").len();
    }
}

#[tokio::test]
async fn a_slow_response_ends_with_the_tenant() {
    let tenant = TenantClient::start().await;
    tenant.set(json!({"slow_seconds": 3_600})).await;
    tenant.switch_on("jwks_slow").await;
    let waiting = tokio::spawn(tenant.get(JWKS).send());
    // The log shows the request as soon as the tenant has begun its delay.
    while tenant.logged_paths().await != [JWKS] {
        tokio::task::yield_now().await;
    }
    tenant.server.shut_down().await;
    assert!(waiting.await.unwrap().is_err());
}
