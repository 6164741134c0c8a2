//! The layer around the console's routes: takes forms from the console's own pages alone, and sets the headers of its
//! responses. The check of the `Host` header, which applies to all routes, is in `layers::host_layer`.
//!
//! RFC 6454 §7 (`Origin`), W3C Fetch Metadata, W3C Referrer Policy.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};

use super::frame::{self, Section};

const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Refuses a form that another page sends, or a program that does not say from where it sends it.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let only_reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let mut response = if only_reads || is_from_the_console(request.headers()) {
        next.run(request).await
    } else {
        let text = "The console takes forms from its own pages only. Programs use the switchboard under /dev/.";
        frame::error(StatusCode::FORBIDDEN, Section::SignIns, text)
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // With `no-referrer`, browsers would send `Origin: null` with the console's own forms.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// A browser sends both headers or, if it is old, `Origin` alone. What it sends must be right, and something must be.
fn is_from_the_console(headers: &HeaderMap) -> bool {
    let all = |name: &str| -> Vec<&[u8]> { headers.get_all(name).iter().map(HeaderValue::as_bytes).collect() };
    // The layer of the `Host` header has checked that it names this tenant.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own_origin = format!("http://{host}");
    match (all("origin").as_slice(), all(SEC_FETCH_SITE).as_slice()) {
        ([], [site]) => *site == b"same-origin",
        ([origin], []) => *origin == own_origin.as_bytes(),
        ([origin], [site]) => *origin == own_origin.as_bytes() && *site == b"same-origin",
        _ => false,
    }
}
