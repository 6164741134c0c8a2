//! `LoginHint`: whom a sign-in is for, in the forms that Kinde knows (Kinde documentation "Prepopulate identity on
//! sign-in"). Other issuers know at least the e-mail address (OIDC Core §3.1.2.1).

use std::fmt;

use super::rules::is_text;
use super::{BadSignInOption, LOGIN_HINT};

/// An e-mail address, a phone number or a user name, for the issuer's form.
#[derive(Clone, PartialEq, Eq)]
pub struct LoginHint(String);

impl LoginHint {
    /// An e-mail address.
    ///
    /// # Errors
    /// [`BadSignInOption`]: it has no text before and after an `@`, contains white space, or is longer than 255 bytes.
    pub fn email(address: &str) -> Result<Self, BadSignInOption> {
        let has_two_parts = address.split_once('@').is_some_and(|(local, host)| !local.is_empty() && !host.is_empty());
        Self::checked(has_two_parts && !address.contains(char::is_whitespace), address.to_owned())
    }

    /// A phone number in international form, such as `+61444110110`, with its country in two letters, such as `au`.
    ///
    /// # Errors
    /// [`BadSignInOption`]: the number is not `+` and 2 to 15 digits (E.164), or the country is not two letters.
    pub fn phone(number: &str, country: &str) -> Result<Self, BadSignInOption> {
        let is_number = number
            .strip_prefix('+')
            .is_some_and(|digits| (2..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()));
        let is_country = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_alphabetic());
        Self::checked(is_number && is_country, format!("phone:{number}:{}", country.to_ascii_lowercase()))
    }

    /// A user name.
    ///
    /// # Errors
    /// [`BadSignInOption`]: it is empty or too long, or contains control characters.
    pub fn username(name: &str) -> Result<Self, BadSignInOption> {
        Self::checked(!name.is_empty(), format!("username:{name}"))
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }

    fn checked(is_valid: bool, text: String) -> Result<Self, BadSignInOption> {
        if is_valid && is_text(&text) { Ok(Self(text)) } else { Err(BadSignInOption(LOGIN_HINT)) }
    }
}

/// Prints nothing of the user.
impl fmt::Debug for LoginHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginHint").finish_non_exhaustive()
    }
}
