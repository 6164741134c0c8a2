//! `SealingKeys`: encrypts the content of a record before it is stored, and decrypts it. Records and stores are in
//! `sealed_records`.
//!
//! AES-256-GCM with a random nonce for each content (NIST SP 800-38D). The additional data names the record of the
//! content, so that a content that was moved to another record does not open.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

/// The length of a key, in bytes.
const KEY_LENGTH: usize = 32;
/// A key with fewer different bytes than this is not random.
const MIN_DIFFERENT_BYTES: usize = 8;

/// Keys for sessions at rest, the newest first: that one seals, and all of them open. Without a key, contents are
/// stored as plain JSON. With a key, a content that is not sealed is refused, so that write access to the store is not
/// enough to forge a session.
#[derive(Default)]
pub struct SealingKeys(Vec<RandomizedNonceKey>);

/// Why a text is not a list of keys. It contains nothing of the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealingKeyError {
    /// A key is not base64 of 32 bytes.
    #[error("each key must be 32 random bytes in base64")]
    WrongLength,
    /// A key is not a random value.
    #[error("a key is not random")]
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

    /// Seals a content with the newest key. Without keys, returns the content itself.
    pub(super) fn seal(&self, context: &str, content: String) -> Result<String, SealingFailed> {
        let Some(key) = self.0.first() else { return Ok(content) };
        let mut sealed = content.into_bytes();
        let nonce =
            key.seal_in_place_append_tag(Aad::from(context.as_bytes()), &mut sealed).map_err(|_| SealingFailed)?;
        Ok(STANDARD_NO_PAD.encode([nonce.as_ref().as_slice(), &sealed].concat()))
    }

    /// Whether a content from the store was sealed, with any key: it is base64 of a nonce and a tag at least, which no
    /// JSON object is.
    pub(super) fn is_sealed(stored: &str) -> bool {
        !stored.starts_with('{')
            && STANDARD_NO_PAD.decode(stored).is_ok_and(|sealed| sealed.len() >= NONCE_LEN + AES_256_GCM.tag_len())
    }

    /// Seals a content from the store anew with the newest key, where another one sealed it. `None` when it was not
    /// sealed in this context with one of the keys.
    pub(super) fn seal_anew(&self, context: &str, stored: &str) -> Option<Result<SealedAnew, SealingFailed>> {
        let sealed = STANDARD_NO_PAD.decode(stored).ok()?;
        let opened = self.0.iter().map(|key| opened(key, context, &sealed));
        let (place, content) = opened.enumerate().find_map(|(place, content)| Some((place, content?)))?;
        if place == 0 {
            return Some(Ok(SealedAnew::NotNeeded));
        }
        let content = String::from_utf8(content).map_err(|_| SealingFailed);
        Some(content.and_then(|content| self.seal(context, content)).map(SealedAnew::Content))
    }

    /// Opens a content from the store. Returns `None` when it was not sealed in this context with one of the keys.
    pub(super) fn open(&self, context: &str, stored: &str) -> Option<Vec<u8>> {
        if self.0.is_empty() {
            return (!Self::is_sealed(stored)).then(|| stored.as_bytes().to_vec());
        }
        let sealed = STANDARD_NO_PAD.decode(stored).ok()?;
        self.0.iter().find_map(|key| opened(key, context, &sealed))
    }
}

/// A content that was to be sealed anew.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SealedAnew {
    /// The newest key has sealed it already.
    NotNeeded,
    /// As it is to be stored now.
    Content(String),
}

/// The cryptographic library could not seal: a bug.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("sealing failed")]
pub(super) struct SealingFailed;

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

    /// Generated at test time, so that no key is in the source.
    fn random_key() -> String {
        let mut bytes = [0_u8; KEY_LENGTH];
        aws_lc_rs::rand::fill(&mut bytes).unwrap();
        STANDARD.encode(bytes)
    }

    fn keys(text: &str) -> SealingKeys {
        SealingKeys::parse(text).unwrap()
    }

    fn sealed(keys: &SealingKeys, content: &str) -> String {
        keys.seal("record 1", content.to_owned()).unwrap()
    }

    fn opens_in(keys: &SealingKeys, context: &str, stored: &str) -> Option<String> {
        keys.open(context, stored).map(|content| String::from_utf8(content).unwrap())
    }

    #[test]
    fn a_sealed_content_opens_with_the_same_key_and_context_only() {
        let (keys_a, keys_b) = (keys(&random_key()), keys(&random_key()));
        let stored = sealed(&keys_a, "{secret}");
        assert!(SealingKeys::is_sealed(&stored) && !stored.contains("secret"));
        assert_eq!(opens_in(&keys_a, "record 1", &stored).as_deref(), Some("{secret}"));
        assert_eq!(opens_in(&keys_a, "record 2", &stored), None);
        assert_eq!(opens_in(&keys_b, "record 1", &stored), None);
    }

    #[test]
    fn old_keys_still_open_and_the_newest_seals() {
        let (old, new) = (random_key(), random_key());
        let both = keys(&format!("{new}, {old}"));
        assert_eq!(opens_in(&both, "record 1", &sealed(&keys(&old), "{1}")).as_deref(), Some("{1}"));
        assert_eq!(opens_in(&keys(&old), "record 1", &sealed(&both, "{2}")), None);
    }

    #[test]
    fn a_content_is_sealed_anew_unless_the_newest_key_has_sealed_it() {
        let (old, new, lost) = (random_key(), random_key(), random_key());
        let both = keys(&format!("{new}, {old}"));
        let before = sealed(&keys(&old), "{1}");
        let Some(Ok(SealedAnew::Content(after))) = both.seal_anew("record 1", &before) else { panic!() };
        assert_eq!(opens_in(&keys(&new), "record 1", &after).as_deref(), Some("{1}"), "the old key is not needed");
        assert!(matches!(both.seal_anew("record 1", &after), Some(Ok(SealedAnew::NotNeeded))));
        for other in [sealed(&keys(&lost), "{1}"), "{1}".to_owned(), String::new()] {
            assert!(both.seal_anew("record 1", &other).is_none(), "{other}");
        }
        assert!(both.seal_anew("record 2", &before).is_none());
    }

    #[test]
    fn with_a_key_plain_and_damaged_contents_are_refused() {
        let keys = keys(&random_key());
        for damaged in ["{}", "", "AAAA", "not base64!"] {
            assert_eq!(opens_in(&keys, "record 1", damaged), None);
        }
    }

    #[test]
    fn without_a_key_contents_are_stored_as_they_are() {
        let none = SealingKeys::default();
        assert_eq!(sealed(&none, "{1}"), "{1}");
        assert!(!SealingKeys::is_sealed("{1}"));
        assert_eq!(opens_in(&none, "record 1", "{1}").as_deref(), Some("{1}"));
        let sealed = sealed(&keys(&random_key()), "{1}");
        assert_eq!(opens_in(&none, "record 1", &sealed), None, "it belongs to a process that has the key");
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
