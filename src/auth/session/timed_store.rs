//! `TimedStore`: the session store behind a time limit, so that a store that hangs becomes a 503 instead of a wait. It
//! repeats no operation: each store decides which of its operations may be repeated.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use time::OffsetDateTime;
use tracing::Instrument;
use tracing::field::Empty;

use super::error::SessionError;
use super::store::{self, ChangeObserver, Id, OPERATION_TIMEOUT, Portion, Record, Store};
use crate::auth::metrics::{Operation, OperationOutcome, StoreMetrics};
use crate::auth::spans::SPAN_TARGET;

/// A store whose every operation ends in time. Failure and recovery are logged once each, apart for reading and
/// writing: a full disk can still be read.
#[derive(Debug)]
pub(super) struct TimedStore {
    store: Arc<dyn Store>,
    reads_fail: AtomicBool,
    writes_fail: AtomicBool,
    metrics: StoreMetrics,
}

impl TimedStore {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        let metrics = StoreMetrics::register(store.name());
        Self { store, reads_fail: AtomicBool::new(false), writes_fail: AtomicBool::new(false), metrics }
    }

    pub(super) async fn create(&self, record: &Record) -> Result<bool, SessionError> {
        self.write(Operation::Create, self.store.create(record)).await
    }

    pub(super) async fn replace(&self, seen: &Record, content: &str) -> Result<bool, SessionError> {
        self.write(Operation::Replace, self.store.replace(seen, content)).await
    }

    pub(super) async fn load(&self, id: &Id) -> Result<Option<Record>, SessionError> {
        self.read(Operation::Load, self.store.load(id)).await
    }

    pub(super) async fn load_many(&self, ids: &[Id]) -> Result<Vec<Option<Record>>, SessionError> {
        self.read(Operation::LoadMany, self.store.load_many(ids)).await
    }

    pub(super) async fn take(&self, id: &Id) -> Result<Option<Record>, SessionError> {
        self.write(Operation::Take, self.store.take(id)).await
    }

    pub(super) async fn touch(&self, ids: &[Id], expires_at: OffsetDateTime) -> Result<(), SessionError> {
        self.write(Operation::Touch, self.store.touch(ids, expires_at)).await
    }

    pub(super) async fn owned_ids(&self, owner: &str) -> Result<Vec<Id>, SessionError> {
        self.read(Operation::OwnedIds, self.store.owned_ids(owner)).await
    }

    pub(super) async fn take_owned_by(&self, owner: &str) -> Result<Vec<Record>, SessionError> {
        self.write(Operation::TakeOwnedBy, self.store.take_owned_by(owner)).await
    }

    pub(super) async fn portion(&self, after: Option<&str>) -> Result<Portion, SessionError> {
        self.read(Operation::Portion, self.store.portion(after)).await
    }

    pub(super) async fn ping(&self) -> Result<(), SessionError> {
        self.read(Operation::Ping, self.store.ping()).await
    }

    pub(super) fn observe(&self, observer: Weak<dyn ChangeObserver>) -> bool {
        self.store.observe(observer)
    }

    async fn read<T>(
        &self,
        operation: Operation,
        work: impl Future<Output = store::Result<T>>,
    ) -> Result<T, SessionError> {
        let done = in_span(operation, self.in_time(operation, OPERATION_TIMEOUT, work)).await;
        log_change(&self.reads_fail, &done, "reading");
        Ok(done?)
    }

    async fn write<T>(
        &self,
        operation: Operation,
        work: impl Future<Output = store::Result<T>>,
    ) -> Result<T, SessionError> {
        let done = in_span(operation, self.in_time(operation, self.store.write_timeout(), work)).await;
        log_change(&self.writes_fail, &done, "writing");
        Ok(done?)
    }

    async fn in_time<T>(
        &self,
        operation: Operation,
        limit: Duration,
        work: impl Future<Output = store::Result<T>>,
    ) -> store::Result<T> {
        let begun = Instant::now();
        let done = tokio::time::timeout(limit, work).await;
        let outcome = match &done {
            Ok(Ok(_)) => OperationOutcome::Success,
            Ok(Err(_)) => OperationOutcome::Failure,
            Err(_) => OperationOutcome::Timeout,
        };
        self.metrics.operated(operation, outcome, begun.elapsed());
        done.unwrap_or_else(|_| {
            Err(store::Error::Backend(format!("it did not respond within {} ms", limit.as_millis())))
        })
    }
}

/// Runs an operation within a span of its own.
async fn in_span<T>(operation: Operation, work: impl Future<Output = store::Result<T>>) -> store::Result<T> {
    let span = tracing::debug_span!(
        target: SPAN_TARGET,
        "store",
        otel.name = format!("store {}", operation.value()),
        otel.status_code = Empty,
        db.operation.name = operation.value(),
        error.type = Empty,
    );
    let done = work.instrument(span.clone()).await;
    if done.is_err() {
        span.record("error.type", "store");
        span.record("otel.status_code", "ERROR");
    }
    done
}

fn log_change<T>(fails: &AtomicBool, done: &store::Result<T>, what: &str) {
    match done {
        Ok(_) if fails.swap(false, Ordering::Relaxed) => tracing::warn!("the session store works again: {what}"),
        Err(error) if !fails.swap(true, Ordering::Relaxed) => tracing::error!(
            %error,
            "the session store fails: {what}; until it works again, requests that need it get 503 and browsers keep their cookies"
        ),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store that never responds, and whose writes may take a moment only.
    #[derive(Debug)]
    struct Hanging;

    #[async_trait::async_trait]
    impl Store for Hanging {
        fn write_timeout(&self) -> Duration {
            Duration::from_millis(20)
        }

        async fn create(&self, _: &Record) -> store::Result<bool> {
            std::future::pending().await
        }

        async fn replace(&self, _: &Record, _: &str) -> store::Result<bool> {
            std::future::pending().await
        }

        async fn load(&self, _: &Id) -> store::Result<Option<Record>> {
            std::future::pending().await
        }

        async fn load_many(&self, _: &[Id]) -> store::Result<Vec<Option<Record>>> {
            std::future::pending().await
        }

        async fn take(&self, _: &Id) -> store::Result<Option<Record>> {
            std::future::pending().await
        }

        async fn touch(&self, _: &[Id], _: OffsetDateTime) -> store::Result<()> {
            std::future::pending().await
        }

        async fn owned_ids(&self, _: &str) -> store::Result<Vec<Id>> {
            std::future::pending().await
        }

        async fn take_owned_by(&self, _: &str) -> store::Result<Vec<Record>> {
            std::future::pending().await
        }

        async fn portion(&self, _: Option<&str>) -> store::Result<Portion> {
            std::future::pending().await
        }

        async fn ping(&self) -> store::Result<()> {
            std::future::pending().await
        }
    }

    #[tokio::test]
    async fn a_write_may_take_as_long_as_the_store_says() {
        let refused = TimedStore::new(Arc::new(Hanging)).take(&Id::default()).await.unwrap_err();
        assert!(refused.to_string().contains("within 20 ms"), "{refused}");
    }
}
