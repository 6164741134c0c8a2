//! `Outbound`: the one HTTP client for all requests to the issuer, with its limits. The callers build the requests and
//! interpret the responses.
//!
//! No redirects (RFC 9700 §4.11: they would carry secrets elsewhere), a time limit for connecting and for the whole
//! request, a limit on the size of a response, https only except to loopback.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::header::{ACCEPT, AGE, CONTENT_TYPE, DATE, RETRY_AFTER};
use http::{HeaderMap, Method, StatusCode};
use oauth2::{HttpRequest, HttpResponse};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use tower::util::MapRequestLayer;
use tracing::field::{Empty, display};
use tracing::{Instrument, Span};
use url::Url;

pub(in crate::auth) use super::breaker::Admission;
use super::breaker::{CircuitBreaker, HeldBack, Outcome, Reachability};
use crate::auth::claims::ClaimMap;
use crate::auth::metrics::{Breaker, BreakerMetrics, Endpoint, IssuerMetrics, RequestOutcome};
use crate::auth::observation::Observed;
use crate::auth::spans::SPAN_TARGET;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Each request, from connecting to the last byte of the response.
pub(in crate::auth) const TOTAL_TIMEOUT: Duration = Duration::from_secs(5);
/// Idle connections are closed before common servers close theirs (Node.js does after 5 s), so that few requests meet a
/// connection that is just being closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// 1 MiB: a token response with 65 kB of claims fits many times over.
const MAX_RESPONSE_BYTES: usize = 1 << 20;
/// `Retry-After` when no request is sent at all, in seconds.
const RETRY_SOON: u64 = 2;
/// How much of a text from the issuer is logged.
const MAX_LOGGED_CHARACTERS: usize = 100;
/// The longest `Retry-After` of the issuer that is passed on, in seconds.
const MAX_RETRY_AFTER: u64 = 3600;

tokio::task_local! {
    /// Whether a connection was opened for the request that runs in this scope.
    static HAS_CONNECTED: Cell<bool>;
}

/// Why a request to the issuer failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum OutboundError {
    /// Too many users wait for the issuer, in all or from one address (503).
    #[error("too many users wait for the issuer")]
    Busy,
    /// The last requests failed in a row, so no further one is sent for a moment (503).
    #[error("the issuer did not respond several times in a row; it is tried again every few seconds")]
    CircuitOpen,
    /// No response within the time limit (504).
    #[error("no response from {0} within the time limit")]
    TimedOut(String),
    /// Connecting failed or the connection broke (502).
    #[error("the connection to {0} failed: {1}")]
    Unreachable(String, String),
    /// The response is larger than the limit (502).
    #[error("the response of {0} is larger than 1 MiB")]
    TooLarge(String),
    /// The issuer limits our requests (503), and this one was refused or held back; the seconds are its `Retry-After`.
    #[error("{0} limits our requests (429)")]
    Limited(String, u64),
    /// A status that is no usable response (502): 5xx, a redirect, …
    #[error("{0} responded with {1}")]
    Status(String, StatusCode),
    /// The body is not the expected JSON (502).
    #[error("the response of {0} cannot be read: {1}")]
    Unreadable(String, String),
    /// The URL is neither https nor loopback (502).
    #[error("{0} is neither https nor on this machine, so no request is sent")]
    Insecure(String),
}

impl OutboundError {
    /// The status of the response to the browser.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Busy | Self::CircuitOpen | Self::Limited(..) => StatusCode::SERVICE_UNAVAILABLE,
            Self::TimedOut(_) => StatusCode::GATEWAY_TIMEOUT,
            _ => StatusCode::BAD_GATEWAY,
        }
    }

    /// Seconds after which another try makes sense, where that is known.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Busy | Self::CircuitOpen => Some(RETRY_SOON),
            Self::Limited(_, seconds) => Some(*seconds),
            _ => None,
        }
    }

    /// The variant in a word, for traces.
    fn kind(&self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::CircuitOpen => "circuit_open",
            Self::TimedOut(_) => "timeout",
            Self::Unreachable(..) => "unreachable",
            Self::TooLarge(_) => "too_large",
            Self::Limited(..) => "limited",
            Self::Status(..) => "status",
            Self::Unreadable(..) => "unreadable",
            Self::Insecure(_) => "insecure",
        }
    }

    /// No connection or no response, in contrast to a response of any status.
    pub fn is_silence(&self) -> bool {
        matches!(self, Self::TimedOut(_) | Self::Unreachable(..))
    }
}

