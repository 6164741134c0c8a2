//! A name for each request: in the log, in the answer's headers and on error pages, so that a report finds its lines.
//! It takes no id from outside: a foreign one could forge log lines.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use tower_sessions::session::Id;
use tracing::Instrument;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The request's name: 22 random base64url characters.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub(super) String);

/// Names the request and everything that is logged while it is answered. The path is logged without its query, which
/// may hold an authorization code.
pub(super) async fn assign(mut request: Request, next: Next) -> Response {
    let id = Id::default().to_string();
    let span = tracing::info_span!("request", id, method = %request.method(), path = request.uri().path());
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).instrument(span.clone()).await;
    span.in_scope(|| tracing::debug!(status = response.status().as_u16(), "answered"));
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    response
}
