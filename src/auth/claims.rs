//! Verification of ID tokens: signature, algorithm and every claim that OIDC Core §3.1.3.7 speaks of.
//! It fetches nothing: the key, the clock and the expected values are parameters.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use serde_json::Value;

use super::random::{left_half_of_digest, same};

/// How far the issuer's clock may be ahead or behind, in seconds, for `exp`, `iat` and `nbf`.
pub const CLOCK_TOLERANCE_SECONDS: i64 = 60;
/// The longest subject (OIDC Core §2: "MUST NOT exceed 255 ASCII characters").
const MAX_SUBJECT_BYTES: usize = 255;

/// Why an ID token or the tokens around it were not accepted. All of them become 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsError {
    /// The token answer has no ID token although `openid` was asked for.
    #[error("the token answer has no ID token")]
    Missing,
    /// The token answer has no access token.
    #[error("the token answer has no access token")]
    MissingAccessToken,
    /// The access token is of a type other than `Bearer` (RFC 6749 §7.1).
    #[error("the access token is not of type Bearer")]
    WrongTokenType,
    /// Not a JWT, or claims of the wrong type, or a required claim is missing.
    #[error("the ID token is malformed: {0}")]
    Malformed(String),
    /// The header asks for another algorithm than RS256.
    #[error("the ID token is not signed with RS256")]
    WrongAlgorithm,
    /// No key of the issuer matches the token's `kid`.
    #[error("the issuer has no key for the ID token")]
    UnknownKey,
    /// The signature does not verify.
    #[error("the signature of the ID token is wrong")]
    WrongSignature,
    /// `iss` is not the configured issuer, byte for byte.
    #[error("iss is not the issuer")]
    WrongIssuer,
    /// `aud` lacks the client or names a stranger.
    #[error("aud is not this client")]
    WrongAudience,
    /// `azp` is another client.
    #[error("azp is not this client")]
    WrongAuthorizedParty,
    /// `nonce` is not the one sent.
    #[error("nonce is not the one sent")]
    WrongNonce,
    /// `exp` has passed.
    #[error("the ID token expired {0} s ago: check this machine's clock")]
    Expired(i64),
    /// `iat` or `nbf` lies ahead.
    #[error("the ID token is valid only in {0} s: check this machine's clock")]
    NotYetValid(i64),
    /// `at_hash` does not fit the access token.
    #[error("at_hash does not fit the access token")]
    WrongAccessTokenHash,
    /// The userinfo answer speaks of another subject, or of none (OIDC Core §5.3.2).
    #[error("userinfo speaks of another subject")]
    WrongUserinfoSubject,
}

/// What the ID token must say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) access_token: &'a str,
    /// Seconds since 1970.
    pub(crate) now: i64,
}

/// The claims of an ID token (OIDC Core §2) that decide something here, and those that describe the person.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct IdTokenClaims {
    iss: String,
    pub(crate) sub: String,
    #[serde(deserialize_with = "one_or_many")]
    aud: Vec<String>,
    azp: Option<String>,
    #[serde(deserialize_with = "numeric_date")]
    exp: i64,
    #[serde(deserialize_with = "numeric_date")]
    iat: i64,
    #[serde(default, deserialize_with = "optional_numeric_date")]
    nbf: Option<i64>,
    nonce: Option<String>,
    at_hash: Option<String>,
    #[serde(flatten)]
    pub(crate) person: PersonClaims,
}

/// The standard claims about a person (OIDC Core §5.1). A claim of an unexpected type counts as absent: a name that
/// is a number must not keep anybody out.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct PersonClaims {
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) given_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) family_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) preferred_username: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) email: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) picture: Option<String>,
}

impl PersonClaims {
    /// What is there, and from `others` what is not.
    pub(crate) fn or(self, others: Self) -> Self {
        Self {
            name: self.name.or(others.name),
            given_name: self.given_name.or(others.given_name),
            family_name: self.family_name.or(others.family_name),
            preferred_username: self.preferred_username.or(others.preferred_username),
            email: self.email.or(others.email),
            picture: self.picture.or(others.picture),
        }
    }

    /// Neither a name nor an e-mail address.
    pub(crate) fn is_anonymous(&self) -> bool {
        [&self.name, &self.given_name, &self.family_name, &self.email]
            .into_iter()
            .flatten()
            .all(|text| text.trim().is_empty())
    }
}

