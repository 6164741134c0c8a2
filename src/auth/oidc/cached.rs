//! `Cached`: a document of the issuer that is fetched once and kept fresh. It decides by the age of a value and by the
//! time of the last fetch. The documents are in `issuer`.

use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use time::OffsetDateTime;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tracing::Instrument;

use super::error::OidcError;

/// A value is fresh for so long: it is returned and nothing is fetched.
const FRESH_FOR: time::Duration = time::Duration::hours(1);
/// Until this age a value is returned at once, and a new one is fetched for later callers.
const REVALIDATED_UNTIL: time::Duration = time::Duration::hours(2);
/// Until this age a value is returned when no new one can be fetched. An older one is never used, so that a withdrawn
/// signing key is accepted for a day at most.
const USABLE_UNTIL: time::Duration = time::Duration::hours(24);
/// How long a fetch that failed is not repeated while the known value is usable.
const RETRY_PAUSE: Duration = Duration::from_secs(5);

/// The time, as a parameter. Ages are measured with it.
pub(in crate::auth) type Clock = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// A value with its age. Fetches run one at a time and to their end, even when the request that began them is
/// cancelled.
pub(super) struct Cached<T> {
    slot: Arc<Slot<T>>,
    clock: Clock,
}

struct Slot<T> {
    value: RwLock<Option<Known<T>>>,
    /// Held while fetching; says when the last fetch failed, and why.
    fetching: Arc<Mutex<Option<(OidcError, Instant)>>>,
}

struct Known<T> {
    value: Arc<T>,
    /// For the age.
    fetched_at: OffsetDateTime,
    /// For the order of fetches within this process.
    fetched: Instant,
}

impl<T> Clone for Known<T> {
    fn clone(&self) -> Self {
        Self { value: Arc::clone(&self.value), fetched_at: self.fetched_at, fetched: self.fetched }
    }
}

impl<T> std::fmt::Debug for Cached<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cached").finish_non_exhaustive()
    }
}

impl<T: Send + Sync + 'static> Cached<T> {
    pub(super) fn new(clock: Clock) -> Self {
        Self { slot: Arc::new(Slot { value: RwLock::default(), fetching: Arc::default() }), clock }
    }

    /// Whether there is a value that may be used.
    pub(super) fn is_known(&self) -> bool {
        self.slot.known().is_some_and(|known| ((self.clock)() - known.fetched_at).abs() < USABLE_UNTIL)
    }

    /// The value: fetched when there is none, or when the known one must not be used any more.
    ///
    /// # Errors
    /// Why the fetch failed, when there is no value younger than 24 hours.
    pub(super) async fn get<F>(&self, fetch: impl FnOnce() -> F) -> Result<Arc<T>, OidcError>
    where
        F: Future<Output = Result<T, OidcError>> + Send + 'static,
    {
        let Some(known) = self.slot.known() else { return self.get_newer_than(Instant::now(), fetch).await };
        let age = ((self.clock)() - known.fetched_at).abs();
        if age < FRESH_FOR {
            return Ok(known.value);
        }
        if age >= USABLE_UNTIL {
            return self.get_newer_than(known.fetched, fetch).await;
        }
        if age < REVALIDATED_UNTIL {
            self.revalidate(known.fetched, fetch);
            return Ok(known.value);
        }
        if self.slot.has_failed_just_now() {
            return Ok(known.value);
        }
        Ok(self.get_newer_than(known.fetched, fetch).await.unwrap_or_else(|error| {
            warn_of(&error);
            known.value
        }))
    }

    /// Fetches a newer value in a task of its own, unless one is being fetched, or that failed a moment ago.
    fn revalidate<F>(&self, since: Instant, fetch: impl FnOnce() -> F)
    where
        F: Future<Output = Result<T, OidcError>> + Send + 'static,
    {
        let Ok(guard) = Arc::clone(&self.slot.fetching).try_lock_owned() else { return };
        if failed_just_now(guard.as_ref()) {
            return;
        }
        let fetching = Arc::clone(&self.slot).fetch(guard, since, Instant::now(), self.clock.clone(), fetch());
        let fetching = async move {
            if let Err(error) = fetching.await {
                warn_of(&error);
            }
        };
        tokio::spawn(fetching.in_current_span());
    }

    /// The value, if it was fetched after `since`; otherwise a newly fetched one.
    ///
    /// # Errors
    /// Why the fetch failed.
    pub(super) async fn get_newer_than<F>(&self, since: Instant, fetch: impl FnOnce() -> F) -> Result<Arc<T>, OidcError>
    where
        F: Future<Output = Result<T, OidcError>> + Send + 'static,
    {
        let (slot, asked, fetch) = (Arc::clone(&self.slot), Instant::now(), fetch());
        let clock = self.clock.clone();
        let fetching = async move {
            let guard = Arc::clone(&slot.fetching).lock_owned().await;
            slot.fetch(guard, since, asked, clock, fetch).await
        };
        let fetched = tokio::spawn(fetching.in_current_span());
        fetched.await.unwrap_or_else(|_| Err(OidcError::Discovery("the program is stopping".to_owned())))
    }
}

