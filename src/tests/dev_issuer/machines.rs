//! The clients of machines that a test creates, and the tokens that they get by client credentials (RFC 6749 §4.4).
//! Client credentials of the client that signs users in are tested in `tokens`.

use reqwest::Response;
use serde_json::{Value, json};

use super::harness::{TenantClient, claims, json};

const API: &str = "https://api.example";

async fn create(tenant: &TenantClient, order: &Value) -> Response {
    tenant.write(tenant.post("/dev/clients"), order.to_string()).await
}

/// Creates a client, and returns its id and secret.
async fn machine(tenant: &TenantClient, order: &Value) -> [String; 2] {
    let created = json(create(tenant, order).await).await;
    ["client_id", "client_secret"].map(|name| created[name].as_str().unwrap().to_owned())
}

/// A token request of a client with these parameters.
async fn request(tenant: &TenantClient, [id, secret]: &[String; 2], more: &[(&str, &str)]) -> (u16, Value) {
    let form = [&[("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)], more].concat();
    let response = tenant.post("/oauth2/token").form(&form).send().await.unwrap();
    (response.status().as_u16(), json(response).await)
}

#[tokio::test]
async fn a_machine_gets_a_token_of_its_own() {
    let tenant = TenantClient::start().await;
    let client = machine(&tenant, &json!({"audience": [API, "other"], "scopes": ["read:a", "write:a"]})).await;
    let (status, tokens) = request(&tenant, &client, &[("audience", API)]).await;
    assert_eq!((status, &tokens["scope"]), (200, &json!("read:a write:a")), "all scopes, as none is requested");
    assert!(tokens.get("refresh_token").is_none() && tokens.get("id_token").is_none());
    let token = claims(&tokens["access_token"]);
    for (claim, value) in [
        ("gty", json!(["client_credentials"])),
        ("azp", json!(client[0])),
        ("aud", json!([API])),
        ("iss", json!(tenant.server.issuer())),
        ("scope", json!("read:a write:a")),
        ("scp", json!(["read:a", "write:a"])),
    ] {
        assert_eq!(token[claim], value, "{claim}");
    }
    assert!(!token.contains_key("sub") && !token.contains_key("org_code"));
    let (_, tokens) = request(&tenant, &client, &[("audience", API), ("scope", "read:a")]).await;
    assert_eq!(claims(&tokens["access_token"])["scp"], json!(["read:a"]));
}

#[tokio::test]
async fn a_machine_that_is_bound_to_an_organization_has_it_in_its_token() {
    let tenant = TenantClient::start().await;
    let people = json(tenant.get("/dev/people").send().await.unwrap()).await;
    let org_code = people[0]["org_codes"][0].clone();
    let client = machine(&tenant, &json!({"audience": [API], "scopes": [], "org_code": org_code})).await;
    let (_, tokens) = request(&tenant, &client, &[("audience", API)]).await;
    assert_eq!(claims(&tokens["access_token"])["org_code"], org_code);
    let unknown = create(&tenant, &json!({"audience": [API], "scopes": [], "org_code": "org_unknown"})).await;
    assert_eq!(unknown.status(), 400);
}

#[tokio::test]
async fn a_machine_gets_no_more_than_it_was_created_for() {
    let tenant = TenantClient::start().await;
    let client = machine(&tenant, &json!({"audience": [API], "scopes": ["read:a"]})).await;
    let foreign = format!("{API} other");
    for (parameters, error) in [
        (vec![], "invalid_request"),
        (vec![("audience", "")], "invalid_request"),
        (vec![("audience", "other")], "unauthorized_client"),
        (vec![("audience", foreign.as_str())], "unauthorized_client"),
        (vec![("audience", API), ("scope", "write:a")], "invalid_scope"),
        (vec![("audience", API), ("scope", "read:a write:a")], "invalid_scope"),
    ] {
        let (status, refused) = request(&tenant, &client, &parameters).await;
        assert_eq!((status, &refused["error"]), (400, &json!(error)), "{parameters:?}");
    }
    let wrong = [client[0].clone(), tenant.server.client_secret().to_owned()];
    let (status, refused) = request(&tenant, &wrong, &[("audience", API)]).await;
    assert_eq!((status, &refused["error"]), (401, &json!("invalid_client")));
}

#[tokio::test]
async fn a_machine_authenticates_by_basic_as_well_and_uses_no_other_grant_or_endpoint() {
    let tenant = TenantClient::start().await;
    let [id, secret] = machine(&tenant, &json!({"audience": [API]})).await;
    let post = |path: &str| tenant.post(path).basic_auth(&id, Some(&secret));
    let form = [("grant_type", "client_credentials"), ("audience", API)];
    assert_eq!(post("/oauth2/token").form(&form).send().await.unwrap().status(), 200);
    let tokens = tenant.tokens_for("ada", &[]).await;
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
    let refused = post("/oauth2/token").form(&form).send().await.unwrap();
    assert_eq!(json(refused).await["error"], "unauthorized_client");
    let refused = post("/oauth2/revoke").form(&[("token", refresh_token)]).send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(tenant.refresh(&tokens).await.status(), 200);
}

#[tokio::test]
async fn a_created_client_has_kindes_formats_and_an_unknown_order_creates_none() {
    let tenant = TenantClient::start().await;
    let [id, secret] = machine(&tenant, &json!({"audience": [API], "scopes": ["read:a"], "org_code": null})).await;
    assert!(id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{id}");
    assert!(secret.len() == 48 && secret.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{secret}");
    for refused in [json!({}), json!({"audience": API}), json!({"audience": [API], "scope": ["read:a"]})] {
        assert!(create(&tenant, &refused).await.status().is_client_error(), "{refused}");
    }
    let plain = TenantClient::start_plain().await;
    assert_eq!(create(&plain, &json!({"audience": [API]})).await.status(), 400);
}
