//! `OtlpSettings`: where traces are exported to, and which. The variables are read by `config`.

use http::{HeaderName, HeaderValue};
use url::Url;

const DEFAULT_SERVICE_NAME: &str = "kinde-leptos";

/// Where traces are exported to, and which.
#[derive(Debug, Clone)]
pub struct OtlpSettings {
    /// The URL that takes traces: `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, or `OTEL_EXPORTER_OTLP_ENDPOINT` with `v1/traces`
    /// below it. `None` exports nothing: neither is set, or `OTEL_SDK_DISABLED` is `true`.
    pub endpoint: Option<Url>,
    /// `OTEL_EXPORTER_OTLP_HEADERS`: `name=value`, separated by commas, the values percent-encoded. Added to every request
    /// to the collector; the values are secrets and do not print.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// `OTEL_SERVICE_NAME`, else `service.name` of `OTEL_RESOURCE_ATTRIBUTES`. Default `kinde-leptos`.
    pub service_name: String,
    /// `OTEL_RESOURCE_ATTRIBUTES`: `name=value`, separated by commas, the values percent-encoded.
    pub resource_attributes: Vec<(String, String)>,
    /// `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`. Default `parentbased_always_on`.
    pub sampling: Sampling,
    /// Variables that are set and have no effect, because this build cannot export traces.
    pub ignored: Vec<&'static str>,
}

/// Which traces are recorded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// Whether the sender decides of a trace that came with a request (`parentbased_…`).
    pub follows_parent: bool,
    /// The part of all other traces that is recorded, from 0 to 1.
    pub ratio: f64,
}

impl Default for OtlpSettings {
    /// Nothing is exported.
    fn default() -> Self {
        Self {
            endpoint: None,
            headers: Vec::new(),
            service_name: DEFAULT_SERVICE_NAME.to_owned(),
            resource_attributes: Vec::new(),
            sampling: Sampling::default(),
            ignored: Vec::new(),
        }
    }
}

impl Default for Sampling {
    /// The sender decides, and all other traces are recorded.
    fn default() -> Self {
        Self { follows_parent: true, ratio: 1.0 }
    }
}
