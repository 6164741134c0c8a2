//! The log of protocol requests that tests read back, and the layer that writes it.
//!
//! It leaves out the switchboard's own requests and every secret and header value. Document: none.

use std::collections::VecDeque;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    parameters::Parameters,
    tenant::{Seconds, SharedTenant},
};

/// Older entries are forgotten beyond this many.
const CAPACITY: usize = 50_000;
const BODY_LIMIT: usize = 1024 * 1024;

/// One request that the tenant received.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Entry {
    time: Seconds,
    method: String,
    path: String,
    /// Each parameter's value; a list if the parameter came more than once.
    query: Map<String, Value>,
    form: Map<String, Value>,
    /// The scheme of the Authorization header, never its value.
    authorization: Option<String>,
}

/// The requests received, oldest first.
#[derive(Default)]
pub(super) struct RequestLog(VecDeque<Entry>);

impl RequestLog {
    pub(super) fn entries(&self) -> Vec<Entry> {
        self.0.iter().cloned().collect()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    fn push(&mut self, entry: Entry) {
        if self.0.len() == CAPACITY {
            self.0.pop_front();
        }
        self.0.push_back(entry);
    }
}

/// Logs the request and hands its parsed [`Parameters`] on as an extension.
pub(super) async fn record(State(tenant): State<SharedTenant>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let form: &[u8] = if is_form(&parts.headers) { &body } else { &[] };
    let parameters = Parameters::parse(parts.uri.query().unwrap_or_default(), form);
    {
        let mut state = tenant.state();
        let entry = Entry {
            time: state.now(),
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: shown(&parameters.query),
            form: shown(&parameters.form),
            authorization: authorization_scheme(&parts.headers),
        };
        state.log.push(entry);
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

fn authorization_scheme(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.split_whitespace().next().map(str::to_owned)
}

fn shown(pairs: &[(String, String)]) -> Map<String, Value> {
    let mut shown = Map::new();
    for (name, value) in pairs {
        let value: Value = match name.as_str() {
            "client_secret" => "[redacted]".into(),
            _ => value.as_str().into(),
        };
        match shown.get_mut(name) {
            None => {
                shown.insert(name.clone(), value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    shown
}
