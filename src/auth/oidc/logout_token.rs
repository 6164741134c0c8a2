//! Logout tokens: what an issuer must say to end sessions here (OpenID Connect Back-Channel Logout 1.0 §2.4 and §2.6).
//! Sessions are ended in `client::backchannel_logout`; signature and header, which all tokens have in common, are in
//! `jwt`.

use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::jwt::{
    CLOCK_TOLERANCE_SECONDS, JwtError, one_or_many, optional_numeric_date, same_issuer, token_type, typed,
    unverified_claims, verify_signature,
};
use crate::auth::claims::ClaimMap;

/// How old a logout token may be, in seconds.
const MAX_AGE_SECONDS: i64 = 5 * 60;
/// The event that a logout token reports.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// The types that its header may name, in any case (RFC 7515 §4.1.9); it may also name none.
const TYPES: [&str; 2] = ["logout+jwt", "JWT"];

/// Why a logout token was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogoutTokenError {
    /// The form has no field `logout_token`, or several.
    #[error("there is not exactly one logout_token in the form")]
    NotOne,
    /// The token as such is not acceptable.
    #[error(transparent)]
    Jwt(#[from] JwtError),
    /// Its header has the type of another kind of token.
    #[error("typ is that of another kind of token")]
    WrongType,
    /// `iss` is not the issuer.
    #[error("iss is not the issuer")]
    WrongIssuer,
    /// `aud` is not this client.
    #[error("aud is not this client")]
    WrongAudience,
    /// `iat` is more than five minutes ago.
    #[error("it was issued {0} s ago")]
    TooOld(i64),
    /// `events` does not report a logout.
    #[error("events reports no back-channel logout")]
    NoLogout,
    /// It names neither a user nor a session.
    #[error("it has neither sub nor sid")]
    NoSubject,
    /// It has a `nonce`, as only ID tokens have.
    #[error("it has a nonce")]
    Nonce,
    /// It has no `jti`.
    #[error("it has no jti")]
    NoId,
    /// A token with the same `jti` was carried out before.
    #[error("it was used before")]
    Used,
}

/// The values that a logout token must match.
#[derive(Debug, Clone, Copy)]
pub(in crate::auth) struct ExpectedLogout<'a> {
    /// With or without a slash at its end.
    pub(in crate::auth) issuer: &'a str,
    pub(in crate::auth) client_id: &'a str,
    /// Seconds since 1970.
    pub(in crate::auth) now: i64,
}

/// Who signed out at the issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::auth) struct IssuersLogout {
    /// The token's id.
    pub(in crate::auth) id: String,
    pub(in crate::auth) who: SignedOutThere,
}

/// Whose sessions end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::auth) enum SignedOutThere {
    /// All sessions of this subject.
    User(String),
    /// Those that began in one session of the issuer's (`sid`), if they are this subject's.
    Session { sid: String, subject: Option<String> },
}

#[derive(Deserialize)]
struct CheckedClaims {
    iss: String,
    #[serde(default, deserialize_with = "one_or_many")]
    aud: Vec<String>,
    #[serde(default, deserialize_with = "optional_numeric_date")]
    iat: Option<i64>,
    #[serde(default, deserialize_with = "optional_numeric_date")]
    exp: Option<i64>,
    #[serde(default)]
    events: Map<String, Value>,
    sub: Option<String>,
    sid: Option<String>,
    jti: Option<String>,
}

/// Checks header and claims before the signature, so that a token that would be refused anyway causes no request for
/// keys.
///
/// # Errors
/// [`LogoutTokenError`]
pub(in crate::auth) fn precheck(token: &str, expected: ExpectedLogout<'_>) -> Result<(), LogoutTokenError> {
    let is_allowed = |named: &String| TYPES.iter().any(|allowed| named.eq_ignore_ascii_case(allowed));
    if token_type(token)?.is_some_and(|named| !is_allowed(&named)) {
        return Err(LogoutTokenError::WrongType);
    }
    check(&unverified_claims(token)?, expected).map(drop)
}

