//! `SessionCopy`: the sessions that were read last, decoded and in memory, so that a page does not wait for the store.
//! It is used only with a store that reports every change (see `Store::observe`), and would be wrong with any other.

use std::future::Future;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use time::OffsetDateTime;

use super::content::Stored;
use super::error::SessionError;
use super::store::{ChangeObserver, Id};

/// All copies together, by the length of their content in the store.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// Larger sessions are not copied: names and addresses need no more.
const MAX_SESSION_BYTES: usize = 8 * 1024;
const USUAL_SESSION_BYTES: u64 = 400;

/// Copies of sessions. The least used are dropped first.
#[derive(Debug)]
pub(super) struct SessionCopy(Cache<Id, Arc<Stored>, ByLength>);

#[derive(Debug, Clone)]
struct ByLength;

impl Weighter<Id, Arc<Stored>> for ByLength {
    fn weight(&self, _: &Id, stored: &Arc<Stored>) -> u64 {
        stored.content_bytes as u64
    }
}

impl Default for SessionCopy {
    fn default() -> Self {
        let usual_count = usize::try_from(MAX_BYTES / USUAL_SESSION_BYTES).unwrap_or(usize::MAX);
        Self(Cache::with_weighter(usual_count, MAX_BYTES, ByLength))
    }
}

impl SessionCopy {
    /// Returns the copy of a session that has not expired, or else loads the session. Several callers that need the
    /// same session wait for one load. A session that changes while it is loaded is returned to those callers, and not
    /// kept.
    pub(super) async fn get_or_load(
        &self,
        id: &Id,
        now: OffsetDateTime,
        load: impl Future<Output = Result<Option<Arc<Stored>>, SessionError>>,
    ) -> Result<Option<Arc<Stored>>, SessionError> {
        let placeholder = match self.0.get_value_or_guard_async(id).await {
            Ok(stored) if now < stored.expires_at => return Ok(Some(stored)),
            Ok(_) => {
                self.changed(id);
                return load.await;
            }
            Err(placeholder) => placeholder,
        };
        let loaded = load.await?;
        if let Some(stored) = loaded.as_ref().filter(|stored| stored.content_bytes <= MAX_SESSION_BYTES) {
            // Refused when the session has changed meanwhile.
            let _ = placeholder.insert(Arc::clone(stored));
        }
        Ok(loaded)
    }
}

impl ChangeObserver for SessionCopy {
    fn changed(&self, id: &Id) {
        self.0.remove(id);
    }

    fn all_changed(&self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::ready;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn stored(subject: &str) -> Arc<Stored> {
        Arc::new(Stored::for_test(Id(7), subject, NOW + time::Duration::hours(1)))
    }

    async fn read(copy: &SessionCopy, in_the_store: Option<Arc<Stored>>) -> Option<String> {
        let read = copy.get_or_load(&Id(7), NOW, ready(Ok(in_the_store))).await.unwrap();
        read.map(|stored| stored.session.user().subject.clone())
    }

    #[tokio::test]
    async fn the_store_is_read_once_until_it_reports_a_change() {
        let copy = SessionCopy::default();
        for _ in 0..2 {
            assert_eq!(read(&copy, Some(stored("first"))).await.as_deref(), Some("first"));
        }
        assert_eq!(read(&copy, Some(stored("second"))).await.as_deref(), Some("first"));
        copy.changed(&Id(7));
        assert_eq!(read(&copy, Some(stored("second"))).await.as_deref(), Some("second"));
        copy.all_changed();
        assert_eq!(read(&copy, None).await, None);
    }

    #[tokio::test]
    async fn a_session_that_changes_while_it_is_loaded_is_not_kept() {
        for change in [(|copy| copy.changed(&Id(7))) as fn(&SessionCopy), SessionCopy::all_changed] {
            let copy = SessionCopy::default();
            let loading = async {
                change(&copy);
                Ok(Some(stored("old")))
            };
            assert!(copy.get_or_load(&Id(7), NOW, loading).await.unwrap().is_some());
            assert_eq!(read(&copy, None).await, None);
        }
    }

    #[tokio::test]
    async fn expired_sessions_and_large_ones_are_not_kept() {
        let copy = SessionCopy::default();
        let expired = Arc::new(Stored::for_test(Id(7), "expired", NOW));
        assert!(read(&copy, Some(expired)).await.is_some());
        assert_eq!(read(&copy, None).await, None);
        let mut large = Stored::for_test(Id(7), "large", NOW + time::Duration::hours(1));
        large.content_bytes = MAX_SESSION_BYTES + 1;
        assert!(read(&copy, Some(Arc::new(large))).await.is_some());
        assert_eq!(read(&copy, None).await, None);
    }
}
