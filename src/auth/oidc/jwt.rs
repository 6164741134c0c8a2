//! JSON Web Tokens of the issuer: header, signature and times, which ID tokens and access tokens have in common. The
//! other claims of an ID token are checked in `id_token`. Nothing is fetched here: key and clock are parameters.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde_json::Value;

use crate::auth::claims::ClaimMap;

/// How far the issuer's clock may be ahead or behind, in seconds, for `exp`, `iat` and `nbf`.
pub const CLOCK_TOLERANCE_SECONDS: i64 = 60;

/// Why a JWT was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwtError {
    /// It is no JWT, a claim has the wrong type, or a required claim is missing.
    #[error("it is malformed: {0}")]
    Malformed(String),
    /// Its header names another algorithm than RS256.
    #[error("it is not signed with RS256")]
    WrongAlgorithm,
    /// No key of the issuer has its `kid`.
    #[error("the issuer has no key for it")]
    UnknownKey,
    /// The signature does not verify.
    #[error("its signature is wrong")]
    WrongSignature,
    /// `exp` has passed.
    #[error("it expired {0} s ago: check this machine's clock")]
    Expired(i64),
    /// `iat` or `nbf` lies ahead.
    #[error("it is valid only in {0} s: check this machine's clock")]
    NotYetValid(i64),
}

/// The times in a token, in seconds since 1970 (RFC 7519 §4.1).
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Times {
    #[serde(deserialize_with = "numeric_date")]
    exp: i64,
    #[serde(default, deserialize_with = "optional_numeric_date")]
    iat: Option<i64>,
    #[serde(default, deserialize_with = "optional_numeric_date")]
    nbf: Option<i64>,
}

impl Times {
    /// # Errors
    /// [`JwtError::Malformed`] without `iat`, which an ID token must have and an access token need not.
    pub(super) fn require_issued_at(&self) -> Result<(), JwtError> {
        self.iat.map(drop).ok_or_else(|| JwtError::Malformed("it has no iat".to_owned()))
    }

    /// OIDC Core §3.1.3.7, steps 9 and 10, with the tolerance on both sides.
    pub(super) fn check(&self, now: i64) -> Result<(), JwtError> {
        let overdue = now.saturating_sub(self.exp);
        if overdue > CLOCK_TOLERANCE_SECONDS {
            return Err(JwtError::Expired(overdue));
        }
        let valid_from = self.iat.max(self.nbf).unwrap_or(now);
        let ahead = valid_from.saturating_sub(now);
        if ahead > CLOCK_TOLERANCE_SECONDS {
            return Err(JwtError::NotYetValid(ahead));
        }
        Ok(())
    }
}

/// The `kid` of a token whose header is acceptable: RS256 and no critical extension (RFC 8725 §3.1, RFC 7515 §4.1.11).
pub(in crate::auth) fn key_id(token: &str) -> Result<Option<String>, JwtError> {
    let header = jsonwebtoken::decode_header(token).map_err(|error| match error.kind() {
        ErrorKind::InvalidAlgorithmName => JwtError::WrongAlgorithm,
        _ => JwtError::Malformed(error.to_string()),
    })?;
    if header.alg != Algorithm::RS256 {
        return Err(JwtError::WrongAlgorithm);
    }
    if header.crit.is_some() {
        return Err(JwtError::Malformed("it has critical extensions".to_owned()));
    }
    Ok(header.kid)
}

/// The members of a token's header, for an observer: none where it cannot be read.
pub(super) fn header_members(token: &str) -> ClaimMap {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap_or_default());
    header.ok().and_then(|header| serde_json::from_slice(&header).ok()).unwrap_or_default()
}

/// The `typ` of a token's header, if it has one (RFC 7515 §4.1.9).
pub(super) fn token_type(token: &str) -> Result<Option<String>, JwtError> {
    let header = jsonwebtoken::decode_header(token).map_err(|error| JwtError::Malformed(error.to_string()))?;
    Ok(header.typ)
}

/// Whether two texts name the same issuer: a slash at the end does not matter.
pub(super) fn same_issuer(left: &str, right: &str) -> bool {
    let without_slash = |issuer: &str| issuer.strip_suffix('/').unwrap_or(issuer).to_owned();
    without_slash(left) == without_slash(right)
}

/// The claims of a token that nobody has verified: to refuse it early, and for nothing else.
pub(super) fn unverified_claims(token: &str) -> Result<ClaimMap, JwtError> {
    let malformed = |error: String| JwtError::Malformed(error);
    let claims = token.split('.').nth(1).ok_or_else(|| malformed("it has no claims".to_owned()))?;
    let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|error| malformed(error.to_string()))?;
    serde_json::from_slice(&claims).map_err(|error| malformed(error.to_string()))
}

/// Verifies algorithm and signature, and returns the claims, which are not checked yet.
pub(super) fn verify_signature(token: &str, key: &Jwk) -> Result<ClaimMap, JwtError> {
    let key = DecodingKey::from_jwk(key).map_err(|_| JwtError::UnknownKey)?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let token = jsonwebtoken::decode(token, &key, &validation).map_err(|error| match error.kind() {
        ErrorKind::InvalidSignature => JwtError::WrongSignature,
        _ => JwtError::Malformed(error.to_string()),
    })?;
    Ok(token.claims)
}

/// The claims that a check needs.
///
/// # Errors
/// [`JwtError::Malformed`] when one of them is missing or has another type.
pub(super) fn typed<T: DeserializeOwned>(claims: &ClaimMap) -> Result<T, JwtError> {
    serde_json::from_value(Value::Object(claims.clone())).map_err(|error| JwtError::Malformed(error.to_string()))
}

/// `aud`: one text or a list (RFC 7519 §4.1.3).
pub(super) fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
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
pub(super) fn optional_numeric_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    match Option::<serde_json::Number>::deserialize(deserializer)? {
        None => Ok(None),
        Some(number) => number
            .as_i64()
            .or_else(|| number.as_f64().map(|seconds| seconds as i64))
            .map(Some)
            .ok_or_else(|| D::Error::custom("a date is out of range")),
    }
}
