//! `Store`: what the session component asks of a session store beyond tower-sessions' own contract.
//! It implements no store; see `sessions` for those.

use async_trait::async_trait;
use time::OffsetDateTime;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::Result;

/// A tower-sessions store with the two operations that must be atomic in the store itself.
///
/// Implementers of [`SessionStore`] for this crate also promise that `save` changes **only a record that still
/// exists**: a slow request must not bring a signed-out session back.
#[async_trait]
pub trait Store: SessionStore {
    /// Removes a record and returns it; of several simultaneous callers exactly one gets it. An expired record is
    /// removed and not returned.
    async fn take(&self, id: &Id) -> Result<Option<Record>>;

    /// Moves the expiry of a record that still exists, and leaves everything else as it is.
    async fn touch(&self, id: &Id, expiry: OffsetDateTime) -> Result<()>;

    /// Answers when the store can be reached.
    async fn ping(&self) -> Result<()>;
}
