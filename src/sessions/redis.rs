//! The Redis or Valkey store: sessions that several processes share. Redis itself removes records that have expired.
//! The store keeps no copy in memory, so a session that one process ends has ended for all.
//!
//! A record is one key, `NAMESPACE:record:ID`. Its value is the owner, a newline and the content; its time to live is
//! the record's. The ids of an owner's records are the members of a sorted set, `NAMESPACE:owner:OWNER`, each with its
//! expiry as the score. The set is an index and may name records that no longer exist: each one is looked up, and
//! counts only if its value names the same owner.

mod connection;
mod deletions;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use redis::{Client, Pipeline, RedisError, RedisResult, cmd, pipe};
use time::OffsetDateTime;
use tower_sessions::session_store::{Error, Result};

use super::namespace::Namespace;
use super::unreadable::{Found, clarified, readable_or_removed};
use crate::auth::{Id, Portion, Record, Store};
use connection::Connection;
use deletions::Deletions;

/// The server's error code for a key that holds something else than a text.
const WRONG_TYPE: &str = "WRONGTYPE";

/// How long the removal of a record waits until its name is removed from its owner's set.
const DISOWN_TIMEOUT: Duration = Duration::from_millis(200);
/// What `PEXPIRETIME` returns for a key that does not exist.
const NO_KEY: i64 = -2;
const RECORDS_AT_ONCE: usize = 500;

