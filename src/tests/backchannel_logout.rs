//! Back-channel logout: an issuer other than Kinde says that a user has signed out there (OpenID Connect Back-Channel
//! Logout 1.0). LO-12 of the security catalogue.
//! How a single logout token is read is tested in `auth::oidc::logout_token`.

mod faults;
#[cfg(unix)]
mod processes;
mod sessions;

use kinde_leptos::auth::paths::BACKCHANNEL_LOGOUT;
use serde_json::{Value, json};

use crate::harness::{Browser, Response, Site, person};

/// A site at an issuer that sends logout tokens to it.
async fn site() -> Site {
    let site = Site::start_plain(|_| {}).await;
    site.tenant.delivers_to(&site.url).await;
    site
}

/// An order with more members.
fn order(more: Value) -> Value {
    let mut order = json!({"person": "ada"});
    order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    order
}

async fn sessions_of(site: &Site, key: &str) -> usize {
    site.auth.sessions_of(&person(key).subject).await.unwrap().len()
}

/// Posts a body to the route, as the issuer would.
async fn post(site: &Site, content_type: &str, body: &str) -> Response {
    let url = site.at(BACKCHANNEL_LOGOUT);
    Browser::new().send(reqwest::Method::POST, &url, &[("content-type", content_type)], Some(body.to_owned())).await
}

/// Signs a browser out at the issuer, without this site.
async fn sign_out_at_issuer(site: &Site, browser: &mut Browser) {
    assert_eq!(browser.get(&format!("{}/end_session", site.tenant.issuer())).await.status, 200);
    site.tenant.until_delivered().await;
}
