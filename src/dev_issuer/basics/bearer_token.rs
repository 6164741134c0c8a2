//! The bearer token of a request. Whether it is valid is checked where it is used.
//!
//! RFC 6750 §2.1.

use axum::http::{HeaderMap, header};

/// Returns the token of an `Authorization: Bearer` header.
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
