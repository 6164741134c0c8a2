//! `ReSealing`: after a change of keys, every record is sealed with the newest key, portion by portion, while the
//! application runs. How one record is sealed anew is in `sealed_records`.

use tokio::task::JoinSet;

use super::error::SessionError;
use super::sealed_records::{Resealed, SealedAgain};
use super::sessions::Sessions;

/// How many records are written at a time.
const AT_ONCE: usize = 8;

/// What became of the records of a store that were to be sealed with the newest key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReSealing {
    /// They were sealed with an older key, and are now with the newest.
    pub rewritten: u64,
    /// The newest key had sealed them.
    pub already_new: u64,
    /// They are never sealed: marks, receipts, and what finds a session by the issuer's.
    pub never_sealed: u64,
    /// They open with none of the keys. They may be another application's that shares the store.
    pub unreadable: u64,
    /// They were removed meanwhile: a session ended, a sign-in completed.
    pub removed: u64,
    /// How often a record had been changed by the application when it was to be rewritten; it was looked at again.
    pub changed_meanwhile: u64,
}

impl ReSealing {
    /// How many records there were. A store may name some twice.
    pub fn records(&self) -> u64 {
        self.rewritten + self.already_new + self.never_sealed + self.unreadable + self.removed
    }

    fn count(&mut self, SealedAgain { outcome, changes }: SealedAgain) {
        self.changed_meanwhile += changes;
        *match outcome {
            Resealed::Rewritten => &mut self.rewritten,
            Resealed::AlreadyNew => &mut self.already_new,
            Resealed::NeverSealed => &mut self.never_sealed,
            Resealed::Unreadable => &mut self.unreadable,
            Resealed::Gone => &mut self.removed,
        } += 1;
    }
}

impl Sessions {
    /// Seals a portion of the records with the newest key and counts them. Returns where to go on.
    ///
    /// # Errors
    /// When the store failed; then nothing is counted, and the portion can be sealed again.
    pub(in crate::auth) async fn re_seal_portion(
        &self,
        after: Option<&str>,
        counts: &mut ReSealing,
    ) -> Result<Option<String>, SessionError> {
        let portion = self.records.portion(after).await?;
        let (mut records, mut under_way, mut counted) = (portion.records.into_iter(), JoinSet::new(), *counts);
        loop {
            while under_way.len() < AT_ONCE
                && let Some(record) = records.next()
            {
                let sealed_records = self.records.clone();
                under_way.spawn(async move { sealed_records.seal_anew(record).await });
            }
            let Some(done) = under_way.join_next().await else { break };
            counted.count(done.map_err(|error| SessionError::Store(format!("a task did not finish: {error}")))??);
        }
        *counts = counted;
        Ok(portion.next)
    }
}