/// Verifies a logout token with the key that its header names. [`precheck`] must have accepted it.
///
/// # Errors
/// [`LogoutTokenError`]
pub(in crate::auth) fn verify(
    token: &str,
    key: &Jwk,
    expected: ExpectedLogout<'_>,
) -> Result<IssuersLogout, LogoutTokenError> {
    check(&verify_signature(token, key)?, expected)
}

fn check(claims: &ClaimMap, expected: ExpectedLogout<'_>) -> Result<IssuersLogout, LogoutTokenError> {
    // An absent `nonce` and a null are told apart by nobody but here: §2.4 forbids the claim.
    if claims.contains_key("nonce") {
        return Err(LogoutTokenError::Nonce);
    }
    let checked: CheckedClaims = typed(claims)?;
    if !same_issuer(&checked.iss, expected.issuer) {
        return Err(LogoutTokenError::WrongIssuer);
    }
    if !checked.aud.iter().any(|audience| audience == expected.client_id) {
        return Err(LogoutTokenError::WrongAudience);
    }
    check_times(&checked, expected.now)?;
    if !checked.events.get(EVENT).is_some_and(Value::is_object) {
        return Err(LogoutTokenError::NoLogout);
    }
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let who = match (filled(checked.sid), filled(checked.sub)) {
        (Some(sid), subject) => SignedOutThere::Session { sid, subject },
        (None, Some(subject)) => SignedOutThere::User(subject),
        (None, None) => return Err(LogoutTokenError::NoSubject),
    };
    let id = filled(checked.jti).ok_or(LogoutTokenError::NoId)?;
    Ok(IssuersLogout { id, who })
}

