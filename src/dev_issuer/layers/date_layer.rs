//! The layer that writes the tenant's time into the header `Date` of each response of the protocol endpoints, so that a
//! client that compares the clocks sees how far the tenant's is moved. Without the header, the HTTP server would write
//! the time of the machine.
//!
//! RFC 9110 §6.6.1.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};

use crate::dev_issuer::basics::clock;
use crate::dev_issuer::state::tenant::SharedTenant;

/// Adds the header.
pub(crate) async fn date(State(tenant): State<SharedTenant>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let now = tenant.state().now();
    if let Ok(date) = HeaderValue::try_from(clock::http_date(now)) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}
