//! `Store`: the contract of a session store, and `Record`, the unit that it keeps. The implementations are in the
//! module `sessions` of the crate; to them, the content of a record is one opaque text.

use std::fmt;
use std::sync::Weak;
use std::time::Duration;

use async_trait::async_trait;
use time::OffsetDateTime;
pub use tower_sessions::session::Id;
pub use tower_sessions::session_store::{Error, Result};

/// How long one operation may take: no request waits two seconds for a store that hangs.
pub(super) const OPERATION_TIMEOUT: Duration = Duration::from_millis(1500);

/// The unit that a store keeps under one id.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// 128 bits, derived from a secret by SHA-256: an id opens nothing.
    pub id: Id,
    /// A digest that all records of one user have in common and no others, or those that belong to one session of the
    /// issuer's; `None` for a record that belongs to neither, such as a pending authorization. One line.
    pub owner: Option<String>,
    /// Opaque to the store, which returns it byte for byte. Sealed when the application has sealing keys.
    pub content: String,
    /// When the record ends. Stores keep whole seconds.
    pub expires_at: OffsetDateTime,
}

/// Prints neither the content nor the owner.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("id", &self.id)
            .field("content", &format_args!("[{} bytes]", self.content.len()))
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Some of the records of a store, as [`Store::portion`] returns them, one portion after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portion {
    /// Records that have not expired, in no order.
    pub records: Vec<Record>,
    /// What to ask the same store for the next portion with; `None` after the last one. Only the store understands it.
    pub next: Option<String>,
}

/// A session store. Each operation is atomic in the store itself, for any number of processes, and may be repeated
/// after a connection was lost. A record that has expired, by the machine's clock, counts as absent.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// What metrics call this store, in lower case: the value of their label `store`.
    fn name(&self) -> &'static str {
        "other"
    }

    /// How long a write may take before the request that needs it gets 503. Default: 1.5 seconds, as for every operation
    /// that reads.
    fn write_timeout(&self) -> Duration {
        OPERATION_TIMEOUT
    }

    /// Stores a new record. Returns `true` when the record is stored now, also when the very same record was stored
    /// before (an earlier try whose response was lost); `false` when another record has the id, which then stays as it
    /// is. An expired record counts as none.
    async fn create(&self, record: &Record) -> Result<bool>;

    /// Puts new content in place of the content that was seen, and leaves owner and expiry as they are. Returns `true`
    /// when the record holds the new content now, also when it did before (an earlier try whose response was lost);
    /// `false` when the record is absent or holds anything else. Of several simultaneous callers that saw the same
    /// content exactly one receives `true`, if each has content of its own.
    async fn replace(&self, seen: &Record, content: &str) -> Result<bool>;

    /// Returns a record. One that cannot be read is removed and logged once, and counts as absent.
    async fn load(&self, id: &Id) -> Result<Option<Record>>;

    /// Returns records in one round trip, each at the place of its id; `None` where there is none. One that cannot be
    /// read is treated as [`Self::load`] treats it. Without ids the store is not asked.
    async fn load_many(&self, ids: &[Id]) -> Result<Vec<Option<Record>>>;

    /// Removes a record and returns it; of several simultaneous callers exactly one receives it. An expired record is
    /// removed and not returned.
    async fn take(&self, id: &Id) -> Result<Option<Record>>;

    /// Moves the expiry of those of the records that still exist, and leaves everything else as it is.
    async fn touch(&self, ids: &[Id], expires_at: OffsetDateTime) -> Result<()>;

    /// The ids of all records of an owner, in no order. There may be ids among them whose records are gone.
    async fn owned_ids(&self, owner: &str) -> Result<Vec<Id>>;

    /// Removes all records of an owner and returns them, in no order; of several simultaneous callers exactly one
    /// receives each.
    async fn take_owned_by(&self, owner: &str) -> Result<Vec<Record>>;

    /// Returns a portion of all records: the first without `after`, else the one that follows the portion whose `next`
    /// it is. A caller that asks until there is no `next` receives every record that was there all the time, some perhaps
    /// twice; one that came or went meanwhile may be among them. A portion is small enough for memory and for the time
    /// that an operation may take, and may be empty although others follow. A record that cannot be read is left out.
    async fn portion(&self, after: Option<&str>) -> Result<Portion>;

    /// Succeeds when the store can be reached.
    async fn ping(&self) -> Result<()>;

    /// A store that owns its data alone remembers the observer, informs it from now on of every change before the
    /// operation that made the change returns, and returns `true`. A store that other processes may write to returns
    /// `false`, as this default does: what was read from it must not be kept in memory.
    fn observe(&self, observer: Weak<dyn ChangeObserver>) -> bool {
        drop(observer);
        false
    }
}

/// Learns of every change of a store that owns its data alone.
pub trait ChangeObserver: Send + Sync {
    /// A record was changed or removed, or may have been.
    fn changed(&self, id: &Id);

    /// Any record may have been changed or removed.
    fn all_changed(&self);
}
