//! The export of traces to a collector by OpenTelemetry's protocol, OTLP over HTTP; in this build without effect.
//!
//! Builds with the feature `otlp` have `src/otlp.rs` in this place. Here are the same names, and nothing is exported.

mod settings;

use std::convert::Infallible;

use axum::extract::Request;
use http::{Method, StatusCode};
use tracing::Span;
use tracing_subscriber::layer::Identity;

use crate::traces::{TraceContext, TraceId};
pub use settings::{OtlpSettings, Sampling};

/// Whether this build can export traces.
pub const AVAILABLE: bool = false;

/// The target of the spans of requests; there is none.
pub const SPAN_TARGET: &str = "otlp";

/// Exports spans. No value of this type exists.
pub struct Exporter(Infallible);

impl Exporter {
    /// None, because this build cannot export traces.
    ///
    /// # Errors
    /// Never.
    pub fn start(_: &OtlpSettings) -> Result<Option<Self>, Infallible> {
        Ok(None)
    }

    /// Never called: there is no value of this type.
    pub fn layer(&self) -> Identity {
        match self.0 {}
    }

    /// Never called: there is no value of this type.
    pub async fn finish(self) {
        match self.0 {}
    }
}

/// No span.
pub(crate) fn request_span(_: &Request, _: Option<&TraceContext>) -> Span {
    Span::none()
}

/// The future as it is.
pub(crate) fn within<F: Future>(_: Span, future: F) -> F {
    future
}

/// No trace.
pub(crate) fn trace_id_of(_: &Span) -> Option<TraceId> {
    None
}

/// Does nothing.
pub(crate) fn finish_request(_: &Span, _: &Method, _: StatusCode, _: Option<&str>) {}

/// No trace.
pub(crate) fn current() -> Option<TraceContext> {
    None
}
