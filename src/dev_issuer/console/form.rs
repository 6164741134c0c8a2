//! A form of the console: its fields, what a browser sent, and the problems, each of which is shown beside its field with
//! the input kept.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::dev_issuer::basics::{clock::Seconds, page::escape, parameters::Parameters};

/// The most seconds that a field takes: ten years.
const LONGEST_TIME: Seconds = 10 * 365 * 24 * 3_600;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A text.
    Text,
    /// A text of many characters, without the spaces around it.
    LongText,
    /// A text, or null if the field is empty.
    OptionalText,
    /// A list of texts, one in each line.
    Lines,
    /// JSON.
    Json,
    /// JSON, or null if the field is empty.
    OptionalJson,
    /// True, false or null.
    OptionalBoolean,
    /// A length of time.
    Seconds,
    /// One of the choices that the page offers, or null.
    Choice,
}

/// A field of a form. Its name is that of a member of the JSON object that the form stands for.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    /// How it is written, and what an empty field means.
    pub(crate) hint: &'static str,
    pub(crate) content: Content,
}

/// Returns a field.
pub(crate) const fn field(name: &'static str, label: &'static str, hint: &'static str, content: Content) -> Field {
    Field { name, label, hint, content }
}

/// A form with its input.
pub(crate) struct Form {
    fields: &'static [Field],
    input: BTreeMap<&'static str, String>,
    problems: BTreeMap<&'static str, String>,
    /// The values of a choice, each with its label.
    choices: BTreeMap<&'static str, Vec<(String, String)>>,
}

impl Form {
    /// Returns the form with the values of this object.
    pub(crate) fn of_values(fields: &'static [Field], values: &Value) -> Self {
        let input = fields.iter().map(|field| (field.name, field.content.input_of(&values[field.name])));
        Self { fields, input: input.collect(), problems: BTreeMap::new(), choices: BTreeMap::new() }
    }

    /// Returns the form as a browser sent it.
    pub(crate) fn of_parameters(fields: &'static [Field], parameters: &Parameters) -> Self {
        // Browsers send line breaks as CR LF.
        let input = |field: &Field| parameters.form(field.name).unwrap_or_default().replace("\r\n", "\n");
        let input = fields.iter().map(|field| (field.name, input(field)));
        Self { fields, input: input.collect(), problems: BTreeMap::new(), choices: BTreeMap::new() }
    }

    /// Sets what a choice offers, beside nothing.
    pub(crate) fn offer(&mut self, name: &'static str, choices: Vec<(String, String)>) {
        self.choices.insert(name, choices);
    }

    /// Returns the values of all fields. A field that cannot be read is left out, with a problem.
    pub(crate) fn values(&mut self) -> Map<String, Value> {
        self.values_of(|_| true)
    }

    /// Returns the values of the fields that are not empty.
    pub(crate) fn filled_values(&mut self) -> Map<String, Value> {
        self.values_of(|input| !input.trim().is_empty())
    }

    fn values_of(&mut self, is_wanted: impl Fn(&str) -> bool) -> Map<String, Value> {
        let mut values = Map::new();
        for field in self.fields.iter().filter(|field| is_wanted(&self.input[field.name])) {
            match field.content.value_of(&self.input[field.name]) {
                Ok(value) => drop(values.insert(field.name.to_owned(), value)),
                Err(problem) => drop(self.problems.insert(field.name, problem)),
            }
        }
        values
    }

    /// Notes for each value whether `T` refuses it. `rest` are the members without which there is no `T`.
    pub(crate) fn check<T: DeserializeOwned>(&mut self, values: &Map<String, Value>, rest: &Map<String, Value>) {
        for (name, value) in values {
            let mut members = rest.clone();
            members.insert(name.clone(), value.clone());
            if let Err(error) = serde_json::from_value::<T>(members.into()) {
                self.note(name, &error.to_string());
            }
        }
    }

    /// Notes a problem of a field. A field that the form does not have is none of its.
    pub(crate) fn note(&mut self, name: &str, problem: &str) {
        if let Some(field) = self.fields.iter().find(|field| field.name == name) {
            self.problems.entry(field.name).or_insert_with(|| problem.to_owned());
        }
    }

    /// Notes problems that begin with the names of the fields, and returns those that concern no field. Beside its field a
    /// problem stands without the name.
    pub(crate) fn note_all(&mut self, problems: &[String]) -> Vec<String> {
        let mut others = Vec::new();
        for problem in problems {
            let name = problem.split([':', '.', '[', ' ']).next().unwrap_or_default();
            match self.fields.iter().any(|field| field.name == name) {
                true => self.note(name, problem.strip_prefix(&format!("{name}: ")).unwrap_or(problem)),
                false => others.push(problem.clone()),
            }
        }
        others
    }

