//! The SQLite store: sessions in one file, for an app that runs as one process.
//! The file belongs to one process, so observers in that process learn of every change.

mod beside;
mod checkpoint;
mod observers;
mod ownership;
mod private_file;
mod session_file;
mod watch;

use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use time::OffsetDateTime;
use tower_sessions::session_store::{Error, Result};

use super::OpenError;
use super::namespace::Namespace;
use super::rows::Database;
use super::sweep::sweep;
use super::unreadable::{clarified, readable_or_removed};
use crate::auth::{ChangeObserver, Id, Portion, Record, Store};
pub(super) use beside::FileOfAnother;
use observers::Observers;
use session_file::{SessionFile, WRITE_TIMEOUT};

/// Sessions in one SQLite file.
#[derive(Debug)]
pub(super) struct SqliteStore(Arc<OpenStore>);

/// The open session file, and the observers that are informed when a record in it changes.
#[derive(Debug)]
struct OpenStore {
    file: Arc<SessionFile>,
    observers: Observers,
}

impl SqliteStore {
    /// Opens the file, and begins to sweep it, to watch it and to empty its log.
    ///
    /// # Errors
    /// [`OpenError`] when another process has it, or it cannot be used.
    pub(super) async fn open(path: &Path, namespace: &Namespace) -> std::result::Result<Self, OpenError> {
        let file = Arc::new(SessionFile::open(path, namespace).await?);
        tokio::spawn(sweep(Arc::downgrade(&file)));
        tokio::spawn(checkpoint::checkpoint(Arc::downgrade(&file)));
        let store = Arc::new(OpenStore { file, observers: Observers::default() });
        tokio::spawn(watch::watch(Arc::downgrade(&store)));
        Ok(Self(store))
    }

    /// Runs a change of these records to its end and informs the observers, even if it failed: it may have happened.
    async fn change<T, F>(&self, ids: Vec<Id>, change: impl FnOnce(Arc<SessionFile>) -> F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let (store, change) = (Arc::clone(&self.0), change(Arc::clone(&self.0.file)));
        to_its_end(async move {
            let done = change.await;
            store.observers.changed(&ids);
            done
        })
        .await
    }
}

/// Runs a change to its end, even if the request that needs it is cancelled: a change that is cancelled half-way may
/// still happen, and the observers would not be informed of it.
async fn to_its_end<T: Send + 'static>(change: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    let changed = tokio::spawn(change).await;
    changed.unwrap_or_else(|_| Err(Error::Backend("the program is stopping".to_owned())))
}

#[async_trait]
impl Store for SqliteStore {
    fn name(&self) -> &'static str {
        self.0.file.name()
    }

    fn write_timeout(&self) -> Duration {
        WRITE_TIMEOUT
    }

    async fn create(&self, record: &Record) -> Result<bool> {
        let created = record.clone();
        // An expired record may have been replaced.
        self.change(vec![record.id], |file| async move { file.create(&created).await }).await
    }

    async fn replace(&self, seen: &Record, content: &str) -> Result<bool> {
        let (seen, content) = (seen.clone(), content.to_owned());
        self.change(vec![seen.id], |file| async move { file.replace(&seen, &content).await }).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        readable_or_removed(self.0.file.find(id).await?, self.take(id)).await
    }

    async fn load_many(&self, ids: &[Id]) -> Result<Vec<Option<Record>>> {
        clarified(self, ids, self.0.file.find_many(ids).await?).await
    }

    async fn take(&self, id: &Id) -> Result<Option<Record>> {
        let taken = *id;
        self.change(vec![taken], move |file| async move { file.take(&taken).await }).await
    }

    async fn touch(&self, ids: &[Id], expires_at: OffsetDateTime) -> Result<()> {
        let touched = ids.to_vec();
        self.change(ids.to_vec(), move |file| async move { file.touch(&touched, expires_at).await }).await
    }

    async fn owned_ids(&self, owner: &str) -> Result<Vec<Id>> {
        self.0.file.owned_ids(owner).await
    }

    async fn take_owned_by(&self, owner: &str) -> Result<Vec<Record>> {
        let (store, owner) = (Arc::clone(&self.0), owner.to_owned());
        to_its_end(async move {
            let taken = store.file.take_owned_by(&owner).await;
            match &taken {
                Ok(records) => store.observers.changed(&records.iter().map(|record| record.id).collect::<Vec<_>>()),
                // Records may have been removed, and which ones is not known.
                Err(_) => store.observers.all_changed(),
            }
            taken
        })
        .await
    }

    async fn portion(&self, after: Option<&str>) -> Result<Portion> {
        self.0.file.portion(after).await
    }

    async fn ping(&self) -> Result<()> {
        self.0.file.ping().await
    }

    fn observe(&self, observer: Weak<dyn ChangeObserver>) -> bool {
        self.0.observers.add(observer);
        true
    }
}
