//! The session stores: reads the URL that names one, and opens it. A store keeps records without reading their content;
//! the contract of all stores is `auth::Store`.
//!
//! | store | for | a page read costs | notes |
//! | --- | --- | --- | --- |
//! | `sqlite:data/sessions.db` | one process | nothing: decoded sessions are kept in memory (16 MB at most), else one query | a second process on the file is refused; changes of others to the file, or its loss, are noticed within half a second; each change is on disk before the response; removed content is overwritten, and leaves the log within 10 seconds |
//! | `redis://…`, `rediss://…` | several processes | one round trip of two commands | set `maxmemory-policy noeviction` and `appendonly yes`, or Redis itself signs users out |
//! | `postgres://…` | several processes | one query on an open connection | at most 10 connections for each process; the table is made at start where the account may, else it must exist |
//!
//! A page read loads the session alone, about 320 bytes, at most once for each request; files, health and `/docs` load
//! nothing. Tokens are a record of their own, however large they are.
//!
//! # Records
//!
//! A SQL store is one table, made at start, with an index each for `expires_at` and `owner`:
//!
//! ```sql
//! create table kinde_sessions (id text primary key, owner text, expires_at bigint not null, data text not null);
//! ```
//!
//! In Redis a record is the key `kinde:record:ID`, whose value is the owner's line and the data, and the ids of a user's
//! records are in the sorted set `kinde:owner:OWNER`. `kinde` is the namespace (`SESSION_STORE_NAMESPACE`). An id is a
//! digest of a secret, the client id and the issuer, so two applications on one store cannot name each other's records.
//! An owner is a digest that the records of one user of one client share. A record is created, its expiry is moved, it
//! is removed; it is never written back, so no slow request revives a session that has ended.
//!
//! # When the store fails
//!
//! | the store … | signed-in users | users who sign in |
//! | --- | --- | --- |
//! | is down, hangs, or refuses connections | get 503 with `Retry-After` within 2 seconds; the cookie stays | get the same |
//! | is full, read-only or locked | see pages as before | get 503 with `Retry-After` |
//! | is back | go on with the same cookie, without a restart of the app | finish even the sign-in they had begun |
//! | was wiped | sign in again, once | sign in as before |
//!
//! `make faults` breaks each store in all these ways and prints a table, with a rolling restart under 100 requests a
//! second, fifty kills in the middle of writes, and a million sessions; `make test` runs a short form.
//!
//! # A million sessions
//!
//! Against a thousand, in one run (release build, two visitors at once, 2 cores):
//!
//! | store | 99th percentile of a signed-in page | memory of the app | in the store |
//! | --- | --- | --- | --- |
//! | SQLite | 384 µs, 0.98 times | 27 MB | 497 MB on disk |
//! | Redis | 688 µs, 1.02 times | 18 MB | 621 MB in memory |
//! | PostgreSQL | 852 µs, 0.84 times | 18 MB | 497 MB on disk |
//!
//! PostgreSQL had `shared_buffers` that hold the table; with its default of 128 MB the ratio was 1.64.
//!
//! # Several processes
//!
//! Give all of them the same settings (the same `SESSION_STORE_URL` and `SESSION_ENCRYPTION_KEYS`, one `SITE_URL`) and
//! any load balancer without stickiness. Let it request `/readyz`, and set `SHUTDOWN_NOTICE_SECONDS` to somewhat more
//! than it needs to notice: then a rolling restart loses no request. To try it, with a tenant of its own:
//!
//! ```sh
//! cargo run -- dev-issuer --port 9001 &      # prints KINDE_ISSUER_URL, CLIENT_ID and CLIENT_SECRET: export them
//! export SESSION_STORE_URL=redis://localhost:6379/0
//! LISTEN_ADDR=127.0.0.1:8000 cargo run &
//! LISTEN_ADDR=127.0.0.1:8002 cargo run &     # signed in on one, signed in on both
//! ```

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
