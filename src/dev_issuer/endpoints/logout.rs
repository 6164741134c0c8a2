//! The logout endpoint: ends a browser's session at the tenant and redirects to the client. There is no back-channel
//! logout, because Kinde has none.
//!
//! Kinde documentation "Using Kinde without an SDK" (`redirect`, `all_sessions`), OpenID Connect RP-Initiated Logout
//! 1.0 §2 (`post_logout_redirect_uri`, `state`).

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};

use crate::dev_issuer::basics::{page, parameters::Parameters, redirect};
use crate::dev_issuer::sign_in::decision::session_cookie;
use crate::dev_issuer::state::tenant::{EmulatedTenant, SharedTenant};

/// The parameters that may name the target of the redirect. The first one that is present counts.
const REDIRECT_NAMES: [&str; 3] = ["redirect", "post_logout_redirect_uri", "redirect_uri"];

/// `GET /logout`
pub(crate) async fn logout(
    State(tenant): State<SharedTenant>,
    Extension(parameters): Extension<Parameters>,
    headers: HeaderMap,
) -> Response {
    if let Some(session) = session_cookie(&headers) {
        let everywhere = parameters.query("all_sessions") == Some("true");
        end_session(&tenant, &session, everywhere);
    }
    let target = REDIRECT_NAMES.iter().find_map(|name| parameters.query(name));
    match target {
        Some(url) => way_back(&tenant, url, parameters.query("state")),
        None => page::page(StatusCode::OK, "Signed out", "<p>You are signed out of the emulated Kinde tenant.</p>", ""),
    }
}

fn way_back(tenant: &EmulatedTenant, url: &str, state: Option<&str>) -> Response {
    if !tenant.client.allows_logout(url) {
        return page::error(
            StatusCode::BAD_REQUEST,
            "Invalid logout URL: it is not in the list of allowed logout redirect URLs.",
        );
    }
    let state = state.map(|state| ("state", state.to_owned()));
    redirect::to(url, state.as_slice(), StatusCode::FOUND)
}

/// Removes the session and revokes its grants. With `everywhere` it does so for all sessions and grants of the user.
fn end_session(tenant: &EmulatedTenant, session: &str, everywhere: bool) {
    let mut state = tenant.state();
    let Some(ended) = state.sessions.remove(session) else {
        return;
    };
    if everywhere {
        state.sessions.retain(|_, other| other.person != ended.person);
        state.grants.end(|grant| grant.person == ended.person);
    } else {
        state.grants.end(|grant| grant.session == session);
    }
}
