//! The layer that parses the parameters of a protocol request and adds the request to the log. The contents of an entry
//! are in `state::request_log`.

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::dev_issuer::basics::parameters::Parameters;
use crate::dev_issuer::state::{request_log::Entry, tenant::SharedTenant};

/// The longest body. The forms of the protocol are a few kilobytes, with a long token some more; a longer body is refused
/// and not cut, so that no endpoint and no entry of the log has a part of a form only.
const BODY_LIMIT: usize = 64 * 1024;

/// Logs the request and adds its parsed [`Parameters`] as an extension.
pub(crate) async fn record(State(tenant): State<SharedTenant>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let form: &[u8] = if is_form(&parts.headers) { &body } else { &[] };
    let parameters = Parameters::parse(parts.uri.query().unwrap_or_default(), form);
    {
        let mut state = tenant.state();
        let entry = Entry::new(state.now(), &parts, &parameters);
        state.log.push(&entry);
    }
    parts.extensions.insert(parameters);
    next.run(Request::from_parts(parts, Body::from(body))).await
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"))
}
