//! Verifies the tokens of a token response, with the issuer's keys. The rules are in `oidc`.

use std::time::Instant;

use secrecy::{ExposeSecret, SecretString};

use super::Client;
use crate::auth::claims::ClaimMap;
use crate::auth::observation::{Observed, Stage};
use crate::auth::oidc::checks::{self, AccessTokenFailure};
use crate::auth::oidc::{
    self, AccessTokenError, Expected, ExpectedAccess, IdTokenError, IssuedTokens, JwtError, Metadata, OidcError,
    TokenResponseError, VerifiedIdToken,
};

impl Client {
    /// Verifies the ID token of a response, and tells an observer of it. `began` is when the sign-in or the refresh
    /// began: an unknown key causes one fetch since then.
    pub(super) async fn verify_id_token(
        &self,
        metadata: &Metadata,
        tokens: &IssuedTokens,
        nonce: Option<&str>,
        began: Instant,
        observed: &Observed,
    ) -> Result<VerifiedIdToken, OidcError> {
        let id_token = tokens.id_token.as_ref().map(ExposeSecret::expose_secret);
        let expected = Expected {
            issuer: &metadata.issuer,
            client_id: &self.config().client_id,
            nonce,
            access_token: tokens.access_token.expose_secret(),
            now: self.now().unix_timestamp(),
        };
        let verified = self.verify_with_issuers_key(id_token, expected, began).await;
        observed.checked(Stage::IdToken, || checks::id_token(id_token, expected, verified.as_ref()));
        verified
    }

    async fn verify_with_issuers_key(
        &self,
        id_token: Option<&str>,
        expected: Expected<'_>,
        began: Instant,
    ) -> Result<VerifiedIdToken, OidcError> {
        let id_token = id_token.ok_or(TokenResponseError::NoIdToken)?;
        let kid = oidc::key_id(id_token)?;
        let key = self.0.issuer.key(kid.as_deref(), began).await?.ok_or(JwtError::UnknownKey)?;
        let verified = oidc::verify_id_token(id_token, &key, expected);
        if kid.is_some() || verified.as_ref().err() != Some(&IdTokenError::Jwt(JwtError::WrongSignature)) {
            return Ok(verified?);
        }
        // Without a `kid`, a wrong signature may mean that the issuer has a new key.
        let key = self.0.issuer.newer_key(None, began).await?.ok_or(JwtError::UnknownKey)?;
        Ok(oidc::verify_id_token(id_token, &key, expected)?)
    }

    /// The claims of an access token. `None` for an opaque one, and for one that fails verification: to the client an
    /// access token is opaque, so it is used all the same.
    ///
    /// # Errors
    /// [`AccessTokenError::WrongSubject`] when the token is right in every respect and another user's.
    pub(super) async fn access_token_claims(
        &self,
        metadata: &Metadata,
        token: &SecretString,
        subject: &str,
        began: Instant,
        observed: &Observed,
    ) -> Result<Option<ClaimMap>, AccessTokenError> {
        let token = token.expose_secret();
        if !oidc::is_jwt(token) {
            return Ok(None);
        }
        let expected = ExpectedAccess {
            issuer: &metadata.issuer,
            client_id: &self.config().client_id,
            subject,
            now: self.now().unix_timestamp(),
        };
        let verified = async {
            let kid = oidc::key_id(token)?;
            let key = self.0.issuer.key(kid.as_deref(), began).await?.ok_or(JwtError::UnknownKey)?;
            Ok(oidc::verify_access_token(token, &key, expected))
        };
        let verified: Result<_, OidcError> = verified.await;
        let failure = match &verified {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(AccessTokenFailure::Claims(error)),
            Err(error) => Some(AccessTokenFailure::Before(error)),
        };
        observed.checked(Stage::AccessToken, || checks::access_token(token, expected, failure.as_ref()));
        match verified {
            Ok(Ok(claims)) => return Ok(Some(claims)),
            Ok(Err(AccessTokenError::WrongSubject)) => return Err(AccessTokenError::WrongSubject),
            Ok(Err(error)) => tracing::warn!(%error, "{UNUSED}"),
            Err(error) => tracing::warn!(%error, "{UNUSED}"),
        }
        Ok(None)
    }
}

const UNUSED: &str = "the access token failed verification: its claims are not used";
