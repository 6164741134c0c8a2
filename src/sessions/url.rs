//! `StoreUrl`: the URL that names a session store, parsed without opening anything.

use std::fmt;
#[cfg(feature = "sqlite")]
use std::path::PathBuf;
#[cfg(feature = "postgres")]
use std::str::FromStr;

#[cfg(feature = "postgres")]
use sqlx::postgres::PgConnectOptions;
#[cfg(any(feature = "redis", feature = "postgres"))]
use url::Url;

/// The URL of a session store. It prints without its password.
#[derive(Clone)]
#[non_exhaustive]
pub enum StoreUrl {
    /// `sqlite:` and a file: `sqlite:data/sessions.db` (relative to the working folder),
    /// `sqlite:///var/lib/sessions.db`.
    #[cfg(feature = "sqlite")]
    Sqlite(PathBuf),
    /// `redis://[user:password@]host:port/database`, with TLS as `rediss://`; Redis 7.0, Valkey 7.2 or newer.
    #[cfg(feature = "redis")]
    Redis(Url, Box<redis::Client>),
    /// `postgres://user:password@host:port/database?sslmode=verify-full`, as libpq writes it.
    #[cfg(feature = "postgres")]
    Postgres(Url, Box<PgConnectOptions>),
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            #[cfg(feature = "redis")]
            Self::Redis(url, _) => without_password(url, f),
            #[cfg(feature = "postgres")]
            Self::Postgres(url, _) => without_password(url, f),
        }
    }
}

#[cfg(any(feature = "redis", feature = "postgres"))]
fn without_password(url: &Url, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    write!(f, "{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({self})")
    }
}

/// Why a text is not a store URL. No message contains a part of the URL, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreUrlError {
    /// The scheme is none of those above.
    #[error(
        "must begin with sqlite:, redis://, rediss:// or postgres://, for example sqlite:data/sessions.db or redis://localhost:6379/0"
    )]
    UnknownScheme,
    /// `sqlite:` without a file.
    #[error("names no file; write for example sqlite:data/sessions.db")]
    NoFile,
    /// A store whose feature this build does not have.
    #[error("names a store that is not in this build: enable the feature {0}")]
    NotInThisBuild(&'static str),
    /// A Redis URL that cannot be read.
    #[error("is not a complete Redis URL; write for example redis://:password@localhost:6379/0 (rediss:// with TLS)")]
    Redis,
    /// A PostgreSQL URL that cannot be read.
    #[error(
        "is not a complete PostgreSQL URL; write for example postgres://user:password@localhost:5432/sessions?sslmode=verify-full"
    )]
    Postgres,
}

impl StoreUrl {
    /// Reads a store URL.
    ///
    /// # Errors
    /// [`StoreUrlError`], whose text completes a sentence such as "the store's URL …".
    pub fn parse(url: &str) -> Result<Self, StoreUrlError> {
        match url.split_once(':') {
            #[cfg(feature = "sqlite")]
            Some(("sqlite", file)) => sqlite_file(file),
            #[cfg(not(feature = "sqlite"))]
            Some(("sqlite", _)) => Err(StoreUrlError::NotInThisBuild("sqlite")),
            #[cfg(feature = "redis")]
            Some(("redis" | "rediss", _)) => redis_url(url).ok_or(StoreUrlError::Redis),
            #[cfg(not(feature = "redis"))]
            Some(("redis" | "rediss", _)) => Err(StoreUrlError::NotInThisBuild("redis")),
            #[cfg(feature = "postgres")]
            Some(("postgres" | "postgresql", _)) => postgres_url(url).ok_or(StoreUrlError::Postgres),
            #[cfg(not(feature = "postgres"))]
            Some(("postgres" | "postgresql", _)) => Err(StoreUrlError::NotInThisBuild("postgres")),
            _ => Err(StoreUrlError::UnknownScheme),
        }
    }
}

#[cfg(feature = "sqlite")]
fn sqlite_file(file: &str) -> Result<StoreUrl, StoreUrlError> {
    let path = file.strip_prefix("//").unwrap_or(file);
    if path.is_empty() || path.ends_with('/') {
        return Err(StoreUrlError::NoFile);
    }
    Ok(StoreUrl::Sqlite(PathBuf::from(path)))
}

#[cfg(feature = "redis")]
fn redis_url(text: &str) -> Option<StoreUrl> {
    let url = Url::parse(text).ok().filter(Url::has_host)?;
    let client = redis::Client::open(url.clone()).ok()?;
    Some(StoreUrl::Redis(url, Box::new(client)))
}

#[cfg(feature = "postgres")]
fn postgres_url(text: &str) -> Option<StoreUrl> {
    let url = Url::parse(text).ok().filter(|url| url.has_host() || url.query().is_some())?;
    let options = PgConnectOptions::from_str(text).ok()?;
    Some(StoreUrl::Postgres(url, Box::new(options)))
}

#[cfg(all(test, feature = "sqlite", feature = "redis", feature = "postgres"))]
mod tests {
    use super::*;

    fn shown(url: &str) -> String {
        StoreUrl::parse(url).expect(url).to_string()
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
