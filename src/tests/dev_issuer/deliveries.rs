//! Tests of the events and logout tokens that the tenant sends when people change, and of people who may not sign in
//! any more.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kinde_leptos::dev_issuer::Shape;
use serde_json::{Value, json};

use crate::dev_issuer::harness::{TenantClient, change, json};
use crate::harness::{TestTenant, person};

/// What a receiver got: headers and body of each request.
type Received = Arc<Mutex<Vec<(HeaderMap, String)>>>;

/// A receiver that refuses so many requests first. Returns its address.
async fn receiver(refusals: usize) -> (String, Received) {
    let received = Received::default();
    let seen = Arc::clone(&received);
    let take = async move |headers: HeaderMap, body: Bytes| {
        let mut seen = seen.lock().unwrap();
        seen.push((headers, String::from_utf8(body.to_vec()).unwrap()));
        if seen.len() <= refusals { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, Router::new().route("/", post(take))).await.unwrap() });
    (url, received)
}

fn part_of(jwt: &str, index: usize) -> Value {
    let part = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(index).unwrap()).unwrap();
    serde_json::from_slice(&part).unwrap()
}

async fn tenant_of(shape: Shape, url: &str) -> TestTenant {
    let tenant = TestTenant::start_of(shape, "http://localhost:1").await;
    tenant.settings(json!({"webhook_url": url, "backchannel_logout_url": url, "delivery_pauses": [0, 0, 0]})).await;
    tenant
}

#[tokio::test]
async fn a_reset_forgets_what_was_sent_and_what_waits_to_be_sent_again() {
    let tenant = TenantClient::start().await;
    tenant.set(json!({"webhook_url": "http://127.0.0.1:1/", "delivery_pauses": [3_600]})).await;
    change(&tenant, "ada", json!({"family_name": "King"})).await;
    while !tenant.page("/webhooks/1").await.contains("The next attempt is due") {
        tokio::task::yield_now().await;
    }
    tenant.write(tenant.post("/dev/reset"), "{}".to_owned()).await;
    assert_eq!(json(tenant.get("/dev/deliveries").send().await.unwrap()).await, json!([]));
    assert!(tenant.page("/webhooks").await.contains("Nothing was sent yet."));
    let moved =
        json(tenant.write(tenant.post("/dev/clock"), json!({"forward_seconds": 3_600}).to_string()).await).await;
    assert_eq!(moved["ended"]["pauses_of_deliveries"], 0);
}

#[tokio::test]
async fn an_event_has_kindes_form_and_is_repeated_until_it_is_accepted() {
    let (url, received) = receiver(2).await;
    let tenant = tenant_of(Shape::Kinde, &url).await;
    tenant.change_person("katherine", json!({"family_name": "Goble", "is_suspended": true})).await;
    tenant.until_delivered().await;
    assert_eq!(tenant.deliveries().await[0]["attempts"], 3);
    let received = received.lock().unwrap().clone();
    let (headers, jwt) = &received[0];
    assert_eq!(headers["content-type"], "application/jwt");
    assert!(received.iter().all(|(other, body)| (&other["webhook-id"], body) == (&headers["webhook-id"], jwt)));
    let (header, claims) = (part_of(jwt, 0), part_of(jwt, 1));
    assert_eq!((&header["alg"], header["kid"].as_str().unwrap().len()), (&json!("RS256"), 47));
    assert_eq!((&claims["type"], &claims["source"]), (&json!("user.updated"), &json!("admin")));
    assert!(claims["timestamp"].as_str().unwrap().ends_with("+10:00"), "{claims}");
    let id = claims["event_id"].as_str().unwrap();
    assert!(id.starts_with("event_") && id.len() == 38, "{id}");
    let user = &claims["data"]["user"];
    assert_eq!((&user["id"], &user["last_name"]), (&json!(person("katherine").subject), &json!("Goble")));
    assert_eq!((&user["is_suspended"], &user["organizations"][0]["roles"]), (&json!(true), &Value::Null));
    assert_eq!(user["organizations"][1]["roles"][0]["key"], "computer");
    for absent in ["iss", "aud", "exp"] {
        assert!(claims.get(absent).is_none(), "{absent}");
    }
}

