//! `BreakableStore`: a session store that works until a test breaks it.
//! It stores nothing itself; the real store behind it does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use async_trait::async_trait;
use kinde_leptos::auth::Store;
use time::OffsetDateTime;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

const WORKS: u8 = 0;
const FAILS: u8 = 1;
const PANICS: u8 = 2;

/// A store in front of the real one.
#[derive(Debug)]
pub struct BreakableStore {
    real: Arc<dyn Store>,
    state: AtomicU8,
}

impl BreakableStore {
    pub fn new(real: Arc<dyn Store>) -> Self {
        Self { real, state: AtomicU8::new(WORKS) }
    }

    /// From now on every operation is an error.
    pub fn fail(&self) {
        self.state.store(FAILS, Ordering::SeqCst);
    }

    /// From now on every operation panics.
    pub fn panic(&self) {
        self.state.store(PANICS, Ordering::SeqCst);
    }

    /// From now on everything works again.
    pub fn repair(&self) {
        self.state.store(WORKS, Ordering::SeqCst);
    }

    fn real(&self) -> Result<&dyn Store> {
        match self.state.load(Ordering::SeqCst) {
            WORKS => Ok(self.real.as_ref()),
            FAILS => Err(Error::Backend("broken by a test".to_owned())),
            _ => panic!("broken by a test"),
        }
    }
}

#[async_trait]
impl SessionStore for BreakableStore {
    async fn create(&self, record: &mut Record) -> Result<()> {
        self.real()?.create(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.real()?.save(record).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        self.real()?.load(id).await
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.real()?.delete(id).await
    }
}

#[async_trait]
impl Store for BreakableStore {
    async fn take(&self, id: &Id) -> Result<Option<Record>> {
        self.real()?.take(id).await
    }

    async fn touch(&self, id: &Id, expiry: OffsetDateTime) -> Result<()> {
        self.real()?.touch(id, expiry).await
    }

    async fn owned_by(&self, owner: &str) -> Result<Vec<Record>> {
        self.real()?.owned_by(owner).await
    }

    async fn ping(&self) -> Result<()> {
        self.real()?.ping().await
    }
}
