//! Webhooks that programs create, and the events that the management API causes.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kinde_leptos::test_kit::TestTenant;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Machine, each, tenant, text};
use crate::harness::person;

/// The claims of the events that a receiver got.
type Received = Arc<Mutex<Vec<Value>>>;

/// A receiver of events. Returns its address.
async fn receiver() -> (String, Received) {
    let received = Received::default();
    let seen = Arc::clone(&received);
    let take = async move |body: String| {
        let payload = URL_SAFE_NO_PAD.decode(body.split('.').nth(1).unwrap()).unwrap();
        seen.lock().unwrap().push(serde_json::from_slice(&payload).unwrap());
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, Router::new().route("/", post(take))).await.unwrap() });
    (url, received)
}

/// The types of the events that were delivered, in the order in which they were sent.
async fn delivered(tenant: &TestTenant) -> Vec<String> {
    tenant.until_delivered().await;
    each(&json!(tenant.deliveries().await), "type")
}

fn webhook(url: &str, event_types: &[&str]) -> Value {
    json!({"name": "The test", "endpoint": url, "event_types": event_types})
}

#[tokio::test]
async fn a_webhook_gets_the_types_that_it_names_and_a_program_reads_the_event_again() {
    let tenant = tenant().await;
    let machine = Machine::of(&tenant).await;
    let (url, received) = receiver().await;
    let new = machine.post("/api/v1/webhooks", webhook(&url, &["role.created"])).await["webhook"].clone();
    assert!(text(&new["id"]).starts_with("webhook_") && new["endpoint"] == url.as_str(), "{new}");
    machine.post("/api/v1/permissions", json!({"key": "a", "name": "A"})).await;
    machine.post("/api/v1/roles", json!({"key": "lead", "name": "Lead", "description": "Leads"})).await;
    assert_eq!(delivered(&tenant).await, ["role.created"]);
    let event = received.lock().unwrap()[0].clone();
    assert_eq!((&event["source"], &event["data"]["role"]["description"]), (&json!("api"), &json!("Leads")));
    let again = machine.get(&format!("/api/v1/events/{}", text(&event["event_id"]))).await["event"].clone();
    assert_eq!((&again["type"], &again["data"]), (&event["type"], &event["data"]));
    assert!(again["timestamp"].is_i64(), "{again}");
    let path = format!("/api/v1/webhooks/{}", text(&new["id"]));
    machine.patch(&path, json!({"event_types": ["user.updated"], "name": "Changed"})).await;
    let listed = machine.get("/api/v1/webhooks").await["webhooks"].clone();
    assert_eq!((&listed[0]["name"], &listed[0]["event_types"]), (&json!("Changed"), &json!(["user.updated"])));
    assert_eq!(tenant.seed().await["webhooks"][0]["endpoint"], url.as_str());
    machine.delete(&path).await;
    machine.patch(&format!("/api/v1/user?id={}", person("ada").subject), json!({"given_name": "A"})).await;
    assert_eq!(
        (machine.get("/api/v1/webhooks").await["webhooks"].clone(), tenant.deliveries().await.len()),
        (json!([]), 1)
    );
}