fn failed_just_now(last_failure: Option<&(OidcError, Instant)>) -> bool {
    last_failure.is_some_and(|(_, failed)| failed.elapsed() <= RETRY_PAUSE)
}

fn warn_of(error: &OidcError) {
    tracing::warn!(%error, "a document of the issuer could not be fetched again; the known one is used");
}

impl<T> Slot<T> {
    /// Whether the last fetch failed a moment ago. `false` while one is under way.
    fn has_failed_just_now(&self) -> bool {
        self.fetching.try_lock().is_ok_and(|last_failure| failed_just_now(last_failure.as_ref()))
    }

    fn known(&self) -> Option<Known<T>> {
        // A whole value is swapped in at once: a panic elsewhere cannot leave it half-written.
        self.value.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Fetches, unless that was done while the caller waited for its turn: then the caller shares the result, so that
    /// waiting callers do not fetch one by one. A failure before that is no reason not to fetch again.
    async fn fetch(
        self: Arc<Self>,
        mut last_failure: OwnedMutexGuard<Option<(OidcError, Instant)>>,
        since: Instant,
        asked: Instant,
        clock: Clock,
        fetch: impl Future<Output = Result<T, OidcError>>,
    ) -> Result<Arc<T>, OidcError> {
        if let Some(known) = self.known().filter(|known| known.fetched > since) {
            return Ok(known.value);
        }
        if let Some((error, failed)) = last_failure.as_ref()
            && *failed >= asked
        {
            return Err(error.clone());
        }
        match fetch.await {
            Ok(value) => {
                let known = Known { value: Arc::new(value), fetched_at: clock(), fetched: Instant::now() };
                *last_failure = None;
                *self.value.write().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
                Ok(known.value)
            }
            Err(error) => {
                *last_failure = Some((error.clone(), Instant::now()));
                Err(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn unavailable() -> OidcError {
        OidcError::Discovery("down".to_owned())
    }

    fn fixed_clock() -> Clock {
        Arc::new(|| OffsetDateTime::UNIX_EPOCH)
    }

    /// A clock that the test moves, by hours.
    fn clock_of(hours: &Arc<AtomicUsize>) -> Clock {
        let hours = Arc::clone(hours);
        Arc::new(move || OffsetDateTime::UNIX_EPOCH + Duration::from_secs(3600 * hours.load(Ordering::SeqCst) as u64))
    }

    #[tokio::test]
    async fn an_hour_old_value_is_returned_while_a_new_one_is_fetched() {
        let hours = Arc::default();
        let cached = Cached::new(clock_of(&hours));
        cached.get(|| async { Ok(1) }).await.unwrap();
        hours.store(1, Ordering::SeqCst);
        let (fetched, is_fetched) = tokio::sync::oneshot::channel();
        let value = cached.get(|| async move {
            fetched.send(()).unwrap();
            Ok(2)
        });
        assert_eq!(*value.await.unwrap(), 1);
        is_fetched.await.unwrap();
        assert_eq!(
            *cached.get_newer_than(Instant::now(), || async { Err(unavailable()) }).await.unwrap_or_default(),
            0
        );
        assert_eq!(*cached.get(|| async { Ok(3) }).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn from_two_hours_on_a_new_value_is_waited_for() {
        let hours = Arc::default();
        let cached = Cached::new(clock_of(&hours));
        cached.get(|| async { Ok(1) }).await.unwrap();
        hours.store(2, Ordering::SeqCst);
        assert_eq!(*cached.get(|| async { Ok(2) }).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn from_two_hours_on_all_callers_wait_for_the_one_fetch() {
        let hours = Arc::default();
        let cached = Arc::new(Cached::new(clock_of(&hours)));
        cached.get(|| async { Ok(1) }).await.unwrap();
        hours.store(3, Ordering::SeqCst);
        let (go, wait) = tokio::sync::oneshot::channel::<()>();
        let fetching = Arc::clone(&cached);
        let first = tokio::spawn(async move {
            fetching
                .get(move || async move {
                    let _ = wait.await;
                    Ok(2)
                })
                .await
        });
        tokio::task::yield_now().await;
        let mut second = Box::pin(cached.get(|| async { Ok(3) }));
        assert!(tokio::time::timeout(Duration::ZERO, &mut second).await.is_err(), "it did not wait");
        go.send(()).unwrap();
        assert_eq!((*first.await.unwrap().unwrap(), *second.await.unwrap()), (2, 2));
    }

    #[tokio::test]
    async fn until_a_day_a_known_value_is_used_when_the_issuer_fails_and_later_not() {
        let hours = Arc::default();
        let cached = Cached::new(clock_of(&hours));
        cached.get(|| async { Ok(1) }).await.unwrap();
        hours.store(23, Ordering::SeqCst);
        for _ in 0..3 {
            assert_eq!(*cached.get(|| async { Err(unavailable()) }).await.unwrap(), 1);
        }
        hours.store(24, Ordering::SeqCst);
        assert!(cached.get(|| async { Err(unavailable()) }).await.is_err());
        assert_eq!(*cached.get(|| async { Ok(2) }).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_value_is_fetched_once() {
        let (cached, fetches) = (Cached::new(fixed_clock()), Arc::new(AtomicUsize::new(0)));
        for _ in 0..3 {
            let fetches = Arc::clone(&fetches);
            let value = cached.get(move || async move { Ok(fetches.fetch_add(1, Ordering::SeqCst)) }).await.unwrap();
            assert_eq!(*value, 0);
        }
    }

    #[tokio::test]
    async fn a_newer_value_is_fetched_only_when_the_known_one_is_older() {
        let cached = Cached::new(fixed_clock());
        let before = Instant::now();
        cached.get(|| async { Ok(1) }).await.unwrap();
        assert_eq!(*cached.get_newer_than(before, || async { Ok(2) }).await.unwrap(), 1);
        assert_eq!(*cached.get_newer_than(Instant::now(), || async { Ok(2) }).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_failure_to_get_a_newer_value_leaves_the_known_one() {
        let cached = Cached::new(fixed_clock());
        cached.get(|| async { Ok(1) }).await.unwrap();
        assert!(cached.get_newer_than(Instant::now(), || async { Err(unavailable()) }).await.is_err());
        assert_eq!(*cached.get(|| async { Ok(2) }).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn waiting_callers_share_a_failure_and_later_ones_ask_again() {
        let (cached, fetches) = (Arc::new(Cached::<i32>::new(fixed_clock())), Arc::new(AtomicUsize::new(0)));
        let waiting: Vec<_> = (0..8)
            .map(|_| {
                let (cached, fetches) = (Arc::clone(&cached), Arc::clone(&fetches));
                tokio::spawn(async move {
                    cached
                        .get(move || async move {
                            fetches.fetch_add(1, Ordering::SeqCst);
                            tokio::task::yield_now().await;
                            Err(unavailable())
                        })
                        .await
                })
            })
            .collect();
        for caller in waiting {
            assert!(caller.await.unwrap().is_err());
        }
        assert_eq!(fetches.load(Ordering::SeqCst), 1);
        assert_eq!(*cached.get(|| async { Ok(1) }).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_fetch_goes_on_when_its_caller_is_gone() {
        let cached = Cached::new(fixed_clock());
        let (go, wait) = tokio::sync::oneshot::channel::<()>();
        let mut abandoned = Box::pin(cached.get(move || async move {
            let _ = wait.await;
            Ok(1)
        }));
        let waited = tokio::time::timeout(Duration::ZERO, &mut abandoned).await;
        assert!(waited.is_err(), "the fetch has not been let go yet");
        drop(abandoned);
        go.send(()).unwrap();
        assert_eq!(*cached.get(|| async { Ok(2) }).await.unwrap(), 1);
    }
}
