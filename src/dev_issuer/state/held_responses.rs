//! The responses that a fault holds back until a test releases them, so that no test depends on a delay.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// The held responses of one tenant.
#[derive(Default)]
pub(crate) struct HeldResponses {
    count: AtomicUsize,
    released: Notify,
}

impl HeldResponses {
    /// Waits until the next release.
    pub(crate) async fn hold(&self) {
        let released = self.released.notified();
        tokio::pin!(released);
        // From here on, a release also wakes this response, so it counts as held.
        released.as_mut().enable();
        let _one_more = OneMore::new(&self.count);
        released.await;
    }

    /// Returns how many responses wait.
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// Lets all waiting responses go. Later ones wait for the next release.
    pub(crate) fn release(&self) {
        self.released.notify_waiters();
    }
}

/// Counts one response, also when its client disconnects.
struct OneMore<'a>(&'a AtomicUsize);

impl<'a> OneMore<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for OneMore<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