    /// Returns whether nothing is wrong.
    pub(crate) fn is_good(&self) -> bool {
        self.problems.is_empty()
    }

    /// Renders what is wrong, with links to the fields, for the top of the page; nothing if nothing is wrong.
    pub(crate) fn summary(&self) -> String {
        if self.is_good() {
            return String::new();
        }
        let entry = |field: &Field| {
            let problem = self.problems.get(field.name)?;
            Some(format!("<li><a href=\"#{}\">{}</a>: {}</li>", field.name, field.label, escape(problem)))
        };
        let entries: String = self.fields.iter().filter_map(entry).collect();
        format!(
            "<div class=\"error\" role=\"alert\"><p>Nothing was done, because this is wrong:</p><ul>{entries}</ul></div>"
        )
    }

    /// Renders the fields.
    pub(crate) fn fields(&self) -> String {
        self.fields.iter().map(|field| self.field(field)).collect()
    }

    fn field(&self, field: &Field) -> String {
        let Field { name, label, hint, .. } = field;
        let problem = self
            .problems
            .get(name)
            .map(|problem| format!("<p class=\"problem\" id=\"{name}-problem\">{}</p>", escape(problem)));
        let described = match &problem {
            Some(_) => format!("aria-describedby=\"{name}-hint {name}-problem\" aria-invalid=\"true\""),
            None => format!("aria-describedby=\"{name}-hint\""),
        };
        format!(
            "<div class=\"field\"><label for=\"{name}\">{label}</label><small id=\"{name}-hint\">{hint}</small>{}{}</div>",
            self.control(field, &described),
            problem.unwrap_or_default(),
        )
    }

    fn control(&self, field: &Field, described: &str) -> String {
        let (name, input) = (field.name, self.input[field.name].as_str());
        let attributes = format!("id=\"{name}\" name=\"{name}\" {described}");
        match field.content {
            Content::Text | Content::OptionalText => format!("<input {attributes} value=\"{}\">", escape(input)),
            Content::Seconds => {
                format!("<input {attributes} inputmode=\"numeric\" value=\"{}\">", escape(input))
            }
            Content::LongText | Content::Lines | Content::Json | Content::OptionalJson => {
                let rows = input.lines().count().clamp(2, 16);
                // A parser drops the line break after the tag.
                format!("<textarea {attributes} rows=\"{rows}\" spellcheck=\"false\">\n{}</textarea>", escape(input))
            }
            Content::OptionalBoolean => {
                let choices = [("true", "yes"), ("false", "no")].map(|(value, label)| (value.into(), label.into()));
                select(&attributes, input, &choices)
            }
            Content::Choice => select(&attributes, input, self.choices.get(name).map_or(&[], Vec::as_slice)),
        }
    }
}

fn select(attributes: &str, chosen: &str, choices: &[(String, String)]) -> String {
    let option = |value: &str, label: &str| {
        let mark = if value == chosen { " selected" } else { "" };
        format!("<option value=\"{}\"{mark}>{}</option>", escape(value), escape(label))
    };
    let options: String = choices.iter().map(|(value, label)| option(value, label)).collect();
    format!("<select {attributes}>{}{options}</select>", option("", "(none)"))
}

impl Content {
    fn value_of(self, input: &str) -> Result<Value, String> {
        let is_empty = input.trim().is_empty();
        let json = || serde_json::from_str(input).map_err(|error| format!("This is no JSON: {error}"));
        match self {
            Self::Text => Ok(input.into()),
            Self::LongText => Ok(input.trim().into()),
            Self::OptionalText | Self::OptionalJson | Self::OptionalBoolean | Self::Choice if is_empty => {
                Ok(Value::Null)
            }
            Self::OptionalText | Self::Choice => Ok(input.into()),
            Self::Lines => Ok(input.lines().map(str::trim).filter(|line| !line.is_empty()).collect()),
            Self::Seconds => match input.trim().parse::<Seconds>() {
                Ok(seconds @ 1..=LONGEST_TIME) => Ok(seconds.into()),
                _ => Err(format!("Write a number of seconds, 1 to {LONGEST_TIME}.")),
            },
            Self::Json | Self::OptionalJson | Self::OptionalBoolean => json(),
        }
    }

    fn input_of(self, value: &Value) -> String {
        match (self, value) {
            (_, Value::Null) => String::new(),
            (Self::Lines, Value::Array(lines)) => lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"),
            (Self::Text | Self::LongText | Self::OptionalText | Self::Choice, Value::String(text)) => text.clone(),
            (_, value) => format!("{value:#}"),
        }
    }
}
