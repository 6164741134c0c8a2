//! `Outbound`: the one HTTP client through which every request to the issuer goes, with its limits.
//! It knows no OpenID Connect: what is asked and what the answer means is its callers' business.
//!
//! No redirects (RFC 9700 §4.11: they would carry secrets elsewhere), a connect and a total time limit, a cap on the
//! size of an answer and on the requests under way, https only except to loopback.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, RETRY_AFTER};
use http::{HeaderMap, Method, StatusCode};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use url::Url;

use super::breaker::{CircuitBreaker, Reachability};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
pub(crate) const TOTAL_TIMEOUT: Duration = Duration::from_secs(5);
/// 1 MiB: a token answer with 65 kB of claims fits many times over.
const MAX_ANSWER_BYTES: usize = 1 << 20;
/// Beyond this many requests under way, a further one is refused at once: a slow issuer must not starve the app.
const MAX_REQUESTS_UNDER_WAY: usize = 64;
/// `Retry-After` when the issuer is not asked at all, in seconds.
const RETRY_SOON: u64 = 2;
/// How much of a foreign text is followed into the log.
const MAX_LOGGED_CHARACTERS: usize = 100;
/// The longest `Retry-After` of the issuer that is passed on, in seconds.
const MAX_RETRY_AFTER: u64 = 3600;

/// Why a request to the issuer gave no usable answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OutboundError {
    /// Too many requests to the issuer are under way (503).
    #[error("too many requests to the issuer are under way")]
    Busy,
    /// The last requests failed in a row, so the issuer is not asked for a moment (503).
    #[error("the issuer did not answer several times in a row; it is tried again every few seconds")]
    CircuitOpen,
    /// No answer within the time limit (504).
    #[error("no answer from {0} within the time limit")]
    TimedOut(String),
    /// Connecting failed or the connection broke (502).
    #[error("the connection to {0} failed: {1}")]
    Unreachable(String, String),
    /// The answer is larger than the limit (502).
    #[error("the answer of {0} is larger than 1 MiB")]
    TooLarge(String),
    /// The issuer limits our requests (503); the seconds are its `Retry-After`.
    #[error("{0} limits our requests (429)")]
    Limited(String, u64),
    /// A status that is no answer to the request (502): 5xx, a redirect, …
    #[error("{0} answered {1}")]
    Status(String, StatusCode),
    /// The body is not the JSON that was asked for (502).
    #[error("the answer of {0} cannot be read: {1}")]
    Unreadable(String, String),
    /// The URL is neither https nor loopback (502).
    #[error("{0} is neither https nor on this machine, so it is not asked")]
    Insecure(String),
}

impl OutboundError {
    /// The status for the person whose request needed the answer.
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

    /// No connection or no answer, in contrast to an answer of whatever status.
    fn is_silence(&self) -> bool {
        matches!(self, Self::TimedOut(_) | Self::Unreachable(..))
    }
}

/// The HTTP client for the issuer. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Outbound {
    client: reqwest::Client,
    under_way: Arc<Semaphore>,
    breaker: Arc<CircuitBreaker>,
}

impl Outbound {
    /// A client for one issuer. Fails only where the TLS library cannot be set up.
    pub(crate) fn new(issuer_url: &str) -> Result<Self, reqwest::Error> {
        let mut builder = reqwest::Client::builder();
        if Url::parse(issuer_url).is_ok_and(|url| is_loopback(&url)) {
            // What stays on this machine must not be sent to the proxy that HTTP_PROXY names.
            builder = builder.no_proxy();
        }
        let client = builder
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            .user_agent(concat!("kinde-leptos/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            client,
            under_way: Arc::new(Semaphore::new(MAX_REQUESTS_UNDER_WAY)),
            breaker: Arc::new(CircuitBreaker::default()),
        })
    }

    /// Fails at once while the issuer is left alone, for callers that would send a person there.
    pub(crate) fn check_reachable(&self) -> Result<(), OutboundError> {
        if self.breaker.is_open() { Err(OutboundError::CircuitOpen) } else { Ok(()) }
    }

