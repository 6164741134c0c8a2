//! The logout endpoint: ends a browser's session at the tenant and redirects to the client. A plain issuer
//! also tells the client over the back channel; Kinde has none.
//!
//! Kinde documentation "Using Kinde without an SDK" (`redirect`, `all_sessions`), OpenID Connect RP-Initiated Logout
//! 1.0 §2 and §3 (`post_logout_redirect_uri`, `state`, `client_id`, `id_token_hint`). A plain issuer follows the
//! latter only, and redirects only for a client that the request identifies.

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};

use serde_json::Value;

use crate::dev_issuer::basics::{page, parameters::Parameters, redirect, session_cookie};
use crate::dev_issuer::deliveries::ended_session;
use crate::dev_issuer::protocol::shape::Shape;
use crate::dev_issuer::state::tenant::{EmulatedTenant, SharedTenant};

/// The parameters that may name the target of Kinde's redirect. The first one that is present counts.
const KINDE_REDIRECT_NAMES: &[&str] = &["redirect", "post_logout_redirect_uri", "redirect_uri"];

/// The parameter that names the target of a plain issuer's redirect.
const PLAIN_REDIRECT_NAMES: &[&str] = &["post_logout_redirect_uri"];

/// `GET /logout`. Without the setting `end_session_endpoint`, the response is 404.
pub(crate) async fn logout(
    State(tenant): State<SharedTenant>,
    Extension(parameters): Extension<Parameters>,
    headers: HeaderMap,
) -> Response {
    if !tenant.state().settings.end_session_endpoint {
        return StatusCode::NOT_FOUND.into_response();
    }
    let is_kinde = tenant.shape == Shape::Kinde;
    let names = if is_kinde { KINDE_REDIRECT_NAMES } else { PLAIN_REDIRECT_NAMES };
    let target = names.iter().find_map(|name| parameters.query(name));
    if let Some(text) = refusal(&tenant, &parameters).filter(|_| !is_kinde && target.is_some()) {
        return page::error(StatusCode::BAD_REQUEST, text);
    }
    if let Some(session) = session_cookie::of_request(&headers) {
        let everywhere = is_kinde && parameters.query("all_sessions") == Some("true");
        end_session(&tenant, &session, everywhere);
    }
    match target {
        Some(url) => way_back(&tenant, url, parameters.query("state")),
        None => page::page(StatusCode::OK, "Signed out", "<p>You are signed out of the emulated Kinde tenant.</p>", ""),
    }
}

/// Returns why a plain issuer does not redirect: the request must identify the client, by `client_id` or by an ID token
/// of this issuer, which may have expired.
fn refusal(tenant: &EmulatedTenant, parameters: &Parameters) -> Option<&'static str> {
    let (client, hint) = (parameters.query("client_id"), parameters.query("id_token_hint"));
    if client.is_some_and(|id| id != tenant.client.id) {
        Some("The client_id is not known.")
    } else if hint.is_some_and(|token| !is_own_id_token(tenant, token)) {
        Some("The id_token_hint is not an ID token of this issuer for this client.")
    } else if client.is_none() && hint.is_none() {
        Some("Neither client_id nor id_token_hint names the client.")
    } else {
        None
    }
}

fn is_own_id_token(tenant: &EmulatedTenant, token: &str) -> bool {
    let Some(claims) = tenant.state().keys.verified_claims(token) else {
        return false;
    };
    let client = tenant.client.id.as_str();
    let is_audience = match claims.get("aud").unwrap_or(&Value::Null) {
        Value::Array(list) => list.iter().any(|entry| entry == client),
        text => text == client,
    };
    is_audience && claims.get("iss").is_some_and(|iss| iss == tenant.issuer.as_str())
}

fn way_back(tenant: &EmulatedTenant, url: &str, state: Option<&str>) -> Response {
    if !tenant.state().registration.allows_logout(url) {
        return page::error(
            StatusCode::BAD_REQUEST,
            "Invalid logout URL: it is not in the list of allowed logout redirect URLs.",
        );
    }
    let state = state.map(|state| ("state", state.to_owned()));
    redirect::to(url, state.as_slice(), StatusCode::FOUND)
}

/// Ends the session. With `everywhere` it ends all sessions and grants of the user.
fn end_session(tenant: &EmulatedTenant, session: &str, everywhere: bool) {
    let mut state = tenant.state();
    let Some(ended) = ended_session::end(tenant, &mut state, session) else { return };
    if everywhere {
        state.end_sessions_of(&ended.person);
        state.grants.end(|grant| grant.person == ended.person);
    }
}
