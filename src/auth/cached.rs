//! `Cached`: a document of the issuer that is fetched once and kept fresh.
//! It knows neither discovery nor keys, only how old a value is and how often it may be asked for.

use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, OwnedMutexGuard};

use super::error::Error;

/// An older value still serves, while a new one is fetched.
const FRESH_FOR: Duration = Duration::from_secs(3600);
/// How long a refresh that failed is not tried again: the older value goes on serving.
const REFRESH_PAUSE: Duration = Duration::from_secs(5);

/// A value with its age. Fetches run one at a time and to their end, also when the request that began them is gone.
#[derive(Debug)]
pub(crate) struct Cached<T>(Arc<Slot<T>>);

#[derive(Debug)]
struct Slot<T> {
    value: RwLock<Option<(Arc<T>, Instant)>>,
    /// Held while fetching; holds when fetching last failed, and why.
    fetching: Arc<Mutex<Option<(Error, Instant)>>>,
}

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self(Arc::new(Slot { value: RwLock::default(), fetching: Arc::default() }))
    }
}

impl<T: Send + Sync + 'static> Cached<T> {
    /// The value; fetched when there is none. A value that is no longer fresh is given at once, and refreshed for
    /// those who come later.
    pub(crate) async fn get<F>(&self, fetch: impl FnOnce() -> F) -> Result<Arc<T>, Error>
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let now = Instant::now();
        match self.0.value() {
            Some((value, fetched)) if now.duration_since(fetched) < FRESH_FOR => Ok(value),
            Some((value, fetched)) => {
                if let Ok(guard) = Arc::clone(&self.0.fetching).try_lock_owned()
                    && guard.as_ref().is_none_or(|(_, failed)| now.duration_since(*failed) > REFRESH_PAUSE)
                {
                    let refreshed = Arc::clone(&self.0).fetch(guard, fetched, now, fetch());
                    tokio::spawn(async move {
                        if let Err(error) = refreshed.await {
                            tracing::warn!(%error, "a document of the issuer could not be refreshed; the known one goes on serving");
                        }
                    });
                }
                Ok(value)
            }
            None => self.get_newer_than(now, fetch).await,
        }
    }

    /// The value, if it was fetched after `since`; otherwise a newly fetched one.
    pub(crate) async fn get_newer_than<F>(&self, since: Instant, fetch: impl FnOnce() -> F) -> Result<Arc<T>, Error>
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let (slot, asked, fetch) = (Arc::clone(&self.0), Instant::now(), fetch());
        let fetched = tokio::spawn(async move {
            let guard = Arc::clone(&slot.fetching).lock_owned().await;
            slot.fetch(guard, since, asked, fetch).await
        });
        fetched.await.unwrap_or_else(|_| Err(Error::Discovery("the program is stopping".to_owned())))
    }
}

impl<T> Slot<T> {
    fn value(&self) -> Option<(Arc<T>, Instant)> {
        // A whole value is swapped in at once: a panic elsewhere cannot leave it half-written.
        self.value.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Fetches, unless that was done while the caller waited for its turn: then it shares what came of it, so that
    /// waiting callers do not ask one by one. A failure before that is no reason not to ask again.
    async fn fetch(
        self: Arc<Self>,
        mut last_failure: OwnedMutexGuard<Option<(Error, Instant)>>,
        since: Instant,
        asked: Instant,
        fetch: impl Future<Output = Result<T, Error>>,
    ) -> Result<Arc<T>, Error> {
        if let Some((value, fetched)) = self.value()
            && fetched > since
        {
            return Ok(value);
        }
        if let Some((error, failed)) = last_failure.as_ref()
            && *failed >= asked
        {
            return Err(error.clone());
        }
        match fetch.await {
            Ok(value) => {
                let value = Arc::new(value);
                *last_failure = None;
                *self.value.write().unwrap_or_else(PoisonError::into_inner) =
                    Some((Arc::clone(&value), Instant::now()));
                Ok(value)
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

    fn unavailable() -> Error {
        Error::Discovery("down".to_owned())
    }

    #[tokio::test]
    async fn a_value_is_fetched_once() {
        let (cached, fetches) = (Cached::default(), Arc::new(AtomicUsize::new(0)));
        for _ in 0..3 {
            let fetches = Arc::clone(&fetches);
            let value = cached.get(move || async move { Ok(fetches.fetch_add(1, Ordering::SeqCst)) }).await.unwrap();
            assert_eq!(*value, 0);
        }
    }

    #[tokio::test]
    async fn a_newer_value_is_fetched_only_when_the_known_one_is_older() {
        let cached = Cached::default();
        let before = Instant::now();
        cached.get(|| async { Ok(1) }).await.unwrap();
        assert_eq!(*cached.get_newer_than(before, || async { Ok(2) }).await.unwrap(), 1);
        assert_eq!(*cached.get_newer_than(Instant::now(), || async { Ok(2) }).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_failure_to_get_a_newer_value_leaves_the_known_one() {
        let cached = Cached::default();
        cached.get(|| async { Ok(1) }).await.unwrap();
        assert!(cached.get_newer_than(Instant::now(), || async { Err(unavailable()) }).await.is_err());
        assert_eq!(*cached.get(|| async { Ok(2) }).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn waiting_callers_share_a_failure_and_later_ones_ask_again() {
        let (cached, fetches) = (Arc::new(Cached::<i32>::default()), Arc::new(AtomicUsize::new(0)));
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
        let cached = Cached::default();
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
