//! `PromptStore`: the session store behind a time limit, so that a store that hangs becomes a 503 and not a wait.
//! It stores nothing and tries nothing again; drivers know which of their operations may be repeated.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use time::OffsetDateTime;

use super::error::Error;
use super::store::{self, Error as StoreError, Id, Record, Store};

/// How long one operation may take: no request waits two seconds for a store that hangs.
const OPERATION_TIMEOUT: Duration = Duration::from_millis(1500);

/// A store each of whose operations ends in time. Its going and coming is logged once each, for reading and for writing:
/// a full disk can still be read.
#[derive(Debug)]
pub(crate) struct PromptStore {
    store: Arc<dyn Store>,
    reads_fail: AtomicBool,
    writes_fail: AtomicBool,
}

impl PromptStore {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, reads_fail: AtomicBool::new(false), writes_fail: AtomicBool::new(false) }
    }

    pub(crate) async fn create(&self, record: &Record) -> Result<bool, Error> {
        self.write(self.store.create(record)).await
    }

    pub(crate) async fn load(&self, id: &Id) -> Result<Option<Record>, Error> {
        self.read(self.store.load(id)).await
    }

    pub(crate) async fn delete(&self, id: &Id) -> Result<(), Error> {
        self.write(self.store.take(id)).await.map(drop)
    }

    pub(crate) async fn take(&self, id: &Id) -> Result<Option<Record>, Error> {
        self.write(self.store.take(id)).await
    }

    pub(crate) async fn touch(&self, ids: &[Id], expires_at: OffsetDateTime) -> Result<(), Error> {
        self.write(self.store.touch(ids, expires_at)).await
    }

    pub(crate) async fn owned_by(&self, owner: &str) -> Result<Vec<Record>, Error> {
        self.read(self.store.owned_by(owner)).await
    }

    pub(crate) async fn ping(&self) -> Result<(), Error> {
        self.read(self.store.ping()).await
    }

    async fn read<T>(&self, operation: impl Future<Output = store::Result<T>>) -> Result<T, Error> {
        let done = in_time(operation).await;
        notice(&self.reads_fail, &done, "reading");
        Ok(done?)
    }

    async fn write<T>(&self, operation: impl Future<Output = store::Result<T>>) -> Result<T, Error> {
        let done = in_time(operation).await;
        notice(&self.writes_fail, &done, "writing");
        Ok(done?)
    }
}

async fn in_time<T>(operation: impl Future<Output = store::Result<T>>) -> store::Result<T> {
    tokio::time::timeout(OPERATION_TIMEOUT, operation).await.unwrap_or_else(|_| {
        Err(StoreError::Backend(format!("it did not answer within {} ms", OPERATION_TIMEOUT.as_millis())))
    })
}

fn notice<T>(fails: &AtomicBool, done: &store::Result<T>, what: &str) {
    match done {
        Ok(_) if fails.swap(false, Ordering::Relaxed) => tracing::warn!("the session store works again: {what}"),
        Err(error) if !fails.swap(true, Ordering::Relaxed) => tracing::error!(
            %error,
            "the session store fails: {what}; until it works again, whoever needs it gets 503 and keeps the cookie"
        ),
        _ => {}
    }
}
