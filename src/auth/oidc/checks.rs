//! The checks that each verification consists of, for an observer: their names, values and expectations, in the order in
//! which they are made. The verdicts follow from the result of the verification itself, so nothing is checked here. Those
//! of the issuer's documents are in `documents`.

mod documents;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

pub(in crate::auth) use documents::{discovery, keys, portal_link, rights};

use super::access_token::{AccessTokenError, ExpectedAccess};
use super::bearer_token::{BearerTokenError, ExpectedBearer};
use super::callback::{AuthorizationResponse, Outcome};
use super::error::OidcError;
use super::id_token::{Expected, IdTokenError, VerifiedIdToken};
use super::issuer::Metadata;
use super::jwt::{CLOCK_TOLERANCE_SECONDS, JwtError, header_members, key_id, unverified_claims};
use super::logout_token::{ExpectedLogout, LogoutTokenError};
use super::outbound::Received;
use super::token_endpoint::{IssuedTokens, TokenResponseError};
use super::webhook::{ExpectedEvent, WebhookError};
use crate::auth::claims::ClaimMap;
use crate::auth::observation::{Check, Verdict, digest_of_secret};
use crate::auth::random::left_half_of_digest;

/// The most characters of a value.
const LONGEST: usize = 300;

/// Checks that are listed one after the other.
struct List<'a> {
    claims: &'a ClaimMap,
    checks: Vec<Check>,
}

impl<'a> List<'a> {
    fn of(claims: &'a ClaimMap) -> Self {
        Self { claims, checks: Vec::new() }
    }

    fn add(&mut self, name: &'static str, value: impl Into<String>, expected: impl Into<String>) {
        let value: String = value.into().chars().take(LONGEST).collect();
        self.checks.push(Check { name, value, expected: expected.into(), verdict: Verdict::Holds });
    }

    fn claim(&mut self, name: &'static str, expected: impl Into<String>) {
        self.add(name, shown(self.claims.get(name)), expected);
    }

    /// Header and signature of a JWT, with the key that the header names.
    fn signature(&mut self, token: &str) {
        let header = header_members(token);
        self.add("alg", shown(header.get("alg")), "RS256, whatever the header says");
        self.add("kid", shown(header.get("kid")), "a key that the issuer publishes; without a kid, its only one");
        self.add("signature", digest_of_secret(token.rsplit('.').next().unwrap_or_default()), "made with that key");
    }

    fn times(&mut self, now: i64) {
        self.claim("exp", format!("at most {CLOCK_TOLERANCE_SECONDS} s before {now}"));
        self.claim("iat", format!("at most {CLOCK_TOLERANCE_SECONDS} s ahead of {now}"));
        self.claim("nbf", format!("absent, or at most {CLOCK_TOLERANCE_SECONDS} s ahead of {now}"));
    }

    /// The verdicts: everything before the check that failed holds, and what follows was not reached.
    fn judged(mut self, failed: Option<&str>) -> Vec<Check> {
        let failed = failed.and_then(|failed| self.checks.iter().position(|check| check.name == failed));
        if let Some(failed) = failed {
            for (place, check) in self.checks.iter_mut().enumerate() {
                check.verdict = match place.cmp(&failed) {
                    std::cmp::Ordering::Less => Verdict::Holds,
                    std::cmp::Ordering::Equal => Verdict::Fails,
                    std::cmp::Ordering::Greater => Verdict::NotReached,
                };
            }
        }
        self.checks
    }
}

/// The checks of a callback. `is_own` says whether a pending authorization of this browser has its `state`; `metadata`
/// is there when the issuer was asked for.
pub(in crate::auth) fn callback(
    state: Option<&String>,
    response: &Result<AuthorizationResponse, &'static str>,
    is_own: bool,
    metadata: Option<&Metadata>,
) -> Vec<Check> {
    let (nothing, response) = (ClaimMap::new(), response.as_ref());
    let mut list = List::of(&nothing);
    list.add(
        "form",
        response.err().map_or("no parameter twice", |defect| defect),
        "a code or an error, with a state, and no parameter twice",
    );
    list.add(
        "state",
        state.map_or_else(|| "absent".to_owned(), |state| digest_of_secret(state)),
        "that of a sign-in which this browser began in the last 15 minutes, and which nobody has completed",
    );
    let promised = metadata.is_some_and(|metadata| metadata.authorization_response_iss_parameter_supported);
    let issuer = metadata.map_or("the issuer", |metadata| &metadata.issuer);
    let iss = response.ok().and_then(AuthorizationResponse::issuer).unwrap_or("absent");
    list.add("iss", iss, if promised { issuer.to_owned() } else { format!("absent, or {issuer}") });
    let (error, has_failed) = match response.map(|response| &response.outcome) {
        Ok(Outcome::Error(error)) => (error.to_string(), true),
        _ => ("absent".to_owned(), false),
    };
    list.add("error", error, "absent");
    let is_of_issuer =
        metadata.is_some_and(|metadata| response.is_ok_and(|response| response.check_issuer(metadata).is_ok()));
    let failed = match () {
        () if response.is_err() => Some("form"),
        () if !is_own => Some("state"),
        () if !is_of_issuer => Some("iss"),
        () => has_failed.then_some("error"),
    };
    list.judged(failed)
}