/// What an application adds to the headers of every request to the issuer, for example the trace that it belongs to.
/// Default: nothing. Cheap to clone.
#[derive(Clone, Default)]
pub struct RequestHeaders(Option<Arc<AddHeaders>>);

type AddHeaders = dyn Fn(&mut HeaderMap) + Send + Sync;

impl RequestHeaders {
    /// Headers that this function adds, to headers that are empty. It is called for each request, within the `tracing`
    /// span of that request, whose parent is the span of what needs it: usually of the request of a browser. It must not
    /// block. A header that the request has anyway is not replaced.
    pub fn new(add: impl Fn(&mut HeaderMap) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(add)))
    }

    fn add_to(&self, headers: &mut HeaderMap) {
        let Some(add) = &self.0 else { return };
        let mut own = HeaderMap::new();
        add(&mut own);
        for (name, value) in &own {
            headers.entry(name).or_insert_with(|| value.clone());
        }
    }
}

impl fmt::Debug for RequestHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequestHeaders").field(&self.0.is_some()).finish()
    }
}

/// The HTTP client for the issuer. Cheap to clone.
#[derive(Debug, Clone)]
pub(in crate::auth) struct Outbound {
    client: reqwest::Client,
    /// Opens a new connection for each request.
    without_reuse: reqwest::Client,
    breaker: Arc<CircuitBreaker>,
    metrics: Arc<IssuerMetrics>,
    request_headers: RequestHeaders,
}

/// A response, read to its end.
type Response = (StatusCode, HeaderMap, Vec<u8>);

/// The response to a request, kept for an observer whatever it is. It stays empty where nobody is told.
#[derive(Default)]
pub(in crate::auth) struct Received {
    is_wanted: bool,
    response: Option<Response>,
}

impl Received {
    /// Keeps the response if there is an observer.
    pub(in crate::auth) fn for_observer(observed: &Observed) -> Self {
        Self { is_wanted: observed.is_told(), response: None }
    }

    fn keep(&mut self, response: &Response) {
        if self.is_wanted {
            self.response = Some(response.clone());
        }
    }

    pub(super) fn status(&self) -> Option<StatusCode> {
        self.response.as_ref().map(|(status, ..)| *status)
    }

    pub(super) fn content_type(&self) -> Option<&str> {
        self.response.as_ref().and_then(|(_, headers, _)| headers.get(CONTENT_TYPE)?.to_str().ok())
    }

    pub(super) fn size(&self) -> Option<usize> {
        self.response.as_ref().map(|(.., body)| body.len())
    }

    /// The members of its body, where that is a JSON object.
    pub(super) fn members(&self) -> Option<ClaimMap> {
        self.response.as_ref().and_then(|(.., body)| serde_json::from_slice(body).ok())
    }
}

