//! The Redis or Valkey store: sessions that several processes share, on one server, on the primary that Sentinels name, or
//! in a cluster. Redis itself removes records that have expired. The store keeps no copy in memory, so a session that one
//! process ends has ended for all.
//!
//! A record is one key, `NAMESPACE:record:ID`. Its value is the owner, a newline and the content; its time to live is
//! the record's. The ids of an owner's records are the members of a sorted set, `NAMESPACE:owner:OWNER`, each with its
//! expiry as the score. The set is an index and may name records that no longer exist: each one is looked up, and
//! counts only if its value names the same owner.
//!
//! In a cluster the two keys are on different servers, so the set is written first when a record is created or kept for
//! longer, and last when a record is removed. Whatever a crash leaves half done, a record is never without its name: at
//! worst the set has a name without a record, until the name expires. For the same reason the end of all records of an
//! owner leaves the names under which it finds no key: such a record may be about to be created.

mod cluster;
mod connection;
mod deletions;
mod scripts;
mod servers;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use redis::{Cmd, FromRedisValue, RedisError, RedisResult, Value, cmd, from_redis_value};
use time::OffsetDateTime;
use tower_sessions::session_store::{Error, Result};

use super::namespace::Namespace;
use super::unreadable::readable_or_removed;
use super::url::RedisServers;
use crate::auth::{Id, Portion, Record, Store};
use deletions::{Deleted, Deletion, Deletions};
use servers::Servers;

/// How long the removal of a record waits until its name is removed from its owner's set.
const DISOWN_TIMEOUT: Duration = Duration::from_millis(200);
/// What `PEXPIRETIME` returns for a key that does not exist.
const NO_KEY: i64 = -2;
const RECORDS_AT_ONCE: usize = 500;

/// Sessions on one server or in a cluster.
pub(super) struct RedisStore {
    servers: Arc<Servers>,
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
/// When no server can be reached within a second, or it refuses or is too old.
pub(super) async fn open(addresses: &RedisServers, namespace: &Namespace) -> RedisResult<RedisStore> {
    let servers = Arc::new(Servers::new(addresses)?);
    let waiting = Arc::new(Servers::new(addresses)?);
    let deletions = Arc::new(Deletions::new(servers.clone(), waiting));
    if servers.may_be_replaced() {
        tokio::spawn(Deletions::follow_primaries(Arc::downgrade(&deletions)));
    }
    let store = RedisStore { servers, deletions, namespace: namespace.clone() };
    store.probe().await?;
    store.warn_about_eviction().await;
    Ok(store)
}

impl RedisStore {
    fn record_key(&self, id: impl fmt::Display) -> String {
        format!("{}:record:{id}", self.namespace)
    }

    fn owner_key(&self, owner: &str) -> String {
        format!("{}:owner:{owner}", self.namespace)
    }

    /// Sends a command that only a server that is new enough supports. PING would not do: a server that cannot write
    /// refuses it, although it can be read.
    async fn probe(&self) -> RedisResult<()> {
        self.servers.send::<i64>(cmd("PEXPIRETIME").arg(self.record_key(Id(0)))).await.map(drop)
    }

    /// Logs a warning if a server drops keys when its memory is full, because that signs users out.
    async fn warn_about_eviction(&self) {
        // Some hosted servers refuse INFO; that is no reason not to use them.
        let Ok(memories) = self.servers.info("memory").await else { return };
        for memory in memories {
            let setting = |name: &str| memory.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            let (limit, policy) = (setting("maxmemory"), setting("maxmemory_policy"));
            if limit.is_some_and(|limit| limit != "0")
                && let Some(policy) = policy.filter(|policy| *policy != "noeviction")
            {
                return tracing::warn!(
                    policy,
                    "the session store may drop sessions when its memory is full: set its maxmemory-policy to noeviction"
                );
            }
        }
    }

    /// The command that reads a record, for [`found`].
    fn read_command(&self, id: &Id) -> Cmd {
        script(scripts::READ, self.record_key(id))
    }

