//! Pooled database connections: opened when needed, pinged before use if they were idle, and discarded if they may be
//! broken. The statements are in `statements`. (sqlx's own pool makes two more round trips to the server for each use.)

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{
    Manager, Metrics, Object, Pool, PoolError, RecycleError, RecycleResult, TimeoutType, Timeouts,
};
use sqlx::{ConnectOptions, Connection};
use tower_sessions::session_store::Error;

/// A connection that was used more recently than this is used again without a ping.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// What connections lead to.
pub(super) trait Target: Send + Sync {
    /// A connection of the database's driver.
    type Connection: Connection + Send;

    /// Opens a connection.
    fn open(&self) -> impl Future<Output = sqlx::Result<Self::Connection>> + Send;
}

/// The file or server that connection options name.
impl<O: ConnectOptions<Connection: Sized> + Sync> Target for O {
    type Connection = O::Connection;

    async fn open(&self) -> sqlx::Result<O::Connection> {
        self.connect().await
    }
}

/// A connection that has not responded to a ping by then is dead.
const PING_TIMEOUT: Duration = Duration::from_millis(500);
/// The network may have dropped connections that were idle for so long.
const LONG_IDLE: Duration = Duration::from_secs(30);

/// Opens connections.
pub(super) struct Opener<T> {
    target: T,
    /// Counts how often all connections became useless at once.
    generation: AtomicU64,
}

/// The target may hold a password.
impl<T> fmt::Debug for Opener<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opener")
    }
}

impl<T> Opener<T> {
    /// What the connections lead to.
    pub(super) fn target(&self) -> &T {
        &self.target
    }

    /// To be called when the server or the file of the connections is gone: none that is open now is used again.
    pub(super) fn renew(&self) {
        self.generation.fetch_add(1, Ordering::Relaxed);
    }
}

/// A connection, and whether its last statement completed: after a statement that was cancelled half-way it is not used
/// again.
#[derive(Debug)]
pub(super) struct Pooled<C> {
    connection: C,
    generation: u64,
    is_usable: bool,
}

impl<C> Pooled<C> {
    /// To be called before a statement, and [`Self::finish`] after it. The statement between them may be cancelled.
    pub(super) fn begin(&mut self) -> &mut C {
        self.is_usable = false;
        &mut self.connection
    }

    /// Records how a statement ended. After a failure the connection is not used again: it may be in an aborted
    /// transaction, or lead to a server or a file that cannot be written any more, and would go on failing.
    pub(super) fn finish<T>(&mut self, done: &sqlx::Result<T>) {
        self.is_usable = done.is_ok();
    }
}

impl<T: Target> Manager for Opener<T> {
    type Type = Pooled<T::Connection>;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<Self::Type, sqlx::Error> {
        // Read before connecting: if all connections become useless meanwhile, this one counts as one of them.
        let generation = self.generation.load(Ordering::Relaxed);
        Ok(Pooled { connection: self.target.open().await?, generation, is_usable: true })
    }

    async fn recycle(&self, pooled: &mut Self::Type, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if !pooled.is_usable {
            return Err(RecycleError::message("its last statement did not complete"));
        }
        if pooled.generation != self.generation.load(Ordering::Relaxed) {
            return Err(RecycleError::message("its server or file is gone"));
        }
        if metrics.last_used() > TRUSTED_FOR {
            let pinged = tokio::time::timeout(PING_TIMEOUT, pooled.connection.ping()).await;
            if !matches!(pinged, Ok(Ok(()))) {
                if metrics.last_used() > LONG_IDLE {
                    // The other idle connections are most likely dead as well, and no request should wait for each of
                    // them in turn.
                    self.renew();
                }
                return Err(RecycleError::message("it does not respond"));
            }
        }
        Ok(())
    }
}

/// At most `max` connections. Getting one fails when it takes longer than `timeout`.
pub(super) fn pool<T: Target>(target: T, max: usize, timeout: Duration) -> Pool<Opener<T>> {
    let timeouts = Timeouts { wait: Some(timeout), create: Some(timeout), recycle: Some(timeout) };
    Pool::builder(Opener { target, generation: AtomicU64::default() })
        .max_size(max)
        .timeouts(timeouts)
        .runtime(Runtime::Tokio1)
        .build()
        .expect("a runtime is named, so time limits are possible")
}

/// A connection from the pool.
pub(super) async fn connection<T: Target>(pool: &Pool<Opener<T>>) -> Result<Object<Opener<T>>, Error> {
    pool.get().await.map_err(|error| match error {
        PoolError::Backend(error) => backend(&error),
        PoolError::Timeout(TimeoutType::Wait) => {
            Error::Backend("all connections to it were in use for too long".to_owned())
        }
        PoolError::Timeout(TimeoutType::Create) => Error::Backend("connecting took too long".to_owned()),
        error => Error::Backend(error.to_string()),
    })
}

/// A database's error as the store's.
pub(super) fn backend(error: &sqlx::Error) -> Error {
    Error::Backend(error.to_string())
}
