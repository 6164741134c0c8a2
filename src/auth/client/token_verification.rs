//! Verifies the tokens of a token response, with the issuer's keys. The rules are in `oidc`.

use std::time::Instant;

use secrecy::{ExposeSecret, SecretString};

use super::Client;
use crate::auth::claims::ClaimMap;
use crate::auth::oidc::{
    self, AccessTokenError, Expected, ExpectedAccess, IdTokenError, IssuedTokens, JwtError, Metadata, OidcError,
    TokenResponseError, VerifiedIdToken,
};

impl Client {
    /// Verifies the ID token of a response. `began` is when the sign-in or the refresh began: an unknown key causes one
    /// fetch since then.
    pub(super) async fn verify_id_token(
        &self,
        metadata: &Metadata,
        tokens: &IssuedTokens,
        nonce: Option<&str>,
        began: Instant,
    ) -> Result<VerifiedIdToken, OidcError> {
        let id_token = tokens.id_token.as_ref().ok_or(TokenResponseError::NoIdToken)?.expose_secret();
        let kid = oidc::key_id(id_token)?;
        let key = self.0.issuer.key(kid.as_deref(), began).await?.ok_or(JwtError::UnknownKey)?;
        let expected = Expected {
            issuer: &metadata.issuer,
            client_id: &self.config().client_id,
            nonce,
            access_token: tokens.access_token.expose_secret(),
            now: self.now().unix_timestamp(),
        };
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
