//! The tenant's RSA keys and the key set it publishes.
//!
//! It leaves wrong signatures to `forgery`. Keys are made at start and never written anywhere.
//! Documents: RFC 7515 (JWS), RFC 7517 (JWK), RFC 7518 §3.3 (RS256).

use aws_lc_rs::{
    digest::{SHA256, digest},
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Map, Value, json};

/// The cryptographic library made no key.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no RSA key could be generated")]
pub struct KeyGenerationFailed;

/// An RSA key of 2048 bits with its key id.
pub(crate) struct SigningKey {
    pair: KeyPair,
    pub(crate) kid: String,
}

impl SigningKey {
    pub(crate) fn generate() -> Result<Self, KeyGenerationFailed> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyGenerationFailed)?;
        let kid = key_id(pair.public_key().as_ref());
        Ok(Self { pair, kid })
    }

    /// The RS256 signature of `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .expect("a 2048-bit key signs any message into a buffer as long as its modulus");
        signature
    }

    /// The public half as a JWK.
    pub(crate) fn jwk(&self) -> Value {
        let public = self.pair.public_key();
        json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
        })
    }

    /// The public half in the PEM form of X.509.
    pub(crate) fn public_pem(&self) -> String {
        let der: PublicKeyX509Der<'_> =
            self.pair.public_key().as_der().expect("a public key that was just generated has an X.509 form");
        let base64 = STANDARD.encode(der.as_ref());
        let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
    }
}

/// Kinde's key ids are 16 pairs of hexadecimal digits joined by colons.
fn key_id(public_key: &[u8]) -> String {
    let pairs: Vec<_> = digest(&SHA256, public_key).as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(":")
}

/// The key that signs now, and what else is published.
pub(crate) struct KeyRing {
    pub(crate) current: SigningKey,
    /// Published and signing nothing anymore, or never anything (a decoy).
    retired: Vec<SigningKey>,
    stranger: Option<SigningKey>,
}

impl KeyRing {
    pub(crate) fn generate() -> Result<Self, KeyGenerationFailed> {
        Ok(Self { current: SigningKey::generate()?, retired: Vec::new(), stranger: None })
    }

    /// Signs with a new key from now on; the old one stays published unless dropped.
    pub(crate) fn rotate(&mut self, drop_old: bool) -> Result<(), KeyGenerationFailed> {
        let old = std::mem::replace(&mut self.current, SigningKey::generate()?);
        self.retired.push(old);
        if drop_old {
            self.retired.clear();
        }
        Ok(())
    }

    /// Publishes at least one key beside the current one.
    pub(crate) fn publish_second_key(&mut self) -> Result<(), KeyGenerationFailed> {
        if self.retired.is_empty() {
            self.retired.push(SigningKey::generate()?);
        }
        Ok(())
    }

    /// A key that is never published.
    pub(crate) fn stranger(&mut self) -> &SigningKey {
        self.stranger
            .get_or_insert_with(|| SigningKey::generate().expect("the generator worked when the tenant started"))
    }

    /// The key set document (RFC 7517 §5).
    pub(crate) fn key_set(&self) -> Map<String, Value> {
        let keys = std::iter::once(&self.current).chain(&self.retired);
        let keys: Vec<_> = keys.map(SigningKey::jwk).collect();
        Map::from_iter([("keys".to_owned(), Value::Array(keys))])
    }

    /// A JWT in compact form, signed by the current key as Kinde signs.
    pub(crate) fn sign_jwt(&self, claims: &Map<String, Value>) -> String {
        let header = json!({"alg": "RS256", "kid": self.current.kid, "typ": "JWT"});
        let input = signing_input(&header, claims);
        compact(&input, &self.current.sign(input.as_bytes()))
    }
}

/// Header and payload of a compact JWS (RFC 7515 §5.1).
pub(crate) fn signing_input(header: &Value, claims: &Map<String, Value>) -> String {
    let payload = Value::Object(claims.clone());
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(payload.to_string()))
}

/// A compact JWS of its signing input and its signature.
pub(crate) fn compact(input: &str, signature: &[u8]) -> String {
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The left half of the SHA-256 digest, as `at_hash` has it (OIDC Core §3.1.3.6).
pub(crate) fn left_half_hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(&digest(&SHA256, text.as_bytes()).as_ref()[..16])
}
