//! What an access token must say that a program brought, to open this application (RFC 6750, RFC 9068). The access token
//! of a sign-in is checked in `access_token`; signature and times, which all tokens have in common, in `jwt`.

use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::jwt::{JwtError, Times, one_or_many, same_issuer, typed, unverified_claims, verify_signature};
use crate::auth::claims::ClaimMap;

/// Why a bearer token was not accepted. The causes are for the log: the response does not tell them apart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BearerTokenError {
    /// The token as such is not acceptable.
    #[error(transparent)]
    Jwt(#[from] JwtError),
    /// `iss` is not the issuer.
    #[error("iss is not the issuer")]
    WrongIssuer,
    /// `aud` has none of the audiences of this application.
    #[error("aud has none of the accepted audiences")]
    WrongAudience,
    /// It has claims that only ID tokens have: an ID token is for the client alone.
    #[error("it is an ID token")]
    IdToken,
    /// It names neither a user nor a machine.
    #[error("it names neither a user (sub) nor a machine (azp)")]
    NoHolder,
    /// The user was suspended or deleted after it was issued.
    #[error("its user has been suspended or deleted since")]
    Ended,
    /// No audience is set, so no token is accepted.
    #[error("no audience is set, so bearer tokens are not accepted")]
    NoAudience,
}

/// The values that a bearer token must match.
#[derive(Debug, Clone, Copy)]
pub(in crate::auth) struct ExpectedBearer<'a> {
    /// With or without a slash at its end.
    pub(in crate::auth) issuer: &'a str,
    pub(in crate::auth) audiences: &'a [String],
    /// Seconds since 1970.
    pub(in crate::auth) now: i64,
}

/// To whom a token was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::auth) enum Holder {
    /// The user with this subject.
    User(String),
    /// The client with this id.
    Machine(String),
}

#[derive(Deserialize)]
struct CheckedClaims {
    iss: String,
    #[serde(default, deserialize_with = "one_or_many")]
    aud: Vec<String>,
    nonce: Option<IgnoredAny>,
    at_hash: Option<IgnoredAny>,
    #[serde(flatten)]
    times: Times,
}

/// Checks the claims before the signature, so that a token of another issuer or for another audience, or one that has
/// ended, causes no request for keys.
///
/// # Errors
/// [`BearerTokenError`]
pub(in crate::auth) fn precheck(token: &str, expected: ExpectedBearer<'_>) -> Result<(), BearerTokenError> {
    check(&unverified_claims(token)?, expected)
}

/// Verifies a bearer token with the key that its header names, and returns its claims.
///
/// # Errors
/// [`BearerTokenError`]
pub(in crate::auth) fn verify(
    token: &str,
    key: &Jwk,
    expected: ExpectedBearer<'_>,
) -> Result<(ClaimMap, Holder), BearerTokenError> {
    let claims = verify_signature(token, key)?;
    check(&claims, expected)?;
    let holder = holder(&claims).ok_or(BearerTokenError::NoHolder)?;
    Ok((claims, holder))
}

fn check(claims: &ClaimMap, expected: ExpectedBearer<'_>) -> Result<(), BearerTokenError> {
    let checked: CheckedClaims = typed(claims)?;
    if !same_issuer(&checked.iss, expected.issuer) {
        return Err(BearerTokenError::WrongIssuer);
    }
    if !checked.aud.iter().any(|audience| expected.audiences.contains(audience)) {
        return Err(BearerTokenError::WrongAudience);
    }
    if checked.nonce.is_some() || checked.at_hash.is_some() {
        return Err(BearerTokenError::IdToken);
    }
    checked.times.require_issued_at()?;
    Ok(checked.times.check(expected.now)?)
}

/// A machine by the grant type that Kinde states (`gty`), else a user.
fn holder(claims: &ClaimMap) -> Option<Holder> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let is_machine = claims.get("gty").is_some_and(|grants| {
        grants == "client_credentials"
            || grants.as_array().is_some_and(|grants| grants.iter().any(|grant| grant == "client_credentials"))
    });
    if is_machine { text("azp").map(Holder::Machine) } else { text("sub").map(Holder::User) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_800_000_000;

    fn claims(name: &str, value: Value) -> ClaimMap {
        let mut claims = json!({
            "iss": "https://issuer.example", "aud": ["https://api.example"], "sub": "kp_1", "azp": "client",
            "exp": NOW + 3600, "iat": NOW,
        });
        claims[name] = value;
        claims.as_object().unwrap().clone()
    }

    fn outcome(name: &str, value: Value) -> Result<(), BearerTokenError> {
        let audiences = ["https://other.example".to_owned(), "https://api.example".to_owned()];
        let expected = ExpectedBearer { issuer: "https://issuer.example", audiences: &audiences, now: NOW };
        check(&claims(name, value), expected)
    }

    // BA-3, BA-4, BA-5
    #[test]
    fn each_claim_is_checked() {
        for (name, value) in [
            ("jti", json!("any")),
            ("aud", json!("https://api.example")),
            ("aud", json!(["x", "https://other.example"])),
            ("iss", json!("https://issuer.example/")),
        ] {
            assert_eq!(outcome(name, value), Ok(()), "{name}");
        }
        for audience in [json!("https://api.example/"), json!([]), json!(["client"])] {
            assert_eq!(outcome("aud", audience), Err(BearerTokenError::WrongAudience));
        }
        for issuer in ["https://evil.example", "https://issuer.example.evil", "https://issuer.example//"] {
            assert_eq!(outcome("iss", json!(issuer)), Err(BearerTokenError::WrongIssuer));
        }
        for name in ["nonce", "at_hash"] {
            assert_eq!(outcome(name, json!("x")), Err(BearerTokenError::IdToken));
        }
        assert_eq!(outcome("exp", json!(NOW - 61)), Err(JwtError::Expired(61).into()));
        assert_eq!(outcome("nbf", json!(NOW + 61)), Err(JwtError::NotYetValid(61).into()));
        assert_eq!(outcome("iat", json!(NOW + 61)), Err(JwtError::NotYetValid(61).into()));
        for (name, value) in [("iat", json!(null)), ("exp", json!(null)), ("exp", json!("soon")), ("aud", json!({}))] {
            assert!(matches!(outcome(name, value), Err(BearerTokenError::Jwt(JwtError::Malformed(_)))), "{name}");
        }
    }

    #[test]
    fn a_token_without_an_audience_is_for_nobody() {
        let mut claims = claims("jti", json!("any"));
        claims.remove("aud");
        let audiences = ["https://api.example".to_owned()];
        let expected = ExpectedBearer { issuer: "https://issuer.example", audiences: &audiences, now: NOW };
        assert_eq!(check(&claims, expected), Err(BearerTokenError::WrongAudience));
    }

    #[test]
    fn machines_are_told_from_users_by_their_grant() {
        assert_eq!(holder(&claims("jti", json!("x"))), Some(Holder::User("kp_1".to_owned())));
        for grants in [json!(["client_credentials"]), json!("client_credentials"), json!(["a", "client_credentials"])] {
            assert_eq!(holder(&claims("gty", grants)), Some(Holder::Machine("client".to_owned())));
        }
        assert_eq!(holder(&claims("gty", json!(["authorization_code"]))), Some(Holder::User("kp_1".to_owned())));
        assert_eq!(holder(&claims("sub", json!(""))), None);
    }
}
