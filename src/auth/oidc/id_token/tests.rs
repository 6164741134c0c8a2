//! Tests of ID tokens: each rule of OIDC Core §3.1.3.7 by the claim that breaks it, with a fixed clock.
//! Signatures are tested over HTTP, with a tenant that forges them.

use super::*;
use serde_json::json;

use crate::auth::oidc::CLOCK_TOLERANCE_SECONDS;

const NOW: i64 = 1_800_000_000;

fn expected() -> Expected<'static> {
    Expected {
        issuer: "https://issuer.example",
        client_id: "client",
        nonce: Some("nonce"),
        access_token: "token",
        now: NOW,
    }
}

/// Good claims with one of them replaced; `null` removes it.
fn claims_with(name: &str, value: Value) -> Result<CheckedClaims, serde_json::Error> {
    let mut claims = json!({
        "iss": "https://issuer.example", "aud": ["client"], "azp": "client", "sub": "kp_1",
        "exp": NOW + 3600, "iat": NOW, "nonce": "nonce",
    });
    match value {
        Value::Null => {
            claims.as_object_mut().unwrap().remove(name);
        }
        value => claims[name] = value,
    }
    serde_json::from_value(claims)
}

fn outcome(name: &str, value: Value) -> Result<(), IdTokenError> {
    let claims = claims_with(name, value).map_err(|error| JwtError::Malformed(error.to_string()))?;
    check_parties(&claims, expected())?;
    claims.times.require_issued_at()?;
    claims.times.check(expected().now)?;
    check_binding(&claims, expected())
}

#[test]
fn every_audience_that_kinde_is_known_to_send_is_accepted() {
    for aud in [
        json!("client"),
        json!(["client"]),
        json!(["https://issuer.example", "client"]),
        json!(["https://issuer.example"]),
    ] {
        assert_eq!(outcome("aud", aud.clone()), Ok(()), "{aud}");
    }
}

#[test]
fn an_audience_without_the_client_or_with_a_stranger_is_rejected() {
    for aud in [json!("other"), json!(["client", "other"]), json!([])] {
        assert_eq!(outcome("aud", aud.clone()), Err(IdTokenError::WrongAudience), "{aud}");
    }
}

#[test]
fn the_issuer_as_only_audience_needs_the_authorized_party() {
    let mut claims = claims_with("aud", json!(["https://issuer.example"])).unwrap();
    claims.azp = None;
    assert_eq!(check_parties(&claims, expected()), Err(IdTokenError::WrongAudience));
}

#[test]
fn the_issuer_is_compared_byte_for_byte() {
    for iss in ["https://issuer.example/", "https://ISSUER.example", "https://evil.example"] {
        assert_eq!(outcome("iss", json!(iss)), Err(IdTokenError::WrongIssuer));
    }
}

#[test]
fn the_clock_tolerance_holds_on_both_sides() {
    let tolerance = CLOCK_TOLERANCE_SECONDS;
    assert_eq!(outcome("exp", json!(NOW - tolerance)), Ok(()));
    assert_eq!(outcome("exp", json!(NOW - tolerance - 1)), Err(JwtError::Expired(tolerance + 1).into()));
    for claim in ["iat", "nbf"] {
        assert_eq!(outcome(claim, json!(NOW + tolerance)), Ok(()));
        assert_eq!(outcome(claim, json!(NOW + tolerance + 1)), Err(JwtError::NotYetValid(tolerance + 1).into()));
    }
}

#[test]
fn dates_may_have_a_fraction_but_must_be_numbers() {
    assert_eq!(outcome("exp", json!(1_800_000_000.5)), Ok(()));
    for value in [json!("1800003600"), json!(true), json!([NOW])] {
        assert!(matches!(outcome("exp", value), Err(IdTokenError::Jwt(JwtError::Malformed(_)))));
    }
}

#[test]
fn required_claims_are_required() {
    for claim in ["iss", "sub", "aud", "exp", "iat"] {
        assert!(matches!(outcome(claim, Value::Null), Err(IdTokenError::Jwt(JwtError::Malformed(_)))), "{claim}");
    }
    assert_eq!(outcome("nonce", Value::Null), Err(IdTokenError::WrongNonce));
}

#[test]
fn a_subject_must_be_there_and_of_sane_length() {
    for subject in [String::new(), " ".to_owned(), "x".repeat(256)] {
        assert_eq!(outcome("sub", json!(subject)), Err(IdTokenError::WrongSubject));
    }
    assert_eq!(outcome("sub", json!("x".repeat(255))), Ok(()));
}

#[test]
fn nonce_party_and_access_token_hash_must_fit() {
    assert_eq!(outcome("nonce", json!("other")), Err(IdTokenError::WrongNonce));
    assert_eq!(outcome("azp", json!("other")), Err(IdTokenError::WrongAuthorizedParty));
    assert_eq!(outcome("azp", Value::Null), Ok(()));
    assert_eq!(outcome("at_hash", json!(left_half_of_digest("token"))), Ok(()));
    assert_eq!(outcome("at_hash", json!("x")), Err(IdTokenError::WrongAccessTokenHash));
}

#[test]
fn claims_about_the_user_never_fail_a_sign_in() {
    let claims = claims_with("given_name", json!(["strange"])).unwrap();
    assert_eq!(claims.user.given_name, None);
}

#[test]
fn the_id_token_of_a_refresh_needs_no_nonce() {
    let claims = claims_with("nonce", Value::Null).unwrap();
    assert_eq!(check_binding(&claims, Expected { nonce: None, ..expected() }), Ok(()));
    assert_eq!(check_binding(&claims, expected()), Err(IdTokenError::WrongNonce));
}

fn user(claims: Value) -> UserClaims {
    serde_json::from_value(claims).unwrap()
}

#[test]
fn claims_that_an_id_token_lacks_come_from_userinfo_and_its_own_stay() {
    let names = ["name", "given_name", "family_name", "preferred_username", "email", "picture"];
    let all =
        |from: &str| user(names.iter().map(|name| ((*name).to_owned(), json!(format!("{from} {name}")))).collect());
    let texts = |claims: UserClaims| {
        let UserClaims { name, given_name, family_name, preferred_username, email, picture } = claims;
        [name, given_name, family_name, preferred_username, email, picture]
    };
    let expected = |from: &str| names.map(|name| Some(format!("{from} {name}")));
    assert_eq!(texts(all("own").or(all("userinfo"))), expected("own"));
    assert_eq!(texts(user(json!({})).or(all("userinfo"))), expected("userinfo"));
    assert_eq!(texts(all("own").or(user(json!({})))), expected("own"));
}

#[test]
fn a_user_without_name_and_e_mail_is_nameless() {
    for nameless in [json!({}), json!({"name": " ", "email": ""}), json!({"picture": "p", "preferred_username": "u"})] {
        assert!(user(nameless.clone()).is_nameless(), "{nameless}");
    }
    for named in ["name", "given_name", "family_name", "email"] {
        assert!(!user(json!({named: "Ada", "picture": "p"})).is_nameless(), "{named}");
    }
}