/// Removes those of the records in `KEYS[2]`, … whose values begin with `ARGV[1]`, returns each with its name and its
/// expiry in milliseconds, and removes all of the names `ARGV[2]`, … from the owner's set `KEYS[1]`. A value that
/// begins otherwise belongs to another owner, and its name in this set is stale.
const TAKE_OWNED: &str = "
    local taken = {}
    for i = 2, #KEYS do
        local value = redis.pcall('GET', KEYS[i])
        if type(value) == 'string' and string.sub(value, 1, #ARGV[1]) == ARGV[1] then
            taken[#taken + 1] = { ARGV[i], redis.call('PEXPIRETIME', KEYS[i]), value }
            redis.call('DEL', KEYS[i])
        end
        redis.call('ZREM', KEYS[1], ARGV[i])
    end
    return taken
";

/// Sets `KEYS[1]` to `ARGV[2]` if it holds `ARGV[1]`, and keeps its time to live. Returns 1 if it holds `ARGV[2]` now.
const REPLACE: &str = "
    local value = redis.pcall('GET', KEYS[1])
    if value == ARGV[1] then
        redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
        return 1
    end
    if value == ARGV[2] then
        return 1
    end
    return 0
";

/// Sessions on one server.
pub(super) struct RedisStore {
    server: Arc<Connection>,
    /// Ended sessions are deleted over this, so that they do not come back with a replica that is promoted.
    deletions: Arc<Deletions>,
    namespace: Namespace,
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisStore")
    }
}

/// Connects, and checks that the server is new enough (Redis 7.0, Valkey 7.2 or newer).
///
/// # Errors
/// When the server cannot be reached within a second, refuses, or is too old.
pub(super) async fn open(client: Client, namespace: &Namespace) -> RedisResult<RedisStore> {
    let server = Arc::new(Connection::new(client.clone()));
    probe(&server, namespace).await?;
    let deletions = Deletions::start(client, server.clone()).await;
    let store = RedisStore { server, deletions, namespace: namespace.clone() };
    store.warn_about_eviction().await;
    Ok(store)
}

fn record_key(namespace: &Namespace, id: impl fmt::Display) -> String {
    format!("{namespace}:record:{id}")
}

/// Sends a command that only a server that is new enough supports. PING would not do: a server that cannot write
/// refuses it, although it can be read.
async fn probe(server: &Connection, namespace: &Namespace) -> RedisResult<()> {
    server.send::<i64>(cmd("PEXPIRETIME").arg(record_key(namespace, Id(0)))).await.map(drop)
}

impl RedisStore {
    fn record_key(&self, id: impl fmt::Display) -> String {
        record_key(&self.namespace, id)
    }

    fn owner_key(&self, owner: &str) -> String {
        format!("{}:owner:{owner}", self.namespace)
    }

    /// Logs a warning if the server drops keys when its memory is full, because that signs users out.
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
        let key = self.record_key(id);
        let both = self.server.send_all(pipe().cmd("GET").arg(&key).cmd("PEXPIRETIME").arg(&key)).await;
        let (value, expiry): (Option<Vec<u8>>, i64) = match both {
            Err(error) if is_wrong_type(&error) => return Ok(Some(Err(Error::Decode(error.to_string())))),
            both => both?,
        };
        Ok(value.map(|value| read(*id, value, expiry)))
    }

    /// Removes a record and returns its value and its expiry in milliseconds. A key that holds something else than a
    /// text is not a record, and is removed as well.
    async fn remove(&self, id: &Id) -> Result<Option<(Vec<u8>, i64)>> {
        let key = self.record_key(id);
        let both = pipe().atomic().cmd("PEXPIRETIME").arg(&key).cmd("GETDEL").arg(&key).to_owned();
        let removed: (i64, Option<Vec<u8>>) = match self.deletions.send_all(&both).await {
            Err(error) if is_wrong_type(&error) => {
                self.deletions.send::<()>(cmd("DEL").arg(&key)).await.map_err(backend)?;
                return Ok(None);
            }
            removed => removed.map_err(backend)?,
        };
        let (expiry, Some(value)) = removed else { return Ok(None) };
        // The record is removed even if this fails.
        if let Some(owner) = owner_in(&value) {
            let _ = tokio::time::timeout(DISOWN_TIMEOUT, self.disown(id, owner)).await;
        }
        Ok(Some((value, expiry)))
    }

    /// Removes a record's name from an owner's set. If this fails, the name stays there without a record until it
    /// expires.
    async fn disown(&self, id: &Id, owner: &str) {
        if let Err(error) = self.server.send::<()>(cmd("ZREM").arg(self.owner_key(owner)).arg(id.to_string())).await {
            tracing::debug!(%error, "a session's name could not be removed from its owner's set");
        }
    }

    /// The names in an owner's set.
    async fn names(&self, owner: &str) -> Result<Vec<String>> {
        self.server.send(cmd("ZRANGE").arg(self.owner_key(owner)).arg(0).arg(-1)).await.map_err(backend)
    }

    /// What one request finds under each id.
    async fn find_many(&self, ids: &[Id]) -> Result<Vec<Found>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<String> = ids.iter().map(|id| self.record_key(id)).collect();
        let mut commands = pipe();
        commands.cmd("MGET").arg(&keys);
        for key in &keys {
            commands.cmd("PEXPIRETIME").arg(key);
        }
        let mut responses: Vec<redis::Value> = self.server.send_all(&commands).await.map_err(backend)?;
        let expiries: Vec<i64> =
            redis::from_redis_value(redis::Value::Array(responses.split_off(1))).map_err(unusable)?;
        let values: Vec<Option<Vec<u8>>> = redis::from_redis_value(responses.remove(0)).map_err(unusable)?;
        Ok(ids.iter().zip(values).zip(expiries).map(|((id, value), expiry)| found(*id, value, expiry)).collect())
    }
}

