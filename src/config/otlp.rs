//! The export of traces, by the environment variables of OpenTelemetry
//! (<https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>, and for the exporter
//! <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>). Without an endpoint nothing is exported.
//! The export itself is in `otlp`.

use http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use url::Url;

use super::settings::Settings;
use super::site::has_user;

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";
const RESOURCE_ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const SAMPLER_ARGUMENT: &str = "OTEL_TRACES_SAMPLER_ARG";
const DISABLED: &str = "OTEL_SDK_DISABLED";

/// Every variable that is read.
const NAMES: [&str; 9] = [
    ENDPOINT,
    TRACES_ENDPOINT,
    HEADERS,
    PROTOCOL,
    SERVICE_NAME,
    RESOURCE_ATTRIBUTES,
    SAMPLER,
    SAMPLER_ARGUMENT,
    DISABLED,
];

/// The one protocol that is spoken.
const HTTP_PROTOBUF: &str = "http/protobuf";
const DEFAULT_SERVICE_NAME: &str = "kinde-leptos";
/// The collector's port for OTLP over HTTP on this machine, for the texts of problems.
const EXAMPLE_ENDPOINT: &str = "http://localhost:4318";

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
            sampling: Sampling { follows_parent: true, ratio: 1.0 },
            ignored: Vec::new(),
        }
    }
}

/// Reads the variables. Where the build cannot export traces, platforms that set them for every program get no problem
/// but a list of what is ignored.
pub(super) fn settings(settings: &mut Settings<'_>, can_export: bool) -> OtlpSettings {
    // Read in any case, so that the list of settings is the same in every build.
    let read = read(settings, can_export);
    if can_export {
        return read;
    }
    let ignored = NAMES.into_iter().filter(|name| settings.is_set(name)).collect();
    OtlpSettings { ignored, ..OtlpSettings::default() }
}

fn read(settings: &mut Settings<'_>, can_export: bool) -> OtlpSettings {
    let mut problems = Vec::new();
    let base = settings.one_of(&[ENDPOINT]);
    let own = settings.one_of(&[TRACES_ENDPOINT]);
    let endpoint = match (own, base) {
        (Some(own), _) => endpoint(TRACES_ENDPOINT, &own, "").map(Some),
        (None, Some(base)) => endpoint(ENDPOINT, &base, "v1/traces").map(Some),
        (None, None) => Ok(None),
    };
    let mut checked = |read: Result<(), String>| problems.extend(read.err());
    let mut read = OtlpSettings::default();
    checked(endpoint.map(|endpoint| read.endpoint = endpoint));
    let headers = settings.secret(&[HEADERS], "OTEL_EXPORTER_OTLP_HEADERS_FILE", "the headers");
    checked(headers.map_or(Ok(Vec::new()), |text| as_headers(&text)).map(|headers| read.headers = headers));
    let attributes = settings.one_of(&[RESOURCE_ATTRIBUTES]);
    checked(
        attributes
            .map_or(Ok(Vec::new()), |text| pairs(RESOURCE_ATTRIBUTES, &text, "deployment.environment.name=production"))
            .map(|pairs| read.resource_attributes = pairs),
    );
    let named = read.resource_attributes.iter().find(|(name, _)| name == "service.name");
    read.service_name = settings
        .one_of(&[SERVICE_NAME])
        .or_else(|| named.map(|(_, value)| value.clone()))
        .unwrap_or_else(|| DEFAULT_SERVICE_NAME.to_owned());
    let (sampler, argument) = (settings.one_of(&[SAMPLER]), settings.one_of(&[SAMPLER_ARGUMENT]));
    checked(sampling(sampler.as_deref(), argument.as_deref()).map(|sampling| read.sampling = sampling));
    let protocol = settings.one_of(&[PROTOCOL]);
    if let Some(other) = protocol.filter(|protocol| protocol != HTTP_PROTOBUF) {
        checked(Err(format!(
            "{PROTOCOL} is {other:?}: only {HTTP_PROTOBUF} is spoken here, which collectors take at another port than gRPC, by default 4318."
        )));
    }
    if settings.one_of(&[DISABLED]).is_some_and(|text| text.eq_ignore_ascii_case("true")) {
        read.endpoint = None;
    }
    if can_export {
        problems.into_iter().for_each(|problem| settings.problem(problem));
    }
    read
}

/// The address at or below an endpoint.
fn endpoint(name: &str, text: &str, below: &str) -> Result<Url, String> {
    let problem = || format!("{name} is no http or https URL: write for example {EXAMPLE_ENDPOINT}.");
    let mut url = Url::parse(text).map_err(|_| problem())?;
    if !url.has_host() || !matches!(url.scheme(), "http" | "https") {
        return Err(problem());
    }
    if has_user(&url) {
        return Err(format!("{name} contains a user name or a password: put credentials into {HEADERS}."));
    }
    if !below.is_empty() {
        let path = format!("{}/{below}", url.path().trim_end_matches('/'));
        url.set_path(&path);
    }
    Ok(url)
}

/// Headers whose values do not print. Nothing of them is in a problem.
fn as_headers(text: &str) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let problem =
        || format!("{HEADERS} is malformed: write name=value, separated by commas, the values percent-encoded.");
    let header = |(name, value): (String, String)| {
        let mut value = HeaderValue::from_str(&value).ok()?;
        value.set_sensitive(true);
        Some((name.parse().ok()?, value))
    };
    let pairs = pairs(HEADERS, text, "").map_err(|_| problem())?;
    pairs.into_iter().map(header).collect::<Option<_>>().ok_or_else(problem)
}

/// Names and values as in W3C Baggage: `name=value`, separated by commas, the values percent-encoded.
fn pairs(name: &str, text: &str, example: &str) -> Result<Vec<(String, String)>, String> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=')?;
        let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
        let name = name.trim();
        (!name.is_empty()).then(|| (name.to_owned(), value.into_owned()))
    };
    let parts = text.split(',').filter(|part| !part.trim().is_empty());
    parts
        .map(pair)
        .collect::<Option<_>>()
        .ok_or_else(|| format!("{name} is {text:?}: write name=value, separated by commas, for example {example}."))
}

fn sampling(sampler: Option<&str>, argument: Option<&str>) -> Result<Sampling, String> {
    let sampler = sampler.unwrap_or("parentbased_always_on");
    let (follows_parent, own) = match sampler.strip_prefix("parentbased_") {
        Some(own) => (true, own),
        None => (false, sampler),
    };
    let ratio = match own {
        "always_on" => 1.0,
        "always_off" => 0.0,
        "traceidratio" => {
            let ratio = argument.unwrap_or("1").parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
            ratio.ok_or_else(|| {
                format!("{SAMPLER_ARGUMENT} is {:?}: write a number from 0 to 1.", argument.unwrap_or_default())
            })?
        }
        _ => {
            return Err(format!(
                "{SAMPLER} is {sampler:?}: write always_on, always_off or traceidratio, or one of these after parentbased_."
            ));
        }
    };
    Ok(Sampling { follows_parent, ratio })
}
