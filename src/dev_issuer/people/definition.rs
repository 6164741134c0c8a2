//! What definitions have in common, and lists of them: those of roles and permissions are in `role`, of feature flags
//! in `feature_flag`, of properties in `property`, and all together in `catalogue`.

use std::collections::HashSet;

/// Something that is defined once and called by its id.
pub(crate) trait Defined: Clone + PartialEq {
    /// Whether no two definitions have the same key.
    const HAS_UNIQUE_KEYS: bool;
    fn id(&self) -> &str;
    fn key(&self) -> &str;
    /// Fills in the id and the name that a seed may leave out.
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

    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut()
    }

    /// Returns whether another definition has the key of this one.
    pub(crate) fn is_taken(&self, definition: &T) -> bool {
        self.by_key(definition.key()).is_some_and(|other| other.id() != definition.id())
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

pub(super) use defined;
