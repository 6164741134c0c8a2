//! An id for each request: in the log, in the response's headers and on problem pages, so that a report leads to its log
//! lines. No id is taken from a request: a foreign one could forge log lines.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use tower_sessions::session::Id;
use tracing::Instrument;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The request's id: 22 random base64url characters.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub(super) String);

/// Adds the id to the request, and to everything that is logged until its response. The path is logged without its query, which
/// may hold an authorization code.
pub(super) async fn assign(mut request: Request, next: Next) -> Response {
    let id = Id::default().to_string();
    let span = tracing::info_span!("request", id, method = %request.method(), path = request.uri().path());
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).instrument(span.clone()).await;
    span.in_scope(|| tracing::debug!(status = response.status().as_u16(), "responded"));
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    response
}
