//! `SealingKeys`: encrypts what a session record holds before it is stored, and reads it back.
//! It knows neither records nor stores: JSON values go in and come out.
//!
//! AES-256-GCM with a random nonce for each value (NIST SP 800-38D). The additional data is the record's id and the
//! name of its content, so that a value moved to another record does not open.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The length of a key, in bytes.
const KEY_LENGTH: usize = 32;
/// A key with fewer different bytes than this was not made at random.
const MIN_DIFFERENT_BYTES: usize = 8;

/// Keys for sessions at rest, the newest first: it seals, all of them open. Without any, values are stored as they
/// are; with one, a value that is not sealed is refused, so that nobody who can write to the store makes sessions up.
#[derive(Default)]
pub struct SealingKeys(Vec<RandomizedNonceKey>);

/// Why a text is no list of keys. Holds nothing of the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealingKeyError {
    /// A key is not base64 of 32 bytes.
    #[error("each key must be 32 random bytes in base64: make one with `openssl rand -base64 32`")]
    WrongLength,
    /// A key is no random value.
    #[error("a key is not random: make one with `openssl rand -base64 32`")]
    NotRandom,
}

impl std::fmt::Debug for SealingKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealingKeys({} [redacted])", self.0.len())
    }
}

impl SealingKeys {
    /// Reads keys, separated by commas, the newest first. Each is 32 bytes in base64, with or without padding.
    ///
    /// # Errors
    /// [`SealingKeyError`], whose text completes the sentence "SESSION_ENCRYPTION_KEYS: …".
    pub fn parse(text: &str) -> Result<Self, SealingKeyError> {
        text.split(',').map(str::trim).map(key).collect::<Result<_, _>>().map(Self)
    }

    /// Whether nothing is sealed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A value fit for the store: sealed with the newest key, or as it is when there are none.
    pub(crate) fn seal(&self, context: &str, content: &impl Serialize) -> Result<Value, serde_json::Error> {
        let Some(key) = self.0.first() else { return serde_json::to_value(content) };
        let mut sealed = serde_json::to_vec(content)?;
        let nonce = key
            .seal_in_place_append_tag(Aad::from(context.as_bytes()), &mut sealed)
            .map_err(|_| serde::ser::Error::custom("sealing failed"))?;
        let with_nonce = [nonce.as_ref().as_slice(), &sealed].concat();
        Ok(Value::String(STANDARD_NO_PAD.encode(with_nonce)))
    }

    /// Whether a value from the store is a sealed one, by whichever key.
    pub(crate) fn is_sealed(stored: &Value) -> bool {
        stored.is_string()
    }

    /// A value from the store; none when it was not sealed in this context with one of the keys.
    pub(crate) fn open<T: DeserializeOwned>(&self, context: &str, stored: &Value) -> Option<T> {
        if self.0.is_empty() {
            return T::deserialize(stored).ok();
        }
        let sealed = STANDARD_NO_PAD.decode(stored.as_str()?).ok()?;
        self.0.iter().find_map(|key| serde_json::from_slice(&opened(key, context, &sealed)?).ok())
    }
}

fn key(text: &str) -> Result<RandomizedNonceKey, SealingKeyError> {
    let bytes =
        STANDARD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text)).map_err(|_| SealingKeyError::WrongLength)?;
    if bytes.len() != KEY_LENGTH {
        return Err(SealingKeyError::WrongLength);
    }
    if bytes.iter().collect::<std::collections::BTreeSet<_>>().len() < MIN_DIFFERENT_BYTES {
        return Err(SealingKeyError::NotRandom);
    }
    RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| SealingKeyError::WrongLength)
}

fn opened(key: &RandomizedNonceKey, context: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut buffer = sealed.to_vec();
    let content = key.open_in_place(nonce, Aad::from(context.as_bytes()), &mut buffer).ok()?;
    Some(content.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made at test time: no key stands in the source.
    fn random_key() -> String {
        let mut bytes = [0_u8; KEY_LENGTH];
        aws_lc_rs::rand::fill(&mut bytes).unwrap();
        STANDARD.encode(bytes)
    }

    fn keys(text: &str) -> SealingKeys {
        SealingKeys::parse(text).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_key_and_context_only() {
        let (keys_a, keys_b) = (keys(&random_key()), keys(&random_key()));
        let stored = keys_a.seal("record 1", &"secret").unwrap();
        assert!(!stored.to_string().contains("secret"));
        assert_eq!(keys_a.open::<String>("record 1", &stored).as_deref(), Some("secret"));
        assert_eq!(keys_a.open::<String>("record 2", &stored), None);
        assert_eq!(keys_b.open::<String>("record 1", &stored), None);
    }

    #[test]
    fn old_keys_still_open_and_the_newest_seals() {
        let (old, new) = (random_key(), random_key());
        let stored = keys(&old).seal("record", &1).unwrap();
        let both = keys(&format!("{new}, {old}"));
        assert_eq!(both.open::<i32>("record", &stored), Some(1));
        assert_eq!(keys(&old).open::<i32>("record", &both.seal("record", &2).unwrap()), None);
    }

    #[test]
    fn with_a_key_plain_and_damaged_values_are_refused() {
        let keys = keys(&random_key());
        assert_eq!(keys.open::<i32>("record", &serde_json::json!(1)), None);
        for damaged in ["", "AAAA", "not base64!"] {
            assert_eq!(keys.open::<i32>("record", &serde_json::json!(damaged)), None);
        }
    }

    #[test]
    fn without_a_key_values_are_stored_as_they_are() {
        let none = SealingKeys::default();
        assert_eq!(none.seal("record", &1).unwrap(), serde_json::json!(1));
        assert_eq!(none.open::<i32>("record", &serde_json::json!(1)), Some(1));
    }

    #[test]
    fn short_and_made_up_keys_are_refused() {
        let short = STANDARD.encode([7_u8; 16]);
        for (text, error) in [
            ("change-me", SealingKeyError::WrongLength),
            (short.as_str(), SealingKeyError::WrongLength),
            (STANDARD.encode([0_u8; KEY_LENGTH]).as_str(), SealingKeyError::NotRandom),
        ] {
            assert_eq!(SealingKeys::parse(text).unwrap_err(), error);
        }
        for text in [",", &format!("{},", random_key())] {
            assert_eq!(SealingKeys::parse(text).unwrap_err(), SealingKeyError::WrongLength, "a forgotten key");
        }
    }
}
