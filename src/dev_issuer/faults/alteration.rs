//! Changes to a JSON object, as data: how a fault spoils claims or an answer that was right.
//!
//! It leaves open which document is meant; the table of faults says so. Document: none.

use serde_json::{Map, Value};

use crate::dev_issuer::basics::clock::Seconds;

/// The members of a JSON object; none of any other value.
pub(crate) fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// One change to a JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alteration {
    /// Takes the member out.
    Remove(&'static str),
    /// Takes all other members out.
    Keep(&'static [&'static str]),
    /// Sets the member to a text.
    Text(&'static str, &'static str),
    /// Sets the member to a number.
    Number(&'static str, i64),
    /// Sets the member to a list of texts.
    List(&'static str, &'static [&'static str]),
    /// Sets the member to a time, so many seconds from now.
    FromNow(&'static str, Seconds),
    /// Turns the member's number into a text.
    AsText(&'static str),
    /// Adds characters to the end of the member's text.
    Append(&'static str, &'static str),
    /// Adds a text to the member's list.
    Push(&'static str, &'static str),
}

impl Alteration {
    /// Applies the change; a member that is not there is left alone by the changes that need one.
    pub(crate) fn apply(self, object: &mut Map<String, Value>, now: Seconds) {
        let (name, value) = match self {
            Self::Remove(name) => {
                object.remove(name);
                return;
            }
            Self::Keep(names) => {
                object.retain(|name, _| names.contains(&name.as_str()));
                return;
            }
            Self::Push(name, text) => {
                if let Some(Value::Array(list)) = object.get_mut(name) {
                    list.push(text.into());
                }
                return;
            }
            Self::Text(name, text) => (name, text.into()),
            Self::Number(name, number) => (name, number.into()),
            Self::List(name, texts) => (name, texts.to_vec().into()),
            Self::FromNow(name, seconds) => (name, (now + seconds).into()),
            Self::AsText(name) => match object.get(name) {
                Some(value) => (name, value.to_string().into()),
                None => return,
            },
            Self::Append(name, end) => match object.get(name).and_then(Value::as_str) {
                Some(text) => (name, format!("{text}{end}").into()),
                None => return,
            },
        };
        object.insert(name.to_owned(), value);
    }
}
