//! `ProjectName`: the name of a new project, which is the name of its crate, its program, and what its pages are titled.

use std::collections::BTreeSet;
use std::fmt;

/// The most characters: the name is also that of the system user that the program runs as.
const MAX_LENGTH: usize = 31;

/// Words of Rust and Cargo that no crate can have as its name.
const WORDS: &str = "abstract alloc as async await become box break build const continue core crate deps do dyn else enum \
    examples extern false final fn for gen if impl in incremental let loop macro match mod move mut override priv \
    proc_macro pub ref return self static std struct super test trait true try type typeof unsafe unsized use virtual \
    where while yield";

/// Lowercase words of letters and digits, joined by hyphens or underscores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProjectName(String);

/// The reason for which a text is no name of a project.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadName {
    #[error(
        "\"{0}\" cannot be the project's name: take lowercase letters and digits, words joined by hyphens, such as my-app, at most {MAX_LENGTH} characters (--name gives another name than the folder's)"
    )]
    Malformed(String),
    #[error("\"{0}\" is a word of Rust or Cargo: choose another name, for example my-{0}")]
    Word(String),
    #[error("\"{0}\" is the name of a crate or module of this project: choose another name, for example my-{0}")]
    Taken(String),
}

impl ProjectName {
    /// Reads a name. None of `taken`, with underscores, can be one: imports would be ambiguous.
    ///
    /// # Errors
    /// [`BadName`], with the text.
    pub(super) fn parse(text: &str, taken: &BTreeSet<String>) -> Result<Self, BadName> {
        let is_lower = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let are_words = text.split(['-', '_']).all(|word| !word.is_empty() && is_lower(word));
        if !are_words || text.len() > MAX_LENGTH || !text.starts_with(|first: char| first.is_ascii_lowercase()) {
            return Err(BadName::Malformed(text.to_owned()));
        }
        let name = Self(text.to_owned());
        if WORDS.split_whitespace().any(|word| word == name.with_underscores()) {
            return Err(BadName::Word(name.0));
        }
        if taken.contains(&name.with_underscores()) { Err(BadName::Taken(name.0)) } else { Ok(name) }
    }

    /// As an identifier of Rust.
    pub(super) fn with_underscores(&self) -> String {
        self.0.replace('-', "_")
    }

    /// As the beginning of an environment variable's name.
    pub(super) fn in_capitals(&self) -> String {
        self.with_underscores().to_ascii_uppercase()
    }

    /// As the beginning of an alert's name.
    pub(super) fn in_camel_case(&self) -> String {
        let words = self.0.split(['-', '_']).map(|word| word[..1].to_ascii_uppercase() + &word[1..]);
        words.collect()
    }
}

impl fmt::Display for ProjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, BadName> {
        let taken = ["serde", "tower_http", "server"].map(str::to_owned).into();
        ProjectName::parse(text, &taken).map(|name| name.to_string())
    }

    #[test]
    fn lowercase_words_are_names() {
        for name in ["shop", "my-app", "my_app", "a1", "till-2", &"a".repeat(31)] {
            assert_eq!(parse(name).as_deref(), Ok(name));
        }
    }

    #[test]
    fn what_no_crate_program_or_user_can_be_called_is_refused() {
        for text in ["", "My-App", "1st", "-app", "app-", "my--app", "my app", "café", "..", &"a".repeat(32)] {
            assert_eq!(parse(text), Err(BadName::Malformed(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_word_that_means_something_already_is_refused() {
        for text in ["async", "self", "std", "build", "proc-macro"] {
            assert_eq!(parse(text), Err(BadName::Word(text.to_owned())), "{text}");
        }
        for text in ["serde", "tower-http", "tower_http", "server"] {
            assert_eq!(parse(text), Err(BadName::Taken(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn each_refusal_says_what_to_do() {
        let refusals = ["My App", "async", "serde"].map(|text| parse(text).unwrap_err().to_string());
        assert!(refusals[0].contains("such as my-app") && refusals[0].contains("--name"), "{refusals:?}");
        assert!(refusals[1].contains("my-async") && refusals[2].contains("my-serde"), "{refusals:?}");
    }
}
