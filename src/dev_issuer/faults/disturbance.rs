//! A disturbance: makes a response late, truncated, malformed, redirected or far too long. `layers::fault_layer`
//! applies it. Well-formed responses with incorrect contents are in `alteration`.
//!
//! RFC 6749 §5.2 (errors), RFC 6585 §4 (429), Kinde's OpenAPI file of the account API (its errors).

use axum::{
    Json,
    body::{Body, to_bytes},
    response::{Html, IntoResponse, Redirect, Response},
};
use hyper::{
    StatusCode,
    header::{CONTENT_LENGTH, HeaderName, RETRY_AFTER},
};
use serde_json::{Value, json};

use super::failing_body::FailingBody;

/// Kinde's header with the seconds until its rate limit ends.
const RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// The message of every error that a fault causes.
const SWITCHED_ON: &str = "A fault of the emulated tenant is switched on";

/// The target of the redirect faults. The request log records each request to it.
pub(crate) const STOLEN_PATH: &str = "/dev/stolen";

/// The waiting times in the headers of a 429, in seconds. None leaves a header out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WaitingTimes {
    pub(crate) retry_after: Option<u64>,
    pub(crate) rate_limit_reset: Option<u64>,
}

/// One way in which a response fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disturbance {
    /// An error in the format of the protocol endpoints.
    Error(u16, &'static str),
    /// A 429 in the same format.
    RateLimited,
    /// An error in the format of the account API.
    ApiError(u16, &'static str),
    /// A 429 in the same format.
    ApiRateLimited,
    Slow,
    /// Runs the endpoint and holds its response until a test releases it.
    Held,
    /// Closes the connection before the endpoint runs.
    Drop,
    /// Runs the endpoint and closes the connection in the middle of the response.
    DropMid,
    Redirect,
    Malformed,
    Empty,
    Html,
    Huge,
}

impl Disturbance {
    /// Returns the response that replaces the endpoint's response. The endpoint then does not run.
    pub(crate) fn instead(self, times: WaitingTimes) -> Option<Response> {
        match self {
            Self::Error(status, error) => Some(error_response(status, error)),
            Self::RateLimited => Some(rate_limited(error_response(429, "rate_limited"), times)),
            Self::ApiError(status, code) => Some(api_error_response(status, code)),
            Self::ApiRateLimited => Some(rate_limited(api_error_response(429, "TOO_MANY_REQUESTS"), times)),
            Self::Redirect => Some(Redirect::temporary(STOLEN_PATH).into_response()),
            _ => None,
        }
    }

    /// Returns the endpoint's response, damaged.
    pub(crate) async fn spoil(self, response: Response) -> Response {
        match self {
            Self::DropMid => cut_in_half(response).await,
            Self::Malformed => with_body(response, Body::from("{\"cut\": \"here")),
            Self::Empty => with_body(response, Body::empty()),
            Self::Html => Html("<!doctype html><title>Maintenance</title><p>We will be back soon.").into_response(),
            Self::Huge => with_body(response, Body::new(FailingBody::huge())),
            _ => response,
        }
    }
}

fn error_response(status: u16, error: &str) -> Response {
    failure(status, json!({"error": error, "error_description": SWITCHED_ON}))
}

fn api_error_response(status: u16, code: &str) -> Response {
    failure(status, json!({"errors": [{"code": code, "message": SWITCHED_ON}]}))
}

fn failure(status: u16, body: Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(body)).into_response()
}

fn rate_limited(mut response: Response, times: WaitingTimes) -> Response {
    for (name, seconds) in [(RETRY_AFTER, times.retry_after), (RATE_LIMIT_RESET, times.rate_limit_reset)] {
        if let Some(seconds) = seconds {
            response.headers_mut().insert(name, seconds.into());
        }
    }
    response
}

fn with_body(response: Response, body: Body) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, body)
}

async fn cut_in_half(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let half = whole.slice(..whole.len() / 2);
    with_body(Response::from_parts(parts, Body::empty()), Body::new(FailingBody::then_cut(half)))
}
