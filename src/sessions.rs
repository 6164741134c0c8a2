//! The session stores, in SQLite, Redis and PostgreSQL: opens the one that a [`StoreUrl`] names.
//!
//! A store keeps records without reading their content; the contract of all stores is
//! [`auth::Store`](crate::auth::Store). Each has a feature: `sqlite`, `redis`, `postgres`.
//!
//! | store | for | a page read costs | notes |
//! | --- | --- | --- | --- |
//! | `sqlite:data/sessions.db` | one process | nothing: decoded sessions are kept in memory (16 MB at most), else one query | a second process on the file is refused, but for the program's commands ([`open_beside`]); changes of others to the file, or its loss, are noticed within half a second; each change is on disk before the response, for which a request waits for five seconds at most; removed content is overwritten, and leaves the log within 10 seconds |
//! | `redis://…`, `rediss://…` | several processes | one round trip of one script | set `maxmemory-policy noeviction` and `appendonly yes`, or Redis itself signs users out |
//! | `redis+sentinel://…`, `rediss+sentinel://…` | the same, and another server takes over | the same | Sentinels name the primary; they are asked whenever a connection is opened, and every second |
//! | `redis+cluster://…`, `rediss+cluster://…` | the same, and more sessions than one server holds | the same, at the server that has the session | the URL names some of the servers; only database 0 |
//! | `postgres://…` | several processes | one query on an open connection | at most 10 connections for each process; the table is made at start where the account may, else it must exist; of several hosts the primary is used |
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
//! An owner is a digest that the records of one user of one client share. The names are the same in a cluster, where each
//! key is where its name's hash says; so what one server holds can be moved into a cluster, and nobody is signed out. (With
//! replicas a key `kinde:deleted:{kinde:record:ID}` exists for a millisecond after a deletion.) A record is created, its
//! expiry is moved, its content is replaced if it is still the one that was seen, it is removed; it is never written back,
//! so no slow request revives a session that has ended. Records are read by id, one or many in one round trip, or by owner;
//! all of them only by the program's commands, in portions of some hundreds, by the primary key or by `SCAN`. In a cluster
//! such a command begins again when slots get another primary; it can miss what moves meanwhile, so repeat it after slots
//! were moved.
//!
//! # When the store fails
//!
//! | the store … | signed-in users | users who sign in |
//! | --- | --- | --- |
//! | is down, hangs, or refuses connections | get 503 with `Retry-After` within 2 seconds; the cookie stays | get the same |
//! | is full, read-only or locked | see pages as before | get 503 with `Retry-After` |
//! | is back | go on with the same cookie, without a restart of the app | finish even the sign-in they had begun |
//! | was wiped | sign in again, once | sign in as before |
//! | is several servers, of which one is lost | the same as if it was down, until another has taken over, and then the same as if it was back | the same |
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
//! | Redis, one server | after a crash of Redis with `appendonly yes`; after a crash of the machine also with `appendfsync always` | after a crash of the machine with `appendfsync everysec` (the default), if it ended in the last seconds, and of Redis too while the disk is slow, because writes wait for it then; after any restart without `appendonly`, if it ended after the last snapshot |
//! | Redis, a primary with replicas | with any replica that is promoted: the response waits until all replicas that are online have the deletion | with a replica that is promoted although it did not confirm in time: a warning names the number of those that did |
//! | Redis with Sentinels, Redis Cluster | the same, in a cluster for each primary; a deletion that was not confirmed, or that no replica was there to confirm, is also repeated a second later, and on each server that takes over within ten minutes, if the process still runs | for a second after another server has taken over, until it is repeated; for good if that process has ended, or more than 10,000 deletions were to be repeated |
//! | PostgreSQL, one server | after a crash of the process or of the machine, with `synchronous_commit` at `on` (the default) | after a crash with `synchronous_commit` at `off`, if it ended within the last second |
//! | PostgreSQL, standbys that `synchronous_standby_names` lists | with any of them that is promoted and that the commit waited for, with `synchronous_commit` at `on` or `remote_apply` | with `remote_write`, if the standby's machine crashes as well; with `local` or `off`, as with the next row |
//! | PostgreSQL, other standbys (the default) | with a standby that has received everything | with a standby that is behind when it is promoted: nothing waits for it, and nothing is logged |
//! | any, restored from a backup | if it ended before the backup | if it ended after it: empty the table or the database after restoring it |
//!
//! A session that has just begun may be missing on the server that takes over; its user signs in again.
//!
//! About Redis with replicas:
//!
//! - The response to a deletion says which replicas the primary has. If it has some, `WAIT` follows over a connection of its
//!   own. A deletion waits for 0.3 seconds, when many are sent at once for 0.6, and when the server does not respond for
//!   0.8 more at most, and then stands, with a warning in the log. Other requests do not wait. There are no other round
//!   trips where there are no replicas.
//! - Nothing waits for a replica that is still being copied to, or if the server refuses `INFO` to scripts. A replica that
//!   is gone is waited for during another minute: it may have been made the primary.
//! - A replica confirms what it has received, not what it has on disk: if all servers crash at once, the row of one
//!   server holds.
//! - A primary that was cut off from its replicas, and that the app still reaches after one of them was promoted,
//!   deletes what the new primary keeps. That warning is logged too, until the primary drops its replicas (after
//!   `repl-timeout`, a minute by default). With `min-replicas-to-write 1`, sign-ins and sign-outs get 503 instead
//!   whenever no replica has been heard of for `min-replicas-max-lag`, 10 seconds by default.
//! - A name, a virtual address or a proxy that leads to the primary works without Sentinels: a connection to a server that
//!   has become a replica is opened again. Through a proxy that does not know `WAIT`, each deletion logs a warning.
//!
//! The app sets neither `synchronous_commit` nor anything else about replication: the server's setting holds, or the
//! account's. While PostgreSQL waits for a synchronous standby that is away, the store counts as hanging: sign-ins and
//! sign-outs get 503.
//!
//! # Several servers
//!
//! | URL | what it needs | when the primary is lost |
//! | --- | --- | --- |
//! | `redis+sentinel://:password@one,two,three/0?service=NAME` | Sentinels (port 26379 unless the URL says otherwise) that `monitor NAME`; if they want a password of their own, `&sentinel_user=…&sentinel_password=…` | 503 until the Sentinels have made another one the primary |
//! | `redis+cluster://:password@one:6379,two:6379` | Redis Cluster with at least one replica for each primary. Set `cluster-require-full-coverage no`, or all users get 503 while one primary is missing | 503 for the users whose sessions it has, until its replica has taken over |
//! | `postgres://user:password@one,two/sessions?sslmode=verify-full` | streaming replication, and something that promotes a standby, such as Patroni or repmgr | 503 until a standby is promoted |
//!
//! - With TLS (`rediss+…`) certificates are verified for the names that Sentinels and clusters announce: let them announce
//!   host names (`sentinel announce-hostnames yes` with `resolve-hostnames yes`; `cluster-announce-hostname` with
//!   `cluster-preferred-endpoint-type hostname`). User and password are the same for all servers.
//! - A primary that is replaced although it is well (`SENTINEL FAILOVER`) serves for up to ten seconds more. The store
//!   leaves it within a second of the Sentinels' naming another one; sign-ins in between may be lost, and sign-outs are
//!   repeated. `min-replicas-to-write 1` on the servers closes most of that gap. `CLUSTER FAILOVER` has none.
//! - A server that hangs, rather than refuses, is missed for a second longer: that is how long requests wait for it.
//! - In a cluster a record and its owner's set are on different servers. Where a crash comes between two steps, the set has
//!   a name without a record, which readers skip and which expires; there is never a record that the end of all sessions
//!   of a user would not find. Keys that are being moved are followed.
//! - PostgreSQL's hosts are all asked (`pg_is_in_recovery`) whenever a connection is opened, and the first primary to
//!   respond is used; `target_session_attrs=read-write` or `primary` may be in the URL and changes nothing. A connection
//!   that can only read is given up at its first write. A former primary that runs on beside its successor is taken for
//!   one: whatever promotes a standby must stop it first, as with every client.
//! - PgBouncer in session mode needs no settings. In transaction mode it must be 1.21 or newer with
//!   `max_prepared_statements` above 0: the store prepares its statements, and an older one would let a connection run
//!   what another one prepared. (`statement-cache-capacity=0` in the URL does not help: the driver still sends a statement
//!   and its values apart.) Session mode is tested, transaction mode is not.
//!
//! What users saw, at 100 pages a second and ten sign-outs (debug build, 2 cores, servers that are replaced after one
//! second): nobody was signed out, no session came back, no status other than 200 and 503.
//!
//! | fault | pages | 503 | longest time without a page for a user | slowest response |
//! | --- | --- | --- | --- | --- |
//! | Cluster: 80 slots with keys move | 176 | 0 | 0.4 s | 71 ms |
//! | Cluster: a primary is killed | 282 | 177 | 2.6 s | 0.4 s |
//! | Cluster: a primary hangs | 442 | 261 | 3.3 s | 1.3 s |
//! | Cluster: all servers are killed, and started | 266 | 193 | 2.4 s | 0.4 s |
//! | Sentinel: the primary is killed | 272 | 219 | 2.4 s | 0.1 s |
//! | Sentinel: another is made the primary | 2091 | 0 | 0.9 s | 0.9 s |
//! | Sentinel: the primary and a Sentinel hang | 528 | 379 | 5.0 s | 1.6 s |
//! | PostgreSQL: the primary is killed, a standby promoted at once | 89 | 34 | 0.7 s | 0.2 s |
//!
//! # A thousand million sessions
//!
//! A session of Kinde's has three records: the session (417 characters), its claims (1,532) and its tokens (1,733), as the
//! emulated tenant issues them; sealed they are 576, 2,063 and 2,331. With its names in the owner's set, a user with one
//! session costs Redis 4,757 bytes of memory (measured with 100,000 of them, Redis 7.0), sealed a third more. A page is one
//! script of 3.6 µs; a sign-in is about 30 commands, a sign-out 6.
//!
//! | | plain | sealed |
//! | --- | --- | --- |
//! | 10⁹ sessions in memory | 4.8 TB | 6.4 TB |
//! | with one replica each | 9.5 TB | 13 TB |
//! | primaries with 50 GB of sessions each | 96 | 128 |
//! | servers with 64 GB, replicas included | 192 | 256 |
//!
//! Memory decides, not time: a primary with 50 GB has ten million sessions, and if each user opens ten pages a day, that is
//! 1,200 pages a second for each primary; one server responded to 40,000 such scripts a second (`redis-benchmark`, 20
//! connections, 2 cores that it shared). Each process has two connections to each server of the cluster, the second for
//! `WAIT` and opened when sessions are ended. What costs less: shorter sessions (`SESSION_IDLE_SECONDS`), smaller tokens.
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
#[cfg(any(feature = "sqlite", feature = "postgres"))]
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
#[cfg_attr(
    not(any(feature = "sqlite", feature = "postgres")),
    allow(dead_code, reason = "a part is for the databases")
)]
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
    /// There is no such file, or no site has used it under this namespace; only for [`open_beside`].
    #[error(
        "there are no sessions in {path}: no site has used that file. Run the command in the folder and with the settings of the site"
    )]
    Missing {
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

/// Opens a store for a command that runs beside the site that uses it: a SQLite file although another process owns it,
/// which then notices every change within half a second. A file is not created, and neither swept nor kept in memory.
/// A server's store is opened as by [`open`].
///
/// # Errors
/// [`OpenError`] when the store cannot be used.
pub async fn open_beside(url: &StoreUrl, namespace: &Namespace) -> Result<Arc<dyn Store>, OpenError> {
    match url {
        #[cfg(feature = "sqlite")]
        StoreUrl::Sqlite(path) => {
            let file = sqlite::FileOfAnother::open(path, namespace).await?;
            Ok(Arc::new(sql_store::SqlStore(Arc::new(file))))
        }
        #[cfg(any(feature = "redis", feature = "postgres"))]
        _ => open(url, namespace).await,
    }
}