/// The checks of a token response.
pub(in crate::auth) fn token_response(received: &Received, result: Result<&IssuedTokens, &OidcError>) -> Vec<Check> {
    let members = received.members().unwrap_or_default();
    let mut list = List::of(&members);
    let secret = |token: Option<&SecretString>| {
        token.map_or_else(|| "absent".to_owned(), |token| digest_of_secret(token.expose_secret()))
    };
    let tokens = result.ok();
    let problem = result.err().filter(|error| !matches!(error, OidcError::TokenResponse(_)));
    let response = problem.map_or_else(|| status_of(received), OidcError::to_string);
    list.add("response", response, "2xx with a JSON object, in 5 s");
    list.add("access_token", secret(tokens.map(|tokens| &tokens.access_token)), "present");
    list.claim("token_type", "Bearer, in small letters or capitals");
    let lifetime = tokens.and_then(|tokens| tokens.lifetime);
    let lifetime = lifetime.map_or_else(|| "not usable".to_owned(), |lifetime| lifetime.as_secs().to_string());
    list.add("expires_in", lifetime, "seconds; otherwise exp of the access token counts, or a default");
    let failed = result.err().map(|error| match error {
        OidcError::TokenResponse(TokenResponseError::NoAccessToken) => "access_token",
        OidcError::TokenResponse(TokenResponseError::WrongTokenType) => "token_type",
        _ => "response",
    });
    list.judged(failed)
}

/// The checks of an ID token.
pub(in crate::auth) fn id_token(
    token: Option<&str>,
    expected: Expected<'_>,
    result: Result<&VerifiedIdToken, &OidcError>,
) -> Vec<Check> {
    let text = token.unwrap_or_default();
    let claims = unverified_claims(text).unwrap_or_default();
    let mut list = List::of(&claims);
    list.add("id_token", token.map_or_else(|| "absent".to_owned(), digest_of_secret), "present, and a JWT");
    list.signature(text);
    list.add("claims", names(&claims), "iss, sub, aud, exp and iat, each of its type");
    list.claim("iss", expected.issuer);
    list.claim("azp", format!("absent, or {}", expected.client_id));
    list.claim("aud", format!("{}, and nobody else but the issuer", expected.client_id));
    list.claim("sub", "1 to 255 bytes");
    list.times(expected.now);
    list.claim("nonce", expected.nonce.unwrap_or("any: a refresh needs none"));
    list.claim("at_hash", format!("absent, or {}", left_half_of_digest(expected.access_token)));
    list.judged(result.err().map(|error| match error {
        OidcError::TokenResponse(_) => "id_token",
        OidcError::IdToken(error) => failed_of_id_token(error, text, &claims),
        // The keys could not be had.
        _ => "kid",
    }))
}

fn failed_of_id_token(error: &IdTokenError, token: &str, claims: &ClaimMap) -> &'static str {
    match error {
        IdTokenError::Jwt(JwtError::Malformed(_)) if !is_whole(token) => "id_token",
        IdTokenError::Jwt(error) => failed_of_jwt(error, claims),
        IdTokenError::WrongIssuer => "iss",
        IdTokenError::WrongAudience => "aud",
        IdTokenError::WrongAuthorizedParty => "azp",
        IdTokenError::WrongNonce => "nonce",
        IdTokenError::WrongSubject => "sub",
        IdTokenError::WrongAccessTokenHash => "at_hash",
    }
}

