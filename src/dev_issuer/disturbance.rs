//! Answers that fail on the way: late, cut off, broken, redirected or far too long.
//!
//! It leaves well-formed answers with wrong contents to `alteration`. It is a layer around the protocol endpoints, so
//! these know nothing of it. Documents: RFC 6749 §5.2 (errors), RFC 6585 §4 (429).

use std::time::Duration;

use axum::{
    Extension, Json,
    body::{Body, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::{Html, IntoResponse, Redirect, Response},
};
use hyper::{
    StatusCode,
    header::{CONTENT_LENGTH, RETRY_AFTER},
};
use serde_json::json;

use super::{
    connection::ConnectionHandle, failing_body::FailingBody, faults::Endpoint, parameters::Parameters,
    tenant::SharedTenant,
};

/// Where redirected requests arrive; the log shows each one.
pub(super) const STOLEN_PATH: &str = "/dev/stolen";

/// One way for an answer to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Disturbance {
    Error(u16, &'static str),
    RateLimited,
    Slow,
    /// Cuts the connection before the endpoint does anything.
    Drop,
    /// Lets the endpoint do its work and cuts the connection in the middle of the answer.
    DropMid,
    Redirect,
    Malformed,
    Empty,
    Html,
    Huge,
}

/// Applies the disturbances that are on for the endpoint asked.
pub(super) async fn disturb(
    State(tenant): State<SharedTenant>,
    Extension(connection): Extension<ConnectionHandle>,
    request: Request,
    next: Next,
) -> Response {
    let endpoints = endpoints_of(&request);
    let (disturbances, slow) = {
        let mut state = tenant.state();
        let slow = Duration::from_secs(state.settings.slow_seconds);
        (state.faults.disturbances(&endpoints), slow)
    };
    for disturbance in &disturbances {
        match disturbance {
            Disturbance::Slow => tokio::time::sleep(slow).await,
            Disturbance::Drop => match connection.cut().await {},
            other => {
                if let Some(response) = other.instead() {
                    return response;
                }
            }
        }
    }
    let mut response = next.run(request).await;
    for disturbance in disturbances {
        response = disturbance.spoil(response).await;
    }
    response
}

fn endpoints_of(request: &Request) -> Vec<Endpoint> {
    let refreshes = request
        .extensions()
        .get::<Parameters>()
        .is_some_and(|parameters| parameters.form("grant_type") == Some("refresh_token"));
    match request.uri().path() {
        STOLEN_PATH => vec![],
        "/.well-known/openid-configuration" => vec![Endpoint::Any, Endpoint::Discovery],
        "/.well-known/jwks" | "/.well-known/jwks.json" => vec![Endpoint::Any, Endpoint::Jwks],
        "/oauth2/token" if refreshes => vec![Endpoint::Any, Endpoint::Token, Endpoint::Refresh],
        "/oauth2/token" => vec![Endpoint::Any, Endpoint::Token],
        "/oauth2/v2/user_profile" | "/oauth2/user_profile" => {
            vec![Endpoint::Any, Endpoint::UserProfile]
        }
        "/oauth2/revoke" => vec![Endpoint::Any, Endpoint::Revocation],
        _ => vec![Endpoint::Any],
    }
}

impl Disturbance {
    /// The answer that comes in place of the endpoint's, which then does nothing.
    fn instead(self) -> Option<Response> {
        match self {
            Self::Error(status, error) => Some(error_answer(status, error)),
            Self::RateLimited => {
                let headers = [(RETRY_AFTER.as_str(), "7"), ("ratelimit-reset", "7")];
                Some((headers, error_answer(429, "rate_limited")).into_response())
            }
            Self::Redirect => Some(Redirect::temporary(STOLEN_PATH).into_response()),
            _ => None,
        }
    }

    /// The endpoint's answer, damaged.
    async fn spoil(self, response: Response) -> Response {
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

fn error_answer(status: u16, error: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = json!({"error": error, "error_description": "A fault of the emulated tenant is switched on"});
    (status, Json(body)).into_response()
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
