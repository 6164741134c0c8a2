//! The spans of what a request waits for: requests to the issuer, and operations of the session store.

/// The `tracing` target of these spans, at the level `debug`. Their fields are the attributes of OpenTelemetry's semantic
/// conventions; `otel.name`, `otel.kind` and `otel.status_code` are what the crate `tracing-opentelemetry` reads. They
/// hold addresses and paths of the issuer, never a query, a header or a body.
pub const SPAN_TARGET: &str = "kinde_leptos::auth::spans";