#[async_trait]
impl Store for RedisStore {
    fn name(&self) -> &'static str {
        "redis"
    }

    async fn create(&self, record: &Record) -> Result<bool> {
        let value = value_of(record);
        let mut commands = pipe();
        // In one transaction: a record that its owner's set does not name would not be found by its owner.
        commands.atomic();
        if let Some(owner) = &record.owner {
            own(&mut commands, self.owner_key(owner), record);
        }
        commands.cmd("SET").arg(self.record_key(record.id)).arg(&value).arg("NX").arg("GET").arg("PXAT");
        commands.arg(milliseconds(record.expires_at));
        let (former,): (Option<Vec<u8>>,) = self.server.send_all(&commands).await.map_err(backend)?;
        // The same record is stored already: an earlier try succeeded, but its response was lost.
        let Some(other) = former.filter(|former| former != value.as_bytes()) else { return Ok(true) };
        if let Some(owner) = record.owner.as_deref().filter(|owner| owner_in(&other) != Some(*owner)) {
            self.disown(&record.id, owner).await;
        }
        Ok(false)
    }

    async fn replace(&self, seen: &Record, content: &str) -> Result<bool> {
        let mut script = cmd("EVAL");
        script.arg(REPLACE).arg(1).arg(self.record_key(seen.id));
        script.arg(value_of(seen)).arg(beginning(seen.owner.as_deref()) + content);
        let replaced: i64 = self.server.send(&script).await.map_err(backend)?;
        Ok(replaced == 1)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        readable_or_removed(self.record(id).await.map_err(backend)?, self.remove(id)).await
    }

    async fn load_many(&self, ids: &[Id]) -> Result<Vec<Option<Record>>> {
        clarified(self, ids, self.find_many(ids).await?).await
    }

    async fn take(&self, id: &Id) -> Result<Option<Record>> {
        let removed = self.remove(id).await?;
        Ok(removed.and_then(|(value, expiry)| read(*id, value, expiry).ok()))
    }

    async fn touch(&self, ids: &[Id], expires_at: OffsetDateTime) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let keys: Vec<String> = ids.iter().map(|id| self.record_key(id)).collect();
        let values: Vec<Option<Vec<u8>>> = self.server.send(cmd("MGET").arg(&keys)).await.map_err(backend)?;
        let mut commands = pipe();
        for ((id, key), value) in ids.iter().zip(keys).zip(values) {
            let Some(value) = value else { continue };
            if let Some(owner) = owner_in(&value) {
                let (key, expiry) = (self.owner_key(owner), expires_at.unix_timestamp());
                commands.cmd("ZADD").arg(&key).arg("XX").arg("GT").arg(expiry).arg(id.to_string()).ignore();
                commands.cmd("EXPIREAT").arg(&key).arg(expiry).arg("GT").ignore();
            }
            commands.cmd("PEXPIREAT").arg(key).arg(milliseconds(expires_at)).ignore();
        }
        if commands.is_empty() {
            return Ok(());
        }
        self.server.send_all(&commands).await.map_err(backend)
    }

    async fn owned_by(&self, owner: &str) -> Result<Vec<Record>> {
        let ids: Vec<Id> = self.names(owner).await?.iter().filter_map(|name| name.parse().ok()).collect();
        let mut records = Vec::new();
        for ids in ids.chunks(RECORDS_AT_ONCE) {
            records.extend(self.find_many(ids).await?.into_iter().filter_map(|found| match found {
                Found::Record(record) if record.owner.as_deref() == Some(owner) => Some(record),
                _ => None,
            }));
        }
        Ok(records)
    }

    async fn take_owned_by(&self, owner: &str) -> Result<Vec<Record>> {
        let mut records = Vec::new();
        for names in self.names(owner).await?.chunks(RECORDS_AT_ONCE) {
            let mut script = cmd("EVAL");
            script.arg(TAKE_OWNED).arg(names.len() + 1).arg(self.owner_key(owner));
            for name in names {
                script.arg(self.record_key(name));
            }
            script.arg(beginning(Some(owner))).arg(names);
            let taken: Vec<(String, i64, Vec<u8>)> = self.deletions.send(&script).await.map_err(backend)?;
            let taken = taken.into_iter().filter_map(|(name, expiry, value)| {
                let id = name.parse().ok()?;
                read(id, value, expiry).ok()
            });
            records.extend(taken);
        }
        Ok(records)
    }

    async fn portion(&self, after: Option<&str>) -> Result<Portion> {
        let asked = after.and_then(|place| place.split_once('-')).unwrap_or(("", "0"));
        let mut scan = pipe();
        scan.cmd("SCAN").arg(asked.1).arg("MATCH").arg(self.record_key("*")).arg("COUNT").arg(RECORDS_AT_ONCE);
        let scanned = self.server.send_all_over(&scan).await.map_err(backend)?;
        let (connection, ((cursor, keys),)): (_, ((String, Vec<String>),)) = scanned;
        let number = connection.number.to_string();
        if after.is_some() && asked.0 != number {
            // A cursor belongs to one server, and a new connection may lead to another: from the beginning.
            return Ok(Portion { records: Vec::new(), next: Some(format!("{number}-0")) });
        }
        let named = self.record_key("");
        let ids: Vec<Id> = keys.iter().filter_map(|key| key.strip_prefix(&named)?.parse().ok()).collect();
        let found = clarified(self, &ids, self.find_many(&ids).await?).await?;
        let next = (cursor != "0").then(|| format!("{number}-{cursor}"));
        Ok(Portion { records: found.into_iter().flatten().collect(), next })
    }

    async fn ping(&self) -> Result<()> {
        probe(&self.server, &self.namespace).await.map_err(backend)
    }
}

