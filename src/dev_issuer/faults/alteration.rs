//! An alteration: one change to a JSON object, which makes correct claims or a correct response incorrect. The object
//! that a fault alters is named in `fault_table`.

use serde_json::{Map, Value};

use crate::dev_issuer::basics::clock::Seconds;

/// Returns the members of a JSON object, and no members for any other value.
pub(crate) fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// One change to a JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alteration {
    /// Removes the member.
    Remove(&'static str),
    /// Removes all other members.
    Keep(&'static [&'static str]),
    /// Sets the member to a text.
    Text(&'static str, &'static str),
    /// Sets the member to a number.
    Number(&'static str, i64),
    /// Sets the member to a list of texts.
    List(&'static str, &'static [&'static str]),
    /// Sets the member to the time that is this many seconds from now.
    FromNow(&'static str, Seconds),
    /// Converts the member's number to a text.
    AsText(&'static str),
    /// Appends characters to the member's text.
    Append(&'static str, &'static str),
    /// Appends a text to the member's list. A member that is a text becomes a list.
    Push(&'static str, &'static str),
}

impl Alteration {
    /// Applies the change. A change that needs an existing member does nothing if the member is missing.
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
                match object.get_mut(name) {
                    Some(Value::Array(list)) => list.push(text.into()),
                    Some(first @ Value::String(_)) => *first = Value::Array(vec![first.take(), text.into()]),
                    _ => {}
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
