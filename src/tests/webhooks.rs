//! Kinde's webhooks: what an event changes, which ones are refused, and what happens when something fails. Section WH
//! of the security catalogue. How a single event is read is tested in `auth::oidc::webhook`.

mod effects;
mod faults;
mod handler;
#[cfg(unix)]
mod processes;
mod repetition;

use kinde_leptos::auth::Config;
use kinde_leptos::auth::paths::WEBHOOKS;
use serde_json::{Value, json};

use crate::harness::{Site, client, person};

/// The audience of the API.
const API: &str = "https://app.example/api";

fn with_api(config: &mut Config) {
    *config = config.clone().with_audiences([API]).with_api_audiences([API]);
}

/// A site to which its tenant sends events.
async fn site() -> Site {
    let site = Site::start_with(with_api).await;
    site.tenant.delivers_to(&site.url).await;
    site
}

/// The order of an event about one of the seeded people.
fn event(event_type: &str, key: &str) -> Value {
    json!({"type": event_type, "data": {"user": {"id": person(key).subject}}})
}

/// An order with more members.
fn with(mut order: Value, more: Value) -> Value {
    order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    order
}

async fn sessions_of(site: &Site, key: &str) -> usize {
    site.auth.sessions_of(&person(key).subject).await.unwrap().len()
}

/// An access token for the API.
async fn token(site: &Site, key: &str) -> String {
    site.tenant.mint(json!({"person": key, "audience": [API]})).await
}

async fn status_with_token(url: &str, token: &str) -> u16 {
    let request = client().get(format!("{url}/api/greeting")).bearer_auth(token);
    request.send().await.unwrap().status().as_u16()
}

/// Posts a body to the site's webhook. Returns status and body.
async fn post(site: &Site, content_type: &str, body: impl Into<reqwest::Body>) -> (u16, String) {
    let request = client().post(site.at(WEBHOOKS)).header("content-type", content_type).body(body);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}