impl Outbound {
    /// A client for one issuer. Fails only where the TLS library cannot be set up.
    pub(in crate::auth) fn new(issuer_url: &str, request_headers: RequestHeaders) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: client_for(issuer_url).pool_idle_timeout(IDLE_TIMEOUT).build()?,
            without_reuse: client_for(issuer_url).pool_max_idle_per_host(0).build()?,
            breaker: Arc::new(CircuitBreaker::new(BreakerMetrics::register(Breaker::SignIn))),
            metrics: Arc::new(IssuerMetrics::register()),
            request_headers,
        })
    }

    /// The same client for the account API, whose requests neither open the circuit of the others nor wait for it.
    pub(in crate::auth) fn for_account_api(&self) -> Self {
        let breaker = CircuitBreaker::new(BreakerMetrics::register(Breaker::AccountApi));
        Self { breaker: Arc::new(breaker), ..self.clone() }
    }

    /// The same client for one examination, whose requests neither open the circuit of the others nor wait for it.
    pub(in crate::auth) fn for_examination(&self) -> Self {
        Self { breaker: Arc::default(), ..self.clone() }
    }

    /// Fails at once while the issuer is taken to be unreachable, for callers that would send a browser there.
    pub(in crate::auth) fn check_reachable(&self) -> Result<(), OutboundError> {
        if self.breaker.is_open() { Err(OutboundError::CircuitOpen) } else { Ok(()) }
    }

    /// Whether the issuer responded to the last request.
    pub(in crate::auth) fn reachability(&self) -> Reachability {
        self.breaker.reachability()
    }

    /// Permission for one request.
    ///
    /// # Errors
    /// [`OutboundError::CircuitOpen`] and [`OutboundError::Limited`] (503) while requests are held back.
    pub(in crate::auth) fn admit(&self) -> Result<Admission, OutboundError> {
        self.breaker.admit().map_err(|held_back| match held_back {
            HeldBack::Open => OutboundError::CircuitOpen,
            HeldBack::Limited(seconds) => OutboundError::Limited("the issuer".to_owned(), seconds),
        })
    }

    /// GETs a JSON document, with an access token where the endpoint needs one. `received` is for an observer.
    pub(super) async fn get_json<T: DeserializeOwned>(
        &self,
        kind: Endpoint,
        url: &Url,
        access_token: Option<&SecretString>,
        received: &mut Received,
    ) -> Result<T, OutboundError> {
        self.get_dated_json(kind, url, access_token, received).await.map(|(document, _)| document)
    }

    /// As [`Self::get_json`], with the time that the server's clock showed, where the response says it.
    pub(super) async fn get_dated_json<T: DeserializeOwned>(
        &self,
        kind: Endpoint,
        url: &Url,
        access_token: Option<&SecretString>,
        received: &mut Received,
    ) -> Result<(T, Option<OffsetDateTime>), OutboundError> {
        let mut request = self.client.request(Method::GET, url.clone()).header(ACCEPT, "application/json");
        if let Some(token) = access_token {
            request = request.bearer_auth(token.expose_secret());
        }
        let (status, headers, body) = self.perform(self.admit()?, kind, url, request, received).await?;
        if !status.is_success() {
            return Err(OutboundError::Status(endpoint(url), status));
        }
        let document = serde_json::from_slice(&body)
            .map_err(|error| OutboundError::Unreadable(endpoint(url), loggable(&error.to_string())))?;
        Ok((document, servers_time(&headers)))
    }

    /// Performs a request of the protocol. A response with 2xx or 4xx is returned for the caller to interpret; any
    /// other status is an error.
    pub(super) async fn send(
        &self,
        admission: Admission,
        kind: Endpoint,
        request: HttpRequest,
        received: &mut Received,
    ) -> Result<HttpResponse, OutboundError> {
        let (parts, body) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string())
            .map_err(|error| OutboundError::Insecure(format!("a malformed URL ({error})")))?;
        let request = self.client.request(parts.method, url.clone()).headers(parts.headers).body(body);
        let (status, headers, body) = self.perform(admission, kind, &url, request, received).await?;
        let mut response = HttpResponse::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }

    async fn perform(
        &self,
        admission: Admission,
        kind: Endpoint,
        url: &Url,
        request: reqwest::RequestBuilder,
        received: &mut Received,
    ) -> Result<Response, OutboundError> {
        if !is_https_or_loopback(url) {
            return Err(OutboundError::Insecure(endpoint(url)));
        }
        let mut request = request.build().map_err(|error| failure(url, &error))?;
        let span = span_of(&request);
        span.in_scope(|| self.request_headers.add_to(request.headers_mut()));
        // A task of its own: the breaker gets the outcome even when the browser has disconnected meanwhile, so that
        // clients cannot keep it open by disconnecting.
        let (requested, begun, clients) = (url.clone(), Instant::now(), self.clone());
        let noted = span.clone();
        let metrics = Arc::clone(&self.metrics);
        let work = async move {
            let response = exchange(&requested, request, &clients).await;
            note(&noted, &response);
            admission.finished(outcome(&response));
            metrics.requested(kind, counted_as(&response), begun.elapsed());
            response
        };
        // Within the caller's span also where that of the request is not recorded.
        let exchanged = tokio::spawn(work.instrument(span).in_current_span());
        let response = exchanged.await.unwrap_or_else(|_| Err(OutboundError::TimedOut(endpoint(url))));
        tracing::debug!(
            endpoint = endpoint(url),
            milliseconds = begun.elapsed().as_millis(),
            "sent a request to the issuer"
        );
        let response = response?;
        received.keep(&response);
        let (status, headers, body) = response;
        match status {
            StatusCode::TOO_MANY_REQUESTS => Err(OutboundError::Limited(endpoint(url), retry_after(&headers))),
            status if status.is_success() || status.is_client_error() => Ok((status, headers, body)),
            status => Err(OutboundError::Status(endpoint(url), status)),
        }
    }
}

