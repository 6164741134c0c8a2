//! The tenant's RSA keys, the key set that it publishes, and the signatures of its tokens. The keys are generated at
//! start, or come from the file with the tenant's state. Incorrect signatures are in `faults::forgery`.
//!
//! RFC 7515 (JWS), RFC 7517 (JWK), RFC 7518 §3.3 (RS256), RFC 5958 (PKCS #8).

use aws_lc_rs::{
    digest::{SHA256, digest},
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Map, Value, json};

/// The cryptographic library could not generate a key.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no RSA key could be generated")]
pub struct KeyGenerationFailed;

/// An RSA key of 2048 bits and its key id.
pub(crate) struct SigningKey {
    pair: KeyPair,
    pub(crate) kid: String,
}

impl SigningKey {
    pub(crate) fn generate() -> Result<Self, KeyGenerationFailed> {
        KeyPair::generate(KeySize::Rsa2048).map(Self::of).map_err(|_| KeyGenerationFailed)
    }

    fn of(pair: KeyPair) -> Self {
        let kid = key_id(pair.public_key().as_ref());
        Self { pair, kid }
    }

    /// Reads a private key in the form of [`Self::private_key`].
    fn read(text: &str) -> Option<Self> {
        KeyPair::from_pkcs8(&STANDARD.decode(text).ok()?).map(Self::of).ok()
    }

    /// Returns the private key: PKCS #8 in Base64.
    fn private_key(&self) -> String {
        let der: Pkcs8V1Der<'_> = self.pair.as_der().expect("an RSA key has a PKCS #8 form");
        STANDARD.encode(der.as_ref())
    }

    /// Returns the RS256 signature of `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .expect("a 2048-bit key signs any message into a buffer as long as its modulus");
        signature
    }

    /// Returns whether this is the key's RS256 signature of `message`.
    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.pair.public_key());
        public.verify(message, signature).is_ok()
    }

    /// Returns the public key as a JWK.
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

    /// Returns the public key in the PEM format of X.509.
    pub(crate) fn public_pem(&self) -> String {
        let der: PublicKeyX509Der<'_> =
            self.pair.public_key().as_der().expect("a public key that was just generated has an X.509 form");
        let base64 = STANDARD.encode(der.as_ref());
        let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
    }
}

/// Returns a key id in the format of Kinde: 16 pairs of hexadecimal digits, joined by colons.
fn key_id(public_key: &[u8]) -> String {
    let pairs: Vec<_> = digest(&SHA256, public_key).as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(":")
}

/// The current signing key and the other keys of the tenant.
pub(crate) struct KeyRing {
    pub(crate) current: SigningKey,
    /// Published keys that do not sign: earlier signing keys, and a decoy that never signed.
    retired: Vec<SigningKey>,
    stranger: Option<SigningKey>,
}

/// A published key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signer {
    Current,
    Earlier,
}

impl KeyRing {
    pub(crate) fn generate() -> Result<Self, KeyGenerationFailed> {
        Ok(Self { current: SigningKey::generate()?, retired: Vec::new(), stranger: None })
    }

    /// Returns the keys of which these are the private keys, the current one first; none if one of them is no key.
    pub(crate) fn of_private_keys(private_keys: &[String]) -> Option<Self> {
        let mut keys = private_keys.iter().map(|text| SigningKey::read(text)).collect::<Option<Vec<_>>>()?.into_iter();
        Some(Self { current: keys.next()?, retired: keys.collect(), stranger: None })
    }

    /// Returns the private keys of all published keys, the current one first.
    pub(crate) fn private_keys(&self) -> Vec<String> {
        std::iter::once(&self.current).chain(&self.retired).map(SigningKey::private_key).collect()
    }

    /// Replaces the signing key by a new one. The old key stays published unless `drop_old` is set.
    pub(crate) fn rotate(&mut self, drop_old: bool) -> Result<(), KeyGenerationFailed> {
        let old = std::mem::replace(&mut self.current, SigningKey::generate()?);
        self.retired.push(old);
        if drop_old {
            self.retired.clear();
        }
        Ok(())
    }

    /// Publishes at least one key in addition to the current one.
    pub(crate) fn publish_second_key(&mut self) -> Result<(), KeyGenerationFailed> {
        if self.retired.is_empty() {
            self.retired.push(SigningKey::generate()?);
        }
        Ok(())
    }

    /// Returns a key that the tenant never publishes.
    pub(crate) fn stranger(&mut self) -> &SigningKey {
        self.stranger
            .get_or_insert_with(|| SigningKey::generate().expect("the generator worked when the tenant started"))
    }

    /// Returns the claims of a JWT that a published key signed. The caller checks the claims.
    pub(crate) fn verified_claims(&self, jwt: &str) -> Option<Map<String, Value>> {
        self.signer_of(jwt)?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1)?).ok()?).ok()
    }

    /// Returns which published key signed a JWT.
    pub(crate) fn signer_of(&self, jwt: &str) -> Option<Signer> {
        let (input, signature) = jwt.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let has_signed = |key: &SigningKey| key.verifies(input.as_bytes(), &signature);
        if has_signed(&self.current) {
            Some(Signer::Current)
        } else {
            self.retired.iter().any(has_signed).then_some(Signer::Earlier)
        }
    }

    /// Returns how many keys the key set has.
    pub(crate) fn published(&self) -> usize {
        1 + self.retired.len()
    }

    /// Returns the key set document (RFC 7517 §5).
    pub(crate) fn key_set(&self) -> Map<String, Value> {
        let keys = std::iter::once(&self.current).chain(&self.retired);
        let keys: Vec<_> = keys.map(SigningKey::jwk).collect();
        Map::from_iter([("keys".to_owned(), Value::Array(keys))])
    }

    /// Returns a JWT in compact serialization. The current key signs it, and `names_key` decides whether the header
    /// contains `kid`.
    pub(crate) fn sign_jwt(&self, claims: &Map<String, Value>, names_key: bool) -> String {
        self.sign_jwt_as("JWT", claims, names_key)
    }

    /// As [`Self::sign_jwt`], with this `typ` in the header; an empty one leaves it out.
    pub(crate) fn sign_jwt_as(&self, typ: &str, claims: &Map<String, Value>, names_key: bool) -> String {
        let mut header = Map::from_iter([("alg".to_owned(), "RS256".into())]);
        if names_key {
            header.insert("kid".to_owned(), self.current.kid.as_str().into());
        }
        if !typ.is_empty() {
            header.insert("typ".to_owned(), typ.into());
        }
        let input = signing_input(&header.into(), claims);
        compact(&input, &self.current.sign(input.as_bytes()))
    }
}

/// Returns the signing input of a compact JWS, which is its header and payload (RFC 7515 §5.1).
pub(crate) fn signing_input(header: &Value, claims: &Map<String, Value>) -> String {
    let payload = Value::Object(claims.clone());
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(payload.to_string()))
}

/// Returns the compact JWS of this signing input and signature.
pub(crate) fn compact(input: &str, signature: &[u8]) -> String {
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Returns the left half of the SHA-256 digest, which is the value of `at_hash` (OIDC Core §3.1.3.6).
pub(crate) fn left_half_hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(&digest(&SHA256, text.as_bytes()).as_ref()[..16])
}