#[tokio::test]
async fn every_change_for_which_kinde_has_an_event_causes_it() {
    let tenant = tenant().await;
    let machine = Machine::of(&tenant).await;
    let (url, received) = receiver().await;
    tenant.settings(json!({"webhook_url": url})).await;
    let user = json!({"identities": [{"type": "email", "details": {"email": "new@example.com"}}]});
    let user = text(&machine.post("/api/v1/user", user).await["id"]);
    let code = text(&machine.post("/api/v1/organization", json!({"name": "New"})).await["organization"]["code"]);
    machine.patch(&format!("/api/v1/organization/{code}"), json!({"name": "Newer"})).await;
    let role = text(&machine.post("/api/v1/roles", json!({"key": "a", "name": "A"})).await["role"]["id"]);
    machine.patch(&format!("/api/v1/roles/{role}"), json!({"key": "b", "name": "B"})).await;
    let new = machine.post("/api/v1/permissions", json!({"key": "a", "name": "A"})).await;
    let permission = text(&new["permission"]["id"]);
    machine.patch(&format!("/api/v1/permissions/{permission}"), json!({"name": "B"})).await;
    let granted = json!({"permissions": [{"id": permission}]});
    machine.patch(&format!("/api/v1/roles/{role}/permissions"), granted.clone()).await;
    machine.patch(&format!("/api/v1/roles/{role}/permissions"), granted).await;
    machine.post(&format!("/api/v1/organizations/{code}/users"), json!({"users": [{"id": user}]})).await;
    machine.post(&format!("/api/v1/organizations/{code}/users/{user}/roles"), json!({"role_id": role})).await;
    machine.delete(&format!("/api/v1/organizations/{code}/users/{user}")).await;
    machine.delete(&format!("/api/v1/permissions/{permission}")).await;
    machine.delete(&format!("/api/v1/roles/{role}")).await;
    machine.delete(&format!("/api/v1/organization/{code}")).await;
    machine.delete(&format!("/api/v1/user?id={user}")).await;
    let caused = [
        "user.created",
        "organization.created",
        "organization.updated",
        "role.created",
        "role.updated",
        "permission.created",
        "permission.updated",
        "role.updated",
        "user.updated",
        "user.updated",
        "user.updated",
        "permission.deleted",
        "role.deleted",
        "organization.deleted",
        "user.deleted",
    ];
    assert_eq!(delivered(&tenant).await, caused);
    let mut kinds: Vec<&str> = caused.to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(each(&machine.get("/api/v1/event_types").await["event_types"], "code"), kinds, "these are all");
    assert!(received.lock().unwrap().iter().all(|event| event["source"] == "api"));
}

#[tokio::test]
async fn the_address_of_the_settings_is_a_webhook_too() {
    let tenant = tenant().await;
    let machine = Machine::of(&tenant).await;
    let ((first, _), (second, _)) = (receiver().await, receiver().await);
    tenant.settings(json!({"webhook_url": first})).await;
    machine.post("/api/v1/webhooks", webhook(&second, &["role.created"])).await;
    machine.post("/api/v1/roles", json!({"key": "a", "name": "A"})).await;
    assert_eq!(delivered(&tenant).await, ["role.created", "role.created"], "to both");
    let webhooks = machine.get("/api/v1/webhooks").await["webhooks"].clone();
    assert_eq!(each(&webhooks, "endpoint"), [first.clone(), second.clone()]);
    let path = format!("/api/v1/webhooks/{}", text(&webhooks[0]["id"]));
    machine.patch(&path, json!({"event_types": ["user.deleted"]})).await;
    assert_eq!(tenant.seed().await["settings"]["webhook_url"], Value::Null);
    let webhooks = machine.get("/api/v1/webhooks").await["webhooks"].clone();
    assert_eq!(each(&webhooks, "endpoint"), [second, first.clone()]);
    tenant.settings(json!({"webhook_url": first})).await;
    machine.delete(&path).await;
    assert_eq!(machine.get("/api/v1/webhooks").await["webhooks"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn webhooks_that_cannot_be_are_refused_by_the_name_of_the_member() {
    let tenant = tenant().await;
    let machine = Machine::of(&tenant).await;
    let with = |member: &str, value: Value| {
        let mut new = webhook("http://localhost:1/", &["user.created"]);
        new[member] = value;
        new
    };
    for (body, named) in [
        (with("name", Value::Null), "name: "),
        (with("endpoint", json!("ftp://localhost/")), "endpoint: "),
        (with("endpoint", json!("localhost")), "endpoint: "),
        (with("event_types", Value::Null), "event_types: "),
        (with("event_types", json!(["user.sneezed"])), "event_types: "),
    ] {
        let message = machine.refused(Method::POST, "/api/v1/webhooks", body).await;
        assert!(message.starts_with(named), "{message}");
    }
    machine.refused(Method::DELETE, "/api/v1/webhooks/webhook_x", Value::Null).await;
    machine.refused(Method::GET, "/api/v1/events/event_x", Value::Null).await;
}