#[tokio::test]
async fn only_changes_that_kinde_has_an_event_for_cause_one() {
    let (url, received) = receiver(0).await;
    let tenant = tenant_of(Shape::Kinde, &url).await;
    for changes in [json!({}), json!({"feature_flags": {}}), json!({"claims": {"a": 1}}), json!({"persistent": true})] {
        tenant.change_person("ada", changes).await;
    }
    tenant.delete_person("grace").await;
    tenant.until_delivered().await;
    assert_eq!(tenant.deliveries().await.len(), 1);
    let claims = part_of(&received.lock().unwrap()[0].1, 1);
    assert_eq!(
        (&claims["type"], &claims["data"]),
        (&json!("user.deleted"), &json!({"user": {"id": person("grace").subject}}))
    );
}

#[tokio::test]
async fn a_plain_issuer_sends_logout_tokens_in_place_of_events() {
    let (url, received) = receiver(0).await;
    let tenant = tenant_of(Shape::Plain, &url).await;
    tenant.change_person("ada", json!({"is_suspended": true})).await;
    tenant.until_delivered().await;
    let (headers, body) = received.lock().unwrap()[0].clone();
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    let token = body.strip_prefix("logout_token=").unwrap();
    let claims = part_of(token, 1);
    assert_eq!(part_of(token, 0)["typ"], "logout+jwt");
    assert_eq!((&claims["sub"], &claims["aud"]), (&json!(person("ada").subject), &json!(tenant.client_id())));
    assert!(claims["events"].get("http://schemas.openid.net/event/backchannel-logout").is_some());
}

#[tokio::test]
async fn suspended_and_deleted_people_sign_in_no_more_and_their_access_tokens_live_on() {
    for is_deleted in [false, true] {
        let tenant = TenantClient::start().await;
        let tokens = tenant.tokens_for("ada", &[]).await;
        if is_deleted {
            assert_eq!(tenant.send(tenant.delete("/dev/people/ada")).await.status(), 204);
            assert_eq!(tenant.send(tenant.delete("/dev/people/ada")).await.status(), 404);
        } else {
            let changed = json(change(&tenant, "ada", json!({"is_suspended": true})).await).await;
            assert_eq!(changed["is_suspended"], true);
        }
        let refused = tenant.decide(&[("prompt", "login")], &[("person", "ada")]).await;
        assert_eq!(refused.status(), if is_deleted { 400 } else { 403 });
        let silent = tenant.authorize(&[("prompt", "none")]).await;
        assert!(silent.headers()["location"].to_str().unwrap().contains("error=login_required"), "the session ended");
        let refreshed = tenant.refresh(&tokens).await;
        assert_eq!(refreshed.status(), 400);
        assert_eq!(json(refreshed).await["error"], "invalid_grant");
        let claims = part_of(tokens["access_token"].as_str().unwrap(), 1);
        assert!(claims["exp"].as_i64().unwrap() > time::OffsetDateTime::now_utc().unix_timestamp());
        let is_listed = json(tenant.send(tenant.get("/dev/people")).await).await;
        let is_listed = is_listed.as_array().unwrap().iter().any(|person| person["person"] == "ada");
        assert_eq!(is_listed, !is_deleted);
    }
}

#[tokio::test]
async fn deliveries_need_an_address_and_the_right_shape() {
    for (shape, path) in [(Shape::Kinde, "/dev/webhooks"), (Shape::Plain, "/dev/logout_tokens")] {
        let tenant = TestTenant::start_of(shape, "http://localhost:1").await;
        let url = format!("{}{path}", tenant.origin());
        let order = async |body: Value| {
            let request = crate::harness::client().post(&url).header("content-type", "application/json");
            request.body(body.to_string()).send().await.unwrap().status().as_u16()
        };
        assert_eq!(order(json!({"type": "x"})).await, if shape == Shape::Kinde { 400 } else { 422 });
        assert_eq!(order(json!({"person": "ada"})).await, if shape == Shape::Plain { 400 } else { 422 });
        assert_eq!(order(json!({"type": "x", "person": "ada", "fault": "unheard_of"})).await, 422);
    }
}
