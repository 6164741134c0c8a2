//! Tests of the seed: people of one's own from a file, which is read again when it changes, and the switchboard's
//! export, replacement and reset of the state.

use std::path::Path;
use std::time::{Duration, Instant};

use axum::http::Method;
use kinde_leptos::dev_issuer::{self, Options, StartError};
use serde_json::{Value, json};

use super::harness::{TenantClient, change, claims, json};
use crate::harness::{Log, TestTenant};

fn two_people() -> Value {
    json!({"people": [
        {
            "person": "rosalind",
            "given_name": "Rosalind",
            "family_name": "Franklin",
            "organizations": ["King's College", {"code": "org_birkbeck", "name": "Birkbeck"}],
            "permissions": ["read:items"],
            "organization_rights": {"org_birkbeck": {"permissions": ["read:members"], "roles": ["lead"]}},
            "feature_flags": {"theme": {"t": "s", "v": "blue"}},
            "user_properties": {"city": {"v": "London"}},
        },
        {"person": "max", "email": "max@example.org", "is_suspended": true},
    ]})
}

async fn start_with_file(path: &Path) -> TenantClient {
    TenantClient::start_with(Options { seed: Some(path.to_owned()), ..TenantClient::options() }).await
}

async fn people(tenant: &TenantClient) -> Vec<String> {
    let people = json(tenant.get("/dev/people").send().await.unwrap()).await;
    people.as_array().unwrap().iter().map(|person| person["person"].as_str().unwrap().to_owned()).collect()
}

async fn exported(tenant: &TenantClient) -> Value {
    json(tenant.get("/dev/seed").send().await.unwrap()).await
}

async fn put(tenant: &TenantClient, seed: &str) -> reqwest::Response {
    let request = tenant.request(Method::PUT, "/dev/seed");
    tenant.write(request, seed.to_owned()).await
}

async fn until(is_so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < Duration::from_secs(10), "it did not happen");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn the_people_of_a_file_sign_in_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.json");
    std::fs::write(&path, two_people().to_string()).unwrap();
    let tenant = start_with_file(&path).await;
    assert_eq!(people(&tenant).await, ["rosalind", "max"]);
    let tokens = tenant.tokens_for("rosalind", &[("org_code", "org_birkbeck")]).await;
    let (access, id) = (claims(&tokens["access_token"]), claims(&tokens["id_token"]));
    assert_eq!(access["permissions"], json!(["read:members"]));
    assert_eq!(access["feature_flags"]["theme"]["v"], "blue");
    assert_eq!((&id["given_name"], &id["email"]), (&json!("Rosalind"), &json!("rosalind@example.com")));
    assert_ne!(tenant.decide(&[("prompt", "login")], &[("person", "max")]).await.status(), 303);
    assert_ne!(tenant.decide(&[("prompt", "login")], &[("person", "ada")]).await.status(), 303);
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_seed_is_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.json");
    let seed = json!({
        "people": [
            {"person": "Rosalind", "email": "nowhere", "permissions": "read:items", "emial": "x@example.org"},
            {"person": "max", "organizations": [1], "feature_flags": {"theme": {"t": "b", "v": "blue"}}},
            {"person": "max", "organization_rights": {"org_elsewhere": {}}, "user_properties": {"city": "London"}},
            "ada",
        ],
        "settings": {"access_token_lifetime": "long", "nonsense": 1, "auto_sign_in": "nobody"},
        "invitations": [{"email": "new@example.org", "org_code": "org_elsewhere"}],
        "machine_clients": [{"client_id": "nightly"}],
        "organizations": [
            {"code": "org_a", "name": "A", "properties": {"plan": "free"}, "feature_flags": {"beta": true}},
            {"code": "org_a", "name": "A"},
        ],
        "roles": [{"key": "lead", "id": "1"}, {"key": "lead"}, {"key": "other", "powers": []}],
        "feature_flags": [{"key": "limit", "type": "int", "default_value": "many"}],
        "properties": [{"key": "team"}],
        "application_properties": {"theme": "brass"},
        "webhooks": [{"endpoint": "http://localhost:1/"}],
        "poeple": [],
    });
    std::fs::write(&path, seed.to_string()).unwrap();
    let options = Options { seed: Some(path), ..TenantClient::options() };
    let Err(StartError::Seed(error)) = dev_issuer::start(options).await.map(drop) else { panic!("it was accepted") };
    let error = error.to_string();
    for problem in [
        "people[0].person: a key",
        "people[0].email: ",
        "people[0].permissions: ",
        "people[0].emial is not known here: there are person, about, sub",
        "people[1].organizations: ",
        "people[1].feature_flags.theme: ",
        "people[2].person: people[1] has \"max\" too",
        "people[2].organization_rights.org_elsewhere: ",
        "people[2].user_properties.city: ",
        "people[3] is not an object",
        "settings: access_token_lifetime: ",
        "settings: nonsense: ",
        "settings: auto_sign_in: ",
        "invitations[0].org_code: ",
        "organizations[0].properties.plan: ",
        "organizations[0].feature_flags.beta: ",
        "organizations[1].code: ",
        "roles: lead: id: ",
        "roles[1]: \"lead\" is defined before",
        "roles[2]: unknown field `powers`",
        "feature_flags: limit: default_value: ",
        "properties[0]: missing field `context`",
        "application_properties.theme: ",
        "webhooks: missing field `id`",
        "machine_clients[0]: missing field `client_secret`",
        "poeple is not known here: there are people, settings, organizations, invitations",
    ] {
        assert!(error.contains(&format!("\n  - {problem}")), "{problem} is missing: {error}");
    }
}

