//! The definition of a feature flag: its type, its default, and the value of the environment. The values of an
//! organization and of a person stand with them, in the format of tokens: `{"t":"b","v":true}`.
//!
//! Kinde documentation, "Feature flags" (a value of a person goes before that of the organization, which goes before
//! that of the environment).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::definition::Defined;

/// The type of the values of a flag.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FlagType {
    Str,
    Int,
    Bool,
    Json,
}

impl FlagType {
    /// Returns the type of that name in the management API. Kinde defines no flag of JSON there.
    pub(crate) fn find(name: &str) -> Option<Self> {
        [Self::Str, Self::Int, Self::Bool].into_iter().find(|kind| kind.name() == name)
    }

    /// Returns the name in the management API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Str => "str",
            Self::Int => "int",
            Self::Bool => "bool",
            Self::Json => "json",
        }
    }

    /// Returns the name in tokens.
    fn letter(self) -> &'static str {
        match self {
            Self::Str => "s",
            Self::Int => "i",
            Self::Bool => "b",
            Self::Json => "j",
        }
    }

    /// Returns the type of that name in tokens.
    pub(crate) fn of_letter(letter: &str) -> Option<Self> {
        [Self::Str, Self::Int, Self::Bool, Self::Json].into_iter().find(|kind| kind.letter() == letter)
    }

    /// Reads a value from the text that the management API sends, or returns none if it is no value of the type.
    pub(crate) fn read(self, text: &str) -> Option<Value> {
        match self {
            Self::Str => Some(text.into()),
            Self::Int => text.parse::<i64>().ok().map(Value::from),
            Self::Bool => text.parse::<bool>().ok().map(Value::from),
            Self::Json => serde_json::from_str(text).ok().filter(|value: &Value| !value.is_null()),
        }
    }

    /// Whether a value is of the type.
    pub(crate) fn fits(self, value: &Value) -> bool {
        match self {
            Self::Str => value.is_string(),
            Self::Int => value.is_i64(),
            Self::Bool => value.is_boolean(),
            Self::Json => !value.is_null(),
        }
    }
}

/// Who may have a value of a flag that differs from the default.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) enum OverrideLevel {
    #[serde(rename = "env")]
    Environment,
    #[serde(rename = "org")]
    Organization,
    #[default]
    #[serde(rename = "usr")]
    User,
}

impl OverrideLevel {
    /// Returns the level of that name.
    pub(crate) fn find(name: &str) -> Option<Self> {
        match name {
            "env" => Some(Self::Environment),
            "org" => Some(Self::Organization),
            "usr" => Some(Self::User),
            _ => None,
        }
    }
}

/// The definition of a feature flag. Its key is its id.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeatureFlag {
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: FlagType,
    /// The value of everybody. A flag that only some people have has none.
    #[serde(default)]
    pub(crate) default_value: Option<Value>,
    /// The value of the environment, which goes before the default.
    #[serde(default)]
    pub(crate) environment_value: Option<Value>,
    #[serde(default)]
    pub(crate) allow_override_level: OverrideLevel,
}

impl FeatureFlag {
    /// Returns the definition that follows from the flag of a person: that of its type, without a default.
    pub(super) fn of_person(key: &str, flag: &Value) -> Self {
        let letter = flag["t"].as_str().unwrap_or_default();
        Self {
            key: key.to_owned(),
            name: key.to_owned(),
            description: None,
            kind: FlagType::of_letter(letter).unwrap_or(FlagType::Str),
            default_value: None,
            environment_value: None,
            allow_override_level: OverrideLevel::default(),
        }
    }

    /// Returns the value of the environment, or else the default, in the format of tokens.
    pub(crate) fn inherited(&self) -> Option<Value> {
        let value = self.environment_value.as_ref().or(self.default_value.as_ref())?;
        Some(self.token_form(value.clone()))
    }

    /// Returns a value in the format of tokens.
    pub(crate) fn token_form(&self, value: Value) -> Value {
        json!({"t": self.kind.letter(), "v": value})
    }
}

impl Defined for FeatureFlag {
    const HAS_UNIQUE_KEYS: bool = true;

    fn id(&self) -> &str {
        &self.key
    }

    fn key(&self) -> &str {
        &self.key
    }

    fn complete(&mut self) {
        if self.name.is_empty() {
            self.name.clone_from(&self.key);
        }
    }
}
