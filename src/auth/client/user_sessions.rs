//! A user's own sessions: their list, the end of one of them, and of all. The sign-out of a browser is in `sign_out`.

use std::net::IpAddr;

use super::sign_out::{Extent, SignedOut};
use super::{BrowserCookies, Client};
use crate::auth::audit::{self, Concerned};
use crate::auth::error::Error;
use crate::auth::metrics::EndCause;
use crate::auth::session::{Ended, Session, UserSession};

impl Client {
    /// The sessions of a session's user, as the user may see them: first this one, then the newest first. It costs two
    /// operations of the store, and one more for each hundred of them.
    ///
    /// # Errors
    /// [`Error::Store`] (503).
    pub async fn sessions_of_user(&self, session: &Session) -> Result<Vec<UserSession>, Error> {
        Ok(self.0.sessions.of_user(session, self.now()).await?)
    }

    /// Ends the session that goes by this name in the list of a session's user, and revokes its tokens. The session
    /// itself is signed out, as by [`Self::sign_out`]: then the result is what its browser has to be told. It runs to
    /// its end even when the browser disconnects. `address` is the client's, where known.
    ///
    /// # Errors
    /// [`Error::NoSuchSession`] (404) when the user has no session of this name; [`Error::Store`] (503).
    pub(in crate::auth) async fn end_user_session(
        &self,
        session: &Session,
        listed: String,
        browser: BrowserCookies,
        address: Option<IpAddr>,
    ) -> Result<Option<SignedOut>, Error> {
        if listed == self.0.sessions.listed_id(session.id()) {
            return self.sign_out(browser, address).await.map(Some);
        }
        let (client, subject) = (self.clone(), session.user().subject.clone());
        let work = async move {
            let ended = client.end_listed(&subject, &listed).await;
            let ended = ended.inspect_err(|error| client.audit_failed_end(&subject, address, error))?;
            client.note_end(&ended, EndCause::OtherBrowser, address);
            client.revoke_shortly(&ended).await;
            Ok(None)
        };
        self.run_to_end(work).await?
    }

    async fn end_listed(&self, subject: &str, listed: &str) -> Result<Ended, Error> {
        let found = self.0.sessions.find_listed(subject, listed, self.now()).await?;
        let ended = self.0.sessions.end(found.ok_or(Error::NoSuchSession)?).await?;
        // Another request may have ended it in between.
        if ended.subject.is_some() { Ok(ended) } else { Err(Error::NoSuchSession) }
    }

    /// Ends all sessions of a session's user, as by [`Self::end_sessions_of`], and signs the browser out, at Kinde all
    /// browsers of the user. It runs to its end even when the browser disconnects. `address` is the client's, where
    /// known.
    ///
    /// # Errors
    /// [`Error::Store`] (503).
    pub(in crate::auth) async fn sign_out_everywhere(
        &self,
        session: &Session,
        browser: BrowserCookies,
        address: Option<IpAddr>,
    ) -> Result<SignedOut, Error> {
        let (client, subject, current) = (self.clone(), session.user().subject.clone(), session.id());
        let work = async move {
            let ended = client.0.sessions.end_all_of(&subject).await.map_err(Error::from);
            let mut ended = ended.inspect_err(|error| client.audit_failed_end(&subject, address, error))?;
            let own = ended.iter().position(|ended| ended.session == Some(current)).map(|own| ended.swap_remove(own));
            client.follow_ends(&ended, EndCause::OtherBrowser, address);
            if let Some(own) = &own {
                client.note_end(own, EndCause::SignOut, address);
            }
            // Where another request has just ended it, the browser is signed out all the same.
            let own = Ended { subject: Some(subject), ..own.unwrap_or_default() };
            Ok(client.signed_out(&browser, &own, Extent::Everywhere).await)
        };
        self.run_to_end(work).await?
    }

    /// Counts and logs ended sessions, revokes their tokens, and returns how many sessions there were.
    pub(super) fn follow_ends(&self, ended: &[Ended], cause: EndCause, address: Option<IpAddr>) -> usize {
        for ended in ended {
            self.note_end(ended, cause, address);
            self.revoke(ended);
        }
        ended.iter().filter(|ended| ended.subject.is_some()).count()
    }

    fn audit_failed_end(&self, subject: &str, client: Option<IpAddr>, error: &Error) {
        audit::failure("session_ended", Concerned { subject: Some(subject), client, session: None }, error);
    }
}
