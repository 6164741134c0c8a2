//! Roles and permissions. Who has them stands with each person.

use serde::{Deserialize, Serialize};

use super::{
    definition::{Defined, defined},
    person::artificial_digits,
};
use crate::dev_issuer::basics::random::as_uuid;

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

/// Puts a new key of a role or permission in the place of the old one, in every list that has it.
pub(crate) fn rename<'a>(lists: impl Iterator<Item = &'a mut Vec<String>>, old: &str, new: &str) {
    for key in lists.flatten().filter(|key| **key == old) {
        new.clone_into(key);
    }
}

defined!(Role, true);
defined!(Permission, true);
