//! The Redis or Valkey store: sessions that several processes share. Redis drops by itself what has expired.
//! It keeps nothing in memory, so what one process ends has ended for all.
//!
//! A record is one key, `kinde:record:ID`, whose value is the data as JSON and whose time to live is the record's. An
//! owner's records are the members of a sorted set, `kinde:owner:OWNER`, each with its expiry as the score. The set is
//! an index and may name more than there is: what it names is looked up, and counts only with the same owner in it.

mod connection;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use redis::{Client, Pipeline, RedisError, RedisResult, cmd, pipe};
use time::OffsetDateTime;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use super::data;
use crate::auth::{Store, owner_of};
use connection::Connection;

/// What the server says when a key holds something else than a text.
const WRONG_TYPE: &str = "WRONGTYPE";

/// How long forgetting whose a record was may hold up its removal.
const DISOWN_TIMEOUT: Duration = Duration::from_millis(200);
const RECORDS_AT_ONCE: usize = 500;

/// Sessions on one server.
pub(super) struct RedisStore {
    server: Connection,
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisStore")
    }
}

/// Connects, and makes sure that the server can do what is needed (Redis 7.0, Valkey 7.2 or newer).
///
/// # Errors
/// When the server cannot be reached within a second, refuses, or is too old.
pub(super) async fn open(client: Client) -> RedisResult<RedisStore> {
    let store = RedisStore { server: Connection::new(client) };
    store.probe().await?;
    store.warn_about_eviction().await;
    Ok(store)
}

impl RedisStore {
    /// Asks what only a server that is new enough knows. PING would not do: a server that cannot write refuses it, though
    /// it can be read.
    async fn probe(&self) -> RedisResult<()> {
        self.server.send::<i64>(cmd("PEXPIRETIME").arg(record_key(&Id(0)))).await.map(drop)
    }

    /// A server that drops keys when memory runs out signs people out.
    async fn warn_about_eviction(&self) {
        // Some hosted servers refuse INFO; that is no reason not to use them.
        let Ok(memory) = self.server.send::<String>(cmd("INFO").arg("memory")).await else { return };
        let setting = |name: &str| memory.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let (limit, policy) = (setting("maxmemory"), setting("maxmemory_policy"));
        if limit.is_some_and(|limit| limit != "0")
            && let Some(policy) = policy.filter(|policy| *policy != "noeviction")
        {
            tracing::warn!(
                policy,
                "the session store may drop sessions when its memory is full: set its maxmemory-policy to noeviction"
            );
        }
    }

    async fn record(&self, id: &Id) -> RedisResult<Option<Result<Record>>> {
        let key = record_key(id);
        let both = self.server.send_all(pipe().cmd("GET").arg(&key).cmd("PEXPIRETIME").arg(&key)).await;
        let (value, expiry): (Option<Vec<u8>>, i64) = match both {
            Err(error) if is_wrong_type(&error) => return Ok(Some(Err(Error::Decode(error.to_string())))),
            both => both?,
        };
        Ok(value.map(|value| read(*id, &value, expiry)))
    }

    /// Takes a record away and gives its value and its expiry in milliseconds. Something else than a text is no record,
    /// and is taken away all the same.
    async fn remove(&self, id: &Id) -> Result<Option<(Vec<u8>, i64)>> {
        let key = record_key(id);
        let both = pipe().atomic().cmd("PEXPIRETIME").arg(&key).cmd("GETDEL").arg(&key).to_owned();
        let removed: (i64, Option<Vec<u8>>) = match self.server.send_all(&both).await {
            Err(error) if is_wrong_type(&error) => {
                self.server.send::<()>(cmd("DEL").arg(&key)).await.map_err(backend)?;
                return Ok(None);
            }
            removed => removed.map_err(backend)?,
        };
        let (expiry, Some(value)) = removed else { return Ok(None) };
        // The record is gone whatever becomes of this.
        let _ = tokio::time::timeout(DISOWN_TIMEOUT, self.disown(id, &value)).await;
        Ok(Some((value, expiry)))
    }

    /// Removes a record's name from its owner's set. Should this fail, the name leads nowhere until it expires.
    async fn disown(&self, id: &Id, value: &[u8]) {
        let Some(owner) = owner_in(value) else { return };
        if let Err(error) = self.server.send::<()>(cmd("ZREM").arg(owner_key(&owner)).arg(id.to_string())).await {
            tracing::debug!(%error, "a session's name could not be removed from its owner's");
        }
    }

    /// Those of the records that exist and can be read, by one request.
    async fn records(&self, ids: &[Id]) -> Result<Vec<Record>> {
        let keys: Vec<String> = ids.iter().map(record_key).collect();
        let mut commands = pipe();
        commands.cmd("MGET").arg(&keys);
        for key in &keys {
            commands.cmd("PEXPIRETIME").arg(key);
        }
        let mut answers: Vec<redis::Value> = self.server.send_all(&commands).await.map_err(backend)?;
        let expiries: Vec<i64> =
            redis::from_redis_value(redis::Value::Array(answers.split_off(1))).map_err(unusable)?;
        let values: Vec<Option<Vec<u8>>> = redis::from_redis_value(answers.remove(0)).map_err(unusable)?;
        let records = ids.iter().zip(values).zip(expiries);
        Ok(records.filter_map(|((id, value), expiry)| read(*id, &value?, expiry).ok()).collect())
    }
}