/// The `kid` of a token whose header is acceptable: RS256 and no critical extension (RFC 8725 §3.1, RFC 7515 §4.1.11).
pub(crate) fn key_id(token: &str) -> Result<Option<String>, ClaimsError> {
    let header = jsonwebtoken::decode_header(token).map_err(|error| match error.kind() {
        jsonwebtoken::errors::ErrorKind::InvalidAlgorithmName => ClaimsError::WrongAlgorithm,
        _ => ClaimsError::Malformed(error.to_string()),
    })?;
    if header.alg != Algorithm::RS256 {
        return Err(ClaimsError::WrongAlgorithm);
    }
    if header.crit.is_some() {
        return Err(ClaimsError::Malformed("it has critical extensions".to_owned()));
    }
    Ok(header.kid)
}

/// Verifies an ID token from the token endpoint (OIDC Core §3.1.3.7).
pub(crate) fn verify(token: &str, key: &Jwk, expected: Expected<'_>) -> Result<IdTokenClaims, ClaimsError> {
    let claims = verify_signature(token, key)?;
    check_parties(&claims, expected)?;
    check_times(&claims, expected.now)?;
    check_binding(&claims, expected)?;
    Ok(claims)
}

/// Only the signature and the algorithm: the claims are checked below, with the clock as a parameter.
fn verify_signature(token: &str, key: &Jwk) -> Result<IdTokenClaims, ClaimsError> {
    let key = DecodingKey::from_jwk(key).map_err(|_| ClaimsError::UnknownKey)?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let token = jsonwebtoken::decode(token, &key, &validation).map_err(|error| match error.kind() {
        jsonwebtoken::errors::ErrorKind::InvalidSignature => ClaimsError::WrongSignature,
        _ => ClaimsError::Malformed(error.to_string()),
    })?;
    Ok(token.claims)
}

/// Steps 2 to 5. Kinde's `aud` is the client, the issuer, or both: the issuer beside the client is no stranger, and
/// the issuer alone counts when `azp` names the client.
fn check_parties(claims: &IdTokenClaims, expected: Expected<'_>) -> Result<(), ClaimsError> {
    if claims.iss != expected.issuer {
        return Err(ClaimsError::WrongIssuer);
    }
    if claims.azp.as_ref().is_some_and(|azp| azp != expected.client_id) {
        return Err(ClaimsError::WrongAuthorizedParty);
    }
    let is_known = |aud: &String| aud == expected.client_id || aud == expected.issuer;
    let names_client = claims.aud.iter().any(|aud| aud == expected.client_id) || claims.azp.is_some();
    if claims.aud.is_empty() || !claims.aud.iter().all(is_known) || !names_client {
        return Err(ClaimsError::WrongAudience);
    }
    if claims.sub.trim().is_empty() || claims.sub.len() > MAX_SUBJECT_BYTES {
        return Err(ClaimsError::Malformed("sub is empty or too long".to_owned()));
    }
    Ok(())
}

/// Steps 9 and 10, with the tolerance on both sides.
fn check_times(claims: &IdTokenClaims, now: i64) -> Result<(), ClaimsError> {
    let overdue = now.saturating_sub(claims.exp);
    if overdue > CLOCK_TOLERANCE_SECONDS {
        return Err(ClaimsError::Expired(overdue));
    }
    let ahead = claims.iat.max(claims.nbf.unwrap_or(i64::MIN)).saturating_sub(now);
    if ahead > CLOCK_TOLERANCE_SECONDS {
        return Err(ClaimsError::NotYetValid(ahead));
    }
    Ok(())
}

/// Step 11 and §3.1.3.8: the token belongs to this sign-in and to this access token.
fn check_binding(claims: &IdTokenClaims, expected: Expected<'_>) -> Result<(), ClaimsError> {
    if !claims.nonce.as_deref().is_some_and(|nonce| same(nonce, expected.nonce)) {
        return Err(ClaimsError::WrongNonce);
    }
    match &claims.at_hash {
        Some(hash) if !same(hash, &left_half_of_digest(expected.access_token)) => {
            Err(ClaimsError::WrongAccessTokenHash)
        }
        _ => Ok(()),
    }
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Audience {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Audience::deserialize(deserializer)? {
        Audience::One(audience) => vec![audience],
        Audience::Many(audiences) => audiences,
    })
}

/// RFC 7519 §2: seconds since 1970, a fraction allowed.
fn numeric_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    optional_numeric_date(deserializer)?.ok_or_else(|| D::Error::custom("a date is null"))
}

#[expect(clippy::cast_possible_truncation, reason = "float-to-int casts saturate, and whole seconds are wanted")]
fn optional_numeric_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    match Option::<serde_json::Number>::deserialize(deserializer)? {
        None => Ok(None),
        Some(number) => number
            .as_i64()
            .or_else(|| number.as_f64().map(|seconds| seconds as i64))
            .map(Some)
            .ok_or_else(|| D::Error::custom("a date is out of range")),
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
