//! The redirect back to the client: a code or an error, and the faults that spoil it.
//!
//! It leaves out who decides. Documents: RFC 6749 §4.1.2, RFC 9207 §2, Kinde documentation "Re-authentication"
//! (`reauth_state`).

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::{authorization_request::AuthorizationRequest, random::random_hexadecimal, tenant::Tenant};

/// One way for the redirect to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Redirection {
    Remove(&'static str),
    Text(&'static str, &'static str),
    /// Replaces the value by a random one.
    Scramble(&'static str),
    /// Adds the parameter once more with a random value.
    Duplicate(&'static str),
    /// An error and its description instead of the code.
    Error(&'static str, &'static str),
    /// `login_link_expired` with a `reauth_state` that no honest tenant makes.
    LinkExpired,
}

/// What the callback is told.
pub(super) enum Outcome {
    Code(String),
    Error(&'static str, &'static str),
    /// The link in an e-mail was too old; Kinde hands the request back in `reauth_state`.
    LinkExpired,
}

type Pairs = Vec<(&'static str, String)>;

/// The redirect to the request's callback; 303 after a form, 302 otherwise.
pub(super) fn redirect(
    tenant: &Tenant,
    request: &AuthorizationRequest,
    outcome: Outcome,
    status: StatusCode,
) -> Response {
    let mut pairs = match outcome {
        Outcome::Code(code) => vec![("code", code), ("scope", request.scope.join(" "))],
        Outcome::Error(error, description) => error_pairs(error, description),
        Outcome::LinkExpired => link_expired(reauth_state(&request.parameters)),
    };
    if let Some(state) = &request.state {
        pairs.push(("state", state.clone()));
    }
    let mut state = tenant.state();
    if state.settings.iss_parameter {
        pairs.push(("iss", tenant.issuer.clone()));
    }
    for redirection in state.faults.redirections() {
        redirection.spoil(&mut pairs);
    }
    drop(state);
    to(&request.redirect_uri, &pairs, status)
}

/// A redirect with query parameters added, never cached.
pub(super) fn to(target: &str, pairs: &[(&str, String)], status: StatusCode) -> Response {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let separator = match (query.is_empty(), target.contains('?')) {
        (true, _) => "",
        (false, true) => "&",
        (false, false) => "?",
    };
    match HeaderValue::try_from(format!("{target}{separator}{query}")) {
        Ok(location) => {
            let headers = [(header::LOCATION, location), no_store()];
            (status, headers).into_response()
        }
        // Only an allowed URL that is no URL at all gets here.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The header that keeps an answer out of every cache.
pub(super) fn no_store() -> (header::HeaderName, HeaderValue) {
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}

fn error_pairs(error: &str, description: &str) -> Pairs {
    vec![("error", error.to_owned()), ("error_description", description.to_owned())]
}

fn link_expired(reauth_state: String) -> Pairs {
    vec![("error", "login_link_expired".to_owned()), ("reauth_state", reauth_state)]
}

/// The request's parameters as base64 of a JSON object.
fn reauth_state(parameters: &[(String, String)]) -> String {
    let members: Map<String, Value> =
        parameters.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    STANDARD.encode(Value::Object(members).to_string())
}

fn hostile_reauth_state() -> String {
    let members = json!({
        "client_id": "another-client",
        "redirect_uri": "https://evil.example/callback",
        "post_login_redirect_url": "https://evil.example/",
        "scope": "openid admin",
        "prompt": "none",
        "login_hint": "victim@example.com",
    });
    STANDARD.encode(members.to_string())
}

impl Redirection {
    fn spoil(self, pairs: &mut Pairs) {
        match self {
            Self::Remove(name) => pairs.retain(|(key, _)| *key != name),
            Self::Text(name, value) => {
                pairs.retain(|(key, _)| *key != name);
                pairs.push((name, value.to_owned()));
            }
            Self::Scramble(name) => {
                for (_, value) in pairs.iter_mut().filter(|(key, _)| *key == name) {
                    *value = random_hexadecimal(16);
                }
            }
            Self::Duplicate(name) => pairs.push((name, random_hexadecimal(16))),
            Self::Error(error, description) => replace_code(pairs, error_pairs(error, description)),
            Self::LinkExpired => replace_code(pairs, link_expired(hostile_reauth_state())),
        }
    }
}

fn replace_code(pairs: &mut Pairs, replacement: Pairs) {
    pairs.retain(|(key, _)| matches!(*key, "state" | "iss"));
    pairs.splice(0..0, replacement);
}
