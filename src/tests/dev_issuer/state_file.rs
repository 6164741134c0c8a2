//! Tests of the file that keeps a tenant's state from one start to the next. What a kill leaves is tested in `process`.

use std::path::Path;

use kinde_leptos::dev_issuer::{self, Options, StartError};
use serde_json::{Value, json};

use super::harness::{JWKS, TenantClient, account_api, callback, change, claims, json};

fn options(path: &Path) -> Options {
    TenantClient::options().with_state(path.to_owned()).unwrap()
}

async fn read(tenant: &TenantClient, path: &str) -> Value {
    json(tenant.get(path).send().await.unwrap()).await
}

async fn post(tenant: &TenantClient, path: &str, body: Value) -> Value {
    json(tenant.write(tenant.post(path), body.to_string()).await).await
}

#[tokio::test]
async fn people_settings_keys_sessions_and_tokens_outlive_the_tenant() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let tenant = TenantClient::start_with(options(&path)).await;
    let created = tenant.decide(&[], &[("action", "create"), ("email", "new@example.com")]).await;
    let tokens = json(tenant.exchange(&callback(&created)["code"], &[]).await).await;
    let person = claims(&tokens["access_token"])["sub"].clone();
    change(&tenant, "ada", json!({"roles": ["lead"], "is_suspended": true})).await;
    tenant.set(json!({"access_token_lifetime": 600, "reuse_access_token": false})).await;
    let machine = post(&tenant, "/dev/clients", json!({"audience": ["https://api.example"]})).await;
    let organization = read(&tenant, "/dev/people").await[0]["org_codes"][0].clone();
    post(&tenant, "/dev/invitations", json!({"email": "x@example.com", "org_code": organization})).await;
    tenant.write(tenant.post("/dev/keys/rotate"), "{}".to_owned()).await;
    let (seed, keys) = (read(&tenant, "/dev/seed").await, read(&tenant, JWKS).await);
    let client = (tenant.server.client_id().to_owned(), tenant.server.client_secret().to_owned());

    let tenant = tenant.restart_with(options(&path)).await;
    assert_eq!(client, (tenant.server.client_id().to_owned(), tenant.server.client_secret().to_owned()));
    assert_eq!(read(&tenant, "/dev/seed").await, seed);
    assert_eq!(read(&tenant, JWKS).await, keys);
    assert_eq!(account_api(&tenant, &tokens, "permissions").send().await.unwrap().status(), 200);
    let refreshed = json(tenant.refresh(&tokens).await).await;
    assert_eq!(claims(&refreshed["access_token"])["sub"], person);
    let silent = tenant.authorize(&[("prompt", "none")]).await;
    let silent = json(tenant.exchange(&callback(&silent)["code"], &[]).await).await;
    assert_eq!(claims(&silent["access_token"])["sub"], person);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", machine["client_id"].as_str().unwrap()),
        ("client_secret", machine["client_secret"].as_str().unwrap()),
        ("audience", "https://api.example"),
    ];
    assert_eq!(tenant.post("/oauth2/token").form(&form).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn what_ended_before_stays_ended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let tenant = TenantClient::start_with(options(&path)).await;
    let code = tenant.code_for("ada", &[]).await;
    let tokens = json(tenant.exchange(&code, &[]).await).await;
    let other = tenant.tokens_for("grace", &[("prompt", "login")]).await;
    change(&tenant, "grace", json!({"is_suspended": true})).await;
    let tenant = tenant.restart_with(options(&path)).await;
    assert_eq!(tenant.refresh(&other).await.status(), 400);
    assert_eq!(tenant.exchange(&code, &[]).await.status(), 400, "the code was used before the restart");
    assert_eq!(tenant.refresh(&tokens).await.status(), 400, "its second use revokes what the first one got");
}

