//! Properties of people, organizations and the application, and their categories. The values stand with their owners.

use serde::{Deserialize, Serialize};

use super::{
    definition::{Defined, defined},
    person::artificial_digits,
};

/// What has a property.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) enum PropertyContext {
    #[serde(rename = "usr")]
    User,
    #[serde(rename = "org")]
    Organization,
    #[serde(rename = "app")]
    Application,
}

impl PropertyContext {
    /// Returns the context of that name.
    pub(crate) fn find(name: &str) -> Option<Self> {
        [Self::User, Self::Organization, Self::Application].into_iter().find(|context| context.name() == name)
    }

    /// Returns Kinde's name of the context.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::User => "usr",
            Self::Organization => "org",
            Self::Application => "app",
        }
    }

    /// The word before the key in what the id of a property follows from.
    fn owner(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Organization => "organization",
            Self::Application => "application",
        }
    }
}

/// A property of people, organizations or the application. Its values stand with them.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Property {
    /// `prop_` and 32 hexadecimal digits.
    #[serde(default)]
    pub(crate) id: String,
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
    pub(crate) context: PropertyContext,
    /// Whether the value may have several lines.
    #[serde(default)]
    pub(crate) is_multi_line: bool,
    /// Whether tokens and the account API leave its values out.
    #[serde(default)]
    pub(crate) is_private: bool,
    #[serde(default)]
    pub(crate) category_id: Option<String>,
}

impl Property {
    /// Returns the property of which nothing but key and context is known.
    pub(crate) fn named(key: &str, context: PropertyContext) -> Self {
        let mut property = Self {
            id: String::new(),
            key: key.to_owned(),
            name: String::new(),
            description: None,
            context,
            is_multi_line: false,
            is_private: false,
            category_id: None,
        };
        property.complete();
        property
    }

    fn derived_id(&self) -> String {
        format!("prop_{}", artificial_digits(&format!("{} {}", self.context.owner(), self.key), 16))
    }
}

/// A heading over properties.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PropertyCategory {
    /// `category_` and 32 hexadecimal digits.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) context: PropertyContext,
}

defined!(Property, false);

impl Defined for PropertyCategory {
    const HAS_UNIQUE_KEYS: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    /// A category has no key; its name stands for it.
    fn key(&self) -> &str {
        &self.name
    }

    fn complete(&mut self) {}
}
