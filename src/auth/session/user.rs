//! `User`: the signed-in user of a session, and the name that a greeting uses. A user is made only from claims that
//! passed `oidc::id_token::verify`.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::auth::oidc::UserClaims;

/// A user, identified by `issuer` and `subject` together and by nothing else: an e-mail address can belong to two users
/// (OIDC Core §5.7). Every text is as the issuer sent it: escape it wherever it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The issuer identifier, such as `https://example.kinde.com`.
    pub issuer: String,
    /// The issuer's identifier of the user (`sub`), at most 255 bytes.
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
    /// A name that the user chose.
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
    pub(in crate::auth) fn new(issuer: &str, subject: String, claims: UserClaims) -> Self {
        Self {
            issuer: issuer.to_owned(),
            subject,
            given_name: tidy(claims.given_name),
            family_name: tidy(claims.family_name),
            name: tidy(claims.name),
            preferred_username: tidy(claims.preferred_username),
            email: tidy(claims.email),
            picture: claims.picture.filter(|picture| is_https(picture)),
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

/// White space and control characters become single spaces. A text of nothing else counts as absent.
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

    fn user(claims: UserClaims) -> User {
        User::new("https://issuer.example", "kp_1".to_owned(), claims)
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn the_greeting_uses_the_first_name_that_exists() {
        let mut claims = UserClaims {
            given_name: some("Ada"),
            family_name: some("Lovelace"),
            name: some("Countess"),
            preferred_username: some("ada"),
            email: some("ada@example.com"),
            picture: None,
        };
        assert_eq!(user(claims.clone()).display_name(), "Ada Lovelace");
        claims.family_name = some("  ");
        assert_eq!(user(claims.clone()).display_name(), "Ada");
        claims.given_name = None;
        assert_eq!(user(claims.clone()).display_name(), "Countess");
        claims.name = some("\r\n");
        assert_eq!(user(claims.clone()).display_name(), "ada");
        claims.preferred_username = some("");
        assert_eq!(user(claims.clone()).display_name(), "ada@example.com");
        claims.email = None;
        assert_eq!(user(claims).display_name(), "kp_1");
    }

    #[test]
    fn only_https_pictures_are_kept() {
        for (picture, kept) in [
            ("https://example.com/a.png", true),
            ("http://example.com/a.png", false),
            ("javascript:alert(1)", false),
            ("", false),
        ] {
            let claims = UserClaims { picture: some(picture), ..UserClaims::default() };
            assert_eq!(user(claims).picture.is_some(), kept, "{picture}");
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
            assert_eq!(user(UserClaims { name: some(name), ..UserClaims::default() }).initials(), initials);
        }
    }

    proptest! {
        #[test]
        fn a_display_name_is_never_empty_and_never_has_a_stray_space(given in ".{0,12}", family in "\\s{0,3}[a-z]{0,3}\\s{0,3}") {
            let name = user(UserClaims { given_name: Some(given), family_name: Some(family), ..UserClaims::default() }).display_name();
            prop_assert!(!name.is_empty());
            prop_assert_eq!(name.split_whitespace().collect::<Vec<_>>().join(" "), name);
        }
    }
}