/// Adds a record's name to its owner's set, drops the names of what has expired, and keeps the set as long as its
/// longest-lived member.
fn own(commands: &mut Pipeline, key: String, record: &Record) {
    let expiry = record.expires_at.unix_timestamp();
    let now = OffsetDateTime::now_utc().unix_timestamp();
    commands.cmd("ZREMRANGEBYSCORE").arg(&key).arg("-inf").arg(now).ignore();
    // Another record may have this id already, and expire later.
    commands.cmd("ZADD").arg(&key).arg("GT").arg(expiry).arg(record.id.to_string()).ignore();
    commands.cmd("EXPIREAT").arg(&key).arg(expiry).arg("NX").ignore();
    commands.cmd("EXPIREAT").arg(&key).arg(expiry).arg("GT").ignore();
}

/// Stores keep whole seconds.
fn milliseconds(time: OffsetDateTime) -> i64 {
    time.unix_timestamp() * 1000
}

/// The beginning of a record's value: the line of its owner, which is empty for a record without an owner.
fn beginning(owner: Option<&str>) -> String {
    format!("{}\n", owner.unwrap_or_default())
}

fn value_of(record: &Record) -> String {
    beginning(record.owner.as_deref()) + &record.content
}

fn read(id: Id, value: Vec<u8>, expiry_milliseconds: i64) -> Result<Record> {
    let value = String::from_utf8(value).map_err(|error| Error::Decode(error.to_string()))?;
    let (owner, content) =
        value.split_once('\n').ok_or_else(|| Error::Decode("it has no line that names its owner".to_owned()))?;
    let expires_at = OffsetDateTime::from_unix_timestamp(expiry_milliseconds.div_euclid(1000))
        .map_err(|error| Error::Decode(error.to_string()))?;
    let owner = (!owner.is_empty()).then(|| owner.to_owned());
    Ok(Record { id, owner, content: content.to_owned(), expires_at })
}

/// What `MGET` and `PEXPIRETIME` say of a key. `MGET` knows no value of a key that holds something else than a text.
fn found(id: Id, value: Option<Vec<u8>>, expiry_milliseconds: i64) -> Found {
    match value.map(|value| read(id, value, expiry_milliseconds)) {
        Some(Ok(record)) => Found::Record(record),
        None if expiry_milliseconds == NO_KEY => Found::Nothing,
        Some(Err(_)) | None => Found::Unclear,
    }
}

fn owner_in(value: &[u8]) -> Option<&str> {
    let end = value.iter().position(|byte| *byte == b'\n')?;
    std::str::from_utf8(&value[..end]).ok().filter(|owner| !owner.is_empty())
}

fn is_wrong_type(error: &RedisError) -> bool {
    connection::has_code(error, &[WRONG_TYPE])
}

fn unusable(error: redis::ParsingError) -> Error {
    Error::Decode(error.to_string())
}

fn backend(error: RedisError) -> Error {
    Error::Backend(error.to_string())
}