#[tokio::test]
async fn the_seed_is_for_the_first_start_and_for_resets() {
    let folder = tempfile::tempdir().unwrap();
    let seed = folder.path().join("people.json");
    std::fs::write(&seed, json!({"people": [{"person": "max"}]}).to_string()).unwrap();
    let options = || Options { seed: Some(seed.clone()), ..options(&folder.path().join("state.json")) };
    let email = async |tenant: &TenantClient| read(tenant, "/dev/people").await[0]["email"].clone();
    let tenant = TenantClient::start_with(options()).await;
    assert_eq!(email(&tenant).await, "max@example.com");
    change(&tenant, "max", json!({"email": "m@example.org"})).await;
    let tenant = tenant.restart_with(options()).await;
    assert_eq!(email(&tenant).await, "m@example.org");
    tenant.write(tenant.post("/dev/reset"), "{}".to_owned()).await;
    assert_eq!(email(&tenant).await, "max@example.com");
}

#[tokio::test]
async fn a_reset_after_a_restart_goes_back_to_the_seed_that_was_put_last() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let tenant = TenantClient::start_with(options(&path)).await;
    let seed = json!({"people": [{"person": "max"}, {"person": "eva"}]}).to_string();
    tenant.write(tenant.request(axum::http::Method::PUT, "/dev/seed"), seed).await;
    tenant.delete("/dev/people/eva").send().await.unwrap();
    let tenant = tenant.restart_with(options(&path)).await;
    let count = async |tenant: &TenantClient| read(tenant, "/dev/people").await.as_array().unwrap().len();
    assert_eq!(count(&tenant).await, 1);
    tenant.write(tenant.post("/dev/reset"), "{}".to_owned()).await;
    assert_eq!(count(&tenant).await, 2);
}

#[tokio::test]
async fn everybody_may_be_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let tenant = TenantClient::start_with(options(&path)).await;
    for person in read(&tenant, "/dev/people").await.as_array().unwrap() {
        tenant.delete(&format!("/dev/people/{}", person["person"].as_str().unwrap())).send().await.unwrap();
    }
    let tenant = tenant.restart_with(options(&path)).await;
    assert_eq!(read(&tenant, "/dev/people").await, json!([]));
    let created = tenant.decide(&[], &[("action", "create"), ("email", "first@example.com")]).await;
    assert!(callback(&created).contains_key("code"));
}

#[tokio::test]
async fn a_broken_file_is_named_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    TenantClient::start_with(options(&path)).await.server.shut_down().await;
    let good: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let with = |member: &str, value: Value| {
        let mut broken = good.clone();
        broken[member] = value;
        broken.to_string()
    };
    let half = good.to_string()[..1_000].to_owned();
    let wrong_grant = json!({"grants": [], "codes": {"x": {"grant": 7, "expires_at": 1, "used": false}},
        "refresh_tokens": {}, "access_tokens": {}});
    for (broken, problem) in [
        (String::new(), "EOF"),
        (half, "EOF"),
        (with("format", json!(2)), "  - format: it is 2"),
        (with("keys", json!([])), "  - keys: "),
        (with("keys", json!(["bm8ga2V5"])), "  - keys: "),
        (with("grants", wrong_grant), "  - grants: "),
        (with("seed", json!({"people": [{"person": "Max"}]})), "  - seed: people[0].person: "),
        (with("more", json!(1)), "unknown field `more`"),
    ] {
        std::fs::write(&path, &broken).unwrap();
        let error = TenantClient::options().with_state(path.clone()).err().unwrap().to_string();
        assert!(
            error.contains(problem) && error.contains("state.json") && error.contains("--state"),
            "{problem}: {error}"
        );
        let options = Options { state: Some(path.clone()), ..TenantClient::options() };
        let Err(StartError::State(same)) = dev_issuer::start(options).await.map(drop) else { panic!("{problem}") };
        assert_eq!(same.to_string(), error);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), broken);
    }
}

#[tokio::test]
async fn a_file_belongs_to_one_tenant_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let first = TenantClient::start_with(options(&path)).await;
    let Err(StartError::State(error)) = dev_issuer::start(options(&path)).await.map(drop) else { panic!("both run") };
    assert!(error.to_string().contains("another emulated tenant"), "{error}");
    first.restart_with(options(&path)).await;
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let tenant = TenantClient::start_with(options(&path)).await;
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    drop(tenant);
}
