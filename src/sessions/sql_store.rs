//! `SqlStore`: a session store that runs one statement for each operation and keeps no copy in memory. The operations
//! are in `rows`, and their SQL is in `statements`.

use std::sync::Arc;

use async_trait::async_trait;
use time::OffsetDateTime;
use tower_sessions::session_store::Result;

use super::rows::Database;
use super::unreadable::clarified;
use crate::auth::{Id, Portion, Record, Store};

/// A store in a database.
#[derive(Debug)]
pub(super) struct SqlStore<D>(pub(super) Arc<D>);

#[async_trait]
impl<D: Database + std::fmt::Debug + 'static> Store for SqlStore<D> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    async fn create(&self, record: &Record) -> Result<bool> {
        self.0.create(record).await
    }

    async fn replace(&self, seen: &Record, content: &str) -> Result<bool> {
        self.0.replace(seen, content).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        self.0.load(id).await
    }

    async fn load_many(&self, ids: &[Id]) -> Result<Vec<Option<Record>>> {
        clarified(self, ids, self.0.find_many(ids).await?).await
    }

    async fn take(&self, id: &Id) -> Result<Option<Record>> {
        self.0.take(id).await
    }

    async fn touch(&self, ids: &[Id], expires_at: OffsetDateTime) -> Result<()> {
        self.0.touch(ids, expires_at).await
    }

    async fn owned_ids(&self, owner: &str) -> Result<Vec<Id>> {
        self.0.owned_ids(owner).await
    }

    async fn take_owned_by(&self, owner: &str) -> Result<Vec<Record>> {
        self.0.take_owned_by(owner).await
    }

    async fn portion(&self, after: Option<&str>) -> Result<Portion> {
        self.0.portion(after).await
    }

    async fn ping(&self) -> Result<()> {
        self.0.ping().await
    }
}
