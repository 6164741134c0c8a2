//! The journal of a tenant, which handlers and deliveries under way share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::dev_issuer::journal::attempts::Journal;

/// The journal of one tenant. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct SharedJournal(Arc<Mutex<Journal>>);

impl SharedJournal {
    /// Locks the journal. It ignores poisoning, because each change leaves it usable.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Journal> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
