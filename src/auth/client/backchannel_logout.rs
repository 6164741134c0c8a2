//! Back-channel logout: ends the sessions that an issuer says have ended there (OpenID Connect Back-Channel Logout
//! 1.0). How a request carries a logout token is in `web::backchannel_logout`; what the token must say, in
//! `oidc::logout_token`.

use time::OffsetDateTime;

use super::Client;
use crate::auth::error::Error;
use crate::auth::metrics::EndCause;
use crate::auth::observation::{Answer, Observed, Stage};
use crate::auth::oidc::{
    self, ExpectedLogout, IssuersLogout, JwtError, LogoutTokenError, OidcError, SignedOutThere, checks,
};
use crate::auth::session::Sent;

/// Longer than a token is accepted, on clocks that differ as much as is tolerated.
const RECEIPT_LIFETIME: time::Duration = time::Duration::minutes(15);

impl Client {
    /// Verifies a logout token and ends the sessions that it names, if there are any. It runs to its end even when the
    /// caller is dropped. A token is carried out once; one that failed may come again.
    ///
    /// # Errors
    /// [`Error::InvalidLogoutToken`] (400); [`Error::KeysUnavailable`] and [`Error::Store`] (503).
    pub(in crate::auth) async fn log_out_by_issuer(&self, token: String) -> Result<(), Error> {
        let client = self.clone();
        let observed = self.observed(|| Some(token.as_str()));
        let outcome = observed.clone();
        let work = async move {
            let IssuersLogout { id, who } = client.verify_logout_token(&token, &observed).await?;
            let sessions = &client.0.sessions;
            if sessions.has_receipt(Sent::LogoutToken(&id), client.now()).await? {
                return Err(LogoutTokenError::Used.into());
            }
            client.end_there(who).await?;
            sessions.store_receipt(Sent::LogoutToken(&id), RECEIPT_LIFETIME, client.now()).await?;
            Ok(())
        };
        let done = self.run_to_end(work).await.and_then(|done| done);
        outcome.answered(Stage::LogoutToken, || match &done {
            Ok(()) => Answer::success(200, "the sessions that it names have ended"),
            Err(error) => error.as_answer(),
        });
        done
    }

    async fn end_there(&self, who: SignedOutThere) -> Result<(), Error> {
        match who {
            SignedOutThere::User(subject) => self.end_all_of(&subject, EndCause::IssuerLogout).await.map(drop),
            SignedOutThere::Session { sid, subject } => {
                let sessions = &self.0.sessions;
                let (ended, done) = sessions.end_of_issuers_session(&sid, subject.as_deref(), self.now()).await;
                self.follow_ends(&ended, EndCause::IssuerLogout, None);
                Ok(done?)
            }
        }
    }

    async fn verify_logout_token(&self, token: &str, observed: &Observed) -> Result<IssuersLogout, Error> {
        let (issuer, config, now) = (&self.0.issuer, self.config(), self.now());
        let expected = ExpectedLogout { issuer: issuer.url(), client_id: &config.client_id, now: now.unix_timestamp() };
        let verified = self.verify_logout_by_key(token, expected, now).await;
        observed.checked(Stage::LogoutToken, || {
            let failure = match &verified {
                Err(Error::InvalidLogoutToken(error)) => Some(Ok(error)),
                Err(Error::KeysUnavailable(error)) => Some(Err(error)),
                _ => None,
            };
            checks::logout_token(token, expected, failure)
        });
        verified
    }

    async fn verify_logout_by_key(
        &self,
        token: &str,
        expected: ExpectedLogout<'_>,
        now: OffsetDateTime,
    ) -> Result<IssuersLogout, Error> {
        let issuer = &self.0.issuer;
        let key_id = oidc::key_id(token).map_err(LogoutTokenError::from)?;
        oidc::precheck_logout(token, expected)?;
        let key = found(issuer.key_of_stranger(key_id.as_deref(), now).await)?;
        let verified = oidc::verify_logout(token, &key, expected);
        if key_id.is_some() || verified.as_ref().err() != Some(&LogoutTokenError::Jwt(JwtError::WrongSignature)) {
            return Ok(verified?);
        }
        // Without a `kid`, a wrong signature may mean that the issuer has a new key.
        let key = found(issuer.newer_key_of_stranger(None, now).await)?;
        Ok(oidc::verify_logout(token, &key, expected)?)
    }
}

fn found<Key>(key: Result<Option<Key>, OidcError>) -> Result<Key, Error> {
    let key = key.map_err(Error::KeysUnavailable)?;
    key.ok_or_else(|| LogoutTokenError::Jwt(JwtError::UnknownKey).into())
}

impl From<LogoutTokenError> for Error {
    fn from(error: LogoutTokenError) -> Self {
        Self::InvalidLogoutToken(error)
    }
}
