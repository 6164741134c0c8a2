//! `Members`: a JSON object whose members are taken one by one. What is wrong is noted with its place, and reading goes
//! on, so that the author of a seed sees all problems at once.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The members that nobody has taken yet.
pub(super) struct Members {
    /// Where the object stands in the seed, such as `people[2]`; empty for the seed itself.
    place: String,
    members: Map<String, Value>,
    known: Vec<&'static str>,
}

impl Members {
    /// Returns the members of a value, or none, with a problem, if it is no object.
    pub(super) fn of(place: &str, value: Value, problems: &mut Vec<String>) -> Option<Self> {
        match value {
            Value::Object(members) => Some(Self { place: place.to_owned(), members, known: Vec::new() }),
            _ => {
                let subject = if place.is_empty() { "the seed" } else { place };
                problems.push(format!("{subject} is not an object"));
                None
            }
        }
    }

    /// Returns whether there is a member of this name that nobody has taken yet.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Takes a member. An absent one is none; one of another type is none, with a problem.
    pub(super) fn take<T: DeserializeOwned>(&mut self, name: &'static str, problems: &mut Vec<String>) -> Option<T> {
        let value = self.take_value(name)?;
        serde_json::from_value(value).map_err(|error| problems.push(self.problem(name, &error.to_string()))).ok()
    }

    /// Takes a member as it is.
    pub(super) fn take_value(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.members.remove(name)
    }

    /// Takes a list, with the place of each of its values.
    pub(super) fn take_list(&mut self, name: &'static str, problems: &mut Vec<String>) -> Vec<(String, Value)> {
        let values: Vec<Value> = self.take(name, problems).unwrap_or_default();
        let place = |index: usize| format!("{}[{index}]", self.place_of(name));
        values.into_iter().enumerate().map(|(index, value)| (place(index), value)).collect()
    }

    /// Returns a problem of a member.
    pub(super) fn problem(&self, name: &str, text: &str) -> String {
        format!("{}: {text}", self.place_of(name))
    }

    /// Notes the members that nobody took.
    pub(super) fn end(self, problems: &mut Vec<String>) {
        for name in self.members.keys() {
            problems.push(format!("{} is not known here: there are {}", self.place_of(name), self.known.join(", ")));
        }
    }

    fn place_of(&self, name: &str) -> String {
        member_at(&self.place, name)
    }
}

/// Returns values that are in any order in one that is the same every time.
pub(super) fn sorted(values: impl Iterator<Item = Value>) -> Vec<Value> {
    let by_text: BTreeMap<String, Value> = values.map(|value| (value.to_string(), value)).collect();
    by_text.into_values().collect()
}

/// Returns the place of a member of the object at `place`.
pub(super) fn member_at(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}
