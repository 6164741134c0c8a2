//! Whom the management API answers: machines of this tenant with a token for it.

use kinde_leptos::dev_issuer::Shape;
use kinde_leptos::test_kit::TestTenant;
use reqwest::Method;
use serde_json::{Value, json};

use super::super::harness::TenantClient;
use super::{Machine, new_client, tenant};
use crate::harness::client;

const USERS: &str = "/api/v1/users";

#[tokio::test]
async fn tokens_of_others_for_other_apis_and_of_another_time_are_refused() {
    let tenant = tenant().await;
    let audience = [format!("{}/api", tenant.issuer())];
    let good = json!({"audience": audience, "scope": ["read:users"]});
    let with = |member: &str, value: Value| {
        let mut order = good.clone();
        order[member] = value;
        order
    };
    for (order, status) in [
        (good.clone(), 200),
        (with("audience", json!([format!("{}/api/v1", tenant.issuer())])), 200),
        (with("audience", json!(["https://api.example", audience[0]])), 200),
        (with("audience", json!(["https://api.example"])), 403),
        (with("audience", json!([])), 403),
        (with("scope", json!(["read:roles"])), 403),
        (with("person", json!("ada")), 403),
        (with("claims", json!({"iss": "https://evil.example"})), 403),
        (with("claims", json!({"exp": null})), 403),
        (with("fault", json!("id_expired")), 403),
        (with("fault", json!("id_unknown_key_same_kid")), 403),
        (with("fault", json!("id_alg_none")), 403),
    ] {
        let machine = Machine { origin: tenant.origin().to_owned(), token: tenant.mint(order.clone()).await };
        let (responded, body) = machine.send(Method::GET, USERS, &Value::Null).await;
        assert_eq!(responded, status, "{order}: {body}");
    }
    let without_scheme = client().get(format!("{}{USERS}", tenant.origin())).header("authorization", "token");
    assert_eq!(without_scheme.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn requests_are_logged_and_disturbed_as_those_of_the_protocol() {
    let tenant = tenant().await;
    let machine = Machine::with_scopes(&tenant, &["read:users"]).await;
    tenant.clear_log().await;
    machine.get(&format!("{USERS}?page_size=1")).await;
    let log = tenant.log().await;
    assert_eq!((&log[0]["path"], &log[0]["query"]), (&json!(USERS), &json!({"page_size": "1"})));
    for (fault, status) in [("all_500", 500), ("management_500", 500), ("management_429", 429)] {
        tenant.fault_times(fault, 1).await;
        assert_eq!(machine.send(Method::GET, USERS, &Value::Null).await.0, status, "{fault}");
    }
}

#[tokio::test]
async fn the_console_explains_what_a_program_calls_and_keeps_none_of_its_secrets() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let client = new_client(&tenant).await;
    machine.get(&format!("/api/v1/applications/{}", client["client_id"].as_str().unwrap())).await;
    machine.get(&format!("{USERS}?page_size=1")).await;
    let (status, _) = machine.send(Method::GET, "/api/v1/user?id=kp_nobody", &Value::Null).await;
    let page = tenant.page("/sign-ins/outside").await.replace("<wbr>", "");
    for told in ["Token of a machine", "RFC 6749 §4.4", "Management API", "page_size", &status.to_string(), "errors"] {
        assert!(page.contains(told), "{told:?} is missing: {page}");
    }
    assert!(!page.contains("No specification that this console knows"), "{page}");
    for secret in [client["client_secret"].as_str().unwrap(), tenant.server.client_secret(), &machine.token] {
        assert!(!page.contains(secret), "{page}");
    }
}

#[tokio::test]
async fn an_issuer_that_is_not_kinde_has_no_management_api() {
    let tenant = TestTenant::start_of(Shape::Plain, "http://localhost:1").await;
    let response = client().get(format!("{}{USERS}", tenant.origin())).send().await.unwrap();
    assert_eq!(response.status(), 404);
}
