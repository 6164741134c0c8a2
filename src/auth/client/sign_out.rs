//! Signing out: ends the session, revokes its refresh token, and returns the URL of the issuer's own sign-out.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tracing::Instrument;
use url::Url;

use super::{BrowserCookies, Client, CookieChange, SessionCookie};
use crate::auth::audit::{self, Concerned};
use crate::auth::error::Error;
use crate::auth::oidc;
use crate::auth::session::Ended;

/// How long a sign-out waits for the URL of the issuer's own sign-out, and for the removal of pending authorizations.
const SIGN_OUT_TIMEOUT: Duration = Duration::from_secs(2);
/// This many revocations are sent at a time.
const MAX_REVOCATIONS: usize = 8;
/// How long a revocation waits for its turn; then the token is left to expire.
const REVOCATION_PATIENCE: Duration = Duration::from_secs(10);

/// The revocations under way.
#[derive(Clone)]
pub(super) struct Revocations(Arc<Semaphore>);

impl Default for Revocations {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_REVOCATIONS)))
    }
}

/// A sign-out that was carried out.
pub(in crate::auth) struct SignedOut {
    /// The URL of the issuer's own sign-out. `None` when no user was signed in, the issuer has none, or it cannot be
    /// reached.
    pub(in crate::auth) location: Option<Url>,
    pub(in crate::auth) cookies: Vec<CookieChange>,
}

impl Client {
    /// Signs out: ends the session, and removes the pending authorizations of this browser, because a sign-in that
    /// completes later would sign the user in again. It runs to its end even when the browser disconnects.
    /// `address` is the client's, where known.
    pub(in crate::auth) async fn sign_out(
        &self,
        browser: BrowserCookies,
        address: Option<IpAddr>,
    ) -> Result<SignedOut, Error> {
        let client = self.clone();
        let log = move |error: &Error| {
            audit::failure("sign_out", Concerned { client: address, ..Concerned::default() }, error);
        };
        let work = async move { client.sign_out_now(browser, address).await.inspect_err(log) };
        self.run_to_end(work).await.inspect_err(log)?
    }

    async fn sign_out_now(&self, browser: BrowserCookies, address: Option<IpAddr>) -> Result<SignedOut, Error> {
        let mut cookies = vec![CookieChange::RemoveSession, CookieChange::MarkSignedOut];
        let ended = match browser.session {
            SessionCookie::Present(secret) => self.0.sessions.end_by_secret(secret).await?,
            SessionCookie::Absent | SessionCookie::Unusable => Ended::default(),
        };
        let was_signed_in = ended.user.is_some();
        if let Some(user) = &ended.user {
            self.audit_end("sign_out", &user.subject, ended.session, address);
        }
        self.revoke(ended);
        // The session has ended, so the user must see a sign-out even if this fails.
        match tokio::time::timeout(SIGN_OUT_TIMEOUT, self.forget(&browser.pending)).await {
            Ok(Ok(forgotten)) => cookies.extend(forgotten),
            Ok(Err(error)) => tracing::warn!(%error, "sign-ins under way could not be forgotten; they expire"),
            Err(_) => tracing::warn!("sign-ins under way could not be forgotten in time; they expire"),
        }
        let location = if was_signed_in { self.end_session_url().await } else { None };
        Ok(SignedOut { location, cookies })
    }

    /// Kinde's sign-out, which ends the user's session there and returns to `logout_redirect_url`.
    async fn end_session_url(&self) -> Option<Url> {
        let metadata = tokio::time::timeout(SIGN_OUT_TIMEOUT, self.0.issuer.metadata()).await.ok()?.ok()?;
        self.0.issuer.outbound().check_reachable().ok()?;
        let mut url = metadata.end_session_endpoint.clone()?;
        url.query_pairs_mut().append_pair("redirect", self.config().logout_redirect_url.as_str());
        Some(url)
    }

    /// Revokes an ended session's refresh token (RFC 7009) in a task of its own. Only the end of the process waits for
    /// it. If it fails, the token stays valid at the issuer until it expires; it is no longer stored here.
    pub(super) fn revoke(&self, ended: Ended) {
        let Some(token) = ended.tokens.and_then(|tokens| tokens.refresh_token) else { return };
        let client = self.clone();
        let work = async move {
            let turn = tokio::time::timeout(REVOCATION_PATIENCE, client.0.revocations.0.acquire()).await;
            let Ok(Ok(_turn)) = turn else {
                return tracing::warn!("a refresh token was not revoked: too many revocations are under way");
            };
            let revoked = async {
                let metadata = client.0.issuer.metadata().await?;
                oidc::revoke_refresh_token(&client.0.registration, &metadata, client.0.issuer.outbound(), &token).await
            };
            if let Err(error) = revoked.await {
                tracing::warn!(%error, "a refresh token was not revoked; it lives at the issuer until it expires");
            }
        };
        self.0.tasks.spawn(work.in_current_span());
    }
}
