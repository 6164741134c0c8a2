//! The SQLite store: sessions in one file, for an app that runs as one process.
//! It shares nothing with other processes: the file has one owner, which is why a copy in memory may answer for it.

mod ownership;
mod private_file;
mod read_copy;
mod session_file;
mod watch;

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use time::OffsetDateTime;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use super::OpenError;
use super::rows::Database;
use super::sweep::sweep;
use crate::auth::Store;
use read_copy::ReadCopy;
use session_file::SessionFile;

/// Sessions in one SQLite file.
#[derive(Debug, Clone)]
pub(super) struct SqliteStore(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    file: Arc<SessionFile>,
    copy: ReadCopy,
}

impl SqliteStore {
    /// Opens the file, and begins to sweep and to watch it.
    ///
    /// # Errors
    /// [`OpenError`] when another process has it, or it cannot be used.
    pub(super) async fn open(path: &Path) -> std::result::Result<Self, OpenError> {
        let file = Arc::new(SessionFile::open(path).await?);
        tokio::spawn(sweep(Arc::downgrade(&file)));
        let parts = Arc::new(Parts { file, copy: ReadCopy::default() });
        tokio::spawn(watch::watch(Arc::downgrade(&parts)));
        Ok(Self(parts))
    }

    /// Runs a change of one record to its end, even when the request that wants it is gone, and then forgets the copy:
    /// a change that is given up half-way may still happen.
    async fn change<T, F>(&self, id: &Id, change: impl FnOnce(Arc<SessionFile>) -> F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let (parts, id, change) = (Arc::clone(&self.0), *id, change(Arc::clone(&self.0.file)));
        let changed = tokio::spawn(async move {
            let done = change.await;
            parts.copy.forget(&id);
            done
        });
        changed.await.unwrap_or_else(|_| Err(Error::Backend("the program is stopping".to_owned())))
    }
}

#[async_trait]
impl SessionStore for SqliteStore {
    async fn create(&self, record: &mut Record) -> Result<()> {
        self.0.file.create(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let saved = record.clone();
        self.change(&record.id, |file| async move { file.save(&saved).await }).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        self.0.copy.get_or_load(id, self.0.file.load(id)).await
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let deleted = *id;
        self.change(id, |file| async move { file.delete(&deleted).await }).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn take(&self, id: &Id) -> Result<Option<Record>> {
        let taken = *id;
        self.change(id, |file| async move { file.take(&taken).await }).await
    }

    async fn touch(&self, id: &Id, expiry: OffsetDateTime) -> Result<()> {
        let touched = *id;
        self.change(id, move |file| async move { file.touch(&touched, expiry).await }).await
    }

    async fn owned_by(&self, owner: &str) -> Result<Vec<Record>> {
        self.0.file.owned_by(owner).await
    }

    async fn ping(&self) -> Result<()> {
        self.0.file.ping().await
    }
}
