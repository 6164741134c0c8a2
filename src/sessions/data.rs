//! A record's data as the text that every store keeps: JSON.
//! It leaves out where the text stands, and what it means.

use std::collections::HashMap;

use serde_json::Value;
use tower_sessions::session::Record;
use tower_sessions::session_store::{Error, Result};

pub(super) fn encode(record: &Record) -> Result<String> {
    serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))
}

pub(super) fn decode(text: &[u8]) -> Result<HashMap<String, Value>> {
    serde_json::from_slice(text).map_err(|error| Error::Decode(error.to_string()))
}