    /// Whether the issuer answered when it was asked last.
    pub(crate) fn reachability(&self) -> Reachability {
        self.breaker.reachability()
    }

    /// GETs a JSON document, with an access token where the endpoint wants one.
    pub(crate) async fn get_json<T: DeserializeOwned>(
        &self,
        url: &Url,
        access_token: Option<&SecretString>,
    ) -> Result<T, OutboundError> {
        let mut request = self.client.request(Method::GET, url.clone()).header(ACCEPT, "application/json");
        if let Some(token) = access_token {
            request = request.bearer_auth(token.expose_secret());
        }
        let (status, _, body) = self.perform(url, request).await?;
        if !status.is_success() {
            return Err(OutboundError::Status(place(url), status));
        }
        serde_json::from_slice(&body)
            .map_err(|error| OutboundError::Unreadable(place(url), loggable(&error.to_string())))
    }

    /// Performs a request of the `oauth2` crate. An answer with 200 or 4xx is the protocol's business and is handed
    /// back; what is no answer to the request becomes an error here.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, OutboundError> {
        let (parts, body) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string())
            .map_err(|error| OutboundError::Insecure(format!("a malformed URL ({error})")))?;
        let request = self.client.request(parts.method, url.clone()).headers(parts.headers).body(body);
        let (status, headers, body) = self.perform(&url, request).await?;
        let mut response = HttpResponse::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }

    async fn perform(
        &self,
        url: &Url,
        request: reqwest::RequestBuilder,
    ) -> Result<(StatusCode, HeaderMap, Vec<u8>), OutboundError> {
        if !is_https_or_loopback(url) {
            return Err(OutboundError::Insecure(place(url)));
        }
        let slot = Arc::clone(&self.under_way).try_acquire_owned().map_err(|_| OutboundError::Busy)?;
        let trial = self.breaker.admit().ok_or(OutboundError::CircuitOpen)?;
        // A task of its own: what the issuer does is learned also when the person has gone away meanwhile, so that
        // nobody can hold the breaker open by hanging up.
        let (asked, begun) = (url.clone(), std::time::Instant::now());
        let exchanged = tokio::spawn(async move {
            let answer = exchange(&asked, request).await;
            trial.finished(!answer.as_ref().is_err_and(OutboundError::is_silence));
            drop(slot);
            answer
        });
        let answer = exchanged.await.unwrap_or_else(|_| Err(OutboundError::TimedOut(place(url))));
        tracing::debug!(place = place(url), milliseconds = begun.elapsed().as_millis(), "asked the issuer");
        let (status, headers, body) = answer?;
        match status {
            StatusCode::TOO_MANY_REQUESTS => Err(OutboundError::Limited(place(url), retry_after(&headers))),
            status if status.is_success() || status.is_client_error() => Ok((status, headers, body)),
            status => Err(OutboundError::Status(place(url), status)),
        }
    }
}

impl<'c> AsyncHttpClient<'c> for Outbound {
    type Error = OutboundError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OutboundError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// One request and its answer, read up to the limit.
async fn exchange(
    url: &Url,
    request: reqwest::RequestBuilder,
) -> Result<(StatusCode, HeaderMap, Vec<u8>), OutboundError> {
    let mut answer = request.send().await.map_err(|error| failure(url, &error))?;
    let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| failure(url, &error))? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(OutboundError::TooLarge(place(url)));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((status, headers, body))
}

fn failure(url: &Url, error: &reqwest::Error) -> OutboundError {
    if error.is_timeout() {
        return OutboundError::TimedOut(place(url));
    }
    let cause = std::iter::successors(std::error::Error::source(error), |cause| cause.source()).last();
    OutboundError::Unreachable(place(url), cause.map_or_else(|| "no answer".to_owned(), ToString::to_string))
}

/// Host and path of a URL for the log: no query, no user name.
fn place(url: &Url) -> String {
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

/// A foreign text for the log: one line, and short.
pub(crate) fn loggable(text: &str) -> String {
    text.chars().take(MAX_LOGGED_CHARACTERS).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Whether a URL is https, or names this very machine.
pub(crate) fn is_https_or_loopback(url: &Url) -> bool {
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