#[tokio::test]
async fn a_file_is_read_again_when_it_changes_and_a_broken_one_changes_nothing() {
    let log = Log::capture();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.json");
    std::fs::write(&path, two_people().to_string()).unwrap();
    let tenant = start_with_file(&path).await;
    std::fs::write(&path, r#"{"people": [{"person": "dora"}]}"#).unwrap();
    until(async || people(&tenant).await == ["dora"]).await;
    std::fs::write(&path, r#"{"people": [{"person": "Dora the second"}]}"#).unwrap();
    until(async || log.text().contains("people[0].person")).await;
    assert_eq!(people(&tenant).await, ["dora"]);
    std::fs::write(&path, two_people().to_string()).unwrap();
    until(async || people(&tenant).await == ["rosalind", "max"]).await;
}

#[tokio::test]
async fn whoever_a_new_seed_leaves_out_loses_access_and_the_app_learns_of_all_changes() {
    let tenant = TestTenant::start("http://localhost:1").await;
    tenant.settings(json!({"webhook_url": "http://127.0.0.1:1/", "delivery_pauses": []})).await;
    let mut seed = tenant.seed().await;
    let everybody = seed["people"].as_array_mut().unwrap();
    everybody.retain(|person| person["person"] != "ada");
    everybody[0]["email"] = json!("grace@example.org");
    everybody[1]["about"] = json!("no event for this");
    tenant.seed_with(seed).await;
    // Nobody listens there, so they are tried once.
    until(async || tenant.deliveries().await.len() == 2).await;
    let deliveries = tenant.deliveries().await;
    let mut types: Vec<_> = deliveries.iter().map(|event| event["type"].as_str().unwrap()).collect();
    types.sort_unstable();
    assert_eq!(types, ["user.deleted", "user.updated"]);
    assert!(tenant.people().await.iter().all(|person| person["person"] != "ada"));
}

#[tokio::test]
async fn the_exported_state_is_a_seed_of_the_same_state() {
    let tenant = TenantClient::start().await;
    let order = json!({"audience": ["https://api.example"], "scopes": ["read:items"]});
    tenant.write(tenant.post("/dev/clients"), order.to_string()).await;
    let org_code = exported(&tenant).await["people"][0]["organizations"][0]["code"].clone();
    let order = json!({"email": "new@example.org", "org_code": org_code});
    tenant.write(tenant.post("/dev/invitations"), order.to_string()).await;
    change(&tenant, "grace", json!({"claims": {"rank": "admiral"}, "persistent": false})).await;
    tenant.set(json!({"access_token_lifetime": 600})).await;

    let seed = exported(&tenant).await;
    assert_eq!(seed["invitations"][0]["email"], "new@example.org");
    assert_eq!(seed["machine_clients"][0]["scopes"], json!(["read:items"]));
    let other = TenantClient::start().await;
    assert_ne!(exported(&other).await, seed);
    assert_eq!(put(&other, &seed.to_string()).await.status(), 204);
    assert_eq!(exported(&other).await, seed);
}

#[tokio::test]
async fn a_refused_seed_changes_nothing() {
    let tenant = TenantClient::start().await;
    let before = exported(&tenant).await;
    for (seed, problem) in
        [("{}", "people: a list is needed"), ("[]", "the seed is not an object"), ("{", "this is no JSON")]
    {
        let refused = put(&tenant, seed).await;
        assert_eq!(refused.status(), 400, "{seed}");
        let problems = json(refused).await["problems"].to_string();
        assert!(problems.contains(problem), "{problems}");
    }
    assert_eq!(exported(&tenant).await, before);
}

#[tokio::test]
async fn a_reset_goes_back_to_the_seed_and_signs_everybody_out() {
    let tenant = TenantClient::start().await;
    for seed in [exported(&tenant).await, two_people()] {
        assert_eq!(put(&tenant, &seed.to_string()).await.status(), 204);
        let before = exported(&tenant).await;
        let person = before["people"][0]["person"].as_str().unwrap();
        let tokens = tenant.tokens_for(person, &[("prompt", "login")]).await;
        change(&tenant, person, json!({"given_name": "Somebody"})).await;
        tenant.set(json!({"access_token_lifetime": 600})).await;
        tenant.write(tenant.post("/dev/faults"), r#"{"fault":"token_500"}"#.to_owned()).await;
        assert_eq!(tenant.write(tenant.post("/dev/reset"), "{}".to_owned()).await.status(), 204);

        assert_eq!(exported(&tenant).await, before);
        assert_eq!(tenant.logged_paths().await, [""; 0]);
        assert_eq!(tenant.refresh(&tokens).await.status(), 400, "the grant outlived the reset");
        assert_eq!(tenant.authorize(&[("prompt", "none")]).await.status(), 302);
        let faults = json(tenant.get("/dev/faults").send().await.unwrap()).await;
        assert!(faults.as_array().unwrap().iter().all(|fault| fault["on"] == false), "{faults}");
    }
}
