//! An id for each request: in the log, in the response's headers and on problem pages, so that a report leads to its log
//! lines. No id is taken from a request: a foreign one could forge log lines.

use axum::extract::Request;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use tower_sessions::session::Id;
use tracing::Span;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The request's id: 22 random base64url characters.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub(super) String);

impl RequestId {
    /// A new id, which is added to the request.
    pub(super) fn assign(request: &mut Request) -> Self {
        let id = Self(Id::default().to_string());
        request.extensions_mut().insert(id.clone());
        id
    }

    /// The span of everything that is logged until the response. The path is logged without its query, which may hold an
    /// authorization code.
    pub(super) fn span(&self, request: &Request) -> Span {
        tracing::info_span!("request", id = self.0, method = %request.method(), path = request.uri().path())
    }

    /// Adds the id to the response.
    pub(super) fn finish(self, response: &mut Response) {
        tracing::debug!(status = response.status().as_u16(), "responded");
        if let Ok(id) = HeaderValue::try_from(self.0) {
            response.headers_mut().insert(X_REQUEST_ID, id);
        }
    }
}
