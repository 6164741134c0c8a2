//! `AccessToken`: a user's access token for a call to another service, refreshed first where that is needed.

use std::time::Duration;

use secrecy::SecretString;
use time::OffsetDateTime;

use super::Client;
use super::refresh::Need;
use super::token_times::{LEAST_PAUSE, is_good, time_to_refresh};
use crate::auth::error::Error;
use crate::auth::session::{RefreshTurn, Session, TokenSet};

/// How long a call waits for a refresh, from when that began.
const PATIENCE: Duration = Duration::from_secs(5);

/// A user's access token, for the header `Authorization: Bearer` of a call on the user's behalf. `Debug` does not print
/// it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AccessToken {
    /// The token itself.
    pub secret: SecretString,
    /// When it ends.
    pub expires_at: OffsetDateTime,
}

impl Client {
    /// The access token of a session, for a call to another service. It lives for at least 30 seconds more, or for half
    /// of a shorter life; if not, it is refreshed first. Kinde issues no new access token before the former has ended,
    /// so there one is returned until two seconds before its end, and in those two seconds this waits for the next one.
    ///
    /// # Errors
    /// [`Error::NoAccessToken`] (503) when it cannot be refreshed at the moment; [`Error::NotAuthenticated`] (401) when
    /// the session has ended, or the access token has and there is no refresh token: the session stays, and another
    /// sign-in brings a new one. [`Error::Store`] (503).
    pub async fn access_token(&self, session: &Session) -> Result<AccessToken, Error> {
        let tokens = self.stored_tokens(session).await?;
        if self.may_be_passed_on(&tokens).await? {
            return Ok(tokens.into());
        }
        if tokens.refresh_token.is_none() {
            return Err(Error::NotAuthenticated);
        }
        if self.now() < tokens.expires_at {
            let flavor = self.0.issuer.metadata().await?.flavor;
            tokio::time::sleep(time_to_refresh(&tokens, flavor, self.now())).await;
        }
        let Some(flight) = self.refresh(session.id(), Need::Call) else { return Err(Error::NoAccessToken) };
        flight.landed_within(PATIENCE).await;
        let tokens = self.stored_tokens(session).await?;
        if self.may_be_passed_on(&tokens).await? || self.is_all_there_is(session, &tokens).await? {
            return Ok(tokens.into());
        }
        Err(Error::NoAccessToken)
    }

    /// Whether the issuer has just returned the same token again, by whose clock it has not ended.
    async fn is_all_there_is(&self, session: &Session, tokens: &TokenSet) -> Result<bool, Error> {
        let now = self.now();
        if now - tokens.issued_at >= LEAST_PAUSE {
            return Ok(false);
        }
        let session = self.0.sessions.see(session.id(), now).await?;
        Ok(session.is_some_and(|session| matches!(session.value.refresh(), RefreshTurn::PausedUntil(_))))
    }

    async fn stored_tokens(&self, session: &Session) -> Result<TokenSet, Error> {
        self.tokens(session).await?.ok_or(Error::NotAuthenticated)
    }

    /// A token that cannot be refreshed is good until its end.
    async fn may_be_passed_on(&self, tokens: &TokenSet) -> Result<bool, Error> {
        let now = self.now();
        if now >= tokens.expires_at || tokens.refresh_token.is_none() {
            return Ok(now < tokens.expires_at);
        }
        let metadata = self.0.issuer.metadata().await?;
        Ok(is_good(tokens, metadata.flavor, now))
    }
}

impl From<TokenSet> for AccessToken {
    fn from(tokens: TokenSet) -> Self {
        Self { secret: tokens.access_token, expires_at: tokens.expires_at }
    }
}
