//! `StoreUrl`: the URL that names a session store, parsed without opening anything.

#[cfg(any(feature = "redis", feature = "postgres"))]
mod hosts;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;

use std::fmt;
#[cfg(feature = "sqlite")]
use std::path::PathBuf;

#[cfg(feature = "redis")]
pub(super) use redis::{RedisServers, Sentinels};
#[cfg(feature = "postgres")]
use sqlx::postgres::PgConnectOptions;

/// The URL of a session store. It prints without its password.
#[derive(Clone)]
#[non_exhaustive]
pub enum StoreUrl {
    /// `sqlite:` and a file: `sqlite:data/sessions.db` (relative to the working folder),
    /// `sqlite:///var/lib/sessions.db`.
    #[cfg(feature = "sqlite")]
    Sqlite(PathBuf),
    /// Redis 7.0, Valkey 7.2 or newer.
    #[cfg(feature = "redis")]
    Redis(RedisUrl),
    /// PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres(PostgresUrl),
}

/// A Redis URL in one of these forms; the scheme is `rediss`, `rediss+cluster` or `rediss+sentinel` for TLS:
///
/// - `redis://[user:password@]host:port/database`: one server.
/// - `redis+cluster://[user:password@]host:port,host:port`: a cluster, by some of its servers.
/// - `redis+sentinel://[user:password@]host:port,host:port/database?service=NAME`: the primary that Sentinels name. The
///   user and the password are for the servers; those for the Sentinels, if they want any, are the parameters
///   `sentinel_user` and `sentinel_password`.
#[cfg(feature = "redis")]
#[derive(Clone)]
pub struct RedisUrl {
    shown: String,
    pub(super) servers: RedisServers,
}

/// `postgres://user:password@host:port/database?sslmode=verify-full`, as libpq writes it. Of several hosts, `host:port`
/// separated by commas, the primary is used.
#[cfg(feature = "postgres")]
#[derive(Clone)]
pub struct PostgresUrl {
    shown: String,
    /// Of each server.
    pub(super) servers: Vec<PgConnectOptions>,
}

/// One of the servers that a store's URL names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreAddress {
    /// A name or an IP address, without brackets.
    pub host: String,
    /// What keeps another server from taking its place.
    pub protection: Protection,
}

/// What keeps another server from taking the place of the one that is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Nothing, for lack of TLS.
    None,
    /// TLS that accepts any certificate, which keeps nobody away.
    AnyCertificate,
    /// TLS with a certificate of a known authority for any host.
    AnyHost,
    /// TLS with a certificate for this host.
    Verified,
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            #[cfg(feature = "redis")]
            Self::Redis(url) => f.write_str(&url.shown),
            #[cfg(feature = "postgres")]
            Self::Postgres(url) => f.write_str(&url.shown),
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
#[non_exhaustive]
pub enum StoreUrlError {
    /// The scheme is none of those above.
    #[error(
        "must begin with sqlite:, redis://, redis+cluster://, redis+sentinel:// (with TLS: rediss…) or postgres://, for example sqlite:data/sessions.db or redis://localhost:6379/0"
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
    /// Several hosts, without a word on what they are to each other.
    #[error(
        "names several Redis servers: write redis+cluster:// if they are a cluster, or redis+sentinel:// and the addresses of the Sentinels (with TLS: rediss+…)"
    )]
    SeveralRedisHosts,
    /// The URL of a Redis Cluster that cannot be read.
    #[error(
        "is not a complete Redis Cluster URL; write for example redis+cluster://:password@one:6379,two:6379,three:6379 (rediss+cluster:// with TLS)"
    )]
    Cluster,
    /// A database other than 0.
    #[error("names a database, and a Redis Cluster has only the one: remove what follows the hosts' slash")]
    ClusterDatabase,
    /// The URL of Sentinels that cannot be read.
    #[error(
        "is not a complete Redis Sentinel URL; write for example redis+sentinel://:password@one:26379,two:26379,three:26379/0?service=mymaster (rediss+sentinel:// with TLS)"
    )]
    Sentinel,
    /// No service, which Sentinels need.
    #[error(
        "does not say which servers the Sentinels are asked for: add ?service= and the NAME of their `sentinel monitor NAME`"
    )]
    NoService,
    /// A misspelled parameter.
    #[error("has a parameter that Sentinels do not take: they take service, sentinel_user and sentinel_password")]
    SentinelParameter,
    /// A PostgreSQL URL that cannot be read.
    #[error(
        "is not a complete PostgreSQL URL; write for example postgres://user:password@localhost:5432/sessions?sslmode=verify-full"
    )]
    Postgres,
    /// Several hosts in a parameter.
    #[error(
        "lists hosts in the parameter host: write them before the path, for example postgres://user:password@one:5432,two:5432/sessions"
    )]
    PostgresHostList,
    /// `target_session_attrs` asks for a server that cannot be written.
    #[error(
        "has a target_session_attrs other than read-write and primary: remove it, sessions are always on the primary"
    )]
    TargetSession,
}

