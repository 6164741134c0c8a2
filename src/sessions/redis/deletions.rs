//! `Deletions`: deletes records on a primary, and waits until its replicas have the deletions, so that a replica that is
//! promoted does not bring back a session that has ended. Without replicas a deletion is one command like any other.
//!
//! The response to a deletion says which primary carried it out, and how many replicas it has. Over a connection of its
//! own the store then sends that primary a write, after which `WAIT` counts the replicas that have everything up to it,
//! whatever connection it came over.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Weak};
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
/// For how long a primary's replicas are expected to confirm deletions after it has lost sight of them: one that was made
/// the primary itself may be among them.
const EXPECTED_FOR: Duration = Duration::from_secs(60);
/// For how long a deletion that replicas have not confirmed is repeated on servers that take over.
const REPEATED_FOR: Duration = Duration::from_secs(600);
/// Primaries that have not deleted anything for so long are forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(600);

/// How often Sentinels are asked for the primary, and unconfirmed deletions are repeated.
const LOOKUP_INTERVAL: Duration = Duration::from_secs(1);
/// How long a deletion waits for their response. One that hangs is given up by the driver after half a second.
const LOOKUP_TIMEOUT: Duration = Duration::from_millis(300);
/// The most unconfirmed deletions that are kept, to be repeated.
const MOST_UNCONFIRMED: usize = 10_000;
/// How many of them are repeated at once.
const REPEATED_AT_ONCE: usize = 100;

/// A deletion, as a script that returns [`REMOVE`](super::scripts::REMOVE)'s values.
#[derive(Clone)]
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
    waiting: Arc<Servers>,
    /// What is known of each primary that has replicas, by its replication id, which changes when another server takes
    /// over.
    primaries: Mutex<HashMap<String, Primary>>,
    unconfirmed: Mutex<VecDeque<Unconfirmed>>,
}

/// What the replicas say of deletions, from the best to the worst.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Confirmed {
    ByAll,
    /// There was none to confirm it. One that comes back with older data may be promoted before it has the deletion.
    WithoutReplicas,
    NotByAll,
}

/// A deletion that not all replicas have confirmed, or that none could. A server that takes over may not have it.
struct Unconfirmed {
    since: Instant,
    deletion: Deletion,
    /// Whether that was done on what are the primaries now.
    is_repeated: bool,
}

impl Unconfirmed {
    fn new(deletion: Deletion) -> Self {
        Self { since: Instant::now(), deletion, is_repeated: false }
    }
}

struct Primary {
    /// How many replicas are expected to confirm a deletion.
    replicas: usize,
    /// When the primary had as many.
    seen: Instant,
    last_confirmation: Arc<Mutex<Option<Confirmation>>>,
}

/// A `WAIT`.
struct Confirmation {
    began: Instant,
    result: Confirmed,
}

impl Deletions {
    pub(super) fn new(shared: Arc<Servers>, waiting: Arc<Servers>) -> Self {
        Self { shared, waiting, primaries: Mutex::default(), unconfirmed: Mutex::default() }
    }

    /// Deletes, and waits until the replicas have confirmed it. If they do not in time, that is logged, and the deletions
    /// stand: the primaries have carried them out. Where another server may take over they are repeated, at once if it has.
    pub(super) async fn send_each(&self, deletions: Vec<Deletion>) -> RedisResult<Vec<Deleted>> {
        let (deleted, confirmed) = self.send_once(&deletions).await?;
        if confirmed != Confirmed::ByAll && self.shared.may_be_replaced() {
            self.unconfirmed.lock().await.extend(deletions.into_iter().map(Unconfirmed::new));
            if confirmed == Confirmed::NotByAll
                && let Ok(true) = tokio::time::timeout(LOOKUP_TIMEOUT, self.shared.is_replaced()).await
            {
                self.waiting.renew().await;
                self.repeat_unconfirmed().await;
            }
        }
        Ok(deleted)
    }

    /// Repeats what is to be repeated on what are the primaries now. What fails is left for the next time.
    async fn repeat_unconfirmed(&self) {
        let kept = self.unconfirmed.lock().await;
        let due: Vec<Deletion> =
            kept.iter().filter(|kept| !kept.is_repeated).map(|kept| kept.deletion.clone()).collect();
        drop(kept);
        for some in due.chunks(REPEATED_AT_ONCE) {
            match self.send_once(some).await {
                Ok((deleted, _)) => {
                    let records = deleted.iter().filter(|deleted| deleted.is_removed).count();
                    if records > 0 {
                        tracing::warn!(records, "ended sessions were back in the session store, and were ended again");
                    }
                    let marks: HashSet<&str> = some.iter().map(|deletion| deletion.mark.as_str()).collect();
                    let mut unconfirmed = self.unconfirmed.lock().await;
                    let repeated = unconfirmed.iter_mut().filter(|kept| marks.contains(kept.deletion.mark.as_str()));
                    repeated.for_each(|kept| kept.is_repeated = true);
                }
                Err(error) => tracing::debug!(%error, records = some.len(), "ended sessions cannot be ended again yet"),
            }
        }
    }

