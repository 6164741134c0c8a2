//! The log of the protocol requests, which tests read. `layers::log_layer` writes it. It holds no request to the
//! switchboard, no secret, and of the headers only the scheme of `Authorization`.

use std::collections::VecDeque;

use axum::http::{HeaderMap, header, request::Parts};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::dev_issuer::basics::{clock::Seconds, parameters::Parameters};

/// The greatest number of entries. A full log drops its oldest entry.
const CAPACITY: usize = 50_000;

/// One request that the tenant received.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    time: Seconds,
    method: String,
    path: String,
    /// The value of each parameter, or a list of values if the request repeats the parameter.
    query: Map<String, Value>,
    form: Map<String, Value>,
    /// The scheme of the Authorization header, never its value.
    authorization: Option<String>,
}

impl Entry {
    /// Returns the entry of a request that the tenant received at `time`.
    pub(crate) fn new(time: Seconds, request: &Parts, parameters: &Parameters) -> Self {
        Self {
            time,
            method: request.method.to_string(),
            path: request.uri.path().to_owned(),
            query: shown(&parameters.query),
            form: shown(&parameters.form),
            authorization: authorization_scheme(&request.headers),
        }
    }
}

/// The requests that the tenant received, the oldest first.
#[derive(Default)]
pub(crate) struct RequestLog(VecDeque<Entry>);

impl RequestLog {
    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.0.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds an entry.
    pub(crate) fn push(&mut self, entry: Entry) {
        if self.0.len() == CAPACITY {
            self.0.pop_front();
        }
        self.0.push_back(entry);
    }
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