/// The checks of an access token of a sign-in, which is a JWT. One that fails is used without its claims.
pub(in crate::auth) fn access_token(
    token: &str,
    expected: ExpectedAccess<'_>,
    failure: Option<&AccessTokenFailure<'_>>,
) -> Vec<Check> {
    let claims = unverified_claims(token).unwrap_or_default();
    let mut list = List::of(&claims);
    list.add("access_token", digest_of_secret(token), "a JWT; an opaque one is not looked into");
    list.signature(token);
    list.add("claims", names(&claims), "iss, sub and exp, each of its type");
    list.claim("iss", expected.issuer);
    let client = [claims.get("azp"), claims.get("client_id")].map(shown).join(", ");
    list.add("client", client, format!("azp or client_id is {}", expected.client_id));
    list.times(expected.now);
    list.claim("sub", expected.subject);
    list.judged(failure.map(|failure| match failure {
        AccessTokenFailure::Claims(AccessTokenError::Jwt(error)) => failed_of_whole_jwt(error, token, &claims),
        AccessTokenFailure::Claims(AccessTokenError::WrongIssuer) => "iss",
        AccessTokenFailure::Claims(AccessTokenError::WrongClient) => "client",
        AccessTokenFailure::Claims(AccessTokenError::WrongSubject) => "sub",
        AccessTokenFailure::Before(OidcError::IdToken(IdTokenError::Jwt(error))) => {
            failed_of_whole_jwt(error, token, &claims)
        }
        AccessTokenFailure::Before(_) => "kid",
    }))
}

/// Why the claims of an access token are not used.
pub(in crate::auth) enum AccessTokenFailure<'a> {
    /// They are wrong, or the signature is.
    Claims(&'a AccessTokenError),
    /// The key could not be found.
    Before(&'a OidcError),
}

/// A JWT error of a token whose first check has the name of the token.
fn failed_of_whole_jwt(error: &JwtError, token: &str, claims: &ClaimMap) -> &'static str {
    match error {
        JwtError::Malformed(_) if !is_whole(token) => "access_token",
        error => failed_of_jwt(error, claims),
    }
}

/// The check of the userinfo response.
pub(in crate::auth) fn userinfo(received: &Received, subject: &str, result: Result<(), &OidcError>) -> Vec<Check> {
    let members = received.members().unwrap_or_default();
    let mut list = List::of(&members);
    let problem = result.err().filter(|error| !matches!(error, OidcError::WrongUserinfoSubject));
    list.add(
        "response",
        problem.map_or_else(|| status_of(received), OidcError::to_string),
        "2xx with a JSON object; otherwise the ID token's claims are used alone",
    );
    list.claim("sub", subject);
    list.judged(result.err().map(|error| match error {
        OidcError::WrongUserinfoSubject => "sub",
        _ => "response",
    }))
}

/// The checks of the access token of a program.
pub(in crate::auth) fn bearer_token(
    token: &str,
    expected: ExpectedBearer<'_>,
    failure: Option<Result<&BearerTokenError, &OidcError>>,
) -> Vec<Check> {
    let claims = unverified_claims(token).unwrap_or_default();
    let mut list = List::of(&claims);
    let header = header_members(token);
    list.add("audiences", expected.audiences.join(", "), "at least one is set");
    list.add("access_token", digest_of_secret(token), "a JWT");
    list.add("alg", shown(header.get("alg")), "RS256, whatever the header says");
    list.add("claims", names(&claims), "iss, exp and iat, each of its type");
    list.claim("iss", format!("{}, with or without a slash at its end", expected.issuer));
    list.claim("aud", format!("one of {}", expected.audiences.join(", ")));
    let of_id_tokens = ["nonce", "at_hash"].into_iter().filter(|name| claims.contains_key(*name));
    list.add("kind", of_id_tokens.collect::<Vec<_>>().join(", "), "neither nonce nor at_hash, which ID tokens have");
    list.times(expected.now);
    list.add("kid", shown(header.get("kid")), "a key that the issuer publishes; without a kid, its only one");
    list.add("signature", digest_of_secret(token.rsplit('.').next().unwrap_or_default()), "made with that key");
    list.add("holder", shown(claims.get("sub").or_else(|| claims.get("azp"))), "a user (sub) or a machine (azp)");
    list.add("ended", "since iat", "the user was neither suspended nor deleted after it was issued");
    list.judged(failure.map(|failure| match failure {
        Err(_) => "kid",
        Ok(BearerTokenError::NoAudience) => "audiences",
        Ok(BearerTokenError::Jwt(error)) => failed_of_whole_jwt(error, token, &claims),
        Ok(BearerTokenError::WrongIssuer) => "iss",
        Ok(BearerTokenError::WrongAudience) => "aud",
        Ok(BearerTokenError::IdToken) => "kind",
        Ok(BearerTokenError::NoHolder) => "holder",
        Ok(BearerTokenError::Ended) => "ended",
    }))
}