fn check_times(checked: &CheckedClaims, now: i64) -> Result<(), LogoutTokenError> {
    let issued_at = checked.iat.ok_or_else(|| JwtError::Malformed("it has no iat".to_owned()))?;
    let age = now.saturating_sub(issued_at);
    if age > MAX_AGE_SECONDS {
        return Err(LogoutTokenError::TooOld(age));
    }
    if age < -CLOCK_TOLERANCE_SECONDS {
        return Err(JwtError::NotYetValid(-age).into());
    }
    let overdue = checked.exp.map_or(0, |end| now.saturating_sub(end));
    if overdue > CLOCK_TOLERANCE_SECONDS { Err(JwtError::Expired(overdue).into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;
    use serde_json::json;

    const NOW: i64 = 1_800_000_000;
    const EXPECTED: ExpectedLogout<'_> =
        ExpectedLogout { issuer: "https://issuer.example", client_id: "client", now: NOW };

    fn claims(changes: Value) -> ClaimMap {
        let mut claims = json!({
            "iss": "https://issuer.example", "aud": "client", "iat": NOW, "jti": "1", "sub": "user",
            "events": {EVENT: {}},
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let mut claims = claims.as_object().unwrap().clone();
        claims.retain(|_, value| value != "absent");
        claims
    }

    fn outcome(changes: Value) -> Result<SignedOutThere, LogoutTokenError> {
        check(&claims(changes), EXPECTED).map(|logout| logout.who)
    }

    // LO-12
    #[test]
    fn each_claim_is_checked() {
        let user = Ok(SignedOutThere::User("user".to_owned()));
        for changes in [
            json!({}),
            json!({"aud": ["other", "client"]}),
            json!({"iss": "https://issuer.example/"}),
            json!({"iat": NOW - 300}),
            json!({"iat": NOW + 60}),
            json!({"exp": NOW - 60}),
            json!({"exp": NOW + 120}),
            json!({"events": {EVENT: {}, "https://other.example": {}}}),
        ] {
            assert_eq!(outcome(changes.clone()), user, "{changes}");
        }
        for (changes, error) in [
            (json!({"iss": "https://evil.example"}), LogoutTokenError::WrongIssuer),
            (json!({"aud": "other"}), LogoutTokenError::WrongAudience),
            (json!({"aud": "absent"}), LogoutTokenError::WrongAudience),
            (json!({"iat": NOW - 301}), LogoutTokenError::TooOld(301)),
            (json!({"iat": NOW + 61}), JwtError::NotYetValid(61).into()),
            (json!({"exp": NOW - 61}), JwtError::Expired(61).into()),
            (json!({"events": "absent"}), LogoutTokenError::NoLogout),
            (json!({"events": {"https://other.example": {}}}), LogoutTokenError::NoLogout),
            (json!({"events": {EVENT: true}}), LogoutTokenError::NoLogout),
            (json!({"sub": "absent"}), LogoutTokenError::NoSubject),
            (json!({"sub": "", "sid": ""}), LogoutTokenError::NoSubject),
            (json!({"nonce": "x"}), LogoutTokenError::Nonce),
            (json!({"nonce": null}), LogoutTokenError::Nonce),
            (json!({"jti": "absent"}), LogoutTokenError::NoId),
            (json!({"jti": ""}), LogoutTokenError::NoId),
        ] {
            assert_eq!(outcome(changes.clone()), Err(error), "{changes}");
        }
        for changes in [
            json!({"iss": "absent"}),
            json!({"iat": "absent"}),
            json!({"iat": "soon"}),
            json!({"events": [EVENT]}),
            json!({"sub": 1}),
            json!({"exp": {}}),
        ] {
            let refused = outcome(changes.clone());
            assert!(matches!(refused, Err(LogoutTokenError::Jwt(JwtError::Malformed(_)))), "{changes}");
        }
    }

    #[test]
    fn a_session_is_narrower_than_its_user() {
        let session = |subject: Option<&str>| {
            Ok(SignedOutThere::Session { sid: "s".to_owned(), subject: subject.map(str::to_owned) })
        };
        assert_eq!(outcome(json!({"sid": "s"})), session(Some("user")));
        assert_eq!(outcome(json!({"sid": "s", "sub": "absent"})), session(None));
    }

    #[test]
    fn the_header_may_name_two_types_or_none() {
        let precheck_with = |header: Value| {
            let encode = |value: String| URL_SAFE_NO_PAD.encode(value);
            let claims = Value::Object(claims(json!({})));
            precheck(&format!("{}.{}.x", encode(header.to_string()), encode(claims.to_string())), EXPECTED)
        };
        for header in [
            json!({"alg": "RS256"}),
            json!({"alg": "RS256", "typ": "JWT"}),
            json!({"alg": "RS256", "typ": "jwt"}),
            json!({"alg": "RS256", "typ": "logout+jwt"}),
            json!({"alg": "RS256", "typ": "Logout+JWT"}),
        ] {
            assert_eq!(precheck_with(header.clone()), Ok(()), "{header}");
        }
        for named in ["at+jwt", "secevent+jwt", ""] {
            let refused = precheck_with(json!({"alg": "RS256", "typ": named}));
            assert_eq!(refused, Err(LogoutTokenError::WrongType), "{named}");
        }
    }

    proptest! {
        #[test]
        fn no_token_and_no_claims_cause_a_panic(
            token in ".{0,60}",
            name in "iss|aud|iat|exp|events|sub|sid|nonce|jti",
            value in prop_oneof![
                Just(Value::Null), any::<bool>().prop_map(Value::from), any::<i64>().prop_map(Value::from),
                any::<f64>().prop_map(Value::from), ".{0,8}".prop_map(Value::from), Just(json!({})), Just(json!([[]])),
            ],
        ) {
            prop_assert!(precheck(&token, EXPECTED).is_err());
            // Whatever it is, a token that is accepted says whose session ends, and has an id.
            if let Ok(logout) = check(&claims(json!({ name: value })), EXPECTED) {
                prop_assert!(!logout.id.is_empty());
            }
        }
    }
}
