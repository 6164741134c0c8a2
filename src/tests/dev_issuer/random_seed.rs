//! A run that can be repeated: with the same number, two tenants give the same values for the same requests.

use axum::http::Method;
use kinde_leptos::dev_issuer::Options;
use serde_json::{Value, json};

use super::harness::{JWKS, NONCE, TenantClient, claims, json};

/// Everything random that a sign-in, a change and lost requests show.
async fn run(random_seed: Option<u64>) -> Vec<String> {
    let options = Options { random_seed, ..TenantClient::options() };
    let tenant = TenantClient::start_with(options).await;
    let mut values = Vec::new();
    let page = tenant.authorize(&[]).await;
    values.push(page.headers()["x-dev-transaction"].to_str().unwrap().to_owned());
    let response = tenant.decide(&[], &[("action", "create"), ("email", "new@example.com")]).await;
    values.push(response.headers()["set-cookie"].to_str().unwrap().to_owned());
    let code = super::harness::callback(&response)["code"].clone();
    let tokens = json(tenant.exchange(&code, &[]).await).await;
    values.push(code);
    values.push(tokens["refresh_token"].as_str().unwrap().to_owned());
    for token in ["access_token", "id_token"] {
        values.push(claims(&tokens[token])["jti"].as_str().unwrap().to_owned());
    }
    assert_eq!(claims(&tokens["id_token"])["nonce"], NONCE);
    let people = json(tenant.get("/dev/people").send().await.unwrap()).await;
    values.push(people.as_array().unwrap().last().unwrap()["person"].as_str().unwrap().to_owned());
    let client: Value =
        json(tenant.write(tenant.post("/dev/clients"), json!({"audience": []}).to_string()).await).await;
    values.push(client.to_string());
    let half = json!({"jwks": {"loss": 0.5}}).to_string();
    tenant.write(tenant.request(Method::PUT, "/dev/conditions"), half).await;
    let mut lost = String::new();
    for _ in 0..64 {
        lost.push(if tenant.get(JWKS).send().await.is_err() { 'x' } else { '.' });
    }
    values.push(lost);
    values
}

#[tokio::test]
async fn the_same_number_gives_the_same_values() {
    assert_eq!(run(Some(7)).await, run(Some(7)).await);
}

#[tokio::test]
async fn another_number_or_none_gives_other_values() {
    let (first, second, none, again) = (run(Some(7)).await, run(Some(8)).await, run(None).await, run(None).await);
    for (one, other) in first.iter().zip(&second).chain(none.iter().zip(&again)) {
        assert_ne!(one, other);
    }
}

#[tokio::test]
async fn the_console_names_the_number() {
    let tenant = TenantClient::start_with(Options { random_seed: Some(4_711), ..TenantClient::options() }).await;
    assert!(tenant.page("/conditions").await.contains("4711"));
}