/// The checks of an event.
pub(in crate::auth) fn event(
    token: &str,
    expected: ExpectedEvent<'_>,
    failure: Option<Result<&WebhookError, &OidcError>>,
) -> Vec<Check> {
    let claims = unverified_claims(token).unwrap_or_default();
    let mut list = List::of(&claims);
    let header = header_members(token);
    list.add("event", digest_of_secret(token), "a JWT");
    list.add("alg", shown(header.get("alg")), "RS256, whatever the header says");
    list.add("claims", names(&claims), "event_id, type and timestamp, each a text");
    list.claim("iss", format!("absent, or {}", expected.issuer));
    list.claim("event_id", "1 to 255 bytes");
    list.claim("timestamp", format!("at most 73 hours before and 5 minutes after {}", expected.now));
    list.add("kid", shown(header.get("kid")), "a key that the issuer publishes; without a kid, its only one");
    list.add("signature", digest_of_secret(token.rsplit('.').next().unwrap_or_default()), "made with that key");
    list.judged(failure.map(|failure| match failure {
        Err(_) => "kid",
        Ok(WebhookError::Jwt(JwtError::Malformed(_))) if !is_whole(token) => "event",
        Ok(WebhookError::Jwt(error)) => failed_of_jwt(error, &claims),
        Ok(WebhookError::WrongIssuer) => "iss",
        Ok(WebhookError::BadId) => "event_id",
        Ok(WebhookError::BadTimestamp | WebhookError::TooOld(_) | WebhookError::Ahead(_)) => "timestamp",
    }))
}

/// The checks of a logout token.
pub(in crate::auth) fn logout_token(
    token: &str,
    expected: ExpectedLogout<'_>,
    failure: Option<Result<&LogoutTokenError, &OidcError>>,
) -> Vec<Check> {
    let claims = unverified_claims(token).unwrap_or_default();
    let mut list = List::of(&claims);
    let header = header_members(token);
    list.add("logout_token", digest_of_secret(token), "a JWT, once in the form");
    list.add("alg", shown(header.get("alg")), "RS256, whatever the header says");
    list.add("typ", shown(header.get("typ")), "absent, logout+jwt or JWT");
    list.claim("nonce", "absent: only ID tokens have one");
    list.add("claims", names(&claims), "iss, aud, iat and events, each of its type");
    list.claim("iss", format!("{}, with or without a slash at its end", expected.issuer));
    list.claim("aud", expected.client_id);
    list.claim("iat", format!("at most 5 minutes before {}, and {CLOCK_TOLERANCE_SECONDS} s after it", expected.now));
    list.claim("events", "reports a back-channel logout");
    let names_somebody = [claims.get("sub"), claims.get("sid")].map(shown).join(", ");
    list.add("sub or sid", names_somebody, "at least one of them");
    list.claim("jti", "present, and not used before");
    list.add("kid", shown(header.get("kid")), "a key that the issuer publishes; without a kid, its only one");
    list.add("signature", digest_of_secret(token.rsplit('.').next().unwrap_or_default()), "made with that key");
    list.judged(failure.map(|failure| match failure {
        Err(_) => "kid",
        Ok(LogoutTokenError::Jwt(JwtError::Malformed(_))) if !is_whole(token) => "logout_token",
        Ok(LogoutTokenError::Jwt(JwtError::Expired(_) | JwtError::NotYetValid(_)) | LogoutTokenError::TooOld(_)) => {
            "iat"
        }
        Ok(LogoutTokenError::Jwt(error)) => failed_of_jwt(error, &claims),
        Ok(LogoutTokenError::NotOne) => "logout_token",
        Ok(LogoutTokenError::WrongType) => "typ",
        Ok(LogoutTokenError::WrongIssuer) => "iss",
        Ok(LogoutTokenError::WrongAudience) => "aud",
        Ok(LogoutTokenError::NoLogout) => "events",
        Ok(LogoutTokenError::NoSubject) => "sub or sid",
        Ok(LogoutTokenError::Nonce) => "nonce",
        Ok(LogoutTokenError::NoId | LogoutTokenError::Used) => "jti",
    }))
}