    /// What is found under each id: a record, or why it cannot be read.
    async fn find_many(&self, ids: &[Id]) -> Result<Vec<Option<Result<Record>>>> {
        let commands = ids.iter().map(|id| self.read_command(id)).collect();
        let responses = self.servers.send_each(commands).await.map_err(backend)?;
        ids.iter().zip(responses).map(|(id, response)| Ok(found(*id, read_response(response)?))).collect()
    }

    /// The deletion of a key that belongs to a record, if its value begins so; an empty beginning deletes it anyway.
    fn deletion(&self, name: &str, beginning: &str) -> Deletion {
        let key = self.record_key(name);
        // In a cluster the text in braces alone decides where a key belongs.
        let mark = format!("{}:deleted:{{{key}}}", self.namespace);
        let mut command = script(scripts::REMOVE, key);
        command.arg(beginning);
        Deletion { command, mark }
    }

    /// Removes a record and returns what it was. A key that holds something else than a text is not a record, and is
    /// removed as well.
    async fn remove(&self, id: &Id) -> Result<Option<Record>> {
        let deletion = self.deletion(&id.to_string(), "");
        let deleted = self.deletions.send_each(vec![deletion]).await.map_err(backend)?.pop();
        let Some(Deleted { value: Some(value), expiry_milliseconds, .. }) = deleted else { return Ok(None) };
        // The record is removed even if this fails.
        if let Some(owner) = owner_in(&value) {
            let _ = tokio::time::timeout(DISOWN_TIMEOUT, self.disown(owner, &[id.to_string()])).await;
        }
        Ok(read(*id, value, expiry_milliseconds).ok())
    }

    /// Removes names from an owner's set. If this fails, they stay there without records until they expire.
    async fn disown(&self, owner: &str, names: &[String]) {
        if names.is_empty() {
            return;
        }
        if let Err(error) = self.servers.send::<()>(cmd("ZREM").arg(self.owner_key(owner)).arg(names)).await {
            tracing::debug!(%error, "the names of sessions could not be removed from their owner's set");
        }
    }

    /// The names in an owner's set.
    async fn names(&self, owner: &str) -> Result<Vec<String>> {
        self.servers.send(cmd("ZRANGE").arg(self.owner_key(owner)).arg(0).arg(-1)).await.map_err(backend)
    }
}

#[async_trait]
impl Store for RedisStore {
    fn name(&self) -> &'static str {
        "redis"
    }

    async fn create(&self, record: &Record) -> Result<bool> {
        let value = value_of(record);
        let name_first = record.owner.iter().map(|owner| own(self.owner_key(owner), record)).collect();
        let mut set = cmd("SET");
        set.arg(self.record_key(record.id)).arg(&value).arg("NX").arg("GET").arg("PXAT");
        set.arg(milliseconds(record.expires_at));
        let former = self.servers.send_in_turn(name_first, vec![set]).await.map_err(backend)?.pop();
        let former: Option<Vec<u8>> = read_response(former.unwrap_or(Value::Nil))?;
        // The same record is stored already: an earlier try succeeded, but its response was lost.
        let Some(other) = former.filter(|former| former != value.as_bytes()) else { return Ok(true) };
        if let Some(owner) = record.owner.as_deref().filter(|owner| owner_in(&other) != Some(*owner)) {
            self.disown(owner, &[record.id.to_string()]).await;
        }
        Ok(false)
    }

    async fn replace(&self, seen: &Record, content: &str) -> Result<bool> {
        let mut replacement = script(scripts::REPLACE, self.record_key(seen.id));
        replacement.arg(value_of(seen)).arg(beginning(seen.owner.as_deref()) + content);
        let replaced: i64 = self.servers.send(&replacement).await.map_err(backend)?;
        Ok(replaced == 1)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let response = self.servers.send(&self.read_command(id)).await.map_err(backend)?;
        readable_or_removed(found(*id, response), self.remove(id)).await
    }

    async fn load_many(&self, ids: &[Id]) -> Result<Vec<Option<Record>>> {
        let mut records = Vec::with_capacity(ids.len());
        for (id, found) in ids.iter().zip(self.find_many(ids).await?) {
            records.push(readable_or_removed(found, self.remove(id)).await?);
        }
        Ok(records)
    }

    async fn take(&self, id: &Id) -> Result<Option<Record>> {
        self.remove(id).await
    }

