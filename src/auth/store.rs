//! `Store`: what the session component asks of a session store beyond tower-sessions' own contract.
//! It implements no store; see `sessions` for those.

use async_trait::async_trait;
use time::OffsetDateTime;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::Result;

/// Where in a record's data its owner stands: a text that all records of one person have in common and no others.
pub const OWNER_KEY: &str = "owner";

/// A tower-sessions store with the operations that must be atomic in the store itself, and an index of owners.
///
/// Implementers of [`SessionStore`] for this crate also promise that `save` changes **only a record that still
/// exists**: a slow request must not bring a signed-out session back. `save` may leave the owner as it was created.
#[async_trait]
pub trait Store: SessionStore {
    /// Removes a record and returns it; of several simultaneous callers exactly one gets it. An expired record is
    /// removed and not returned.
    async fn take(&self, id: &Id) -> Result<Option<Record>>;

    /// Moves the expiry of a record that still exists, and leaves everything else as it is.
    async fn touch(&self, id: &Id, expiry: OffsetDateTime) -> Result<()>;

    /// All records of an owner that have not expired, in no order.
    async fn owned_by(&self, owner: &str) -> Result<Vec<Record>>;

    /// Answers when the store can be reached.
    async fn ping(&self) -> Result<()>;
}

/// A record's owner, if it has one.
pub fn owner_of(record: &Record) -> Option<&str> {
    record.data.get(OWNER_KEY)?.as_str()
}
