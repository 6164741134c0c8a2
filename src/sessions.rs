//! The session stores: opens the one that a [`StoreUrl`] names. A store keeps records without reading their content; the
//! contract of all stores is `auth::Store`. Each has a feature: `sqlite`, `redis`, `postgres`.
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
//! Against a thousand, in one run (release build, two clients at once, 2 cores):
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

#[cfg(any(feature = "sqlite", feature = "postgres"))]
#[cfg_attr(
    not(all(feature = "sqlite", feature = "postgres")),
    allow(dead_code, reason = "parts are for one of the two")
)]
mod connections;
mod namespace;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
#[cfg_attr(
    not(all(feature = "sqlite", feature = "postgres")),
    allow(dead_code, reason = "parts are for one of the two")
)]
mod rows;
#[cfg(feature = "postgres")]
mod sql_store;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
#[cfg_attr(
    not(all(feature = "sqlite", feature = "postgres")),
    allow(dead_code, reason = "parts are for one of the two")
)]
mod statements;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod sweep;
mod unreadable;
mod url;

#[cfg(any(feature = "redis", feature = "postgres"))]
use std::fmt;
use std::sync::Arc;

pub use namespace::{Namespace, NamespaceError};
pub use url::{StoreUrl, StoreUrlError};

use crate::auth::Store;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
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
        "the session store {path} is in use by another process, and a SQLite file serves only one: stop that process, or let both share a store in Redis or PostgreSQL"
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

#[cfg(any(feature = "redis", feature = "postgres"))]
impl OpenError {
    fn server(url: &StoreUrl, cause: &dyn fmt::Display) -> Self {
        Self::Server { url: url.to_string(), cause: cause.to_string() }
    }
}

/// Opens a store, creates its file and table if they are missing, and starts to remove expired records. Stores with
/// different namespaces in one database do not see each other's records.
///
/// # Errors
/// [`OpenError`] when the store cannot be used.
pub async fn open(url: &StoreUrl, namespace: &Namespace) -> Result<Arc<dyn Store>, OpenError> {
    match url {
        #[cfg(feature = "sqlite")]
        StoreUrl::Sqlite(path) => Ok(Arc::new(sqlite::SqliteStore::open(path, namespace).await?)),
        #[cfg(feature = "redis")]
        StoreUrl::Redis(_, client) => {
            let opened = redis::open(::redis::Client::clone(client), namespace).await;
            Ok(Arc::new(opened.map_err(|error| OpenError::server(url, &error))?))
        }
        #[cfg(feature = "postgres")]
        StoreUrl::Postgres(_, options) => {
            let opened = postgres::open(options.as_ref().clone(), namespace).await;
            Ok(Arc::new(opened.map_err(|error| OpenError::server(url, &error))?))
        }
    }
}
