//! Unguessable values and their digests: 256 random bits for `state`, `nonce` and browser binding, SHA-256 for lookup.
//! The code verifier is made by the `oauth2` crate; session ids by tower-sessions.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tower_sessions::session::Id;

/// 256 random bits as 43 base64url characters (RFC 6749 §10.10 asks for at least 128).
pub(crate) fn random_value() -> String {
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system's random number generator answers");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The SHA-256 digest of a value as 43 base64url characters: what is stored in place of the value.
pub(crate) fn digest_of(value: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, value.as_bytes()))
}

/// A record id derived from a value that only its owner knows: the first 128 bits of its SHA-256 digest.
pub(crate) fn record_id_of(value: &str) -> Id {
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest(&SHA256, value.as_bytes()).as_ref()[..16]);
    Id(i128::from_le_bytes(bytes))
}

/// Compares in constant time.
pub(crate) fn same(left: &str, right: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(left.as_bytes(), right.as_bytes()).is_ok()
}

/// The left half of a SHA-256 digest, base64url: how `at_hash` is computed for RS256 (OIDC Core §3.1.3.6).
pub(crate) fn left_half_of_digest(value: &str) -> String {
    URL_SAFE_NO_PAD.encode(&digest(&SHA256, value.as_bytes()).as_ref()[..16])
}