    async fn touch(&self, ids: &[Id], expires_at: OffsetDateTime) -> Result<()> {
        let expiry = expires_at.unix_timestamp();
        let (mut names_first, mut records) = (Vec::new(), Vec::new());
        for record in self.find_many(ids).await?.into_iter().flatten().flatten() {
            if let Some(owner) = &record.owner {
                let mut keep = script(scripts::KEEP_OWNING, self.owner_key(owner));
                keep.arg(record.id.to_string()).arg(expiry);
                names_first.push(keep);
            }
            let mut keep = cmd("PEXPIREAT");
            keep.arg(self.record_key(record.id)).arg(milliseconds(expires_at));
            records.push(keep);
        }
        if records.is_empty() {
            return Ok(());
        }
        self.servers.send_in_turn(names_first, records).await.map_err(backend).map(drop)
    }

    async fn owned_ids(&self, owner: &str) -> Result<Vec<Id>> {
        Ok(self.names(owner).await?.iter().filter_map(|name| name.parse().ok()).collect())
    }

    async fn take_owned_by(&self, owner: &str) -> Result<Vec<Record>> {
        let beginning = beginning(Some(owner));
        let mut records = Vec::new();
        for names in self.names(owner).await?.chunks(RECORDS_AT_ONCE) {
            let deletions = names.iter().map(|name| self.deletion(name, &beginning)).collect();
            let mut settled = Vec::new();
            for (name, deleted) in names.iter().zip(self.deletions.send_each(deletions).await.map_err(backend)?) {
                let Ok(id) = name.parse() else {
                    settled.push(name.clone());
                    continue;
                };
                if deleted.is_removed || deleted.expiry_milliseconds != NO_KEY {
                    settled.push(name.clone());
                }
                if deleted.is_removed {
                    records.extend(deleted.value.and_then(|value| read(id, value, deleted.expiry_milliseconds).ok()));
                }
            }
            // The records are removed even if this fails.
            let _ = tokio::time::timeout(DISOWN_TIMEOUT, self.disown(owner, &settled)).await;
        }
        Ok(records)
    }

    async fn portion(&self, after: Option<&str>) -> Result<Portion> {
        let pattern = self.record_key("*");
        let scanned = self.servers.scan(after, &pattern, RECORDS_AT_ONCE).await.map_err(backend)?;
        let named = self.record_key("");
        let ids: Vec<Id> = scanned.keys.iter().filter_map(|key| key.strip_prefix(&named)?.parse().ok()).collect();
        let records = self.load_many(&ids).await?.into_iter().flatten().collect();
        Ok(Portion { records, next: scanned.next })
    }

    async fn ping(&self) -> Result<()> {
        match &*self.servers {
            Servers::One(_) => self.probe().await,
            Servers::Cluster(cluster) => cluster.check().await,
        }
        .map_err(backend)
    }
}

/// The command that runs a script; the script's further arguments are added to it.
fn script(text: &str, key: String) -> Cmd {
    let mut command = cmd("EVAL");
    command.arg(text).arg(1).arg(key);
    command
}

/// The command that adds a record's name to its owner's set.
fn own(key: String, record: &Record) -> Cmd {
    let mut command = script(scripts::OWN, key);
    command.arg(record.id.to_string()).arg(record.expires_at.unix_timestamp());
    command.arg(OffsetDateTime::now_utc().unix_timestamp());
    command
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

/// What [`scripts::READ`] says of a key.
fn found(id: Id, (value, expiry_milliseconds): (Option<Vec<u8>>, i64)) -> Option<Result<Record>> {
    match value {
        Some(value) => Some(read(id, value, expiry_milliseconds)),
        None if expiry_milliseconds == NO_KEY => None,
        None => Some(Err(Error::Decode("it is not a text".to_owned()))),
    }
}

fn owner_in(value: &[u8]) -> Option<&str> {
    let end = value.iter().position(|byte| *byte == b'\n')?;
    std::str::from_utf8(&value[..end]).ok().filter(|owner| !owner.is_empty())
}

fn read_response<T: FromRedisValue>(response: Value) -> Result<T> {
    from_redis_value(response).map_err(|error| Error::Decode(error.to_string()))
}

fn backend(error: RedisError) -> Error {
    Error::Backend(error.to_string())
}
