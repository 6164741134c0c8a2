//! The console's pages of events and logout tokens: what was sent, sending it again, and sending one to order.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};

use super::harness::{TenantClient, change, claims, json, location};

/// What a receiver got: the header `webhook-id` and the body of each request.
type Received = Arc<Mutex<Vec<(String, String)>>>;

/// A tenant that sends to a receiver, whose response has markup in it. At `/refusing` it refuses the first request.
async fn tenant_and_receiver(is_plain: bool) -> (TenantClient, Received) {
    let received = Received::default();
    let seen = Arc::clone(&received);
    let take = async move |headers: HeaderMap, body: String| {
        let id = headers.get("webhook-id").map_or("", |id| id.to_str().unwrap()).to_owned();
        seen.lock().unwrap().push((id, body));
        "<script>taken"
    };
    let seen = Arc::clone(&received);
    let refuse_first = async move |body: String| {
        let mut seen = seen.lock().unwrap();
        seen.push((String::new(), body));
        if seen.len() == 1 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
    };
    let routes = Router::new().route("/", post(take)).route("/refusing", post(refuse_first));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, routes).await.unwrap() });
    let tenant = if is_plain { TenantClient::start_plain().await } else { TenantClient::start().await };
    tenant.set(json!({"webhook_url": url, "backchannel_logout_url": url, "delivery_pauses": []})).await;
    (tenant, received)
}

#[tokio::test]
async fn an_event_of_a_change_is_shown_with_its_content_and_the_response() {
    let (tenant, received) = tenant_and_receiver(false).await;
    change(&tenant, "ada", json!({"family_name": "<script>King"})).await;
    while received.lock().unwrap().is_empty() || !tenant.page("/webhooks").await.contains(">200</td>") {
        tokio::task::yield_now().await;
    }
    let list = tenant.page("/webhooks").await;
    assert!(list.contains("user.updated") && list.contains("href=\"/webhooks/1\"") && list.contains("a change"));
    let page = tenant.page("/webhooks/1").await;
    let id = claims(&json!(received.lock().unwrap()[0].1))["event_id"].as_str().unwrap().to_owned();
    for part in [id.as_str(), "&lt;script&gt;taken", "&lt;script&gt;King", "Kinde, About webhooks"] {
        assert!(page.contains(part), "{part} is missing");
    }
    assert!(!page.contains("<script"));
}

#[tokio::test]
async fn an_event_is_sent_again_with_the_same_id() {
    let (tenant, received) = tenant_and_receiver(false).await;
    let sent = tenant.submit("/webhooks", &[("type", "role.updated"), ("data", r#"{"role":1}"#)]).await;
    assert_eq!((sent.status().as_u16(), location(&sent)), (303, "/webhooks/1"));
    assert_eq!(location(&tenant.submit("/webhooks/1/again", &[]).await), "/webhooks/1");
    let received = received.lock().unwrap().clone();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0], received[1], "the body and the header webhook-id");
    assert_eq!(claims(&json!(received[0].1))["data"], json!({"role": 1}));
    assert_eq!(tenant.page("/webhooks/1").await.matches(">200</td>").count(), 2, "both attempts are shown");
    let of_changes = json(tenant.get("/dev/deliveries").send().await.unwrap()).await;
    assert_eq!(of_changes, json!([]), "the switchboard lists what changes caused");
    assert_eq!(tenant.submit("/webhooks/7/again", &[]).await.status(), 404);
    assert_eq!(tenant.get("/webhooks/7").send().await.unwrap().status(), 404);
}

/// The second attempt by itself would come an hour later.
#[tokio::test]
async fn an_event_that_is_accepted_when_it_is_sent_again_needs_no_further_attempt() {
    let (tenant, received) = tenant_and_receiver(false).await;
    let url = json(tenant.get("/dev/settings").send().await.unwrap()).await["webhook_url"].clone();
    tenant.set(json!({"webhook_url": format!("{}refusing", url.as_str().unwrap()), "delivery_pauses": [3_600]})).await;
    change(&tenant, "ada", json!({"family_name": "King"})).await;
    while !tenant.page("/webhooks/1").await.contains("The next attempt is due") {
        tokio::task::yield_now().await;
    }
    assert_eq!(location(&tenant.submit("/webhooks/1/again", &[]).await), "/webhooks/1");
    assert_eq!(received.lock().unwrap().len(), 2);
    let page = tenant.page("/webhooks/1").await;
    assert!(page.contains(">503</td>") && page.contains(">200</td>") && !page.contains("The next attempt is due"));
    let moved = tenant.write(tenant.post("/dev/clock"), json!({"forward_seconds": 3_600}).to_string()).await;
    assert_eq!(json(moved).await["ended"]["pauses_of_deliveries"], 0);
}

#[tokio::test]
async fn an_order_may_have_a_fault_and_other_claims() {
    let (tenant, received) = tenant_and_receiver(false).await;
    let order = [("type", "x"), ("fault", "twice"), ("claims", r#"{"event_id":"event_of_mine","source":null}"#)];
    assert_eq!(tenant.submit("/webhooks", &order).await.status(), 303);
    let received = received.lock().unwrap().clone();
    assert_eq!(received.len(), 2);
    let claims = claims(&json!(received[0].1));
    assert_eq!((&claims["event_id"], claims.get("source")), (&json!("event_of_mine"), None));
}

#[tokio::test]
async fn an_order_that_cannot_be_sent_is_refused_and_kept() {
    let (tenant, received) = tenant_and_receiver(false).await;
    for (field, order) in [
        ("type", &[("data", "{}")][..]),
        ("data", &[("type", "kept"), ("data", "[]")]),
        ("claims", &[("type", "kept"), ("claims", "{")]),
        ("fault", &[("type", "kept"), ("fault", "unheard_of")]),
    ] {
        let refused = tenant.submit("/webhooks", order).await;
        assert_eq!(refused.status(), 400, "{field}");
        let page = refused.text().await.unwrap();
        assert!(page.contains(&format!("id=\"{field}-problem\"")), "{field}: {page}");
        assert_eq!(page.contains("value=\"kept\""), field != "type");
    }
    tenant.set(json!({"webhook_url": null})).await;
    let refused = tenant.submit("/webhooks", &[("type", "kept")]).await;
    assert_eq!(refused.status(), 400);
    assert!(refused.text().await.unwrap().contains("The tenant has no webhook_url"));
    assert!(received.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_plain_issuer_sends_logout_tokens_to_order() {
    let (tenant, received) = tenant_and_receiver(true).await;
    tenant.tokens_for("ada", &[]).await;
    assert_eq!(tenant.submit("/webhooks", &[("person", "ada"), ("sid", "true"), ("sub", "false")]).await.status(), 303);
    let body = received.lock().unwrap()[0].1.clone();
    let claims = claims(&Value::from(body.strip_prefix("logout_token=").unwrap()));
    assert!(claims.contains_key("sid") && !claims.contains_key("sub"), "{claims:?}");
    assert!(tenant.page("/webhooks/1").await.contains("OpenID Connect Back-Channel Logout §2.4"));
    assert_eq!(tenant.submit("/webhooks", &[("person", "nobody")]).await.status(), 400);
}
