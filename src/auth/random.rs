//! Unguessable values, and digests of values: 256 random bits for `state`, `nonce`, browser binding and session secrets.
//! A leaf: it knows neither OpenID Connect nor sessions. The code verifier is made by the `oauth2` crate.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// 256 random bits.
pub(super) fn random_bytes() -> [u8; 32] {
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system's random number generator works");
    bytes
}

/// 256 random bits as 43 base64url characters (RFC 6749 §10.10 asks for at least 128 bits).
pub(super) fn random_value() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes())
}

/// The SHA-256 digest of a value as 43 base64url characters: what is stored in place of the value.
pub(super) fn digest_of(value: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, value.as_bytes()))
}

/// The first 128 bits of the SHA-256 digest of several values. Each value is preceded by its length, so that no two
/// different lists of values have the same digest.
pub(super) fn half_digest_of_all(values: &[&[u8]]) -> [u8; 16] {
    let mut bytes = Vec::new();
    for value in values {
        bytes.extend_from_slice(&(value.len() as u64).to_le_bytes());
        bytes.extend_from_slice(value);
    }
    left_half(&bytes)
}

/// The left half of a SHA-256 digest, base64url: how `at_hash` is computed for RS256 (OIDC Core §3.1.3.6).
pub(super) fn left_half_of_digest(value: &str) -> String {
    URL_SAFE_NO_PAD.encode(left_half(value.as_bytes()))
}

fn left_half(bytes: &[u8]) -> [u8; 16] {
    let mut half = [0_u8; 16];
    half.copy_from_slice(&digest(&SHA256, bytes).as_ref()[..16]);
    half
}

/// Compares in constant time.
pub(super) fn same(left: &str, right: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(left.as_bytes(), right.as_bytes()).is_ok()
}