    /// Also returns what the replicas of the primary that is worst off say.
    async fn send_once(&self, deletions: &[Deletion]) -> RedisResult<(Vec<Deleted>, Confirmed)> {
        let responses =
            self.shared.send_each(deletions.iter().map(|deletion| deletion.command.clone()).collect()).await?;
        // One mark for each primary.
        let mut marks = HashMap::new();
        let mut all = Vec::with_capacity(responses.len());
        for (response, deletion) in responses.into_iter().zip(deletions) {
            let (deleted, replication) = read(response)?;
            if let Some(replication) = replication.filter(|_| deleted.is_removed)
                && let Some(id) = replication_id(&replication)
            {
                marks.insert(id.to_owned(), (online_replicas(&replication), &deletion.mark));
            }
            all.push(deleted);
        }
        let confirmations = marks.iter().map(|(id, (replicas, mark))| self.confirm(id, *replicas, mark));
        let worst = join_all(confirmations).await.into_iter().max().unwrap_or(Confirmed::ByAll);
        Ok((all, worst))
    }

    /// Waits until the replicas have everything that the primary has carried out, and returns what they say. Callers
    /// share a `WAIT` that began after their deletion; so however many there are, each waits for two at most: one that is
    /// under way, and the next.
    async fn confirm(&self, primary: &str, online: usize, mark: &str) -> Confirmed {
        let deleted = Instant::now();
        let Some((replicas, last)) = self.expected(primary, online, deleted).await else {
            return Confirmed::WithoutReplicas;
        };
        let mut last = last.lock().await;
        if let Some(last) = last.as_ref().filter(|last| last.began > deleted) {
            return last.result;
        }
        let began = Instant::now();
        let waited = tokio::time::timeout(CONFIRMATION_TIMEOUT + RESPONSE_TIMEOUT, self.wait(replicas, mark)).await;
        let result = match waited {
            Ok(Ok((now, confirmed))) if now == primary && confirmed >= replicas => Confirmed::ByAll,
            Ok(Ok((now, confirmed))) if now == primary => {
                tracing::warn!(
                    replicas,
                    confirmed,
                    "sessions were ended, but not all replicas of the session store have that yet: if one of the others is promoted now, it brings them back"
                );
                Confirmed::NotByAll
            }
            unknown => {
                let error = match unknown {
                    Ok(Ok(_)) => "another server has taken over".to_owned(),
                    Ok(Err(error)) => error.to_string(),
                    Err(elapsed) => elapsed.to_string(),
                };
                tracing::warn!(
                    error,
                    replicas,
                    "sessions were ended, but whether the replicas of the session store have that is unknown: if one that has not is promoted, it brings them back"
                );
                Confirmed::NotByAll
            }
        };
        *last = Some(Confirmation { began, result });
        result
    }

    /// How many replicas are to confirm a deletion, and the last confirmation; `None` if there are none to wait for.
    async fn expected(
        &self,
        primary: &str,
        online: usize,
        now: Instant,
    ) -> Option<(usize, Arc<Mutex<Option<Confirmation>>>)> {
        let mut all = self.primaries.lock().await;
        if online > 0 && !all.contains_key(primary) {
            all.retain(|_, known| known.seen + FORGOTTEN_AFTER > now);
            let known = Primary { replicas: online, seen: now, last_confirmation: Arc::default() };
            all.insert(primary.to_owned(), known);
        }
        let known = all.get_mut(primary)?;
        if online >= known.replicas || known.seen + EXPECTED_FOR < now {
            (known.replicas, known.seen) = (online, now);
        }
        (known.replicas > 0).then(|| (known.replicas, known.last_confirmation.clone()))
    }

    /// Repeats unconfirmed deletions, once and whenever another server has taken over, for as long as the value is used.
    /// Also follows the primary that Sentinels name: one that was replaced although it is well serves for some seconds
    /// more, and what it is told then is lost.
    pub(super) async fn follow_primaries(deletions: Weak<Self>) {
        let mut last = None;
        loop {
            tokio::time::sleep(LOOKUP_INTERVAL).await;
            let Some(deletions) = deletions.upgrade() else { return };
            let is_replaced = deletions.shared.is_replaced().await;
            if !deletions.keep_recent().await && !is_replaced {
                continue;
            }
            // They are looked for before the deletions are repeated: one that takes over in between is seen the next time.
            let now = deletions.shared.primaries().await;
            if is_replaced || (last.is_some() && now.is_some() && last != now) {
                deletions.waiting.renew().await;
                deletions.unconfirmed.lock().await.iter_mut().for_each(|kept| kept.is_repeated = false);
            }
            last = now.or(last);
            deletions.repeat_unconfirmed().await;
        }
    }

    /// Forgets deletions that are too old to be repeated. Returns whether there are others.
    async fn keep_recent(&self) -> bool {
        let mut unconfirmed = self.unconfirmed.lock().await;
        unconfirmed.retain(|kept| kept.since.elapsed() < REPEATED_FOR);
        let excess = unconfirmed.len().saturating_sub(MOST_UNCONFIRMED);
        unconfirmed.drain(..excess);
        !unconfirmed.is_empty()
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
}

/// What a deletion found, and what the server that carried it out says of its replicas.
fn read(response: Value) -> RedisResult<(Deleted, Option<String>)> {
    let (value, expiry_milliseconds, is_removed, replication) = from_redis_value(response)?;
    Ok((Deleted { value, expiry_milliseconds, is_removed }, replication))
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
