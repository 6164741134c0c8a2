//! `StorePause`: after the session store could not write, no refresh begins in this process for a moment. A refresh whose
//! tokens cannot be stored would lose them.

use std::sync::{Mutex, PoisonError};

use time::OffsetDateTime;

use super::token_times::{LEAST_PAUSE, after};

/// The pause of one client.
#[derive(Default)]
pub(super) struct StorePause(Mutex<Option<OffsetDateTime>>);

impl StorePause {
    /// To be called when the store has failed.
    pub(super) fn begin(&self, now: OffsetDateTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(after(now, LEAST_PAUSE));
    }

    /// Whether no refresh may begin.
    pub(super) fn is_on(&self, now: OffsetDateTime) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|end| now < end)
    }
}