impl StoreUrl {
    /// Reads a store URL.
    ///
    /// # Errors
    /// [`StoreUrlError`], whose text completes a sentence such as "the store's URL …".
    pub fn parse(url: &str) -> Result<Self, StoreUrlError> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            #[cfg(feature = "sqlite")]
            Some("sqlite") => sqlite_file(url),
            #[cfg(not(feature = "sqlite"))]
            Some("sqlite") => Err(StoreUrlError::NotInThisBuild("sqlite")),
            #[cfg(feature = "redis")]
            Some("redis" | "rediss" | "redis+cluster" | "rediss+cluster" | "redis+sentinel" | "rediss+sentinel") => {
                redis_url(url)
            }
            #[cfg(not(feature = "redis"))]
            Some("redis" | "rediss" | "redis+cluster" | "rediss+cluster" | "redis+sentinel" | "rediss+sentinel") => {
                Err(StoreUrlError::NotInThisBuild("redis"))
            }
            #[cfg(feature = "postgres")]
            Some("postgres" | "postgresql") => postgres_url(url),
            #[cfg(not(feature = "postgres"))]
            Some("postgres" | "postgresql") => Err(StoreUrlError::NotInThisBuild("postgres")),
            _ => Err(StoreUrlError::UnknownScheme),
        }
    }

    /// The servers that the URL names; none for a file or a Unix socket. Those of a cluster, and those behind Sentinels,
    /// may be more.
    pub fn addresses(&self) -> Vec<StoreAddress> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Vec::new(),
            #[cfg(feature = "redis")]
            Self::Redis(url) => url.servers.addresses(),
            #[cfg(feature = "postgres")]
            Self::Postgres(url) => url.servers.iter().filter_map(postgres::store_address).collect(),
        }
    }
}

#[cfg(feature = "sqlite")]
fn sqlite_file(url: &str) -> Result<StoreUrl, StoreUrlError> {
    let file = url.strip_prefix("sqlite:").unwrap_or(url);
    let path = file.strip_prefix("//").unwrap_or(file);
    if path.is_empty() || path.ends_with('/') {
        return Err(StoreUrlError::NoFile);
    }
    Ok(StoreUrl::Sqlite(PathBuf::from(path)))
}

#[cfg(feature = "redis")]
fn redis_url(text: &str) -> Result<StoreUrl, StoreUrlError> {
    let servers = RedisServers::parse(text)?;
    Ok(StoreUrl::Redis(RedisUrl { shown: shown(text), servers }))
}

#[cfg(feature = "postgres")]
fn postgres_url(text: &str) -> Result<StoreUrl, StoreUrlError> {
    let servers = postgres::parse(text)?;
    Ok(StoreUrl::Postgres(PostgresUrl { shown: shown(text), servers }))
}

/// Without what may hold a password.
#[cfg(any(feature = "redis", feature = "postgres"))]
fn shown(url: &str) -> String {
    match hosts::Parts::of(url) {
        Some(parts) => parts.shown(),
        // The host is a parameter.
        None => format!("{}:…", url.split(':').next().unwrap_or_default()),
    }
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
            ("postgres:///app?host=db.example&password=sesame", "postgres:…"),
            ("postgres://somebody:sesame@a:1,b:2/app?sslmode=require", "postgres://a:1,b:2/app"),
            ("redis+cluster://:sesame@a:1,b", "redis+cluster://a:1,b"),
            (
                "rediss+sentinel://somebody:sesame@a,b:2/3?service=x&sentinel_user=y&sentinel_password=sesame",
                "rediss+sentinel://a,b:2/3",
            ),
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
        for (url, error) in [
            ("redis://a:1,b:2/0", StoreUrlError::SeveralRedisHosts),
            ("redis+cluster:", StoreUrlError::Cluster),
            ("redis+cluster://", StoreUrlError::Cluster),
            ("redis+cluster://a,,b", StoreUrlError::Cluster),
            ("redis+cluster://a:port,b", StoreUrlError::Cluster),
            ("redis+cluster://a,b/1", StoreUrlError::ClusterDatabase),
            ("redis+sentinel://", StoreUrlError::Sentinel),
            ("redis+sentinel://a,/0?service=x", StoreUrlError::Sentinel),
            ("redis+sentinel://a/not-a-number?service=x", StoreUrlError::Sentinel),
            ("redis+sentinel://a,b/0", StoreUrlError::NoService),
            ("redis+sentinel://a,b/0?service=", StoreUrlError::NoService),
            ("redis+sentinel://a,b/0?name=x", StoreUrlError::SentinelParameter),
            ("postgres://a,b/db?target_session_attrs=any", StoreUrlError::TargetSession),
            ("postgres://a,b/db?sslmode=require&target_session_attrs=standby", StoreUrlError::TargetSession),
            ("postgres:///db?host=a,b", StoreUrlError::PostgresHostList),
            ("postgres://a,/db", StoreUrlError::Postgres),
            ("postgres://a,b:port/db", StoreUrlError::Postgres),
        ] {
            assert_eq!(StoreUrl::parse(url).unwrap_err(), error, "{url}");
        }
        for url in ["postgres:", "postgres://", "postgres://host:port/db", "postgres://host/db?sslmode=perhaps"] {
            assert_eq!(StoreUrl::parse(url).unwrap_err(), StoreUrlError::Postgres, "{url}");
        }
    }

    #[test]
    fn the_primary_may_be_asked_for_as_libpq_does() {
        for url in
            ["postgres://a,b/db?target_session_attrs=read-write", "postgres://a,b/db?target_session_attrs=primary"]
        {
            let StoreUrl::Postgres(url) = StoreUrl::parse(url).unwrap() else { panic!("{url}") };
            let hosts: Vec<&str> = url.servers.iter().map(PgConnectOptions::get_host).collect();
            assert_eq!(hosts, ["a", "b"]);
        }
    }

    #[test]
    fn sentinels_have_a_port_of_their_own() {
        let StoreUrl::Redis(url) = StoreUrl::parse("redis+sentinel://a,b:1?service=x").unwrap() else { panic!() };
        let RedisServers::Sentinels(sentinels) = url.servers else { panic!() };
        assert_eq!(sentinels.ports(), [26379, 1]);
    }
}
