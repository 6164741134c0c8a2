//! `ItemId`: an item's number, read as generously as the tutorial's own program (pydantic's lax integer) reads it.
//! Page, JSON and server function all use this one parser.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A signed 64-bit integer.
///
/// Written with an optional sign, leading zeros, single underscores between digits, ASCII white space around, and a
/// fraction of zeros: `0042`, `+4`, `1_000`, `1.0` and ` 4` are numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
// OpenAPI's `int64` is a format of strings too: the pattern is the spelling, the format the range.
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema), schema(
    value_type = String, format = Int64,
    pattern = r"^[\t-\r ]*[+-]?[0-9]+(_[0-9]+)*(\.0+)?[\t-\r ]*$",
))]
#[serde(transparent)]
pub struct ItemId(pub i64);

/// Why there is no item id. [`Display`](fmt::Display) and [`kind`](Self::kind) are pydantic's words, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemIdError {
    /// No text was given. Parsing never returns it.
    Missing,
    /// Not an integer.
    NotAnInteger,
    /// An integer outside 64 bits.
    TooLarge,
}

impl ItemIdError {
    /// All errors.
    pub const ALL: [Self; 3] = [Self::Missing, Self::NotAnInteger, Self::TooLarge];

    /// The error type in JSON.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotAnInteger => "int_parsing",
            Self::TooLarge => "int_parsing_size",
        }
    }

    /// What is wrong, for users.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Missing | Self::NotAnInteger => "Not a whole number",
            Self::TooLarge => "Too large a number",
        }
    }

    /// What to do about it, for users.
    pub fn instruction(self) -> &'static str {
        match self {
            Self::Missing | Self::NotAnInteger => "Enter a whole number, for example 420",
            Self::TooLarge => "Enter a whole number of at most 18 digits",
        }
    }
}

impl fmt::Display for ItemIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "Field required",
            Self::NotAnInteger => "Input should be a valid integer, unable to parse string as an integer",
            Self::TooLarge => "Unable to parse input string as an integer, exceeded maximum size",
        })
    }
}

impl std::error::Error for ItemIdError {}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ItemId {
    type Err = ItemIdError;

    fn from_str(text: &str) -> Result<Self, ItemIdError> {
        let number = text.trim_matches(is_ascii_space);
        let (sign, unsigned) = match number.strip_prefix(['+', '-']) {
            Some(unsigned) if number.starts_with('-') => ("-", unsigned),
            Some(unsigned) => ("", unsigned),
            None => ("", number),
        };
        let digits = without_zero_fraction(unsigned).filter(|digits| has_digits_only(digits));
        let digits = digits.ok_or(ItemIdError::NotAnInteger)?.replace('_', "");
        format!("{sign}{digits}").parse().map(Self).map_err(|_| ItemIdError::TooLarge)
    }
}

/// Python's ASCII white space: the vertical tab counts too.
fn is_ascii_space(c: char) -> bool {
    c.is_ascii_whitespace() || c == '\u{b}'
}

/// `1.000` is `1`; a fraction of anything else, or of nothing, is no integer.
fn without_zero_fraction(number: &str) -> Option<&str> {
    match number.split_once('.') {
        None => Some(number),
        Some((whole, zeros)) => (!zeros.is_empty() && zeros.bytes().all(|zero| zero == b'0')).then_some(whole),
    }
}

/// Digits, with single underscores between them.
fn has_digits_only(digits: &str) -> bool {
    digits.split('_').all(|group| !group.is_empty() && group.bytes().all(|digit| digit.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_pydantic_takes_is_taken() {
        for (text, number) in [
            ("420", 420),
            ("0042", 42),
            ("+4", 4),
            ("1_000", 1000),
            ("1.0", 1),
            (" 4", 4),
            ("\t4\n", 4),
            ("\u{b}4\u{c}", 4),
            ("-1.000", -1),
            ("-0", 0),
            ("0_1", 1),
            ("1_0.0", 10),
            ("1.0 ", 1),
            ("007.0", 7),
            ("00000000000000000000000000000000042", 42),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(text.parse(), Ok(ItemId(number)), "{text:?}");
        }
    }

    #[test]
    fn what_pydantic_refuses_is_refused() {
        for text in [
            "", " ", "abc", "1.5", "1e3", "0x10", "--1", "+-1", "- 1", "_1", "1__0", "1_", "+_1", "true", "٣", "１",
            "1.", ".0", "-.0", "1._0", "1.0_", "1.0.0", "1 .0", "1 2", "1\0", "-", "+", "\u{a0}4",
        ] {
            assert_eq!(text.parse::<ItemId>(), Err(ItemIdError::NotAnInteger), "{text:?}");
        }
    }

    #[test]
    fn integers_outside_64_bits_are_too_large() {
        for text in ["9223372036854775808", "-9223372036854775809", "9_223_372_036_854_775_808.0", &"1".repeat(5000)] {
            assert_eq!(text.parse::<ItemId>(), Err(ItemIdError::TooLarge));
        }
    }

    proptest! {
        #[test]
        fn every_integer_is_read_back(number: i64) {
            prop_assert_eq!(number.to_string().parse(), Ok(ItemId(number)));
        }

        #[test]
        fn decoration_changes_nothing(number in 0_i64..=i64::MAX, zeros in 0_usize..4, fraction in 1_usize..4, spaces in "[ \t\n\r]{0,3}") {
            let decorated = format!("{spaces}+{}{number}.{}{spaces}", "0".repeat(zeros), "0".repeat(fraction));
            prop_assert_eq!(decorated.parse(), Ok(ItemId(number)));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,30}|[-+0-9_. ]{0,30}") {
            let _ = text.parse::<ItemId>();
        }
    }
}
