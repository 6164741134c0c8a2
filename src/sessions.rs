//! The session stores: reads the URL that names one, and opens it. A store keeps records without reading their content;
//! the contract of all stores is `auth::Store`.

mod connections;
mod namespace;
mod postgres;
mod redis;
mod rows;
mod sql_store;
mod sqlite;
mod statements;
mod sweep;
mod unreadable;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use url::Url;

pub use namespace::{Namespace, NamespaceError};

use crate::auth::Store;

/// A session store's address, from `SESSION_STORE_URL`. It prints without its password.
#[derive(Clone)]
pub enum StoreUrl {
    /// `sqlite:` and a file: `sqlite:data/sessions.db` (relative to the working folder),
    /// `sqlite:///var/lib/sessions.db`.
    Sqlite(PathBuf),
    /// `redis://[user:password@]host:port/database`, with TLS as `rediss://`; Redis 7.0, Valkey 7.2 or newer.
    Redis(Url, Box<::redis::Client>),
    /// `postgres://user:password@host:port/database?sslmode=verify-full`, as libpq writes it.
    Postgres(Url, Box<PgConnectOptions>),
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Redis(url, _) | Self::Postgres(url, _) => {
                let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
                write!(f, "{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
            }
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({self})")
    }
}

/// Why a text is not a store URL. No message contains a part of the URL, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreUrlError {
    /// The scheme is none of those above.
    #[error(
        "must begin with sqlite:, redis://, rediss:// or postgres://, for example sqlite:data/sessions.db or redis://localhost:6379/0"
    )]
    UnknownScheme,
    /// `sqlite:` without a file.
    #[error("names no file; write for example sqlite:data/sessions.db")]
    NoFile,
    /// A Redis URL that cannot be read.
    #[error("is not a complete Redis URL; write for example redis://:password@localhost:6379/0 (rediss:// with TLS)")]
    Redis,
    /// A PostgreSQL URL that cannot be read.
    #[error(
        "is not a complete PostgreSQL URL; write for example postgres://user:password@localhost:5432/sessions?sslmode=verify-full"
    )]
    Postgres,
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder could not be created, or the file not opened or not prepared.
    #[error("the session store {path} cannot be opened: {cause}")]
    Sqlite {
        /// The file.
        path: String,
        /// The error of the system or of SQLite.
        cause: String,
    },
    /// Another process uses the file.
    #[error(
        "the session store {path} is in use by another process, and a SQLite file serves only one: stop that process, or let both share Redis or PostgreSQL (SESSION_STORE_URL=redis://… or postgres://…)"
    )]
    Owned {
        /// The file.
        path: String,
    },
    /// The server could not be reached, or refused.
    #[error("the session store {url} cannot be used: {cause}")]
    Server {
        /// The store's URL without its password.
        url: String,
        /// The error of the server or of the system.
        cause: String,
    },
}

impl StoreUrl {
    /// Reads a store URL.
    ///
    /// # Errors
    /// [`StoreUrlError`], whose text completes the sentence "SESSION_STORE_URL …".
    pub fn parse(url: &str) -> Result<Self, StoreUrlError> {
        match url.split_once(':') {
            Some(("sqlite", file)) => sqlite_file(file),
            Some(("redis" | "rediss", _)) => redis_url(url).ok_or(StoreUrlError::Redis),
            Some(("postgres" | "postgresql", _)) => postgres_url(url).ok_or(StoreUrlError::Postgres),
            _ => Err(StoreUrlError::UnknownScheme),
        }
    }
}

fn sqlite_file(file: &str) -> Result<StoreUrl, StoreUrlError> {
    let path = file.strip_prefix("//").unwrap_or(file);
    if path.is_empty() || path.ends_with('/') {
        return Err(StoreUrlError::NoFile);
    }
    Ok(StoreUrl::Sqlite(PathBuf::from(path)))
}

fn redis_url(text: &str) -> Option<StoreUrl> {
    let url = Url::parse(text).ok().filter(Url::has_host)?;
    let client = ::redis::Client::open(url.clone()).ok()?;
    Some(StoreUrl::Redis(url, Box::new(client)))
}

fn postgres_url(text: &str) -> Option<StoreUrl> {
    let url = Url::parse(text).ok().filter(|url| url.has_host() || url.query().is_some())?;
    let options = PgConnectOptions::from_str(text).ok()?;
    Some(StoreUrl::Postgres(url, Box::new(options)))
}

/// Opens a store, creates its file and table if they are missing, and starts to remove expired records. Stores with
/// different namespaces in one database do not see each other's records.
///
/// # Errors
/// [`OpenError`] when the store cannot be used.
pub async fn open(url: &StoreUrl, namespace: &Namespace) -> Result<Arc<dyn Store>, OpenError> {
    let failure = |cause: String| OpenError::Server { url: url.to_string(), cause };
    match url {
        StoreUrl::Sqlite(path) => Ok(Arc::new(sqlite::SqliteStore::open(path, namespace).await?)),
        StoreUrl::Redis(_, client) => {
            let opened = redis::open(::redis::Client::clone(client), namespace).await;
            Ok(Arc::new(opened.map_err(|error| failure(error.to_string()))?))
        }
        StoreUrl::Postgres(_, options) => {
            let opened = postgres::open(PgConnectOptions::clone(options), namespace).await;
            Ok(Arc::new(opened.map_err(|error| failure(error.to_string()))?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> String {
        StoreUrl::parse(url).unwrap().to_string()
    }

    #[test]
    fn relative_and_absolute_files_are_told_apart() {
        for (url, path) in [
            ("sqlite:data/sessions.db", "sqlite:data/sessions.db"),
            ("sqlite:///var/lib/sessions.db", "sqlite:/var/lib/sessions.db"),
            ("sqlite:/var/lib/sessions.db", "sqlite:/var/lib/sessions.db"),
        ] {
            assert_eq!(shown(url), path);
        }
    }

    #[test]
    fn servers_are_shown_without_their_password() {
        for (url, expected) in [
            ("redis://localhost", "redis://localhost"),
            ("redis://localhost:6379/0", "redis://localhost:6379/0"),
            ("rediss://somebody:sesame@redis.example:6380/3", "rediss://redis.example:6380/3"),
            ("postgres://somebody:sesame@db.example:5432/app?sslmode=verify-full", "postgres://db.example:5432/app"),
            ("postgresql://db.example/app?password=sesame", "postgresql://db.example/app"),
        ] {
            assert_eq!(shown(url), expected);
            assert!(!format!("{:?}", StoreUrl::parse(url).unwrap()).contains("sesame"));
        }
    }

    #[test]
    fn a_url_of_no_known_store_is_refused() {
        for url in ["mysql://host/db", "data/sessions.db", "", "Redis"] {
            assert_eq!(StoreUrl::parse(url).unwrap_err(), StoreUrlError::UnknownScheme, "{url}");
        }
        for url in ["sqlite:", "sqlite://", "sqlite:///", "sqlite:data/"] {
            assert_eq!(StoreUrl::parse(url).unwrap_err(), StoreUrlError::NoFile, "{url}");
        }
        for url in ["redis:", "redis://", "redis://localhost:port", "redis://localhost/not-a-number", "rediss:host"] {
            assert_eq!(StoreUrl::parse(url).unwrap_err(), StoreUrlError::Redis, "{url}");
        }
        for url in ["postgres:", "postgres://", "postgres://host:port/db", "postgres://host/db?sslmode=perhaps"] {
            assert_eq!(StoreUrl::parse(url).unwrap_err(), StoreUrlError::Postgres, "{url}");
        }
    }
}
