//! An id for each request: in the log, in the response's headers and on problem pages, so that a report leads to its log
//! lines. No id is taken from a request: a foreign one could forge log lines.

use axum::extract::Request;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderName, HeaderValue};
use tower_sessions::session::Id;
use tracing::Span;

use crate::traces::TraceContext;

/// The `tracing` target of a request's span.
pub const REQUEST_TARGET: &str = "request";

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The request's id: 22 random base64url characters. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct RequestId(HeaderValue);

impl RequestId {
    /// A new id.
    pub(super) fn random() -> Self {
        let mut text = [0_u8; 22];
        URL_SAFE_NO_PAD.encode_slice(Id::default().0.to_le_bytes(), &mut text).expect("16 bytes are 22 characters");
        Self(HeaderValue::from_bytes(&text).expect("base64url characters are legal in a header"))
    }

    /// The id as text.
    pub(super) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The span of everything that is logged until the response. The path is logged without its query, which may hold an
    /// authorization code.
    pub(super) fn span(&self, request: &Request, trace: Option<&TraceContext>) -> Span {
        tracing::info_span!(
            target: REQUEST_TARGET,
            "request",
            id = self.as_str(),
            method = request.method().as_str(),
            path = request.uri().path(),
            trace_id = trace.map(|trace| display(trace.trace_id))
        )
    }

    /// Adds the id to the response.
    pub(super) fn finish(self, response: &mut Response) {
        tracing::debug!(status = response.status().as_u16(), "responded");
        response.headers_mut().insert(X_REQUEST_ID, self.0);
    }
}