fn client_for(issuer_url: &str) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
        .connector_layer(MapRequestLayer::new(note_connecting))
        .user_agent(concat!("kinde-leptos/", env!("CARGO_PKG_VERSION")));
    // Requests to this machine must not go through the proxy that HTTP_PROXY names.
    let is_here = Url::parse(issuer_url).is_ok_and(|url| is_loopback(&url));
    if is_here { builder.no_proxy() } else { builder }
}

fn outcome(response: &Result<Response, OutboundError>) -> Outcome {
    match response {
        Ok((StatusCode::TOO_MANY_REQUESTS, headers, _)) => Outcome::Limited(retry_after(headers)),
        Ok((status, ..)) if status.is_server_error() => Outcome::Failed,
        Ok(_) => Outcome::Succeeded,
        Err(error) if error.is_silence() => Outcome::Silence,
        Err(_) => Outcome::Failed,
    }
}

fn counted_as(response: &Result<Response, OutboundError>) -> RequestOutcome {
    match response {
        Ok((StatusCode::TOO_MANY_REQUESTS, ..)) => RequestOutcome::Limited,
        Ok((status, ..)) if status.is_success() => RequestOutcome::Success,
        Ok((status, ..)) if status.is_client_error() => RequestOutcome::Refused,
        Ok(_) => RequestOutcome::Error,
        Err(OutboundError::TooLarge(_)) => RequestOutcome::TooLarge,
        Err(OutboundError::TimedOut(_)) => RequestOutcome::Timeout,
        Err(_) => RequestOutcome::Unreachable,
    }
}

/// The span of a request, from connecting to the last byte of the response.
fn span_of(request: &reqwest::Request) -> Span {
    let (method, url) = (request.method().as_str(), request.url());
    tracing::debug_span!(
        target: SPAN_TARGET,
        "issuer_request",
        otel.name = format!("{method} {}", url.path()),
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = method,
        http.response.status_code = Empty,
        server.address = url.host_str(),
        server.port = url.port_or_known_default(),
        url.full = format!("{}://{}", url.scheme(), endpoint(url)),
        error.type = Empty,
    )
}

/// Notes how a request ended. (For a client, any status from 400 on is an error.)
fn note(span: &Span, response: &Result<Response, OutboundError>) {
    let error = match response {
        Ok((status, ..)) => {
            span.record("http.response.status_code", status.as_u16());
            (status.is_client_error() || status.is_server_error()).then(|| display(status.as_str()))
        }
        Err(error) => Some(display(error.kind())),
    };
    if let Some(error) = error {
        span.record("error.type", error);
        span.record("otel.status_code", "ERROR");
    }
}

fn note_connecting<R>(destination: R) -> R {
    // Outside a scope there is nothing to note: the pool goes on connecting after a request was cancelled.
    let _ = HAS_CONNECTED.try_with(|has_connected| has_connected.set(true));
    destination
}

/// One request and its response. A request that is lost because the server closes an idle connection just as it is used
/// again is sent once more, on a new connection: for a GET that is harmless, and an authorization code that the lost
/// request has used can only be refused, while without another try the sign-in has failed for certain.
async fn exchange(url: &Url, request: reqwest::Request, clients: &Outbound) -> Result<Response, OutboundError> {
    let (again, begun) = (request.try_clone(), Instant::now());
    let (sent, has_connected) = HAS_CONNECTED
        .scope(Cell::new(false), async {
            let sent = clients.client.execute(request).await;
            (sent, HAS_CONNECTED.with(Cell::get))
        })
        .await;
    let sent = match (sent, again) {
        (Err(error), Some(mut again)) if !has_connected && is_lost_before_response(&error) => {
            tracing::debug!(
                endpoint = endpoint(url),
                "a reused connection was closed by the issuer; another is opened"
            );
            *again.timeout_mut() = Some(TOTAL_TIMEOUT.saturating_sub(begun.elapsed()));
            clients.without_reuse.execute(again).await
        }
        (sent, _) => sent,
    };
    read(url, sent.map_err(|error| failure(url, &error))?).await
}

