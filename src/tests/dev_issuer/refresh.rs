//! What a test of refreshes needs of the tenant: its errors, its waiting times, held responses, and tokens that a client
//! must not accept.
//! The refreshes themselves are tested in `tokens`.

use reqwest::Response;
use serde_json::{Value, json};

use super::harness::{JWKS, TenantClient, claims, header, held, json, wait_for_held};

async fn faulty_refresh(tenant: &TenantClient, tokens: &Value, fault: &str) -> Response {
    tenant.switch_on(fault).await;
    tenant.refresh(tokens).await
}

/// Whether the published key with the token's key id signed it.
async fn is_signed(tenant: &TenantClient, token: &Value) -> bool {
    let keys = json(tenant.get(JWKS).send().await.unwrap()).await;
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_value(keys).unwrap();
    let token = token.as_str().unwrap();
    let Some(key) = jsonwebtoken::decode_header(token).ok().and_then(|header| keys.find(&header.kid?)) else {
        return false;
    };
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.validate_aud = false;
    let key = jsonwebtoken::DecodingKey::from_jwk(key).unwrap();
    jsonwebtoken::decode::<Value>(token, &key, &validation).is_ok()
}

#[tokio::test]
async fn a_held_refresh_has_used_its_token_and_waits_for_the_release() {
    let tenant = TenantClient::start().await;
    tenant.set(json!({"refresh_overlap": 0})).await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    tenant.switch_on("refresh_held").await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
    let (response, ()) = tokio::join!(tenant.token_request(&form), async {
        wait_for_held(&tenant, 1).await;
        let introspection = [
            ("token", tokens["refresh_token"].as_str().unwrap()),
            ("client_id", tenant.server.client_id()),
            ("client_secret", tenant.server.client_secret()),
        ];
        let state = tenant.post("/oauth2/introspect").form(&introspection).send().await.unwrap();
        assert_eq!(json(state).await, json!({"active": false}), "the refresh token is used");
        assert_eq!(held(&tenant).await, 1, "the response still waits");
        assert_eq!(tenant.delete("/dev/held").send().await.unwrap().status(), 204);
    });
    let refreshed = json(response.unwrap()).await;
    assert_eq!(tenant.refresh(&refreshed).await.status(), 200);
    assert_eq!(held(&tenant).await, 0);
}

#[tokio::test]
async fn a_held_response_counts_no_more_when_its_client_disconnects() {
    let tenant = TenantClient::start().await;
    tenant.switch_on("revoke_held").await;
    let form = [
        ("token", "unknown"),
        ("client_id", tenant.server.client_id()),
        ("client_secret", tenant.server.client_secret()),
    ];
    let waiting = tokio::spawn(tenant.post("/oauth2/revoke").form(&form).send());
    wait_for_held(&tenant, 1).await;
    waiting.abort();
    wait_for_held(&tenant, 0).await;
}

#[tokio::test]
async fn the_waiting_times_of_a_429_are_settings() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    for (retry_after, rate_limit_reset) in [(Some(2), Some(3_000)), (None, Some(4)), (Some(5), None), (None, None)] {
        tenant.set(json!({"retry_after": retry_after, "rate_limit_reset": rate_limit_reset})).await;
        let response = faulty_refresh(&tenant, &tokens, "refresh_429").await;
        assert_eq!(response.status(), 429);
        let seconds = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().parse().unwrap());
        assert_eq!((seconds("retry-after"), seconds("ratelimit-reset")), (retry_after, rate_limit_reset));
    }
}

#[tokio::test]
async fn a_refresh_fails_with_each_error_and_works_again() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    for (fault, status, error) in [
        ("refresh_invalid_grant", 400, "invalid_grant"),
        ("refresh_unauthorized_client", 400, "unauthorized_client"),
        ("refresh_invalid_request", 400, "invalid_request"),
        ("refresh_invalid_client", 401, "invalid_client"),
        ("refresh_503", 503, "temporarily_unavailable"),
    ] {
        let response = faulty_refresh(&tenant, &tokens, fault).await;
        assert_eq!(response.status(), status, "{fault}");
        assert_eq!(json(response).await["error"], error);
    }
    for fault in ["refresh_empty", "refresh_html"] {
        let body = faulty_refresh(&tenant, &tokens, fault).await.text().await.unwrap();
        assert!(serde_json::from_str::<Value>(&body).is_err(), "{fault}");
    }
    assert_eq!(tenant.refresh(&tokens).await.status(), 200, "within the overlap");
}

#[tokio::test]
async fn a_refresh_returns_the_tokens_of_another_person_or_issuer() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    let foreign = json(faulty_refresh(&tenant, &tokens, "refresh_wrong_iss").await).await;
    assert_eq!(claims(&foreign["id_token"])["iss"], "https://evil.example");
    let other = json(faulty_refresh(&tenant, &tokens, "refresh_access_sub_other").await).await;
    assert_eq!(claims(&other["access_token"])["sub"], "kp_somebody_else");
    assert_eq!(claims(&other["id_token"])["sub"], claims(&tokens["id_token"])["sub"]);
    assert!(is_signed(&tenant, &other["access_token"]).await);
}

#[tokio::test]
async fn faults_of_access_tokens_change_those_of_a_sign_in_and_of_a_refresh() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    assert!(is_signed(&tenant, &tokens["access_token"]).await);
    for fault in [
        "access_alg_none",
        "access_hs256_public_key",
        "access_unknown_key_same_kid",
        "access_unknown_kid",
        "access_tampered",
    ] {
        let refreshed = json(faulty_refresh(&tenant, &tokens, fault).await).await;
        assert!(!is_signed(&tenant, &refreshed["access_token"]).await, "{fault}");
        assert!(is_signed(&tenant, &refreshed["id_token"]).await, "{fault} concerns the access token only");
    }
    for (fault, claim, expected) in [
        ("access_wrong_iss", "iss", json!("https://evil.example")),
        ("access_wrong_client", "azp", json!("another-client")),
        ("access_sub_other", "sub", json!("kp_somebody_else")),
        ("access_missing_exp", "exp", Value::Null),
        ("access_odd_types", "permissions", json!("all")),
    ] {
        tenant.switch_on(fault).await;
        let tokens = tenant.tokens_for("ada", &[("prompt", "login")]).await;
        assert_eq!(claims(&tokens["access_token"]).get(claim).unwrap_or(&Value::Null), &expected, "{fault}");
    }
    let expired = json(faulty_refresh(&tenant, &tokens, "access_expired").await).await;
    let claims = claims(&expired["access_token"]);
    assert!(claims["exp"].as_i64() < claims["iat"].as_i64().map(|iat| iat + 7_200));
    assert!(header(&expired["access_token"])["kid"].is_string());
    assert!(!is_signed(&tenant, &expired["access_token"]).await, "it expired");
}
