//! The errors of the account API and one of Kinde's revocation endpoint, a list under `errors`. The other errors of the
//! protocol endpoints are in `token_error`.
//!
//! Kinde's OpenAPI file of the account API (`error_response`).

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// The reason for which the account API or the revocation endpoint refuses a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ApiError {
    /// The request has no access token, or one that is unknown, expired or revoked.
    InvalidCredentials,
    /// The revocation endpoint got no token.
    MissingToken,
    /// There is no such resource, or the user has no such entitlement.
    NotFound,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, code, message) = match self {
            Self::InvalidCredentials => (StatusCode::FORBIDDEN, "INVALID_CREDENTIALS", "Invalid credentials"),
            Self::MissingToken => (StatusCode::BAD_REQUEST, "TOKEN_MISSING", "The token is missing"),
            Self::NotFound => (StatusCode::NOT_FOUND, "NOT_FOUND", "No such resource"),
        };
        (status, Json(json!({"errors": [{"code": code, "message": message}]}))).into_response()
    }
}
