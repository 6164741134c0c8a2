//! Random values in Kinde's formats. Keys are in `signing`.
//!
//! RFC 9562 §5.4 (UUID version 4). The other formats are those of the examples in Kinde's documentation.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Encodes bytes as lowercase hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns `bytes` random bytes as lowercase hexadecimal digits.
pub(crate) fn random_hexadecimal(bytes: usize) -> String {
    hexadecimal(&random(bytes))
}

/// Returns `length` random letters and digits.
pub(crate) fn random_alphanumeric(length: usize) -> String {
    let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').collect();
    // The remainder makes some characters slightly more likely, which is acceptable for a development secret.
    let character = |byte: u8| alphabet[usize::from(byte) % alphabet.len()];
    random(length).into_iter().map(character).collect()
}

/// Returns an opaque value of two parts, the format of Kinde's authorization codes.
pub(crate) fn random_two_parts() -> String {
    let part = || URL_SAFE_NO_PAD.encode(random(32));
    format!("{}.{}", part(), part())
}

/// Returns a random UUID (RFC 9562 version 4), the format of `jti`.
pub(crate) fn random_uuid() -> String {
    let mut bytes = random(16);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    as_uuid(&hexadecimal(&bytes))
}

/// Formats 32 hexadecimal digits as a UUID.
pub(crate) fn as_uuid(digits: &str) -> String {
    let groups = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    groups.map(|(start, end)| &digits[start..end]).join("-")
}

fn random(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system provides random bytes");
    bytes
}
