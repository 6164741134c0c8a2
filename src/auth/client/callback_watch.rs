//! `CallbackWatch`: notices when browsers are sent to the issuer and none returns. That is the only sign here of a
//! callback URL that the issuer does not allow, because the issuer then shows an error page of its own.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use url::Url;

/// This many sign-ins without a single callback are worth a line in the log.
const SUSPICIOUS: u32 = 3;

/// Counts sign-ins begun until the first callback.
#[derive(Debug, Default)]
pub(super) struct CallbackWatch {
    begun: AtomicU32,
    has_seen_one: AtomicBool,
}

impl CallbackWatch {
    /// To be called when a browser is sent to the issuer.
    pub(super) fn begun(&self, callback_url: &Url) {
        if self.is_suspicious() {
            tracing::warn!(
                %callback_url,
                "browsers were sent to the issuer to sign in and none returned: if it shows them an error page, allow exactly this callback URL there (Kinde: the application, page \"Details\", \"Allowed callback URLs\"), and compare the client id with \"Client ID\" on the same page"
            );
        }
    }

    /// Counts a sign-in. Returns `true` once, when there are enough.
    fn is_suspicious(&self) -> bool {
        !self.has_seen_one.load(Ordering::Relaxed) && self.begun.fetch_add(1, Ordering::Relaxed) + 1 == SUSPICIOUS
    }

    /// Whether there were enough sign-ins, and not a single callback.
    pub(super) fn misses_callbacks(&self) -> bool {
        !self.has_seen_one.load(Ordering::Relaxed) && self.begun.load(Ordering::Relaxed) >= SUSPICIOUS
    }

    /// To be called when a browser has returned with a callback.
    pub(super) fn came_back(&self) {
        self.has_seen_one.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_warns_once_and_only_before_the_first_callback() {
        let watch = CallbackWatch::default();
        let warned: Vec<bool> = (0..5).map(|_| watch.is_suspicious()).collect();
        assert_eq!(warned, [false, false, true, false, false]);
        let watch = CallbackWatch::default();
        watch.came_back();
        assert!((0..5).all(|_| !watch.is_suspicious()));
    }

    #[test]
    fn callbacks_are_missed_from_the_third_sign_in_until_the_first_callback() {
        let watch = CallbackWatch::default();
        let missed: Vec<bool> = (0..4)
            .map(|_| {
                watch.is_suspicious();
                watch.misses_callbacks()
            })
            .collect();
        assert_eq!(missed, [false, false, true, true]);
        watch.came_back();
        assert!(!watch.misses_callbacks());
    }
}
