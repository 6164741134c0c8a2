//! Requests that a browser sends before its user asks for the page: prefetches and prerenderings.
//!
//! They are refused where the response would be about a user, or would change something: a page that waits in the
//! browser would be shown after its session has ended. The status is an error's, because a browser then requests the page
//! again once the user asks for it. Chromium takes 204 for the page itself, so that a link to it leads nowhere.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use http::header::CACHE_CONTROL;
use http::{HeaderMap, StatusCode};

/// The headers by which browsers mark such a request.
const MARKS: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// A layer for public pages that say who is signed in: a prefetch or a prerendering gets 403 and no page. The pages behind
/// [`require_login`](super::require_login) need no such layer.
pub async fn refuse_speculation(request: Request, next: Next) -> Response {
    if is_speculative(request.headers()) { refusal() } else { next.run(request).await }
}

/// Whether the browser sends the request before its user asks for the page.
pub(super) fn is_speculative(headers: &HeaderMap) -> bool {
    let marks = MARKS.iter().filter_map(|name| headers.get(*name)?.to_str().ok());
    marks.into_iter().any(|purpose| purpose.to_ascii_lowercase().contains("prefetch"))
}

/// The response to such a request. No application need render a page of its own: nobody sees it.
pub(super) fn refusal() -> Response {
    let page = "<!DOCTYPE html><html lang=\"en\"><title>Not loaded in advance</title></html>";
    (StatusCode::FORBIDDEN, [(CACHE_CONTROL, "no-store")], Html(page)).into_response()
}
