//! Session stores: which one a URL names, and opening it.
//! What stands in a record is `auth`'s business; a store only keeps, finds, moves and drops records.

mod sqlite;

use std::path::PathBuf;
use std::sync::Arc;

use crate::auth::Store;

/// A session store's address, from `SESSION_STORE_URL`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// `sqlite:` and a file: `sqlite:data/sessions.db` (relative to the working folder), `sqlite:///var/lib/sessions.db`.
    Sqlite(PathBuf),
}

/// Why a text is no store URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreUrlError {
    /// Another scheme than those above.
    #[error(
        "must begin with sqlite: and name a file, for example sqlite:data/sessions.db or sqlite:///var/lib/sessions.db"
    )]
    UnknownScheme,
    /// `sqlite:` without a file.
    #[error("names no file; write for example sqlite:data/sessions.db")]
    NoFile,
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder could not be made, or the file not opened or not prepared.
    #[error("the session store {path} cannot be opened: {cause}")]
    Sqlite {
        /// The file.
        path: String,
        /// What the system or SQLite says.
        cause: String,
    },
}

impl StoreUrl {
    /// Reads a store URL.
    ///
    /// # Errors
    /// [`StoreUrlError`], whose text completes the sentence "SESSION_STORE_URL …".
    pub fn parse(url: &str) -> Result<Self, StoreUrlError> {
        let file = url.strip_prefix("sqlite:").ok_or(StoreUrlError::UnknownScheme)?;
        let path = file.strip_prefix("//").unwrap_or(file);
        if path.is_empty() || path.ends_with('/') {
            return Err(StoreUrlError::NoFile);
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

/// Opens a store, makes its file and table where they are missing, and begins to sweep expired records.
///
/// # Errors
/// [`OpenError`] when the store cannot be used.
pub async fn open(url: &StoreUrl) -> Result<Arc<dyn Store>, OpenError> {
    match url {
        StoreUrl::Sqlite(path) => Ok(Arc::new(sqlite::SqliteStore::open(path).await?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_and_absolute_files_are_told_apart() {
        for (url, path) in [
            ("sqlite:data/sessions.db", "data/sessions.db"),
            ("sqlite:///var/lib/sessions.db", "/var/lib/sessions.db"),
            ("sqlite:/var/lib/sessions.db", "/var/lib/sessions.db"),
        ] {
            assert_eq!(StoreUrl::parse(url), Ok(StoreUrl::Sqlite(PathBuf::from(path))));
        }
    }

    #[test]
    fn whatever_names_no_known_store_is_refused() {
        assert_eq!(StoreUrl::parse("mysql://host/db"), Err(StoreUrlError::UnknownScheme));
        for url in ["sqlite:", "sqlite://", "sqlite:///", "sqlite:data/"] {
            assert_eq!(StoreUrl::parse(url), Err(StoreUrlError::NoFile), "{url}");
        }
    }
}
