//! Access tokens that are JWTs: their claims, checked as those of an ID token as far as both have them. To the client an
//! access token is opaque (RFC 6749 §1.4), so one that fails verification is still used, without its claims.

use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;

use super::jwt::{JwtError, Times, typed, verify_signature};
use crate::auth::claims::ClaimMap;

/// Why the claims of an access token are not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccessTokenError {
    /// The token as such is not acceptable.
    #[error(transparent)]
    Jwt(#[from] JwtError),
    /// `iss` is not the issuer.
    #[error("iss is not the issuer")]
    WrongIssuer,
    /// Neither `azp` nor `client_id` is this client.
    #[error("neither azp nor client_id is this client")]
    WrongClient,
    /// `sub` is not the user who signed in.
    #[error("sub is not the user who signed in")]
    WrongSubject,
}

/// The values that an access token must match.
#[derive(Debug, Clone, Copy)]
pub(in crate::auth) struct ExpectedAccess<'a> {
    pub(in crate::auth) issuer: &'a str,
    pub(in crate::auth) client_id: &'a str,
    pub(in crate::auth) subject: &'a str,
    /// Seconds since 1970.
    pub(in crate::auth) now: i64,
}

#[derive(Deserialize)]
struct CheckedClaims {
    iss: String,
    sub: String,
    azp: Option<String>,
    client_id: Option<String>,
    #[serde(flatten)]
    times: Times,
}

/// Whether a token has the form of a JWT (RFC 7519 §3): three parts, of which an unsigned one's last is empty. Any other
/// token is opaque.
pub(in crate::auth) fn is_jwt(token: &str) -> bool {
    let parts: Vec<&str> = token.split('.').collect();
    matches!(parts[..], [header, claims, _] if !header.is_empty() && !claims.is_empty())
}

/// Verifies an access token from the token endpoint, and returns its claims. The subject is checked last: with
/// [`AccessTokenError::WrongSubject`] everything else was right.
pub(in crate::auth) fn verify(
    token: &str,
    key: &Jwk,
    expected: ExpectedAccess<'_>,
) -> Result<ClaimMap, AccessTokenError> {
    let claims = verify_signature(token, key)?;
    check(&typed(&claims)?, expected)?;
    Ok(claims)
}

fn check(claims: &CheckedClaims, expected: ExpectedAccess<'_>) -> Result<(), AccessTokenError> {
    if claims.iss != expected.issuer {
        return Err(AccessTokenError::WrongIssuer);
    }
    if [&claims.azp, &claims.client_id].into_iter().flatten().all(|client| client != expected.client_id) {
        return Err(AccessTokenError::WrongClient);
    }
    claims.times.check(expected.now)?;
    if claims.sub == expected.subject { Ok(()) } else { Err(AccessTokenError::WrongSubject) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOW: i64 = 1_800_000_000;

    fn outcome(name: &str, value: Value) -> Result<(), AccessTokenError> {
        let mut claims = json!({
            "iss": "https://issuer.example", "aud": [], "azp": "client", "sub": "kp_1", "exp": NOW + 3600, "iat": NOW,
        });
        claims[name] = value;
        let expected =
            ExpectedAccess { issuer: "https://issuer.example", client_id: "client", subject: "kp_1", now: NOW };
        check(&typed(claims.as_object().unwrap())?, expected)
    }

    #[test]
    fn each_claim_is_checked() {
        assert_eq!(outcome("jti", json!("any")), Ok(()));
        assert_eq!(outcome("iss", json!("https://evil.example")), Err(AccessTokenError::WrongIssuer));
        assert_eq!(outcome("azp", json!("other")), Err(AccessTokenError::WrongClient));
        assert_eq!(outcome("azp", json!(null)), Err(AccessTokenError::WrongClient));
        assert_eq!(outcome("sub", json!("kp_2")), Err(AccessTokenError::WrongSubject));
        assert_eq!(outcome("exp", json!(NOW - 61)), Err(JwtError::Expired(61).into()));
        assert_eq!(outcome("nbf", json!(NOW + 61)), Err(JwtError::NotYetValid(61).into()));
        assert!(matches!(outcome("exp", json!("soon")), Err(AccessTokenError::Jwt(JwtError::Malformed(_)))));
    }

    #[test]
    fn the_client_may_be_named_as_in_rfc_9068() {
        assert_eq!(outcome("client_id", json!("client")), Ok(()));
        let mut claims = json!({"iss": "i", "sub": "s", "client_id": "client", "exp": NOW, "iat": NOW});
        let expected = ExpectedAccess { issuer: "i", client_id: "client", subject: "s", now: NOW };
        assert_eq!(check(&typed(claims.as_object().unwrap()).unwrap(), expected), Ok(()));
        claims["client_id"] = json!("other");
        assert_eq!(check(&typed(claims.as_object().unwrap()).unwrap(), expected), Err(AccessTokenError::WrongClient));
    }

    #[test]
    fn an_opaque_token_is_no_jwt() {
        for (token, is) in
            [("a.b.c", true), ("a.b.", true), ("opaque", false), ("x.y", false), ("a..c", false), ("", false)]
        {
            assert_eq!(is_jwt(token), is, "{token}");
        }
    }
}
