//! Limits on a request: the sizes of its body and URL, and the time until its response.
//! Limits on connections and headers are in `listen`, those on requests to the issuer in `auth`.

use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use super::problem::Problem;

/// 64 KiB: no route takes more than a small form.
pub(super) const MAX_BODY_BYTES: usize = 64 * 1024;
/// 8 KiB, as most proxies allow.
const MAX_URL_BYTES: usize = 8 * 1024;
/// Longer than the slowest sign-in may take (its requests to the issuer have limits of their own).
const TIMEOUT: Duration = Duration::from_secs(30);

/// Refuses an overlong URL with 414, and a target that is no path with 400 (`CONNECT host:port`, as proxies get).
pub(super) async fn refuse_unusable_urls(request: Request, next: Next) -> Response {
    match request.uri().path_and_query() {
        None => Problem::NoPath.into_response(),
        Some(path) if path.as_str().len() > MAX_URL_BYTES => Problem::UrlTooLong.into_response(),
        Some(_) => next.run(request).await,
    }
}

/// Responds with 503 when the response is not ready in time. No route waits for the client's body, so the delay is ours.
pub(super) async fn time_out(request: Request, next: Next) -> Response {
    timeout(TIMEOUT, next.run(request)).await.unwrap_or_else(|_| Problem::TooSlow.into_response())
}
