//! Limits on a request: the sizes of its body, URL and headers, and the time until its response.
//! Limits on connections are in `listen`, those on requests to the issuer in `auth`.
//!
//! A request that hyper cannot parse reaches no layer: it gets hyper's 400 without headers or body, and its 431 when
//! the head is larger than `listen` lets hyper read, or has more than 100 headers. Everything below that is refused
//! here.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, HOST};
use http_body_util::Limited;
use tokio::time::timeout;

use super::problem::Problem;
use crate::auth::{MAX_WEBHOOK_BYTES, Paths};

/// 64 KiB: no route takes more than a small form, but the webhooks.
pub(super) const MAX_BODY_BYTES: usize = 64 * 1024;
/// 8 KiB, as most proxies allow.
const MAX_URL_BYTES: usize = 8 * 1024;
/// 32 KiB for all headers together, as nginx allows: half of what hyper may read, so that its own 431 is rare.
const MAX_HEADER_BYTES: usize = 32 * 1024;
/// Browsers send about 20, and each proxy adds a few. hyper refuses more than 100.
const MAX_HEADERS: usize = 80;
/// Longer than the slowest sign-in may take (its requests to the issuer have limits of their own).
const TIMEOUT: Duration = Duration::from_secs(30);

/// Why no route should see a request: its URL, its headers, or the stated length of its body.
pub(super) fn problem_of_head(request: &Request, paths: &Paths) -> Option<Problem> {
    let headers = request.headers();
    match request.uri().path_and_query() {
        // `CONNECT host:port`, as proxies get.
        None => Some(Problem::NoPath),
        Some(path) if path.as_str().len() > MAX_URL_BYTES => Some(Problem::UrlTooLong),
        Some(_) if headers.len() > MAX_HEADERS || bytes_of(headers) > MAX_HEADER_BYTES => {
            Some(Problem::HeadersTooLarge)
        }
        // A proxy and this server might each go by another one (RFC 9112, 3.2).
        Some(_) if headers.get_all(HOST).iter().nth(1).is_some() => Some(Problem::SeveralHosts),
        Some(_) if stated_length(headers).is_some_and(|length| length > max_body(request, paths)) => {
            Some(Problem::TooLarge)
        }
        Some(_) => None,
    }
}

fn stated_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The same request, whose body is an error after the bytes that its route may take: a client need not state the
/// length.
pub(super) fn with_limited_body(request: Request, paths: &Paths) -> Request {
    if request.body().is_end_stream() {
        return request;
    }
    let limit = max_body(&request, paths);
    request.map(|body| Body::new(Limited::new(body, limit)))
}

/// How many bytes the route of a request may take.
fn max_body(request: &Request, paths: &Paths) -> usize {
    if request.uri().path() == paths.webhooks { MAX_WEBHOOK_BYTES } else { MAX_BODY_BYTES }
}

/// The size of headers as they are sent: `name: value` and the line's end.
fn bytes_of(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

/// Responds with 503 when the response is not ready in time. The routes that wait for a body do so for less than this,
/// so the delay is ours.
pub(super) fn in_time(response: impl Future<Output = Response>) -> impl Future<Output = Response> {
    timeout(TIMEOUT, response).map(|response| response.unwrap_or_else(|_| Problem::TooSlow.into_response()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(headers: &[(&str, &str)]) -> Option<u16> {
        let request = headers.iter().fold(Request::builder(), |request, (name, value)| request.header(*name, *value));
        problem_of_head(&request.body(Body::empty()).unwrap(), &Paths::default())
            .map(|problem| problem.status().as_u16())
    }

    #[test]
    fn headers_are_limited_in_size_and_number() {
        // `x: ` and the line's end are five bytes.
        let value = "x".repeat(MAX_HEADER_BYTES - 5);
        assert_eq!(problem(&[("x", &value)]), None);
        assert_eq!(problem(&[("xx", &value)]), Some(431));
        assert_eq!(problem(&[("x", ""); MAX_HEADERS]), None);
        assert_eq!(problem(&[("x", ""); MAX_HEADERS + 1]), Some(431));
    }

    #[test]
    fn one_host_is_enough() {
        assert_eq!(problem(&[("host", "localhost")]), None);
        assert_eq!(problem(&[("host", "localhost"), ("host", "localhost")]), Some(400));
    }
}
