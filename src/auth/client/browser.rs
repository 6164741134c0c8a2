//! The cookies of a browser that concern sign-in, and their changes, as values. `web::cookies` reads and writes the
//! headers.

use crate::auth::random::same;
use crate::auth::session::{Id, SessionSecret};

/// At most this many authorizations are pending in one browser; a further one replaces the oldest.
pub(in crate::auth) const MAX_PENDING: usize = 10;

/// The cookies of one browser that are ours.
#[derive(Clone, Default)]
pub(in crate::auth) struct BrowserCookies {
    pub(in crate::auth) session: SessionCookie,
    /// The authorizations that were begun in this browser, newest first.
    pub(in crate::auth) pending: Vec<PendingCookie>,
    /// The `state` of the last sign-out of this browser, until it has returned from the issuer.
    pub(in crate::auth) sign_out_state: Option<String>,
}

/// The session cookie of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::auth) enum SessionCookie {
    #[default]
    Absent,
    /// Its value cannot be one of ours, or there are two different values.
    Unusable,
    Present(SessionSecret),
}

/// Binds one pending authorization to the browser that began it.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::auth) struct PendingCookie {
    /// The id of the pending authorization.
    pub(in crate::auth) id: Id,
    /// Seconds since 1970; only to tell which is the oldest.
    pub(in crate::auth) started_at: i64,
    /// A random value whose digest is stored in the pending authorization.
    pub(in crate::auth) binding: String,
}

/// A change of the browser's cookies.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::auth) enum CookieChange {
    /// A session that is not `persistent` ends in the browser when that is closed.
    SetSession {
        secret: SessionSecret,
        persistent: bool,
    },
    RemoveSession,
    SetPending(PendingCookie),
    RemovePending(Id),
    /// Keeps the `state` of the issuer's sign-out until the browser returns from there.
    SetSignOutState(String),
    RemoveSignOutState,
    /// Sets a random value for a second. Chromium drops pages marked `no-store` from its back/forward cache when a
    /// cookie of theirs is set, but not when one is only removed.
    MarkSignedOut,
}

impl BrowserCookies {
    /// Whether the browser began the sign-out that has this `state`.
    pub(in crate::auth) fn has_signed_out_with(&self, state: &str) -> bool {
        self.sign_out_state.as_ref().is_some_and(|own| same(own, state))
    }

    /// The oldest pending authorizations: those to forget so that one more can be begun.
    pub(super) fn surplus(&self) -> &[PendingCookie] {
        self.pending.get(MAX_PENDING - 1..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_pending_authorizations_are_surplus() {
        let pending = |count: usize| {
            let cookie = |n: usize| PendingCookie {
                id: Id(i128::try_from(n).unwrap()),
                started_at: i64::try_from(n).unwrap(),
                binding: String::new(),
            };
            BrowserCookies { pending: (0..count).rev().map(cookie).collect(), ..BrowserCookies::default() }
        };
        assert!(pending(MAX_PENDING - 1).surplus().is_empty());
        let browser = pending(MAX_PENDING + 1);
        assert_eq!(browser.surplus().iter().map(|cookie| cookie.started_at).collect::<Vec<_>>(), [1, 0]);
    }
}
