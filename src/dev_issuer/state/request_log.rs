//! The log of the protocol requests, which tests read. `layers::log_layer` writes it. It holds no request to the
//! switchboard, no secret, and of the headers only the scheme of `Authorization` and the trace that the request belongs to.

use std::collections::VecDeque;

use axum::http::{HeaderMap, header, request::Parts};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::dev_issuer::basics::{clock::Seconds, parameters::Parameters};

/// The most memory of all entries, in bytes. Any web page can send requests to the tenant, so the log must not grow with
/// them. A full log drops its oldest entries.
const BUDGET: usize = 8_000_000;
/// The memory that an entry takes beside its text: the pointer, and the allocator's own data.
const ENTRY_OVERHEAD: usize = 32;

/// One request that the tenant received.
#[derive(Serialize)]
pub(crate) struct Entry {
    time: Seconds,
    method: String,
    path: String,
    /// The value of each parameter, or a list of values if the request repeats the parameter.
    query: Map<String, Value>,
    form: Map<String, Value>,
    /// The scheme of the Authorization header, never its value.
    authorization: Option<String>,
    /// W3C Trace Context; absent when the request belongs to no trace.
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracestate: Option<String>,
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
            traceparent: text_of(&request.headers, "traceparent"),
            tracestate: text_of(&request.headers, "tracestate"),
        }
    }
}

/// The requests that the tenant received, the oldest first. Each is kept as JSON, because the memory of a text is known
/// exactly, and that of maps with thousands of tiny parameters is not.
#[derive(Default)]
pub(crate) struct RequestLog {
    entries: VecDeque<Box<str>>,
    /// The memory of all entries.
    size: usize,
}

impl RequestLog {
    /// Returns all entries as a JSON array.
    pub(crate) fn json(&self) -> String {
        let entries: Vec<&str> = self.entries.iter().map(Box::as_ref).collect();
        format!("[{}]", entries.join(","))
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Adds an entry.
    pub(crate) fn push(&mut self, entry: &Entry) {
        let entry = serde_json::to_string(entry).expect("the keys of an entry are texts").into_boxed_str();
        self.size += size_of_entry(&entry);
        self.entries.push_back(entry);
        while self.size > BUDGET
            && let Some(oldest) = self.entries.pop_front()
        {
            self.size -= size_of_entry(&oldest);
        }
    }
}

fn size_of_entry(entry: &str) -> usize {
    entry.len() + ENTRY_OVERHEAD
}

fn authorization_scheme(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.split_whitespace().next().map(str::to_owned)
}

fn text_of(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
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
