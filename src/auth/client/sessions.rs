//! The methods of [`Client`] that an application calls itself: for a user's sessions and tokens, and for the health of
//! the store and the issuer.

use tokio::sync::watch;

use super::{Client, SessionCookie};
use crate::auth::claims::Claims;
use crate::auth::error::Error;
use crate::auth::metrics::EndCause;
use crate::auth::oidc::{Flavor, Reachability};
use crate::auth::session::{Session, StoredClaims, TimeLeft, TokenSet};

impl Client {
    /// The tokens of a session as they are stored, for a look at them; `None` when it has ended meanwhile. A call to
    /// another service needs [`Client::access_token`], which refreshes.
    ///
    /// # Errors
    /// [`Error::Store`] (503).
    pub async fn tokens(&self, session: &Session) -> Result<Option<TokenSet>, Error> {
        Ok(self.0.sessions.tokens(session, self.now()).await?)
    }

    /// The claims of a session's tokens, as the issuer signed them at the sign-in or the last refresh; `None` when the
    /// session has ended meanwhile.
    ///
    /// # Errors
    /// [`Error::Store`] (503).
    pub async fn claims(&self, session: &Session) -> Result<Option<Claims>, Error> {
        Ok(self.0.sessions.claims(session, self.now()).await?.and_then(StoredClaims::into_claims))
    }

    /// How long a session still lives; `None` when it has ended meanwhile. The call does not prolong it.
    ///
    /// # Errors
    /// [`Error::Store`] (503).
    pub async fn time_left(&self, session: &Session) -> Result<Option<TimeLeft>, Error> {
        Ok(self.0.sessions.time_left(session.id(), self.now()).await?)
    }

    /// As [`Self::time_left`], of the session that a cookie opens. Its tokens are not refreshed either.
    pub(in crate::auth) async fn time_left_by(&self, cookie: SessionCookie) -> Result<Option<TimeLeft>, Error> {
        let SessionCookie::Present(secret) = cookie else { return Ok(None) };
        Ok(self.0.sessions.time_left(self.0.sessions.id_of(secret), self.now()).await?)
    }

    /// Prolongs a session to its full idle time, as far as its absolute end allows, and returns how long it lives now.
    /// Requests of the user do the same by themselves, at most once in five minutes or a quarter of a shorter idle time.
    ///
    /// # Errors
    /// [`Error::Store`] (503).
    pub async fn prolong(&self, session: &Session) -> Result<TimeLeft, Error> {
        Ok(self.0.sessions.prolong(session, self.now()).await?)
    }

    /// All sessions of a user, named by the subject at this client's issuer, in no order.
    ///
    /// # Errors
    /// [`Error::Store`] (503).
    pub async fn sessions_of(&self, subject: &str) -> Result<Vec<Session>, Error> {
        Ok(self.0.sessions.of_subject(subject, self.now()).await?)
    }

    /// Ends all sessions of a user, here and in every process on the same store, in one operation of the store: after
    /// an account was closed, a password was changed or a device was lost. Returns how many there were, those that open
    /// with none of the keys included. It runs to its end even when the caller is dropped. Tokens are revoked afterwards.
    ///
    /// # Errors
    /// [`Error::Store`] (503).
    pub async fn end_sessions_of(&self, subject: &str) -> Result<usize, Error> {
        self.end_all_of(subject, EndCause::Application).await
    }

    /// As [`Self::end_sessions_of`], for any cause.
    pub(super) async fn end_all_of(&self, subject: &str, cause: EndCause) -> Result<usize, Error> {
        let (client, subject) = (self.clone(), subject.to_owned());
        let work = async move {
            let ended = client.0.sessions.end_all_of(&subject).await?;
            Ok(client.follow_ends(&ended, cause, None))
        };
        self.run_to_end(work).await?
    }

    /// Succeeds when the session store responds.
    ///
    /// # Errors
    /// [`Error::Store`] (503).
    pub async fn ping_store(&self) -> Result<(), Error> {
        Ok(self.0.sessions.ping().await?)
    }

    /// The origins to which sign-in and sign-out send a browser, for a Content-Security-Policy: a form may lead there
    /// (`form-action`), because browsers apply it to the redirects after a form, too. They are those of the
    /// authorization endpoint and of the end-session endpoint, without a slash at the end; until the first discovery,
    /// the issuer's own. The receiver always holds the newest; reading it requests nothing.
    pub fn redirect_origins(&self) -> watch::Receiver<Vec<String>> {
        self.0.issuer.redirect_origins()
    }

    /// Which kind of issuer it is: only Kinde has organizations and a portal. A request is made only where no discovery
    /// document is known that may still be used.
    ///
    /// # Errors
    /// [`Error::Oidc`] (503) when discovery fails.
    pub async fn flavor(&self) -> Result<Flavor, Error> {
        Ok(self.0.issuer.metadata().await?.flavor)
    }

    /// Whether the issuer responded to the last request. No request is made for this.
    pub fn issuer_reachability(&self) -> Reachability {
        self.0.issuer.outbound().reachability()
    }
}
