//! Short digests, which stand for secrets on the console's pages and find the sign-in that a secret belongs to.

use std::fmt::{self, Display, Formatter};

use aws_lc_rs::digest::{SHA256, digest};

/// The first 64 bits of a value's SHA-256 digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Digest(u64);

impl Digest {
    pub(crate) fn of(value: &str) -> Self {
        let mut first = [0; 8];
        first.copy_from_slice(&digest(&SHA256, value.as_bytes()).as_ref()[..8]);
        Self(u64::from_be_bytes(first))
    }

    /// Reads a digest of 16 hexadecimal digits.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let is_whole = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_whole.then(|| u64::from_str_radix(text, 16).ok().map(Self)).flatten()
    }

    /// Returns the first 8 hexadecimal digits, by which a reader sees that two values are the same.
    pub(crate) fn short(self) -> String {
        format!("{:08x}", self.0 >> 32)
    }
}

impl Display for Digest {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_beginning_of_sha_256_and_can_be_read_again() {
        // The digest of "abc" in FIPS 180-2, appendix B.1.
        let digest = Digest::of("abc");
        assert_eq!((digest.to_string(), digest.short()), ("ba7816bf8f01cfea".to_owned(), "ba7816bf".to_owned()));
        assert_eq!(Digest::read("ba7816bf8f01cfea"), Some(digest));
        for other in ["", "ba7816bf", "+a7816bf8f01cfea", "ba7816bf8f01cfeaa"] {
            assert_eq!(Digest::read(other), None, "{other}");
        }
    }
}