/// Whether the connection ended before a response began. (A head that is cut short looks the same.)
fn is_lost_before_response(error: &reqwest::Error) -> bool {
    let mut causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    !error.is_timeout()
        && !error.is_connect()
        && causes.any(|cause| {
            cause
                .downcast_ref::<hyper::Error>()
                .is_some_and(|error| error.is_incomplete_message() || error.is_canceled())
                || cause.downcast_ref::<std::io::Error>().is_some_and(|error| {
                    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
                    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
                })
        })
}

/// Reads a response up to the limit.
async fn read(url: &Url, mut response: reqwest::Response) -> Result<Response, OutboundError> {
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(url, &error))? {
        if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
            return Err(OutboundError::TooLarge(endpoint(url)));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((status, headers, body))
}

fn failure(url: &Url, error: &reqwest::Error) -> OutboundError {
    if error.is_timeout() {
        return OutboundError::TimedOut(endpoint(url));
    }
    let cause = std::iter::successors(std::error::Error::source(error), |cause| cause.source()).last();
    OutboundError::Unreachable(endpoint(url), cause.map_or_else(|| "no response".to_owned(), ToString::to_string))
}

/// Host and path of a URL for the log: no query, no user name.
fn endpoint(url: &Url) -> String {
    format!("{}{}", url.authority().rsplit('@').next().unwrap_or_default(), url.path())
}

/// `Retry-After` in seconds; Kinde itself sends `RateLimit-Reset`.
fn retry_after(headers: &HeaderMap) -> u64 {
    [RETRY_AFTER.as_str(), "ratelimit-reset"]
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok()?.trim().parse().ok())
        .unwrap_or(RETRY_SOON)
        .min(MAX_RETRY_AFTER)
}

/// The time on the server's clock: `Date`, and for a response from a cache its `Age` later (RFC 9111 §4.2.3).
fn servers_time(headers: &HeaderMap) -> Option<OffsetDateTime> {
    let date = OffsetDateTime::parse(headers.get(DATE)?.to_str().ok()?, &Rfc2822).ok()?;
    let age = headers.get(AGE).and_then(|age| age.to_str().ok()?.trim().parse().ok()).unwrap_or(0);
    date.checked_add(time::Duration::seconds(age))
}

/// A text from the issuer for the log: one line, and short.
pub(super) fn loggable(text: &str) -> String {
    text.chars().take(MAX_LOGGED_CHARACTERS).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Whether a URL is https, or names this machine.
pub(super) fn is_https_or_loopback(url: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => is_loopback(url),
        _ => false,
    }
}

/// Whether a URL's host is `localhost`, in 127.0.0.0/8, or `::1`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time_of(headers: &[(http::HeaderName, &str)]) -> Option<i64> {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        servers_time(&headers).map(OffsetDateTime::unix_timestamp)
    }

    #[test]
    fn an_application_adds_headers_and_replaces_none() {
        let added = RequestHeaders::new(|headers| {
            headers.append("x-trace", "1".parse().unwrap());
            headers.append("accept", "text/html".parse().unwrap());
        });
        let mut headers: HeaderMap = [(ACCEPT, "application/json".parse().unwrap())].into_iter().collect();
        added.add_to(&mut headers);
        RequestHeaders::default().add_to(&mut headers);
        let sent: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        assert_eq!(sent, [("accept", "application/json"), ("x-trace", "1")]);
    }

    #[test]
    fn the_servers_time_is_its_date_and_the_age_of_what_a_cache_returned() {
        const SAMPLE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(time_of(&[(DATE, SAMPLE)]), Some(784_111_777));
        assert_eq!(time_of(&[(DATE, SAMPLE), (AGE, "3600")]), Some(784_115_377));
        assert_eq!(time_of(&[(DATE, SAMPLE), (AGE, "soon")]), Some(784_111_777));
        assert_eq!(time_of(&[(DATE, "soon")]), None);
        assert_eq!(time_of(&[(DATE, SAMPLE), (AGE, "9223372036854775807")]), None);
        assert_eq!(time_of(&[]), None);
    }
}
