//! Random values in Kinde's formats.
//!
//! It leaves out keys (`signing`). Documents: RFC 9562 §5.4 (UUID version 4); the other formats are those of Kinde's
//! documentation examples.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// So many random bytes as lowercase hexadecimal digits.
pub(super) fn random_hexadecimal(bytes: usize) -> String {
    random(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// So many random letters and digits.
pub(super) fn random_alphanumeric(length: usize) -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    // A remainder favors some characters slightly, which a secret for development can bear.
    random(length).iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
}

/// An opaque value of two parts, the form of Kinde's authorization codes.
pub(super) fn random_two_parts() -> String {
    let part = || URL_SAFE_NO_PAD.encode(random(32));
    format!("{}.{}", part(), part())
}

/// A random UUID (RFC 9562 version 4), the form of `jti`.
pub(super) fn random_uuid() -> String {
    let mut bytes = random(16);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

fn random(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system provides random bytes");
    bytes
}
