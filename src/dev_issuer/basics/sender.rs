//! Which page a request comes from, by what the browser says of it. A web page can make a browser send requests to this
//! machine, and a browser names the page in each that could change something.
//!
//! RFC 6454 §7 (`Origin`), W3C Fetch Metadata.

use axum::http::{HeaderMap, HeaderValue, header};

const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    /// A page of the tenant.
    Tenant,
    /// A page of another origin, or one that the browser does not name (`Origin: null`).
    OtherPage,
    /// A program, or an address that somebody typed.
    Program,
}

impl Sender {
    /// Returns the sender of a request with these headers, whose `Host` the layer around all routes has checked.
    ///
    /// A browser sends both headers or, if it is old, `Origin` alone; with GET it sends `Sec-Fetch-Site` alone. What it
    /// sends must be right.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let all = |name: &str| -> Vec<&[u8]> { headers.get_all(name).iter().map(HeaderValue::as_bytes).collect() };
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let own_origin = format!("http://{host}");
        match (all(header::ORIGIN.as_str()).as_slice(), all(SEC_FETCH_SITE).as_slice()) {
            ([], [] | [b"none"]) => Self::Program,
            ([], [b"same-origin"]) => Self::Tenant,
            ([origin], [] | [b"same-origin"]) if *origin == own_origin.as_bytes() => Self::Tenant,
            _ => Self::OtherPage,
        }
    }
}
