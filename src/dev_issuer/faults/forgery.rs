//! A forgery: an ID token whose signature or header is wrong in one specific way. Incorrect claims are in `alteration`.
//!
//! RFC 7515, RFC 8725 §2 and §3.

use aws_lc_rs::hmac;
use serde_json::{Map, Value, json};

use crate::dev_issuer::basics::signing::{KeyRing, compact, signing_input};

/// One incorrect way to sign, or a correct signature with an unusual header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forgery {
    /// No signature, with this spelling of the algorithm `none`.
    Unsigned(&'static str),
    HmacPublicKey,
    HmacClientSecret,
    UnknownKeySameKid,
    UnknownKid,
    NoKid,
    NoKidOfSeveral,
    EmbeddedJwk,
    Tampered,
}

type Claims = Map<String, Value>;

impl Forgery {
    /// Returns the forged compact JWT of `claims`.
    pub(crate) fn sign(self, keys: &mut KeyRing, claims: &Claims, client_secret: &str, jwks_url: &str) -> String {
        let kid = keys.current.kid.clone();
        match self {
            Self::Unsigned(algorithm) => compact(&signing_input(&json!({"alg": algorithm, "typ": "JWT"}), claims), &[]),
            Self::HmacPublicKey => hs256(&kid, claims, keys.current.public_pem().as_bytes()),
            Self::HmacClientSecret => hs256(&kid, claims, client_secret.as_bytes()),
            Self::UnknownKeySameKid => by_stranger(keys, &rs256(Some(&kid)), claims),
            Self::UnknownKid => {
                let kid = keys.stranger().kid.clone();
                by_stranger(keys, &rs256(Some(&kid)), claims)
            }
            Self::NoKid | Self::NoKidOfSeveral => {
                let input = signing_input(&rs256(None), claims);
                compact(&input, &keys.current.sign(input.as_bytes()))
            }
            Self::EmbeddedJwk => {
                let jwk = keys.stranger().jwk();
                let header = json!({"alg": "RS256", "kid": jwk["kid"], "jwk": jwk, "jku": jwks_url});
                by_stranger(keys, &header, claims)
            }
            Self::Tampered => tampered(keys, claims),
        }
    }
}

fn rs256(kid: Option<&str>) -> Value {
    match kid {
        Some(kid) => json!({"alg": "RS256", "kid": kid, "typ": "JWT"}),
        None => json!({"alg": "RS256", "typ": "JWT"}),
    }
}

fn by_stranger(keys: &mut KeyRing, header: &Value, claims: &Claims) -> String {
    let input = signing_input(header, claims);
    compact(&input, &keys.stranger().sign(input.as_bytes()))
}

fn hs256(kid: &str, claims: &Claims, key: &[u8]) -> String {
    let input = signing_input(&json!({"alg": "HS256", "kid": kid, "typ": "JWT"}), claims);
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), input.as_bytes());
    compact(&input, signature.as_ref())
}

/// Signs the claims, changes them, and keeps the signature.
fn tampered(keys: &KeyRing, claims: &Claims) -> String {
    let header = rs256(Some(&keys.current.kid));
    let signature = keys.current.sign(signing_input(&header, claims).as_bytes());
    let mut shown = claims.clone();
    shown.insert("given_name".to_owned(), "Tampered".into());
    compact(&signing_input(&header, &shown), &signature)
}
