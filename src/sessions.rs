//! The session stores: opens the one that a [`StoreUrl`] names. A store keeps records without reading their content; the
//! contract of all stores is `auth::Store`. Each has a feature: `sqlite`, `redis`, `postgres`.
//!
//! | store | for | a page read costs | notes |
//! | --- | --- | --- | --- |
//! | `sqlite:data/sessions.db` | one process | nothing: decoded sessions are kept in memory (16 MB at most), else one query | a second process on the file is refused; changes of others to the file, or its loss, are noticed within half a second; each change is on disk before the response; removed content is overwritten, and leaves the log within 10 seconds |
//! | `redis://…`, `rediss://…` | several processes | one round trip of two commands | set `maxmemory-policy noeviction` and `appendonly yes`, or Redis itself signs users out |
//! | `postgres://…` | several processes | one query on an open connection | at most 10 connections for each process; the table is made at start where the account may, else it must exist |
//!
//! A page read loads the session alone, about 360 bytes, at most once for each request; files, health and `/docs` load
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
//! An owner is a digest that the records of one user of one client share. A record is created, its expiry is moved, its
//! content is replaced if it is still the one that was seen, it is removed; it is never written back, so no slow request
//! revives a session that has ended. Records are read by id, one or many in one round trip, or by owner.
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
//! # Which sign-outs last
//!
//! A sign-out deletes records. What holds when the store's machine crashes, or another server takes over, depends on the
//! store:
//!
//! | store | an ended session stays ended | it can come back |
//! | --- | --- | --- |
//! | SQLite | after a crash of the process or of the machine: the deletion is on disk before the response | from an older copy of the file, such as a backup or the copy of a replication tool |
//! | Redis, one server | after a crash of Redis with `appendonly yes`; after a crash of the machine also with `appendfsync always` | after a crash of the machine with `appendfsync everysec` (the default), if it ended in the last seconds; after any restart without `appendonly`, if it ended after the last snapshot |
//! | Redis, a primary with replicas | with any replica that is promoted: the response waits until all replicas that are online have the deletion | with a replica that is promoted although it did not confirm in time: a warning names the number of those that did |
//! | PostgreSQL, one server | after a crash of the process or of the machine, with `synchronous_commit` at `on` (the default) | after a crash with `synchronous_commit` at `off`, if it ended within the last second |
//! | PostgreSQL, standbys that `synchronous_standby_names` lists | with any of them that is promoted and that the commit waited for, with `synchronous_commit` at `on` or `remote_apply` | with `remote_write`, if the standby's machine crashes as well; with `local` or `off`, as with the next row |
//! | PostgreSQL, other standbys (the default) | with a standby that has received everything | with a standby that is behind when it is promoted: nothing waits for it, and nothing is logged |
//! | any, restored from a backup | if it ended before the backup | if it ended after it: empty the table or the database after restoring it |
//!
//! A session that has just begun may be missing on the server that takes over; its user signs in again.
//!
//! About Redis with replicas:
//!
//! - The store sends deletions and `WAIT` over a connection of their own. A deletion waits for 0.3 seconds, when many
//!   are sent at once for 0.9 at most, and then stands, with a warning in the log. Other requests do not wait.
//! - Which replicas there are is learnt with `INFO replication` at start and every 5 seconds, so nothing waits for one
//!   that joined less than 5 seconds ago. Nothing waits either for one that is still being copied to, or if the server
//!   refuses `INFO`; there are no other round trips where there are no replicas.
//! - A replica confirms what it has received, not what it has on disk: if all servers crash at once, the row of one
//!   server holds.
//! - A primary that was cut off from its replicas, and that the app still reaches after one of them was promoted,
//!   deletes what the new primary keeps. That warning is logged too, until the primary drops its replicas (after
//!   `repl-timeout`, a minute by default). With `min-replicas-to-write 1`, sign-ins and sign-outs get 503 instead
//!   whenever no replica has been heard of for `min-replicas-max-lag`, 10 seconds by default.
//! - Redis Sentinel and Redis Cluster are not offered: a URL names one server, no Sentinel is asked for the primary, and
//!   no `MOVED` is followed. A name, a virtual address or a proxy that leads to the primary works: a connection to a
//!   server that has become a replica is opened again. Through a proxy that does not know `WAIT`, each deletion logs a
//!   warning.
//!
//! The app sets neither `synchronous_commit` nor anything else about replication: the server's setting holds, or the
//! account's. While PostgreSQL waits for a synchronous standby that is away, the store counts as hanging: sign-ins and
//! sign-outs get 503.
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
#[cfg(feature = "postgres")]
pub use url::PostgresUrl;
#[cfg(feature = "redis")]
pub use url::RedisUrl;
pub use url::{Protection, StoreAddress, StoreUrl, StoreUrlError};

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
        StoreUrl::Redis(redis_url) => {
            let opened = redis::open(&redis_url.servers, namespace).await;
            Ok(Arc::new(opened.map_err(|error| OpenError::server(url, &error))?))
        }
        #[cfg(feature = "postgres")]
        StoreUrl::Postgres(postgres_url) => {
            let opened = postgres::open(&postgres_url.servers, namespace).await;
            Ok(Arc::new(opened.map_err(|error| OpenError::server(url, &error))?))
        }
    }
}
