//! `CallbackWatch`: notices when people are sent to the issuer and none comes back, which is how a callback URL that
//! the issuer does not allow looks from here: it shows its own error page and never answers us.
//! It changes nothing about any sign-in.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use url::Url;

/// So many sign-ins begun without a single callback are worth a line in the log.
const SUSPICIOUS: u32 = 3;

/// Counts sign-ins begun until the first callback.
#[derive(Debug, Default)]
pub(crate) struct CallbackWatch {
    begun: AtomicU32,
    has_seen_one: AtomicBool,
}

impl CallbackWatch {
    /// A person was sent to the issuer.
    pub(crate) fn begun(&self, callback_url: &Url) {
        if self.is_suspicious() {
            tracing::warn!(
                %callback_url,
                "people were sent to sign in and none came back: if the issuer shows them an error, allow this callback URL there, or correct KINDE_CALLBACK_URL"
            );
        }
    }

    /// Counts; true once, when there are enough.
    fn is_suspicious(&self) -> bool {
        !self.has_seen_one.load(Ordering::Relaxed) && self.begun.fetch_add(1, Ordering::Relaxed) + 1 == SUSPICIOUS
    }

    /// Somebody came back.
    pub(crate) fn came_back(&self) {
        self.has_seen_one.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_speaks_once_and_only_before_the_first_callback() {
        let watch = CallbackWatch::default();
        let spoken: Vec<bool> = (0..5).map(|_| watch.is_suspicious()).collect();
        assert_eq!(spoken, [false, false, true, false, false]);
        let watch = CallbackWatch::default();
        watch.came_back();
        assert!((0..5).all(|_| !watch.is_suspicious()));
    }
}
