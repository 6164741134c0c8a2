//! Signing out: ends the session, revokes its tokens, and returns the URL of the issuer's own sign-out. Other sessions
//! of the user are ended in `user_sessions`.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tracing::Instrument;
use url::Url;

use super::{BrowserCookies, Client, CookieChange, SessionCookie};
use crate::auth::audit::{self, Concerned};
use crate::auth::config::Config;
use crate::auth::error::Error;
use crate::auth::metrics::EndCause;
use crate::auth::observation::{Answer, Stage};
use crate::auth::oidc::{self, EndSession, Flavor, OidcError, Revocable};
use crate::auth::random::random_value;
use crate::auth::session::{Ended, TokenSet};

/// How long a sign-out waits for the revocation of its tokens.
const REVOCATION_WAIT: Duration = Duration::from_secs(1);
/// How long a sign-out waits for the URL of the issuer's own sign-out, and for the removal of pending authorizations.
const SIGN_OUT_TIMEOUT: Duration = Duration::from_secs(2);
/// This many revocations are sent at a time.
pub(super) const MAX_REVOCATIONS: usize = 8;
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

/// How much a sign-out ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// The session of one browser.
    Browser,
    /// All sessions of the user.
    Everywhere,
}

/// A sign-out that was carried out.
pub(in crate::auth) struct SignedOut {
    /// The URL of the issuer's own sign-out. `None` when no user was signed in, the issuer has none, or it cannot be
    /// reached.
    pub(in crate::auth) location: Option<Url>,
    pub(in crate::auth) cookies: Vec<CookieChange>,
}

/// A sign-out at the issuer.
struct AtIssuer {
    url: Url,
    /// What the issuer returns the browser with. Kinde returns it with nothing.
    state: Option<String>,
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
        let ended = match browser.session {
            SessionCookie::Present(secret) => self.0.sessions.end_by_secret(secret).await?,
            SessionCookie::Absent | SessionCookie::Unusable => Ended::default(),
        };
        self.note_end(&ended, EndCause::SignOut, address);
        Ok(self.signed_out(&browser, &ended, Extent::Browser).await)
    }

    /// What follows the end of a browser's session. The user must see a sign-out even if one of these fails.
    pub(super) async fn signed_out(&self, browser: &BrowserCookies, ended: &Ended, extent: Extent) -> SignedOut {
        let mut cookies = vec![CookieChange::RemoveSession, CookieChange::MarkSignedOut];
        let (at_issuer, forgotten, ()) = tokio::join!(
            tokio::time::timeout(SIGN_OUT_TIMEOUT, self.end_at_issuer(ended, extent)),
            tokio::time::timeout(SIGN_OUT_TIMEOUT, self.forget(&browser.pending)),
            self.revoke_shortly(ended),
        );
        match forgotten {
            Ok(Ok(forgotten)) => cookies.extend(forgotten),
            Ok(Err(error)) => tracing::warn!(%error, "sign-ins under way could not be forgotten; they expire"),
            Err(_) => tracing::warn!("sign-ins under way could not be forgotten in time; they expire"),
        }
        let at_issuer = at_issuer.ok().flatten();
        if let Some(tokens) = &ended.tokens {
            self.observed(|| Some(revocable(tokens).expose_secret())).answered(Stage::SignOut, || {
                let next = if at_issuer.is_some() { "the browser signs out at the issuer" } else { "nothing follows" };
                Answer::success(303, format!("the session has ended here, its token is to be revoked, and {next}"))
            });
        }
        let Some(AtIssuer { url, state }) = at_issuer else {
            return SignedOut { location: None, cookies };
        };
        cookies.extend(state.map(CookieChange::SetSignOutState));
        SignedOut { location: Some(url), cookies }
    }

    /// The issuer's own sign-out, which ends the user's session there and returns to `logout_redirect_url`. `None` when
    /// no user was signed in.
    async fn end_at_issuer(&self, ended: &Ended, extent: Extent) -> Option<AtIssuer> {
        ended.subject.as_ref()?;
        let metadata = self.0.issuer.metadata().await.ok()?;
        self.0.issuer.outbound().check_reachable().ok()?;
        let state = (metadata.flavor != Flavor::Kinde && self.lands_on_sign_out()).then(random_value);
        let request = EndSession {
            client_id: &self.config().client_id,
            return_to: &self.config().logout_redirect_url,
            state: state.as_deref(),
            id_token: ended.tokens.as_ref().and_then(|tokens| tokens.id_token.as_ref()),
            all_sessions: extent == Extent::Everywhere,
        };
        Some(AtIssuer { url: request.url(&metadata)?, state })
    }

    /// Whether the issuer returns browsers to the sign-out route, which compares the `state`. Another page would not.
    fn lands_on_sign_out(&self) -> bool {
        let Config { site_url, logout_redirect_url, paths, .. } = self.config();
        logout_redirect_url.origin() == site_url.origin() && logout_redirect_url.path() == paths.logout
    }

    /// Revokes an ended session's tokens, and waits for it a moment, so that they are useless when the user reads that
    /// the session has ended. After that it goes on alone.
    pub(super) async fn revoke_shortly(&self, ended: &Ended) {
        if let Some(revocation) = self.revoke(ended) {
            let _ = tokio::time::timeout(REVOCATION_WAIT, revocation).await;
        }
    }

    /// Revokes an ended session's refresh token, or its access token when it has no other, in a task of its own (RFC
    /// 7009). The end of the process waits for it; of the callers only sign-out does, for a moment. If it fails, the
    /// token stays valid at the issuer until it expires; it is no longer stored here.
    pub(super) fn revoke(&self, ended: &Ended) -> Option<JoinHandle<()>> {
        let (client, tokens) = (self.clone(), ended.tokens.clone()?);
        let work = async move {
            let turn = tokio::time::timeout(REVOCATION_PATIENCE, client.0.revocations.0.acquire()).await;
            let Ok(Ok(_turn)) = turn else {
                return tracing::warn!("a token was not revoked: too many revocations are under way");
            };
            if let Err(error) = client.revoke_now(&tokens).await {
                tracing::warn!(%error, "a token was not revoked; it lives at the issuer until it expires");
            }
        };
        Some(self.0.tasks.spawn(work.in_current_span()))
    }

    pub(super) async fn revoke_now(&self, tokens: &TokenSet) -> Result<(), OidcError> {
        let token = match &tokens.refresh_token {
            Some(token) => Revocable::RefreshToken(token),
            None => Revocable::AccessToken(&tokens.access_token),
        };
        let metadata = self.0.issuer.metadata().await?;
        oidc::revoke_token(&self.0.registration, &metadata, self.0.issuer.outbound(), token).await
    }
}

/// The token by which an observer is told of a sign-out, which is the one that is revoked.
fn revocable(tokens: &TokenSet) -> &SecretString {
    tokens.refresh_token.as_ref().unwrap_or(&tokens.access_token)
}
