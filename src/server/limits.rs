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
/// An answer that is not there by then: no route waits for a client's body, so it is we who are slow.
pub(super) const TIMEOUT_STATUS: StatusCode = StatusCode::SERVICE_UNAVAILABLE;

/// Answers 414 to an overlong URL, and 400 to a target that is no path (`CONNECT host:port`, as proxies are asked).
pub(super) async fn refuse_unusable_urls(request: Request, next: Next) -> Response {
    match request.uri().path_and_query() {
        None => StatusCode::BAD_REQUEST.into_response(),
        Some(asked) if asked.as_str().len() > MAX_URL_BYTES => StatusCode::URI_TOO_LONG.into_response(),
        Some(_) => next.run(request).await,
    }
}
