//! `Namespace`: the beginning of every name that a session store uses, so that several applications can share a server.
//! It separates names, not access: an account of the database can use every namespace in it.

use std::fmt;

/// PostgreSQL cuts names off after 63 bytes, and the store appends to this one.
const MAX_LENGTH: usize = 32;
/// SQLite reserves all names that begin like this.
const RESERVED_BY_SQLITE: &str = "sqlite_";

/// The beginning of a store's keys, table and indexes, from `SESSION_STORE_NAMESPACE`. Default `kinde`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace(String);

/// Why a text is not a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NamespaceError {
    /// It holds other characters than allowed, or too many.
    #[error(
        "must be a lowercase letter, followed by at most 31 lowercase letters, digits or underscores, for example kinde"
    )]
    Malformed,
    /// SQLite reserves the name for itself.
    #[error("must not begin with sqlite: SQLite reserves such names")]
    Reserved,
}

impl Namespace {
    /// Reads a namespace.
    ///
    /// # Errors
    /// [`NamespaceError`], whose text completes the sentence "SESSION_STORE_NAMESPACE …".
    pub fn parse(text: &str) -> Result<Self, NamespaceError> {
        let is_allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
        let begins_with_letter = text.starts_with(|first: char| first.is_ascii_lowercase());
        if !begins_with_letter || text.len() > MAX_LENGTH || !text.bytes().all(is_allowed) {
            return Err(NamespaceError::Malformed);
        }
        if format!("{text}_").starts_with(RESERVED_BY_SQLITE) {
            return Err(NamespaceError::Reserved);
        }
        Ok(Self(text.to_owned()))
    }
}

impl Default for Namespace {
    fn default() -> Self {
        Self("kinde".to_owned())
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lowercase_letters_digits_and_underscores_are_a_namespace() {
        for text in ["kinde", "a", "app_2", "a_", "sqlite3", &"x".repeat(32)] {
            assert_eq!(Namespace::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Namespace::parse("kinde").unwrap(), Namespace::default());
    }

    #[test]
    fn a_text_that_cannot_begin_a_name_is_refused() {
        for text in ["", "2app", "_app", "App", "my-app", "app app", "app;", "app\"", "größe", "app\n", &"x".repeat(33)]
        {
            assert_eq!(Namespace::parse(text).unwrap_err(), NamespaceError::Malformed, "{text}");
        }
        for text in ["sqlite", "sqlite_app"] {
            assert_eq!(Namespace::parse(text).unwrap_err(), NamespaceError::Reserved, "{text}");
        }
    }
}
