//! The successful response of the token endpoint. Errors are in `protocol::token_error`.
//!
//! RFC 6749 §5.1, OIDC Core §3.1.3.3.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::Value;

use super::occasion::Occasion;
use crate::dev_issuer::basics::{clock::Seconds, redirect::no_store};
use crate::dev_issuer::faults::fault::Document;
use crate::dev_issuer::state::tenant::TenantState;

/// The tokens of one response.
#[derive(Serialize)]
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    pub(crate) expires_in: Seconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token: Option<String>,
    pub(crate) scope: String,
    pub(crate) token_type: &'static str,
}

/// Returns the response with these tokens, altered by the faults that are on.
pub(crate) fn respond(state: &mut TenantState, tokens: Tokens, occasion: Occasion) -> Response {
    let now = state.now();
    let Ok(Value::Object(mut body)) = serde_json::to_value(tokens) else {
        return axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut alterations = state.faults.alterations(Document::TokenResponse);
    if occasion == Occasion::Refresh {
        alterations.extend(state.faults.alterations(Document::RefreshResponse));
    }
    for alteration in alterations {
        alteration.apply(&mut body, now);
    }
    let headers = [no_store()];
    (headers, [("pragma", "no-cache")], Json(body)).into_response()
}
