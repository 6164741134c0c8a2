//! The export of traces to a collector by OpenTelemetry's protocol, OTLP over HTTP.
//!
//! Requests, what they send to the issuer and what they do in the session store become spans there. Builds without the
//! feature `otlp` use `otlp/absent.rs` instead.
//!
//! Spans wait in a queue of limited length (2048, or `OTEL_BSP_MAX_QUEUE_SIZE`) for a thread that sends them: nothing else
//! waits for the collector, and what it does not take is lost, with one warning a minute. Nothing of the log is exported.

mod settings;

use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use axum::extract::Request;
use http::{Method, StatusCode};
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags, TraceId as OtelTraceId, TraceState,
    TracerProvider,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::TelemetryResourceDetector;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tokio::runtime::Handle;
use tracing::{Instrument, Metadata, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::filter::{FilterFn, LevelFilter};
use tracing_subscriber::{Layer, Registry};

use crate::auth::{self, is_loopback};
use crate::traces::{TraceContext, TraceId};
pub use settings::{OtlpSettings, Sampling};

/// Whether this build can export traces.
pub const AVAILABLE: bool = true;

/// The `tracing` target of the spans of requests. They are for the collector alone: the log has a span of its own for each
/// request.
pub const SPAN_TARGET: &str = "kinde_leptos::otlp::spans";

/// A request to the collector, from connecting to the last byte of the response; with its repetitions three times that.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(3);
const EXPORT_TIMEOUT: Duration = Duration::from_secs(9);
/// The longest response of the collector that is read.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;
/// How long the process waits at its end until the collector has the last spans.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);
const WARNING_INTERVAL: Duration = Duration::from_secs(60);

/// Exports spans until [`Self::finish`].
pub struct Exporter(SdkTracerProvider);

/// Why no traces can be exported.
#[derive(Debug, thiserror::Error)]
#[error("traces cannot be exported: {0}")]
pub enum StartError {
    /// The TLS library cannot be set up.
    HttpClient(reqwest::Error),
    /// The exporter refuses its settings.
    Exporter(ExporterBuildError),
}

impl Exporter {
    /// Begins to export, where the settings name an endpoint. To be called within the runtime.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(settings: &OtlpSettings) -> Result<Option<Self>, StartError> {
        let Some(endpoint) = &settings.endpoint else { return Ok(None) };
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(REQUEST_TIMEOUT)
            .default_headers(settings.headers.iter().cloned().collect());
        // Requests to this machine must not go through the proxy that HTTP_PROXY names.
        let client = if is_loopback(endpoint) { client.no_proxy() } else { client };
        let collector = Collector {
            client: client.build().map_err(StartError::HttpClient)?,
            runtime: Handle::current(),
            warned: Arc::default(),
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(collector)
            .with_endpoint(endpoint.as_str())
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(EXPORT_TIMEOUT)
            .build()
            .map_err(StartError::Exporter)?;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(sampler(settings.sampling))
            .with_resource(resource(settings))
            .build();
        Ok(Some(Self(provider)))
    }

    /// The layer that passes the spans of requests, and of what they wait for, to the exporter.
    pub fn layer(&self) -> impl Layer<Registry> + use<> {
        let tracer = self.0.tracer(env!("CARGO_PKG_NAME"));
        let layer = tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false);
        let is_exported = |metadata: &Metadata<'_>| {
            metadata.is_span() && [SPAN_TARGET, auth::SPAN_TARGET].contains(&metadata.target())
        };
        layer.with_filter(FilterFn::new(is_exported).with_max_level_hint(LevelFilter::DEBUG))
    }

    /// Sends what is left, for two seconds at most, and ends.
    pub async fn finish(self) {
        // It waits for the thread that sends.
        let _ = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(FLUSH_TIMEOUT)).await;
    }
}

fn sampler(sampling: Sampling) -> Sampler {
    let own = match sampling.ratio {
        1.0 => Sampler::AlwaysOn,
        0.0 => Sampler::AlwaysOff,
        ratio => Sampler::TraceIdRatioBased(ratio),
    };
    if sampling.follows_parent { Sampler::ParentBased(Box::new(own)) } else { own }
}

fn resource(settings: &OtlpSettings) -> Resource {
    let attributes = settings.resource_attributes.iter().cloned().map(|(name, value)| KeyValue::new(name, value));
    Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attributes(attributes)
        .with_service_name(settings.service_name.clone())
        .build()
}

