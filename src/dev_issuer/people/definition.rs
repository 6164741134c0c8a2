//! What a definition consists of, and lists of definitions. All of them together are in `catalogue`, those of feature
//! flags in `feature_flag`.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::person::artificial_digits;
use crate::dev_issuer::basics::random::as_uuid;

/// Something that is defined once and called by its id.
pub(crate) trait Defined: Clone + PartialEq {
    /// Whether no two definitions have the same key.
    const HAS_UNIQUE_KEYS: bool;
    fn id(&self) -> &str;
    fn key(&self) -> &str;
    /// Gives a definition of a seed the id and the name that it was not given.
    fn complete(&mut self);
}

/// The definitions of one kind, in the order in which they were made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Definitions<T>(Vec<T>);

impl<T> Default for Definitions<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Defined> Definitions<T> {
    pub(crate) fn of(definitions: Vec<T>) -> Self {
        Self(definitions)
    }

    pub(crate) fn all(&self) -> &[T] {
        &self.0
    }

    pub(crate) fn find(&self, id: &str) -> Option<&T> {
        self.0.iter().find(|definition| definition.id() == id)
    }

    pub(crate) fn find_mut(&mut self, id: &str) -> Option<&mut T> {
        self.0.iter_mut().find(|definition| definition.id() == id)
    }

    pub(crate) fn by_key(&self, key: &str) -> Option<&T> {
        self.0.iter().find(|definition| definition.key() == key)
    }

    pub(crate) fn add(&mut self, definition: T) {
        self.0.push(definition);
    }

    /// Removes a definition and returns it.
    pub(crate) fn remove(&mut self, id: &str) -> Option<T> {
        let index = self.0.iter().position(|definition| definition.id() == id)?;
        Some(self.0.remove(index))
    }

    /// Changes every definition.
    pub(crate) fn change_all(&mut self, change: impl FnMut(&mut T)) {
        self.0.iter_mut().for_each(change);
    }

    /// Defines the keys that have no definition yet.
    pub(super) fn learn<'a>(&mut self, keys: impl IntoIterator<Item = &'a str>, define: impl Fn(&str) -> T) {
        let known: HashSet<String> = self.0.iter().map(|definition| definition.key().to_owned()).collect();
        let mut new = HashSet::new();
        for key in keys {
            if !known.contains(key) && new.insert(key) {
                self.0.push(define(key));
            }
        }
    }

    /// Returns the definitions that are not in another list.
    pub(super) fn without(&self, others: &Self) -> Self {
        let is_new = |definition: &&T| others.find(definition.id()) != Some(definition);
        Self(self.0.iter().filter(is_new).cloned().collect())
    }
}

/// A role, and the permissions that everybody with it has.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    /// A UUID, as in tokens.
    #[serde(default)]
    pub(crate) id: String,
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
    /// Whether people who sign up and new members of an organization get it.
    #[serde(default)]
    pub(crate) is_default_role: bool,
    /// The keys of its permissions.
    #[serde(default)]
    pub(crate) permissions: Vec<String>,
}

impl Role {
    /// Returns the role of which nothing but the key is known.
    pub(crate) fn named(key: &str) -> Self {
        let mut role = Self { key: key.to_owned(), ..Self::default() };
        role.complete();
        role
    }

    fn derived_id(&self) -> String {
        as_uuid(&artificial_digits(&self.key, 16))
    }
}

/// A permission.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Permission {
    /// A UUID.
    #[serde(default)]
    pub(crate) id: String,
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
}

impl Permission {
    /// Returns the permission of which nothing but the key is known.
    pub(crate) fn named(key: &str) -> Self {
        let mut permission = Self { key: key.to_owned(), ..Self::default() };
        permission.complete();
        permission
    }

    fn derived_id(&self) -> String {
        as_uuid(&artificial_digits(&self.key, 16))
    }
}

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

/// Implements [`Defined`] for a type that has the method `derived_id`.
macro_rules! defined {
    ($definition:ty, $unique:literal) => {
        impl Defined for $definition {
            const HAS_UNIQUE_KEYS: bool = $unique;

            fn id(&self) -> &str {
                &self.id
            }

            fn key(&self) -> &str {
                &self.key
            }

            fn complete(&mut self) {
                if self.id.is_empty() {
                    self.id = self.derived_id();
                }
                if self.name.is_empty() {
                    self.name.clone_from(&self.key);
                }
            }
        }
    };
}

defined!(Role, true);
defined!(Permission, true);
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
