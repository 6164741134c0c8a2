//! ID tokens: the claims that complete a sign-in, checked by each rule of OIDC Core §3.1.3.7. Signature and times are
//! checked in `jwt`. Nothing is fetched here: key, clock and expected values are parameters.

use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use serde::de::Deserializer;
use serde_json::Value;

use super::jwt::{JwtError, Times, one_or_many, typed, verify_signature};
use crate::auth::claims::ClaimMap;
use crate::auth::random::{left_half_of_digest, same};

/// The longest subject (OIDC Core §2: "MUST NOT exceed 255 ASCII characters").
const MAX_SUBJECT_BYTES: usize = 255;

/// Why an ID token was not accepted. All of them become 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdTokenError {
    /// The token as such is not acceptable.
    #[error(transparent)]
    Jwt(#[from] JwtError),
    /// `iss` is not the configured issuer, byte for byte.
    #[error("iss is not the issuer")]
    WrongIssuer,
    /// `aud` lacks the client, or names another one besides.
    #[error("aud is not this client")]
    WrongAudience,
    /// `azp` is another client.
    #[error("azp is not this client")]
    WrongAuthorizedParty,
    /// `nonce` is not the one sent.
    #[error("nonce is not the one sent")]
    WrongNonce,
    /// `sub` is empty or longer than 255 bytes.
    #[error("sub is empty or too long")]
    WrongSubject,
    /// `at_hash` is not the access token's.
    #[error("at_hash is not the access token's")]
    WrongAccessTokenHash,
}

/// The values that an ID token must match.
#[derive(Debug, Clone, Copy)]
pub(in crate::auth) struct Expected<'a> {
    pub(in crate::auth) issuer: &'a str,
    pub(in crate::auth) client_id: &'a str,
    /// The nonce of the authorization request. `None` for the ID token of a refresh, which need not have one (OIDC Core
    /// §12.2).
    pub(in crate::auth) nonce: Option<&'a str>,
    pub(in crate::auth) access_token: &'a str,
    /// Seconds since 1970.
    pub(in crate::auth) now: i64,
}

/// An ID token that passed every check.
pub(in crate::auth) struct VerifiedIdToken {
    pub(in crate::auth) subject: String,
    pub(in crate::auth) user: UserClaims,
    /// All claims, as they were signed.
    pub(in crate::auth) claims: ClaimMap,
}

/// The claims of an ID token (OIDC Core §2) that are checked, and those that describe the user.
#[derive(Deserialize)]
struct CheckedClaims {
    iss: String,
    sub: String,
    #[serde(deserialize_with = "one_or_many")]
    aud: Vec<String>,
    azp: Option<String>,
    #[serde(flatten)]
    times: Times,
    nonce: Option<String>,
    at_hash: Option<String>,
    #[serde(flatten)]
    user: UserClaims,
}

/// The standard claims about a user (OIDC Core §5.1). A claim of an unexpected type counts as absent: a name that is a
/// number must not fail the sign-in.
#[derive(Debug, Clone, Default, Deserialize)]
pub(in crate::auth) struct UserClaims {
    #[serde(default, deserialize_with = "text")]
    pub(in crate::auth) name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(in crate::auth) given_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(in crate::auth) family_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(in crate::auth) preferred_username: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(in crate::auth) email: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(in crate::auth) picture: Option<String>,
}

impl UserClaims {
    /// These claims, and from `others` those that are absent here.
    pub(in crate::auth) fn or(self, others: Self) -> Self {
        Self {
            name: self.name.or(others.name),
            given_name: self.given_name.or(others.given_name),
            family_name: self.family_name.or(others.family_name),
            preferred_username: self.preferred_username.or(others.preferred_username),
            email: self.email.or(others.email),
            picture: self.picture.or(others.picture),
        }
    }

    /// Whether there is neither a name nor an e-mail address.
    pub(in crate::auth) fn is_nameless(&self) -> bool {
        [&self.name, &self.given_name, &self.family_name, &self.email]
            .into_iter()
            .flatten()
            .all(|text| text.trim().is_empty())
    }
}

/// Verifies an ID token from the token endpoint (OIDC Core §3.1.3.7, §12.2).
pub(in crate::auth) fn verify(token: &str, key: &Jwk, expected: Expected<'_>) -> Result<VerifiedIdToken, IdTokenError> {
    check(verify_signature(token, key)?, expected)
}

/// Checks claims whose signature was verified.
pub(in crate::auth) fn check(claims: ClaimMap, expected: Expected<'_>) -> Result<VerifiedIdToken, IdTokenError> {
    let checked: CheckedClaims = typed(&claims)?;
    check_parties(&checked, expected)?;
    checked.times.require_issued_at()?;
    checked.times.check(expected.now)?;
    check_binding(&checked, expected)?;
    Ok(VerifiedIdToken { subject: checked.sub, user: checked.user, claims })
}

/// Steps 2 to 5. Kinde's `aud` is the client, the issuer, or both: the issuer beside the client is accepted, and the
/// issuer alone is accepted when `azp` names the client.
fn check_parties(claims: &CheckedClaims, expected: Expected<'_>) -> Result<(), IdTokenError> {
    if claims.iss != expected.issuer {
        return Err(IdTokenError::WrongIssuer);
    }
    if claims.azp.as_ref().is_some_and(|azp| azp != expected.client_id) {
        return Err(IdTokenError::WrongAuthorizedParty);
    }
    let is_known = |aud: &String| aud == expected.client_id || aud == expected.issuer;
    let names_client = claims.aud.iter().any(|aud| aud == expected.client_id) || claims.azp.is_some();
    if claims.aud.is_empty() || !claims.aud.iter().all(is_known) || !names_client {
        return Err(IdTokenError::WrongAudience);
    }
    if claims.sub.trim().is_empty() || claims.sub.len() > MAX_SUBJECT_BYTES {
        return Err(IdTokenError::WrongSubject);
    }
    Ok(())
}

/// Step 11 and §3.1.3.8: the token belongs to this sign-in and to this access token.
fn check_binding(claims: &CheckedClaims, expected: Expected<'_>) -> Result<(), IdTokenError> {
    if let Some(expected) = expected.nonce
        && !claims.nonce.as_deref().is_some_and(|nonce| same(nonce, expected))
    {
        return Err(IdTokenError::WrongNonce);
    }
    match &claims.at_hash {
        Some(hash) if !same(hash, &left_half_of_digest(expected.access_token)) => {
            Err(IdTokenError::WrongAccessTokenHash)
        }
        _ => Ok(()),
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
