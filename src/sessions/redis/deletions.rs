//! `Deletions`: deletes on a primary, and waits until its replicas have the deletion, so that a replica that is promoted
//! does not bring back a session that has ended. Without replicas it is the connection that all commands share.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use redis::{Client, Cmd, FromRedisValue, Pipeline, RedisResult, cmd};
use tokio::sync::Mutex;

use super::connection::{Connection, Opened};

/// How long a deletion waits for the replicas. It may wait three times as long, see [`Deletions::confirm`], which must
/// be less than the time that a request waits for the store.
const CONFIRMATION_TIMEOUT: Duration = Duration::from_millis(300);
/// How often the store learns which replicas there are. That also keeps the connection for deletions in use, so that no
/// firewall forgets it between two sign-outs.
const REPLICAS_INTERVAL: Duration = Duration::from_secs(5);

/// Deletions on one server.
pub(super) struct Deletions {
    /// The connection of all other commands.
    shared: Arc<Connection>,
    /// The connection of deletions where there are replicas: `WAIT` counts only the writes of its own connection, and
    /// blocks it. Opened at the first use.
    own: Connection,
    /// How many replicas were online when last looked.
    replicas: AtomicUsize,
    last_confirmation: Mutex<Option<Confirmation>>,
}

/// A `WAIT`, met or not.
struct Confirmation {
    began: Instant,
    /// The number of its connection.
    connection: u64,
}

impl Deletions {
    /// Learns which replicas there are, now and every few seconds for as long as the value is used.
    pub(super) async fn start(client: Client, shared: Arc<Connection>) -> Arc<Self> {
        let (replicas, last_confirmation) = (AtomicUsize::new(0), Mutex::default());
        let deletions = Arc::new(Self { shared, own: Connection::new(client), replicas, last_confirmation });
        deletions.learn_replicas().await;
        tokio::spawn(keep_learning(Arc::downgrade(&deletions)));
        deletions
    }

    /// Sends a command that deletes. See [`Self::send_all`].
    pub(super) async fn send<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        let (response,) = self.send_all(redis::pipe().add_command(command.clone())).await?;
        Ok(response)
    }

    /// Sends commands that delete, and waits until the replicas have confirmed the deletion. If they do not in time, that
    /// is logged, and the deletion stands: the server has carried it out.
    pub(super) async fn send_all<T: FromRedisValue>(&self, commands: &Pipeline) -> RedisResult<T> {
        if self.replicas.load(Ordering::Relaxed) == 0 {
            return self.shared.send_all(commands).await;
        }
        let (connection, response) = self.own.send_all_over(commands).await?;
        self.confirm(connection).await;
        Ok(response)
    }

    /// Waits until the replicas have everything that was sent over this connection before. Callers share a `WAIT` that
    /// began after their deletion; so however many there are, each waits for three at most: one that is under way before
    /// its deletion is read, one that is under way after it, and its own.
    async fn confirm(&self, mut connection: Opened) {
        let deleted = Instant::now();
        let mut last = self.last_confirmation.lock().await;
        let is_covered = |last: &Confirmation| last.began >= deleted && last.connection == connection.number;
        if last.as_ref().is_some_and(is_covered) {
            return;
        }
        let confirmation = Confirmation { began: Instant::now(), connection: connection.number };
        let replicas = self.replicas.load(Ordering::Relaxed);
        let timeout = u64::try_from(CONFIRMATION_TIMEOUT.as_millis()).unwrap_or(u64::MAX);
        // The same connection, although there may be a newer one: a new connection has nothing to wait for.
        match connection.send::<usize>(cmd("WAIT").arg(replicas).arg(timeout)).await {
            Ok(confirmed) if confirmed >= replicas => {}
            Ok(confirmed) => tracing::warn!(
                replicas,
                confirmed,
                "sessions were ended, but not all replicas of the session store have that yet: if one of the others is promoted now, it brings them back"
            ),
            Err(error) => tracing::warn!(
                %error,
                replicas,
                "sessions were ended, but whether the replicas of the session store have that is unknown: if one that has not is promoted, it brings them back"
            ),
        }
        *last = Some(confirmation);
    }

    async fn learn_replicas(&self) {
        let known = self.replicas.load(Ordering::Relaxed);
        let connection = if known == 0 { &*self.shared } else { &self.own };
        // Some hosted servers refuse INFO; their replicas are not known.
        if let Ok(text) = connection.send::<String>(cmd("INFO").arg("replication")).await {
            self.replicas.store(online_replicas(&text), Ordering::Relaxed);
        }
    }
}

async fn keep_learning(deletions: Weak<Deletions>) {
    loop {
        tokio::time::sleep(REPLICAS_INTERVAL).await;
        let Some(deletions) = deletions.upgrade() else { return };
        deletions.learn_replicas().await;
    }
}

/// Counts the lines such as `slave0:ip=10.0.0.2,port=6379,state=online,offset=42,lag=0`. A replica that is still being
/// copied to is not online, and `WAIT` does not count it.
fn online_replicas(replication: &str) -> usize {
    let is_online =
        |line: &&str| line.starts_with("slave") && line.split([':', ',']).any(|part| part == "state=online");
    replication.lines().filter(is_online).count()
}