/// The collector, to which the exporter's thread sends.
#[derive(Debug)]
struct Collector {
    client: reqwest::Client,
    /// The thread has no runtime of its own.
    runtime: Handle,
    /// When it was last logged that the collector does not take traces.
    warned: Arc<Mutex<Option<Instant>>>,
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sent = self.runtime.spawn(async move { send(&client, request).await }).await?;
        match &sent {
            Ok(response) if !response.status().is_success() => self.warn(&response.status()),
            Err(error) => self.warn(error),
            Ok(_) => {}
        }
        sent
    }
}

impl Collector {
    fn warn(&self, reason: &dyn Display) {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.is_none_or(|warned| warned.elapsed() >= WARNING_INTERVAL) {
            *warned = Some(Instant::now());
            tracing::warn!(
                reason = %reason,
                "the collector does not take traces, some of which are lost (OTEL_EXPORTER_OTLP_ENDPOINT)"
            );
        }
    }
}

async fn send(client: &reqwest::Client, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, HttpError> {
    let mut response = client.execute(request.try_into()?).await.map_err(reason)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(reason)? {
        if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
            return Err("its response is too large".into());
        }
        body.extend_from_slice(&chunk);
    }
    let mut whole = http::Response::new(Bytes::from(body));
    (*whole.status_mut(), *whole.headers_mut()) = (response.status(), std::mem::take(response.headers_mut()));
    Ok(whole)
}

/// The innermost cause, which names no URL.
fn reason(error: reqwest::Error) -> HttpError {
    let error = error.without_url();
    let causes = std::iter::successors(std::error::Error::source(&error), |cause| cause.source());
    causes.last().map_or_else(|| error.to_string(), ToString::to_string).into()
}

/// The span of a request, in the trace that it came with, or at the beginning of a new one.
pub(crate) fn request_span(request: &Request, trace: Option<&TraceContext>) -> Span {
    let method = known_method(request.method());
    let span = tracing::debug_span!(
        target: SPAN_TARGET,
        "request",
        otel.name = method,
        otel.kind = ?SpanKind::Server,
        http.request.method = method,
        url.path = request.uri().path(),
    );
    if let Some(trace) = trace {
        // Fails only where nothing exports the span.
        let _ = span.set_parent(Context::new().with_remote_span_context(remote(trace)));
    }
    span
}

/// A method that visitors make up is `_OTHER`, as the semantic conventions say.
fn known_method(method: &Method) -> &str {
    match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "CONNECT" | "OPTIONS" | "TRACE" | "PATCH") => known,
        _ => "_OTHER",
    }
}

fn remote(trace: &TraceContext) -> SpanContext {
    SpanContext::new(
        OtelTraceId::from_bytes(trace.trace_id.0.to_be_bytes()),
        SpanId::from_bytes(trace.parent_id.to_be_bytes()),
        TraceFlags::new(trace.flags),
        true,
        trace.state.parse::<TraceState>().unwrap_or_default(),
    )
}

/// A future within the span of its request. (Its counterpart in other builds costs nothing; a disabled span would.)
pub(crate) fn within<F: Future>(span: Span, future: F) -> impl Future<Output = F::Output> {
    future.instrument(span)
}

/// The trace of a span; none unless it is exported.
pub(crate) fn trace_id_of(span: &Span) -> Option<TraceId> {
    let context = span.context();
    let context = context.span().span_context().clone();
    context.is_valid().then(|| TraceId(u128::from_be_bytes(context.trace_id().to_bytes())))
}

/// Ends the span of a request whose response is there. Work that goes on after it does not prolong it.
pub(crate) fn finish_request(span: &Span, method: &Method, status: StatusCode, route: Option<&str>) {
    let context = span.context();
    let span = context.span();
    span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
    if let Some(route) = route {
        span.update_name(format!("{} {route}", known_method(method)));
        span.set_attribute(KeyValue::new("http.route", route.to_owned()));
    }
    // Of a server's span, what the client did wrong is no error.
    if status.is_server_error() {
        span.set_attribute(KeyValue::new("error.type", status.as_str().to_owned()));
        span.set_status(Status::error(""));
    }
    span.end();
}

/// The trace of the work under way, with the current span as the sender's place in it.
pub(crate) fn current() -> Option<TraceContext> {
    let context = Span::current().context();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| TraceContext {
        trace_id: TraceId(u128::from_be_bytes(span.trace_id().to_bytes())),
        parent_id: u64::from_be_bytes(span.span_id().to_bytes()),
        flags: span.trace_flags().to_u8(),
        state: span.trace_state().header(),
    })
}
