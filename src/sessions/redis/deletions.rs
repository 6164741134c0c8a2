//! `Deletions`: deletes records on a primary, and waits until its replicas have the deletions, so that a replica that is
//! promoted does not bring back a session that has ended. Without replicas a deletion is one command like any other.
//!
//! The response to a deletion says which primary carried it out, and how many replicas it has. Over a connection of its
//! own the store then sends that primary a write, after which `WAIT` counts the replicas that have everything up to it,
//! whatever connection it came over.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use redis::{Cmd, RedisResult, Value, from_redis_value, pipe};
use tokio::sync::Mutex;

use super::servers::Servers;

/// How long a deletion waits for the replicas. It may wait twice as long, see [`Deletions::confirm`], which must be less
/// than the time that a request waits for the store.
const CONFIRMATION_TIMEOUT: Duration = Duration::from_millis(300);
/// For the way to the primary, and a new connection.
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(500);
/// Primaries that have not deleted anything for so long are forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(600);

/// A deletion, as a script that returns [`REMOVE`](super::scripts::REMOVE)'s values.
pub(super) struct Deletion {
    pub(super) command: Cmd,
    /// A key on the same server, to be written for a millisecond.
    pub(super) mark: String,
}

/// What a deletion found under its key.
pub(super) struct Deleted {
    pub(super) value: Option<Vec<u8>>,
    pub(super) expiry_milliseconds: i64,
    pub(super) is_removed: bool,
}

/// Deletions on the primaries of a store.
pub(super) struct Deletions {
    /// The connections of all other commands.
    shared: Arc<Servers>,
    /// The connections of `WAIT`, which blocks them. Opened at the first use.
    waiting: Servers,
    /// The last confirmation of each primary, by its replication id.
    confirmations: Mutex<HashMap<String, Arc<Mutex<Confirmation>>>>,
}

/// When a `WAIT` began, met or not.
struct Confirmation(Instant);

/// A primary that has carried out deletions, and its replicas at that time.
struct Primary {
    /// Changes when another server takes over.
    replication_id: String,
    replicas: usize,
}

impl Deletions {
    pub(super) fn new(shared: Arc<Servers>, waiting: Servers) -> Self {
        Self { shared, waiting, confirmations: Mutex::default() }
    }

    /// Deletes, and waits until the replicas have confirmed it. If they do not in time, that is logged, and the deletions
    /// stand: the primaries have carried them out.
    pub(super) async fn send_each(&self, deletions: Vec<Deletion>) -> RedisResult<Vec<Deleted>> {
        let (commands, marks): (Vec<Cmd>, Vec<String>) =
            deletions.into_iter().map(|deletion| (deletion.command, deletion.mark)).unzip();
        let responses = self.shared.send_each(commands).await?;
        let mut primaries = HashMap::new();
        let mut all = Vec::with_capacity(responses.len());
        for (response, mark) in responses.into_iter().zip(marks) {
            let (deleted, primary) = read(response)?;
            if deleted.is_removed
                && let Some(primary) = primary
            {
                primaries.insert(primary.replication_id, (primary.replicas, mark));
            }
            all.push(deleted);
        }
        join_all(primaries.iter().map(|(primary, (replicas, mark))| self.confirm(primary, *replicas, mark))).await;
        Ok(all)
    }

    /// Waits until the replicas have everything that the primary has carried out. Callers share a `WAIT` that began after
    /// their deletion; so however many there are, each waits for two at most: one that is under way, and the next.
    async fn confirm(&self, primary: &str, replicas: usize, mark: &str) {
        let deleted = Instant::now();
        let confirmation = self.confirmation(primary, deleted).await;
        let mut last = confirmation.lock().await;
        if last.0 > deleted {
            return;
        }
        let began = Instant::now();
        let waited = tokio::time::timeout(CONFIRMATION_TIMEOUT + RESPONSE_TIMEOUT, self.wait(replicas, mark)).await;
        match waited {
            Ok(Ok((now, confirmed))) if now == primary && confirmed >= replicas => {}
            Ok(Ok((now, confirmed))) if now == primary => tracing::warn!(
                replicas,
                confirmed,
                "sessions were ended, but not all replicas of the session store have that yet: if one of the others is promoted now, it brings them back"
            ),
            unknown => tracing::warn!(
                error = %match unknown {
                    Ok(Ok(_)) => "another server has taken over".to_owned(),
                    Ok(Err(error)) => error.to_string(),
                    Err(elapsed) => elapsed.to_string(),
                },
                replicas,
                "sessions were ended, but whether the replicas of the session store have that is unknown: if one that has not is promoted, it brings them back"
            ),
        }
        last.0 = began;
    }

    /// Returns the id of the primary that has the mark, and how many of its replicas have everything that it has carried
    /// out.
    async fn wait(&self, replicas: usize, mark: &str) -> RedisResult<(String, usize)> {
        let timeout = u64::try_from(CONFIRMATION_TIMEOUT.as_millis()).unwrap_or(u64::MAX);
        let mut commands = pipe();
        // `WAIT` is about the writes of its own connection, and so needs one.
        commands.cmd("SET").arg(mark).arg("").arg("PX").arg(1).ignore();
        commands.cmd("INFO").arg("replication");
        commands.cmd("WAIT").arg(replicas).arg(timeout);
        let (replication, confirmed): (String, usize) = self.waiting.send_together(&commands).await?;
        Ok((replication_id(&replication).unwrap_or_default().to_owned(), confirmed))
    }

    async fn confirmation(&self, primary: &str, now: Instant) -> Arc<Mutex<Confirmation>> {
        let mut all = self.confirmations.lock().await;
        if let Some(known) = all.get(primary) {
            return known.clone();
        }
        // One whose lock is held is in use.
        all.retain(|_, known| known.try_lock().map_or(true, |last| last.0 + FORGOTTEN_AFTER > now));
        all.entry(primary.to_owned()).or_insert_with(|| Arc::new(Mutex::new(Confirmation(now)))).clone()
    }
}

/// What a deletion found, and who carried it out, if that server has replicas.
fn read(response: Value) -> RedisResult<(Deleted, Option<Primary>)> {
    let (value, expiry_milliseconds, is_removed, replication): (_, _, _, Option<String>) = from_redis_value(response)?;
    let primary = replication.and_then(|text| {
        let (replicas, id) = (online_replicas(&text), replication_id(&text)?);
        (replicas > 0).then(|| Primary { replication_id: id.to_owned(), replicas })
    });
    Ok((Deleted { value, expiry_milliseconds, is_removed }, primary))
}

/// Counts the lines such as `slave0:ip=10.0.0.2,port=6379,state=online,offset=42,lag=0`. A replica that is still being
/// copied to is not online, and `WAIT` does not count it.
fn online_replicas(replication: &str) -> usize {
    let is_online =
        |line: &&str| line.starts_with("slave") && line.split([':', ',']).any(|part| part == "state=online");
    replication.lines().filter(is_online).count()
}

fn replication_id(replication: &str) -> Option<&str> {
    replication.lines().find_map(|line| line.strip_prefix("master_replid:"))
}
