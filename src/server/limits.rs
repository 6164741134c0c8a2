//! What a request may cost: the size of its body and URL, and how long an answer may take.
//! Limits on connections and headers are `listen`'s; limits on requests to the issuer are `auth`'s.

use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// 64 KiB: no route takes more than a small form.
pub(super) const MAX_BODY_BYTES: usize = 64 * 1024;
/// 8 KiB, as most proxies allow.
const MAX_URL_BYTES: usize = 8 * 1024;
/// Longer than the slowest sign-in may take (its requests to the issuer have limits of their own).
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);
/// A request that is not complete by then.
pub(super) const TIMEOUT_STATUS: StatusCode = StatusCode::REQUEST_TIMEOUT;

/// Answers 414 to an overlong URL.
pub(super) async fn refuse_long_urls(request: Request, next: Next) -> Response {
    let length = request.uri().path_and_query().map_or(0, |asked| asked.as_str().len());
    if length > MAX_URL_BYTES {
        return StatusCode::URI_TOO_LONG.into_response();
    }
    next.run(request).await
}
