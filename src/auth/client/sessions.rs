//! What an application may ask a [`Client`] beyond signing people in and out: about sessions, and whether all is well.
//! It leaves out requests and their cookies.

use super::super::breaker::Reachability;
use super::super::error::Error;
use super::super::session::SignedIn;
use super::super::token::TokenSet;
use super::Client;

impl Client {
    /// The tokens of a session, for calls to other services on the person's behalf; none when it has ended meanwhile.
    ///
    /// # Errors
    /// [`Error::Store`] (503).
    pub async fn tokens(&self, session: &SignedIn) -> Result<Option<TokenSet>, Error> {
        self.0.sessions.tokens(session, self.now()).await
    }

    /// All sessions of a person, who is identified by the subject at this client's issuer, in no order.
    ///
    /// # Errors
    /// [`Error::Store`] (503).
    pub async fn sessions_of(&self, subject: &str) -> Result<Vec<SignedIn>, Error> {
        let sessions = self.0.sessions.of_subject(subject, self.now()).await?;
        Ok(sessions.into_iter().map(|(_, session)| session).collect())
    }

    /// Ends all sessions of a person, here and in every process on the same store: for an account that was closed, a
    /// password that was changed, a device that was lost. Gives how many there were.
    ///
    /// # Errors
    /// [`Error::Store`] (503); some may have ended, and another try ends the others.
    pub async fn end_sessions_of(&self, subject: &str) -> Result<usize, Error> {
        let mut ended = 0;
        for (id, _) in self.0.sessions.of_subject(subject, self.now()).await? {
            ended += usize::from(self.0.sessions.end(id).await?.is_some());
        }
        tracing::info!(event = "sessions_ended", subject, ended, "all sessions of a person were ended");
        Ok(ended)
    }

    /// Answers when the session store does.
    ///
    /// # Errors
    /// [`Error::Store`] (503).
    pub async fn ping_store(&self) -> Result<(), Error> {
        self.0.sessions.ping().await
    }

    /// Whether the issuer answered when it was asked last. It is not asked for this.
    pub fn issuer_reachability(&self) -> Reachability {
        self.0.issuer.outbound().reachability()
    }
}