fn failed_of_jwt(error: &JwtError, claims: &ClaimMap) -> &'static str {
    match error {
        JwtError::Malformed(_) => "claims",
        JwtError::WrongAlgorithm => "alg",
        JwtError::UnknownKey => "kid",
        JwtError::WrongSignature => "signature",
        JwtError::Expired(_) => "exp",
        // The later of the two decides.
        JwtError::NotYetValid(_) => {
            let time = |name: &str| claims.get(name).and_then(Value::as_f64).unwrap_or(f64::MIN);
            if time("nbf") > time("iat") { "nbf" } else { "iat" }
        }
    }
}

/// Whether header and claims of a token can be read. Its header may still name a wrong algorithm.
fn is_whole(token: &str) -> bool {
    unverified_claims(token).is_ok() && !matches!(key_id(token), Err(JwtError::Malformed(_)))
}

fn status_of(received: &Received) -> String {
    received.status().map_or_else(|| "not known".to_owned(), |status| status.as_str().to_owned())
}

fn names(claims: &ClaimMap) -> String {
    claims.keys().cloned().collect::<Vec<_>>().join(", ")
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None => "absent".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::oidc::jwt::JwtError::{
        Expired, Malformed, NotYetValid, UnknownKey, WrongAlgorithm, WrongSignature,
    };
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;
    use time::OffsetDateTime;

    const NOW: i64 = 1_800_000_000;

    /// A token whose signature nobody looks at.
    fn token(claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.signature", part(&json!({"alg": "RS256", "kid": "1"})), part(claims))
    }

    fn claims() -> Value {
        json!({"iss": "https://issuer.example", "aud": "client", "sub": "kp_1", "iat": NOW, "exp": NOW + 60, "nbf": NOW + 90})
    }

    /// Exactly one check fails: that before holds, and what follows is not reached.
    fn assert_fails_at(checks: &[Check], name: &str) {
        let place = checks.iter().position(|check| check.name == name);
        let place = place.unwrap_or_else(|| panic!("no check {name}: {checks:?}"));
        for (index, check) in checks.iter().enumerate() {
            let expected = match index.cmp(&place) {
                std::cmp::Ordering::Less => Verdict::Holds,
                std::cmp::Ordering::Equal => Verdict::Fails,
                std::cmp::Ordering::Greater => Verdict::NotReached,
            };
            assert_eq!(check.verdict, expected, "{name}: {check:?}");
        }
    }

    fn jwt_errors() -> [(JwtError, &'static str); 6] {
        [
            (Malformed("it has no iat".to_owned()), "claims"),
            (WrongAlgorithm, "alg"),
            (UnknownKey, "kid"),
            (WrongSignature, "signature"),
            (Expired(61), "exp"),
            (NotYetValid(90), "nbf"),
        ]
    }

    #[test]
    fn each_error_of_an_id_token_is_the_failure_of_one_check() {
        let expected = Expected {
            issuer: "https://issuer.example",
            client_id: "client",
            nonce: Some("nonce"),
            access_token: "token",
            now: NOW,
        };
        let text = token(&claims());
        let fails =
            |token, error: OidcError, name: &str| assert_fails_at(&id_token(token, expected, Err(&error)), name);
        for (error, name) in jwt_errors() {
            fails(Some(&text), error.into(), name);
        }
        for (error, name) in [
            (IdTokenError::WrongIssuer, "iss"),
            (IdTokenError::WrongAudience, "aud"),
            (IdTokenError::WrongAuthorizedParty, "azp"),
            (IdTokenError::WrongNonce, "nonce"),
            (IdTokenError::WrongSubject, "sub"),
            (IdTokenError::WrongAccessTokenHash, "at_hash"),
        ] {
            fails(Some(&text), error.into(), name);
        }
        fails(None, TokenResponseError::NoIdToken.into(), "id_token");
        fails(Some("no.jwt.at-all"), Malformed(String::new()).into(), "id_token");
        fails(Some(&text), OidcError::Discovery(String::new()), "kid");
    }

    #[test]
    fn each_error_of_an_access_token_is_the_failure_of_one_check() {
        let expected =
            ExpectedAccess { issuer: "https://issuer.example", client_id: "client", subject: "kp_1", now: NOW };
        let text = token(&claims());
        for (error, name) in jwt_errors() {
            let error = AccessTokenError::Jwt(error);
            assert_fails_at(&access_token(&text, expected, Some(&AccessTokenFailure::Claims(&error))), name);
        }
        for (error, name) in [
            (AccessTokenError::WrongIssuer, "iss"),
            (AccessTokenError::WrongClient, "client"),
            (AccessTokenError::WrongSubject, "sub"),
        ] {
            assert_fails_at(&access_token(&text, expected, Some(&AccessTokenFailure::Claims(&error))), name);
        }
        let error = OidcError::from(UnknownKey);
        assert_fails_at(&access_token(&text, expected, Some(&AccessTokenFailure::Before(&error))), "kid");
        assert!(access_token(&text, expected, None).iter().all(|check| check.verdict == Verdict::Holds));
    }

    #[test]
    fn each_error_of_a_bearer_token_is_the_failure_of_one_check() {
        let audiences = ["https://api.example".to_owned()];
        let expected = ExpectedBearer { issuer: "https://issuer.example", audiences: &audiences, now: NOW };
        let text = token(&claims());
        let fails = |error: &BearerTokenError, name: &str| {
            assert_fails_at(&bearer_token(&text, expected, Some(Ok(error))), name);
        };
        for (error, name) in jwt_errors() {
            fails(&error.into(), name);
        }
        for (error, name) in [
            (BearerTokenError::WrongIssuer, "iss"),
            (BearerTokenError::WrongAudience, "aud"),
            (BearerTokenError::IdToken, "kind"),
            (BearerTokenError::NoHolder, "holder"),
            (BearerTokenError::Ended, "ended"),
            (BearerTokenError::NoAudience, "audiences"),
        ] {
            fails(&error, name);
        }
        let unavailable = OidcError::Discovery(String::new());
        assert_fails_at(&bearer_token(&text, expected, Some(Err(&unavailable))), "kid");
    }

    #[test]
    fn each_error_of_a_delivery_is_the_failure_of_one_check() {
        let text = token(&claims());
        let expected = ExpectedEvent { issuer: "https://issuer.example", now: OffsetDateTime::UNIX_EPOCH };
        for (error, name) in [
            (WebhookError::Jwt(Malformed(String::new())), "claims"),
            (WebhookError::Jwt(WrongAlgorithm), "alg"),
            (WebhookError::Jwt(UnknownKey), "kid"),
            (WebhookError::Jwt(WrongSignature), "signature"),
            (WebhookError::WrongIssuer, "iss"),
            (WebhookError::BadId, "event_id"),
            (WebhookError::BadTimestamp, "timestamp"),
            (WebhookError::TooOld(1), "timestamp"),
            (WebhookError::Ahead(1), "timestamp"),
        ] {
            assert_fails_at(&event(&text, expected, Some(Ok(&error))), name);
        }
        let expected = ExpectedLogout { issuer: "https://issuer.example", client_id: "client", now: NOW };
        for (error, name) in [
            (LogoutTokenError::NotOne, "logout_token"),
            (LogoutTokenError::Jwt(Malformed(String::new())), "claims"),
            (LogoutTokenError::Jwt(WrongSignature), "signature"),
            (LogoutTokenError::Jwt(Expired(61)), "iat"),
            (LogoutTokenError::WrongType, "typ"),
            (LogoutTokenError::WrongIssuer, "iss"),
            (LogoutTokenError::WrongAudience, "aud"),
            (LogoutTokenError::TooOld(301), "iat"),
            (LogoutTokenError::NoLogout, "events"),
            (LogoutTokenError::NoSubject, "sub or sid"),
            (LogoutTokenError::Nonce, "nonce"),
            (LogoutTokenError::NoId, "jti"),
            (LogoutTokenError::Used, "jti"),
        ] {
            assert_fails_at(&logout_token(&text, expected, Some(Ok(&error))), name);
        }
    }

    #[test]
    fn each_error_of_a_token_response_is_the_failure_of_one_check() {
        let received = Received::default();
        for (error, name) in [
            (OidcError::CodeRefused("invalid_grant".to_owned()), "response"),
            (TokenResponseError::NoAccessToken.into(), "access_token"),
            (TokenResponseError::WrongTokenType.into(), "token_type"),
        ] {
            assert_fails_at(&token_response(&received, Err(&error)), name);
        }
        assert_fails_at(&userinfo(&received, "kp_1", Err(&OidcError::WrongUserinfoSubject)), "sub");
        assert_fails_at(&userinfo(&received, "kp_1", Err(&OidcError::Discovery(String::new()))), "response");
    }
}
