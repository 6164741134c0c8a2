//! `User`: who is signed in, as the session remembers them, and the name a greeting uses.
//! It verifies nothing: it is made only from claims that passed `claims::verify`.

use serde::{Deserialize, Serialize};
use url::Url;

use super::claims::PersonClaims;

/// A person, identified by `issuer` and `subject` together and by nothing else: an e-mail address can belong to two
/// people (OIDC Core §5.7). Every text is as the issuer sent it: escape it wherever it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The issuer identifier, such as `https://example.kinde.com`.
    pub issuer: String,
    /// The issuer's name for the person, at most 255 bytes.
    pub subject: String,
    /// First name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// The whole name in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A name the person chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// E-mail address, verified or not: for display, never for identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// An https URL of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
}

impl User {
    pub(crate) fn new(issuer: &str, subject: String, person: PersonClaims) -> Self {
        Self {
            issuer: issuer.to_owned(),
            subject,
            given_name: tidy(person.given_name),
            family_name: tidy(person.family_name),
            name: tidy(person.name),
            preferred_username: tidy(person.preferred_username),
            email: tidy(person.email),
            picture: person.picture.filter(|picture| is_https(picture)),
        }
    }

    /// Given and family name, those that exist, joined by a space; else name, preferred username, e-mail, subject.
    /// Never empty.
    pub fn display_name(&self) -> String {
        let names: Vec<&str> =
            [&self.given_name, &self.family_name].into_iter().flatten().map(String::as_str).collect();
        if !names.is_empty() {
            return names.join(" ");
        }
        [&self.name, &self.preferred_username, &self.email]
            .into_iter()
            .flatten()
            .next()
            .unwrap_or(&self.subject)
            .clone()
    }

    /// The first letters of the first and the last word of the display name, for where a picture would be.
    pub fn initials(&self) -> String {
        let name = self.display_name();
        let first_letter = |word: &str| word.chars().find(|c| c.is_alphanumeric());
        let mut letters = name.split_whitespace().filter_map(first_letter);
        let first = letters.next();
        first.into_iter().chain(letters.next_back()).flat_map(char::to_uppercase).collect()
    }
}

/// White space and line breaks become single spaces; a text without anything else is none.
fn tidy(text: Option<String>) -> Option<String> {
    let text = text?
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    (!text.is_empty()).then_some(text)
}

fn is_https(picture: &str) -> bool {
    Url::parse(picture).is_ok_and(|url| url.scheme() == "https")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn user(person: PersonClaims) -> User {
        User::new("https://issuer.example", "kp_1".to_owned(), person)
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn the_greeting_uses_the_first_name_that_exists() {
        let mut person = PersonClaims {
            given_name: some("Ada"),
            family_name: some("Lovelace"),
            name: some("Countess"),
            preferred_username: some("ada"),
            email: some("ada@example.com"),
            picture: None,
        };
        assert_eq!(user(person.clone()).display_name(), "Ada Lovelace");
        person.family_name = some("  ");
        assert_eq!(user(person.clone()).display_name(), "Ada");
        person.given_name = None;
        assert_eq!(user(person.clone()).display_name(), "Countess");
        person.name = some("\r\n");
        assert_eq!(user(person.clone()).display_name(), "ada");
        person.preferred_username = some("");
        assert_eq!(user(person.clone()).display_name(), "ada@example.com");
        person.email = None;
        assert_eq!(user(person).display_name(), "kp_1");
    }

    #[test]
    fn only_https_pictures_are_kept() {
        for (picture, kept) in [
            ("https://example.com/a.png", true),
            ("http://example.com/a.png", false),
            ("javascript:alert(1)", false),
            ("", false),
        ] {
            let person = PersonClaims { picture: some(picture), ..PersonClaims::default() };
            assert_eq!(user(person).picture.is_some(), kept, "{picture}");
        }
    }

    #[test]
    fn initials_are_the_ends_of_the_name() {
        for (name, initials) in [
            ("Ada Lovelace", "AL"),
            ("Grace", "G"),
            ("Ada B. C. Lovelace", "AL"),
            ("ada@example.com", "A"),
            ("李 小龍", "李小"),
        ] {
            assert_eq!(user(PersonClaims { name: some(name), ..PersonClaims::default() }).initials(), initials);
        }
    }

    proptest! {
        #[test]
        fn a_display_name_is_never_empty_and_never_has_a_stray_space(given in ".{0,12}", family in "\\s{0,3}[a-z]{0,3}\\s{0,3}") {
            let name = user(PersonClaims { given_name: Some(given), family_name: Some(family), ..PersonClaims::default() }).display_name();
            prop_assert!(!name.is_empty());
            prop_assert_eq!(name.split_whitespace().collect::<Vec<_>>().join(" "), name);
        }
    }
}
