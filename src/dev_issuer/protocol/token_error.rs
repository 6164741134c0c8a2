//! The errors of the token, revocation and introspection endpoints and of the user profile. Those of the account API
//! are in `api_error`, those that the callback or a page reports in `basics::redirect` and `basics::page`.
//!
//! RFC 6749 §5.2, Kinde's OpenAPI file of the account API (the statuses of the user profile and of introspection).

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
    /// A bearer token that is missing, unknown, expired or revoked, at an endpoint of a plain issuer (RFC 6750 §3.1).
    InvalidToken,
    /// The same at an endpoint of a Kinde tenant.
    InvalidCredentials,
    /// The request of a Kinde tenant's introspection endpoint lacks the token. Kinde's status is 401.
    NothingToIntrospect,
    UnauthorizedClient(&'static str),
    InvalidScope(&'static str),
    UnsupportedGrantType,
}

const INVALID_TOKEN: &str = "The access token is invalid or expired";

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let (status, error, description) = match self {
            Self::InvalidRequest(why) => (StatusCode::BAD_REQUEST, "invalid_request", why),
            Self::InvalidClient(why) => (StatusCode::UNAUTHORIZED, "invalid_client", why),
            Self::InvalidGrant(why) => (StatusCode::BAD_REQUEST, "invalid_grant", why),
            Self::InvalidToken => (StatusCode::UNAUTHORIZED, "invalid_token", INVALID_TOKEN),
            Self::InvalidCredentials => (StatusCode::FORBIDDEN, "invalid_token", INVALID_TOKEN),
            Self::NothingToIntrospect => (StatusCode::UNAUTHORIZED, "invalid_request", "The token is missing"),
            Self::UnauthorizedClient(why) => (StatusCode::BAD_REQUEST, "unauthorized_client", why),
            Self::InvalidScope(why) => (StatusCode::BAD_REQUEST, "invalid_scope", why),
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
