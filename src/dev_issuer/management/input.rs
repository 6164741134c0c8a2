//! `Input`: the members of a request's body, taken one by one. What cannot be used is refused by its name, and so is
//! what nobody took: a member that Kinde has and the tenant does not is never ignored.

use serde_json::{Map, Value};

use super::answer::Refusal;

/// The members that nobody has taken yet.
#[derive(Debug, Default)]
pub(super) struct Input {
    /// Where the object stands in the body, such as `users[2]`; empty for the body itself.
    place: String,
    members: Map<String, Value>,
}

impl Input {
    pub(super) fn of(place: &str, members: Map<String, Value>) -> Self {
        Self { place: place.to_owned(), members }
    }

    /// Takes a text. Null is as absent.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, "a text is needed")),
        }
    }

    /// Takes a text that is not empty.
    pub(super) fn needed_text(&mut self, name: &str) -> Result<String, Refusal> {
        let text = self.text(name)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| self.wrong(name, "a text is needed"))
    }

    pub(super) fn switch(&mut self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Bool(switch)) => Ok(Some(switch)),
            Some(_) => Err(self.wrong(name, "true or false is needed")),
        }
    }

    /// Takes a whole number from 1.
    pub(super) fn number(&mut self, name: &str) -> Result<Option<i64>, Refusal> {
        match self.value(name) {
            None => Ok(None),
            Some(value) => match value.as_i64().filter(|number| *number > 0) {
                Some(number) => Ok(Some(number)),
                None => Err(self.wrong(name, "a whole number from 1 is needed")),
            },
        }
    }

    pub(super) fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        match self.value(name) {
            None => Ok(None),
            Some(value) => match serde_json::from_value(value) {
                Ok(texts) => Ok(Some(texts)),
                Err(_) => Err(self.wrong(name, "a list of texts is needed")),
            },
        }
    }

    /// Takes any members by their names.
    pub(super) fn members(&mut self, name: &str) -> Result<Option<Map<String, Value>>, Refusal> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(members)),
            Some(_) => Err(self.wrong(name, "an object is needed")),
        }
    }

    /// Takes an object whose members are taken one by one as well.
    pub(super) fn object(&mut self, name: &str) -> Result<Option<Self>, Refusal> {
        let place = self.place_of(name);
        Ok(self.members(name)?.map(|members| Self::of(&place, members)))
    }

    /// Takes a list of such objects.
    pub(super) fn objects(&mut self, name: &str) -> Result<Option<Vec<Self>>, Refusal> {
        let Some(list) = self.value(name) else { return Ok(None) };
        let Value::Array(values) = list else { return Err(self.wrong(name, "a list of objects is needed")) };
        let object = |(index, value): (usize, Value)| match value {
            Value::Object(members) => Ok(Self::of(&format!("{}[{index}]", self.place_of(name)), members)),
            _ => Err(self.wrong(name, "a list of objects is needed")),
        };
        values.into_iter().enumerate().map(object).collect::<Result<Vec<_>, _>>().map(Some)
    }

    /// Returns the refusal of a member.
    pub(super) fn wrong(&self, name: &str, rule: &str) -> Refusal {
        Refusal::field(self.place_of(name), rule)
    }

    /// Refuses what nobody took.
    pub(super) fn end(self) -> Result<(), Refusal> {
        match self.members.keys().next() {
            Some(name) => Err(self.wrong(name, "the emulated tenant does not have this")),
            None => Ok(()),
        }
    }

    /// Takes a value of any type. Null is as absent.
    pub(super) fn value(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name).filter(|value| !value.is_null())
    }

    fn place_of(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }
}
