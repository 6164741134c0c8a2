//! The redirect to the callback of the client, with a code or an error, and with the changes of the faults that are on.
//!
//! RFC 6749 §4.1.2, RFC 9207 §2, Kinde documentation "Re-authentication" (`reauth_state`).

use axum::{http::StatusCode, response::Response};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

use crate::dev_issuer::basics::redirect;
use crate::dev_issuer::protocol::{authorization_request::AuthorizationRequest, shape::Shape};
use crate::dev_issuer::state::tenant::EmulatedTenant;

/// The outcome that the redirect reports to the callback.
pub(crate) enum Outcome {
    Code(String),
    Error(&'static str, &'static str),
    /// The link in an e-mail is expired. Kinde returns the request in `reauth_state`.
    LinkExpired,
}

/// Returns the redirect to the request's callback. Its status is 303 after a form and 302 otherwise.
pub(crate) fn redirect(
    tenant: &EmulatedTenant,
    request: &AuthorizationRequest,
    outcome: Outcome,
    status: StatusCode,
) -> Response {
    let mut pairs = match outcome {
        Outcome::Code(code) => code_pairs(tenant.shape, code, request),
        Outcome::Error(error, description) => redirect::error_pairs(error, description),
        Outcome::LinkExpired => redirect::link_expired(reauth_state(&request.parameters)),
    };
    if let Some(state) = &request.state {
        pairs.push(("state", state.clone()));
    }
    let mut state = tenant.state();
    if state.settings.iss_parameter {
        pairs.push(("iss", tenant.issuer.clone()));
    }
    for redirection in state.faults.redirections() {
        redirection.spoil(&mut pairs, &tenant.random);
    }
    drop(state);
    redirect::to(&request.redirect_uri, &pairs, status)
}

/// Returns the parameters of a success. Kinde's callback also contains the scope.
fn code_pairs(shape: Shape, code: String, request: &AuthorizationRequest) -> redirect::Pairs {
    match shape {
        Shape::Kinde => vec![("code", code), ("scope", request.scope.join(" "))],
        Shape::Plain => vec![("code", code)],
    }
}

/// Returns the request's parameters as a JSON object in base64.
fn reauth_state(parameters: &[(String, String)]) -> String {
    let members: Map<String, Value> =
        parameters.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    STANDARD.encode(Value::Object(members).to_string())
}
