//! `Rights`: what a user may do, as the claims of a token or Kinde's account API list it. This file imports only `claims`.
//! A `Policy` states which rights a caller needs; where they come from is decided in `client::rights`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::claims::{AccessTokenClaims, Flag, Role};

/// A list of rights, which Kinde's account API has under a path of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    Permissions,
    Roles,
    FeatureFlags,
    Entitlements,
}

impl Resource {
    pub(super) const ALL: [Self; 4] = [Self::Permissions, Self::Roles, Self::FeatureFlags, Self::Entitlements];
}

/// Rights by their keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Listed<T> {
    entries: BTreeMap<String, T>,
    /// `false` when the list has more entries than were read: then it is not known whether another key is in it.
    is_complete: bool,
}

/// Keys of permissions.
pub(super) type Keys = Listed<()>;
/// The names of roles, where they are known, by their keys.
pub(super) type Roles = Listed<Option<String>>;
/// Feature flags by their codes.
pub(super) type Flags = Listed<Flag>;
/// The highest number of units (`None`: no limit) by the keys of features.
pub(super) type Entitlements = Listed<Option<i64>>;

impl<T> Listed<T> {
    pub(super) fn new(entries: impl IntoIterator<Item = (String, T)>, is_complete: bool) -> Self {
        Self { entries: entries.into_iter().collect(), is_complete }
    }

    /// An entry; `Some(None)` when there is none, `None` when that is not known.
    pub(super) fn find(&self, key: &str) -> Option<Option<&T>> {
        match self.entries.get(key) {
            None if !self.is_complete => None,
            entry => Some(entry),
        }
    }

    /// All entries by their keys. `None` when there may be more than were read.
    pub(super) fn all(&self) -> Option<&BTreeMap<String, T>> {
        self.is_complete.then_some(&self.entries)
    }
}

impl Keys {
    /// A list of keys alone.
    pub(super) fn of_keys(keys: impl IntoIterator<Item = String>, is_complete: bool) -> Self {
        Self::new(keys.into_iter().map(|key| (key, ())), is_complete)
    }
}

impl<T> Default for Listed<T> {
    /// A complete list without entries.
    fn default() -> Self {
        Self::new([], true)
    }
}

/// The lists that are known; `None` is a list that is not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Rights {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) permissions: Option<Keys>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) roles: Option<Roles>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) feature_flags: Option<Flags>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) entitlements: Option<Entitlements>,
}

impl Rights {
    /// Those that an access token lists. Entitlements never are.
    pub(super) fn of_claims(claims: &AccessTokenClaims) -> Self {
        let by_key = |role: &Role| (role.key.clone(), role.name.clone());
        Self {
            permissions: claims.permissions.clone().map(|keys| Keys::of_keys(keys, true)),
            roles: claims.roles.as_ref().map(|roles| Listed::new(roles.iter().map(by_key), true)),
            feature_flags: claims.feature_flags.as_ref().map(|flags| Listed::new(flags.clone(), true)),
            entitlements: None,
        }
    }

    /// Nothing, and that is all there is.
    pub(super) fn none() -> Self {
        Self {
            permissions: Some(Listed::default()),
            roles: Some(Listed::default()),
            feature_flags: Some(Listed::default()),
            entitlements: Some(Listed::default()),
        }
    }

    /// These lists, and those of `other` that are not known here.
    pub(super) fn or(self, other: &Self) -> Self {
        Self {
            permissions: self.permissions.or_else(|| other.permissions.clone()),
            roles: self.roles.or_else(|| other.roles.clone()),
            feature_flags: self.feature_flags.or_else(|| other.feature_flags.clone()),
            entitlements: self.entitlements.or_else(|| other.entitlements.clone()),
        }
    }

    /// One of the lists alone.
    pub(super) fn only(self, resource: Resource) -> Self {
        let Self { permissions, roles, feature_flags, entitlements } = self;
        match resource {
            Resource::Permissions => Self { permissions, ..Self::default() },
            Resource::Roles => Self { roles, ..Self::default() },
            Resource::FeatureFlags => Self { feature_flags, ..Self::default() },
            Resource::Entitlements => Self { entitlements, ..Self::default() },
        }
    }

    /// Whether a list is known.
    pub(super) fn has(&self, resource: Resource) -> bool {
        match resource {
            Resource::Permissions => self.permissions.is_some(),
            Resource::Roles => self.roles.is_some(),
            Resource::FeatureFlags => self.feature_flags.is_some(),
            Resource::Entitlements => self.entitlements.is_some(),
        }
    }

    /// Forgets a list.
    pub(super) fn remove(&mut self, resource: Resource) {
        match resource {
            Resource::Permissions => self.permissions = None,
            Resource::Roles => self.roles = None,
            Resource::FeatureFlags => self.feature_flags = None,
            Resource::Entitlements => self.entitlements = None,
        }
    }

    /// Whether no list is known.
    pub(super) fn is_empty(&self) -> bool {
        !Resource::ALL.into_iter().any(|resource| self.has(resource))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(keys: &[&str], is_complete: bool) -> Keys {
        Keys::of_keys(keys.iter().map(|key| (*key).to_owned()), is_complete)
    }

    #[test]
    fn a_list_that_was_cut_does_not_say_what_is_missing() {
        assert_eq!(keys(&["a"], true).find("a"), Some(Some(&())));
        assert_eq!(keys(&["a"], true).find("b"), Some(None));
        assert_eq!(keys(&["a"], false).find("a"), Some(Some(&())));
        assert_eq!(keys(&["a"], false).find("b"), None);
        assert_eq!(keys(&["a"], true).all().map(BTreeMap::len), Some(1));
        assert_eq!(keys(&["a"], false).all(), None);
    }

    #[test]
    fn each_resource_is_a_list_of_its_own() {
        for resource in Resource::ALL {
            let only = Rights::none().only(resource);
            for other in Resource::ALL {
                assert_eq!(only.has(other), other == resource);
            }
            let mut rest = Rights::none();
            rest.remove(resource);
            assert!(!rest.has(resource) && !rest.is_empty());
            assert_eq!(rest.clone().or(&only), Rights::none());
            let mut nothing = only;
            nothing.remove(resource);
            assert!(nothing.is_empty());
        }
    }
}
