//! The errors of the token, revocation and introspection endpoints, the user profile and the account API. Errors that
//! the callback or a page reports are in `basics::redirect` and `basics::page`.
//!
//! RFC 6749 §5.2.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

/// The reason for which the tenant refuses a request of the client. The text is the `error_description`.
#[derive(Clone, Debug)]
pub(crate) enum TokenError {
    InvalidRequest(&'static str),
    InvalidClient(&'static str),
    InvalidGrant(&'static str),
    InvalidToken,
    UnsupportedGrantType,
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let (status, error, description) = match self {
            Self::InvalidRequest(why) => (StatusCode::BAD_REQUEST, "invalid_request", why),
            Self::InvalidClient(why) => (StatusCode::UNAUTHORIZED, "invalid_client", why),
            Self::InvalidGrant(why) => (StatusCode::BAD_REQUEST, "invalid_grant", why),
            Self::InvalidToken => (StatusCode::UNAUTHORIZED, "invalid_token", "The access token is invalid or expired"),
            Self::UnsupportedGrantType => {
                (StatusCode::BAD_REQUEST, "unsupported_grant_type", "The grant_type is not supported")
            }
        };
        let body = Json(json!({"error": error, "error_description": description}));
        let mut response = (status, [(header::CACHE_CONTROL, "no-store")], body).into_response();
        if let Some(scheme) = challenge(error) {
            let value = header::HeaderValue::from_static(scheme);
            response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        }
        response
    }
}

fn challenge(error: &str) -> Option<&'static str> {
    match error {
        "invalid_client" => Some("Basic realm=\"emulated Kinde tenant\""),
        "invalid_token" => Some("Bearer error=\"invalid_token\""),
        _ => None,
    }
}
