//! Random values in Kinde's formats, from the operating system or, so that a run can be repeated, from a number. Keys are
//! in `signing`.
//!
//! RFC 9562 §5.4 (UUID version 4). The other formats are those of the examples in Kinde's documentation.

use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Encodes bytes as lowercase hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Formats 32 hexadecimal digits as a UUID.
pub(crate) fn as_uuid(digits: &str) -> String {
    let groups = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    groups.map(|(start, end)| &digits[start..end]).join("-")
}

/// The source of a tenant's random values.
pub(crate) enum Random {
    OperatingSystem,
    /// All values follow from the number, so they can be predicted.
    Number(Mutex<Sequence>),
}

/// The digests of a number and a counter.
pub(crate) struct Sequence {
    number: u64,
    counter: u64,
}

impl Random {
    /// Returns the source whose values follow from this number or, without one, that of the operating system.
    pub(crate) fn new(number: Option<u64>) -> Self {
        match number {
            Some(number) => Self::Number(Mutex::new(Sequence { number, counter: 0 })),
            None => Self::OperatingSystem,
        }
    }

    /// Returns the number from which the values follow.
    pub(crate) fn number(&self) -> Option<u64> {
        match self {
            Self::OperatingSystem => None,
            Self::Number(sequence) => Some(sequence.lock().unwrap_or_else(PoisonError::into_inner).number),
        }
    }

    /// Returns `bytes` random bytes as lowercase hexadecimal digits.
    pub(crate) fn hexadecimal(&self, bytes: usize) -> String {
        hexadecimal(&self.bytes(bytes))
    }

    /// Returns `length` random letters and digits.
    pub(crate) fn alphanumeric(&self, length: usize) -> String {
        let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').collect();
        // The remainder makes some characters slightly more likely, which is acceptable for a development secret.
        let character = |byte: u8| alphabet[usize::from(byte) % alphabet.len()];
        self.bytes(length).into_iter().map(character).collect()
    }

    /// Returns an opaque value of two parts, the format of Kinde's authorization codes.
    pub(crate) fn two_parts(&self) -> String {
        let part = || URL_SAFE_NO_PAD.encode(self.bytes(32));
        format!("{}.{}", part(), part())
    }

    /// Returns a random UUID (RFC 9562 version 4), the format of `jti`.
    pub(crate) fn uuid(&self) -> String {
        let mut bytes = self.bytes(16);
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        as_uuid(&hexadecimal(&bytes))
    }

    /// Returns whether something happens that happens in `share` of all cases, from 0 (never) to 1 (always).
    pub(crate) fn happens(&self, share: f64) -> bool {
        let bytes = self.bytes(4).try_into().expect("four bytes were drawn");
        f64::from(u32::from_be_bytes(bytes)) < share * (f64::from(u32::MAX) + 1.0)
    }

    fn bytes(&self, length: usize) -> Vec<u8> {
        match self {
            Self::OperatingSystem => {
                let mut bytes = vec![0; length];
                aws_lc_rs::rand::fill(&mut bytes).expect("the operating system provides random bytes");
                bytes
            }
            // It ignores poisoning, because a sequence is never half changed.
            Self::Number(sequence) => sequence.lock().unwrap_or_else(PoisonError::into_inner).bytes(length),
        }
    }
}

impl Sequence {
    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(length);
        while bytes.len() < length {
            let input = [self.number.to_be_bytes(), self.counter.to_be_bytes()].concat();
            bytes.extend_from_slice(digest(&SHA256, &input).as_ref());
            self.counter += 1;
        }
        bytes.truncate(length);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(random: &Random) -> [String; 4] {
        [random.hexadecimal(16), random.alphanumeric(48), random.two_parts(), random.uuid()]
    }

    #[test]
    fn the_values_of_a_number_are_the_same_each_time_and_differ_from_those_of_another() {
        let of = |number| values(&Random::new(Some(number)));
        assert_eq!(of(7), of(7));
        for (one, other) in of(7).iter().zip(&of(8)) {
            assert_ne!(one, other);
            assert_eq!(one.len(), other.len());
        }
    }

    #[test]
    fn no_value_comes_twice() {
        for random in [Random::new(Some(7)), Random::new(None)] {
            for (one, other) in values(&random).iter().zip(&values(&random)) {
                assert_ne!(one, other);
            }
        }
    }

    #[test]
    fn a_share_is_that_of_all_cases() {
        let random = Random::new(Some(7));
        let cases = |share| (0..1_000).filter(|_| random.happens(share)).count();
        assert_eq!((cases(0.0), cases(1.0)), (0, 1_000));
        assert!((200..300).contains(&cases(0.25)));
    }
}
