//! `RefreshTokenWatch`: notices that no refresh token can be had, or only under another name of the scope, and says so in
//! the log, each once. The names are translated in `oidc::scope`.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::auth::oidc::{self, Metadata};

/// What was warned of already.
#[derive(Debug, Default)]
pub(super) struct RefreshTokenWatch {
    has_warned_of_name: AtomicBool,
    has_warned_of_absence: AtomicBool,
    /// Whether the last sign-in missed one.
    is_missed: AtomicBool,
}

impl RefreshTokenWatch {
    /// To be called when a browser is sent to the issuer, with the configured scope.
    pub(super) fn begun(&self, scope: &str, metadata: &Metadata) {
        if oidc::is_misnamed(scope, metadata) && !self.has_warned_of_name.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "for the scope offline_access Kinde issues no refresh token: offline is requested in its place, configure it by that name"
            );
        }
    }

    /// To be called when a code was exchanged, with the configured scope.
    pub(super) fn signed_in(&self, scope: &str, has_refresh_token: bool) {
        let is_missed = !has_refresh_token && oidc::asks_for_refresh_token(scope);
        self.is_missed.store(is_missed, Ordering::Relaxed);
        if is_missed && !self.has_warned_of_absence.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "the issuer issued no refresh token, although the scope asks for one: an access token that has ended is replaced only by another sign-in. Allow refresh tokens to this client at the issuer, set the prompt to consent if the issuer wants that, or remove offline from the scope"
            );
        }
    }

    /// Whether the last sign-in ended without a refresh token, although the scope asks for one.
    pub(super) fn misses_refresh_tokens(&self) -> bool {
        self.is_missed.load(Ordering::Relaxed)
    }
}