#[async_trait]
impl SessionStore for RedisStore {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let data = data::encode(record)?;
        loop {
            let mut commands = pipe();
            if let Some(owner) = owner_of(record) {
                // First, so that no session exists that its owner's set does not name.
                own(&mut commands, owner, record);
            }
            let key = record_key(&record.id);
            commands
                .cmd("SET")
                .arg(&key)
                .arg(&data)
                .arg("NX")
                .arg("GET")
                .arg("PXAT")
                .arg(milliseconds(record.expiry_date));
            let (former,): (Option<Vec<u8>>,) = self.server.send_all(&commands).await.map_err(backend)?;
            // The very same record: an earlier try succeeded whose answer was lost.
            if former.is_none_or(|former| former == data.as_bytes()) {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let mut set = cmd("SET");
        set.arg(record_key(&record.id))
            .arg(data::encode(record)?)
            .arg("XX")
            .arg("PXAT")
            .arg(milliseconds(record.expiry_date));
        self.server.send(&set).await.map_err(backend)
    }

    /// A value that cannot be read is as good as none: it is removed, so that this is logged once.
    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        match self.record(id).await.map_err(backend)? {
            None => Ok(None),
            Some(Ok(record)) => Ok(Some(record)),
            Some(Err(error)) => {
                tracing::warn!(%error, "a session record cannot be read and is removed");
                self.server.send::<()>(cmd("DEL").arg(record_key(id))).await.map_err(backend)?;
                Ok(None)
            }
        }
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.remove(id).await.map(drop)
    }
}

#[async_trait]
impl Store for RedisStore {
    async fn take(&self, id: &Id) -> Result<Option<Record>> {
        let removed = self.remove(id).await?;
        Ok(removed.and_then(|(value, expiry)| read(*id, &value, expiry).ok()))
    }

    async fn touch(&self, id: &Id, expiry: OffsetDateTime) -> Result<()> {
        let key = record_key(id);
        let value: Option<Vec<u8>> = self.server.send(cmd("GET").arg(&key)).await.map_err(backend)?;
        let Some(value) = value else { return Ok(()) };
        let mut commands = pipe();
        if let Some(owner) = owner_in(&value) {
            let key = owner_key(&owner);
            commands
                .cmd("ZADD")
                .arg(&key)
                .arg("XX")
                .arg("GT")
                .arg(expiry.unix_timestamp())
                .arg(id.to_string())
                .ignore();
            commands.cmd("EXPIREAT").arg(&key).arg(expiry.unix_timestamp()).arg("GT").ignore();
        }
        commands.cmd("PEXPIREAT").arg(&key).arg(milliseconds(expiry)).ignore();
        self.server.send_all(&commands).await.map_err(backend)
    }

    async fn owned_by(&self, owner: &str) -> Result<Vec<Record>> {
        let ids: Vec<String> =
            self.server.send(cmd("ZRANGE").arg(owner_key(owner)).arg(0).arg(-1)).await.map_err(backend)?;
        let ids: Vec<Id> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        let mut records = Vec::new();
        for ids in ids.chunks(RECORDS_AT_ONCE) {
            records.extend(self.records(ids).await?);
        }
        records.retain(|record| owner_of(record) == Some(owner));
        Ok(records)
    }

    async fn ping(&self) -> Result<()> {
        self.probe().await.map_err(backend)
    }
}

/// Adds a record's name to its owner's set, drops the names of what has expired, and keeps the set as long as its
/// longest-lived member.
fn own(commands: &mut Pipeline, owner: &str, record: &Record) {
    let (key, expiry) = (owner_key(owner), record.expiry_date.unix_timestamp());
    let now = OffsetDateTime::now_utc().unix_timestamp();
    commands.cmd("ZREMRANGEBYSCORE").arg(&key).arg("-inf").arg(now).ignore();
    commands.cmd("ZADD").arg(&key).arg(expiry).arg(record.id.to_string()).ignore();
    commands.cmd("EXPIREAT").arg(&key).arg(expiry).arg("NX").ignore();
    commands.cmd("EXPIREAT").arg(&key).arg(expiry).arg("GT").ignore();
}

fn record_key(id: &Id) -> String {
    format!("kinde:record:{id}")
}

fn owner_key(owner: &str) -> String {
    format!("kinde:owner:{owner}")
}

/// Stores keep whole seconds.
fn milliseconds(time: OffsetDateTime) -> i64 {
    time.unix_timestamp() * 1000
}

fn read(id: Id, value: &[u8], expiry_milliseconds: i64) -> Result<Record> {
    let data = data::decode(value)?;
    let expiry_date = OffsetDateTime::from_unix_timestamp(expiry_milliseconds.div_euclid(1000))
        .map_err(|error| Error::Decode(error.to_string()))?;
    Ok(Record { id, data, expiry_date })
}

fn owner_in(value: &[u8]) -> Option<String> {
    let data = data::decode(value).ok()?;
    owner_of(&Record { id: Id(0), data, expiry_date: OffsetDateTime::UNIX_EPOCH }).map(str::to_owned)
}

fn is_wrong_type(error: &RedisError) -> bool {
    connection::said(error, &[WRONG_TYPE])
}

fn unusable(error: redis::ParsingError) -> Error {
    Error::Decode(error.to_string())
}

fn backend(error: RedisError) -> Error {
    Error::Backend(error.to_string())
}
