//! `BreakableStore`: a session store that works until a test breaks it or slows it down.
//! The records are in the real store behind it. It accepts no observers, so the app caches nothing and notices at once
//! what a test breaks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use kinde_leptos::auth::{Id, Portion, Record, Store};
use time::OffsetDateTime;
use tower_sessions::session_store::{Error, Result};

const WORKS: u8 = 0;
const FAILS: u8 = 1;
const PANICS: u8 = 2;
const CANNOT_WRITE: u8 = 3;
const CANNOT_CREATE: u8 = 4;

/// A store in front of the real one.
#[derive(Debug)]
pub struct BreakableStore {
    real: Arc<dyn Store>,
    state: AtomicU8,
    slow_by_milliseconds: AtomicU64,
    /// How many changes are made before no operation works any more.
    changes_left: AtomicUsize,
    loads: AtomicUsize,
    operations: AtomicUsize,
}

impl BreakableStore {
    pub fn new(real: Arc<dyn Store>) -> Self {
        Self {
            real,
            state: AtomicU8::new(WORKS),
            slow_by_milliseconds: AtomicU64::new(0),
            changes_left: AtomicUsize::new(usize::MAX),
            loads: AtomicUsize::new(0),
            operations: AtomicUsize::new(0),
        }
    }

    /// From now on every operation is an error.
    pub fn fail(&self) {
        self.state.store(FAILS, Ordering::SeqCst);
    }

    /// Makes this many changes more, and then fails at everything, as seen by a process that was killed.
    pub fn die_after(&self, changes: usize) {
        self.changes_left.store(changes, Ordering::SeqCst);
    }

    /// From now on every operation that would change something is an error, as when a disk is full.
    pub fn fail_to_write(&self) {
        self.state.store(CANNOT_WRITE, Ordering::SeqCst);
    }

    /// From now on no record can be created; those that are there can be changed and taken.
    pub fn fail_to_create(&self) {
        self.state.store(CANNOT_CREATE, Ordering::SeqCst);
    }

    /// From now on every operation panics.
    pub fn panic(&self) {
        self.state.store(PANICS, Ordering::SeqCst);
    }

    /// From now on every operation begins after this delay.
    pub fn slow(&self, duration: Duration) {
        let milliseconds = u64::try_from(duration.as_millis()).unwrap();
        self.slow_by_milliseconds.store(milliseconds, Ordering::SeqCst);
    }

    /// From now on every operation works again, without delay.
    pub fn repair(&self) {
        self.state.store(WORKS, Ordering::SeqCst);
        self.changes_left.store(usize::MAX, Ordering::SeqCst);
        self.slow_by_milliseconds.store(0, Ordering::SeqCst);
    }

    /// The store that this one breaks, which always works.
    pub fn beneath(&self) -> Arc<dyn Store> {
        Arc::clone(&self.real)
    }

    /// How many times a record was loaded, failed attempts included.
    pub fn loads(&self) -> usize {
        self.loads.load(Ordering::SeqCst)
    }

    /// How many operations have begun.
    pub fn operations(&self) -> usize {
        self.operations.load(Ordering::SeqCst)
    }

    async fn real(&self) -> Result<&dyn Store> {
        self.operations.fetch_add(1, Ordering::SeqCst);
        let slow_by = Duration::from_millis(self.slow_by_milliseconds.load(Ordering::SeqCst));
        if !slow_by.is_zero() {
            tokio::time::sleep(slow_by).await;
        }
        match self.state.load(Ordering::SeqCst) {
            WORKS | CANNOT_WRITE | CANNOT_CREATE => Ok(self.real.as_ref()),
            FAILS => Err(Error::Backend("broken by a test".to_owned())),
            _ => panic!("broken by a test"),
        }
    }

    async fn writable(&self) -> Result<&dyn Store> {
        let real = self.real().await?;
        if self.state.load(Ordering::SeqCst) == CANNOT_WRITE {
            return Err(Error::Backend("made read-only by a test".to_owned()));
        }
        let counted = self.changes_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if counted.is_err() {
            self.fail();
            return Err(Error::Backend("stopped by a test".to_owned()));
        }
        Ok(real)
    }
}

#[async_trait]
impl Store for BreakableStore {
    fn name(&self) -> &'static str {
        self.real.name()
    }

    async fn create(&self, record: &Record) -> Result<bool> {
        let real = self.writable().await?;
        if self.state.load(Ordering::SeqCst) == CANNOT_CREATE {
            return Err(Error::Backend("full, says a test".to_owned()));
        }
        real.create(record).await
    }

    async fn replace(&self, seen: &Record, content: &str) -> Result<bool> {
        self.writable().await?.replace(seen, content).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        self.real().await?.load(id).await
    }

    async fn load_many(&self, ids: &[Id]) -> Result<Vec<Option<Record>>> {
        self.loads.fetch_add(ids.len(), Ordering::SeqCst);
        self.real().await?.load_many(ids).await
    }

    async fn take(&self, id: &Id) -> Result<Option<Record>> {
        self.writable().await?.take(id).await
    }

    async fn touch(&self, ids: &[Id], expires_at: OffsetDateTime) -> Result<()> {
        self.writable().await?.touch(ids, expires_at).await
    }

    async fn owned_ids(&self, owner: &str) -> Result<Vec<Id>> {
        self.real().await?.owned_ids(owner).await
    }

    async fn take_owned_by(&self, owner: &str) -> Result<Vec<Record>> {
        self.writable().await?.take_owned_by(owner).await
    }

    async fn portion(&self, after: Option<&str>) -> Result<Portion> {
        self.real().await?.portion(after).await
    }

    async fn ping(&self) -> Result<()> {
        self.real().await?.ping().await
    }
}
