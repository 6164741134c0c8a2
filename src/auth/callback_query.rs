//! The callback's query, read strictly: what the issuer, or somebody in its name, sent along with the browser.
//! It decides nothing about the sign-in; it only tells well-formed from malformed.
//!
//! RFC 6749 §3.1 (no parameter twice), §4.1.2 and §4.1.2.1; RFC 9207 §2 (`iss`).

use percent_encoding::percent_decode_str;

use super::error::{Declined, Error};
use super::issuer::Metadata;

/// Of a callback's `state`s, at most this many are looked up.
const MAX_STATES: usize = 3;

/// The parameters that matter; all others are passed over (RFC 6749 §4.1.2).
#[derive(Default)]
pub(crate) struct CallbackQuery {
    states: Vec<String>,
    codes: Vec<String>,
    errors: Vec<String>,
    issuers: Vec<String>,
    is_undecodable: bool,
}

impl CallbackQuery {
    /// Reads a query string. Never fails: defects are reported by the accessors, after the pending authorization
    /// requests that the query names have been taken.
    pub(crate) fn read(query: &str) -> Self {
        let mut read = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let parameter = match name {
                "state" => &mut read.states,
                "code" => &mut read.codes,
                "error" => &mut read.errors,
                "iss" => &mut read.issuers,
                _ => continue,
            };
            match decoded(value) {
                Some(value) => parameter.push(value),
                None => read.is_undecodable = true,
            }
        }
        read
    }

    /// The `state`s that are there, well-formed callback or not: the first few, for an issuer never sends more.
    pub(crate) fn states(&self) -> &[String] {
        &self.states[..self.states.len().min(MAX_STATES)]
    }

    /// What RFC 6749 demands of the query as a whole: one `state`, nothing twice, nothing undecodable, and either a
    /// `code` or an `error`.
    pub(crate) fn check_form(&self) -> Result<(), Error> {
        let malformed = |what| Err(Error::MalformedCallback(what));
        if self.is_undecodable {
            return malformed("a parameter is not percent-encoded UTF-8, or holds control characters");
        }
        if [&self.states, &self.codes, &self.errors, &self.issuers].iter().any(|values| values.len() > 1) {
            return malformed("a parameter stands twice");
        }
        if self.states.first().is_none_or(String::is_empty) {
            return malformed("state is missing");
        }
        if self.codes.is_empty() == self.errors.is_empty() {
            return malformed("there must be either a code or an error");
        }
        Ok(())
    }

    /// RFC 9207 §2.4: an `iss` must be the issuer's; one that discovery promises must be there.
    pub(crate) fn check_issuer(&self, metadata: &Metadata) -> Result<(), Error> {
        match self.issuers.first() {
            Some(iss) if *iss == metadata.issuer => Ok(()),
            None if !metadata.authorization_response_iss_parameter_supported => Ok(()),
            _ => Err(Error::WrongCallbackIssuer),
        }
    }

    /// The authorization code, or why there is none.
    pub(crate) fn code(&self) -> Result<String, Error> {
        if let Some(error) = self.errors.first() {
            return Err(declined(error));
        }
        match self.codes.first() {
            Some(code) if !code.is_empty() => Ok(code.clone()),
            _ => Err(Error::MalformedCallback("code is missing")),
        }
    }
}

fn decoded(value: &str) -> Option<String> {
    let spaced = value.replace('+', " ");
    let text = percent_decode_str(&spaced).decode_utf8().ok()?;
    let is_well_formed = !has_stray_percent(value) && !text.chars().any(char::is_control);
    is_well_formed.then(|| text.into_owned())
}

fn has_stray_percent(value: &str) -> bool {
    value
        .split('%')
        .skip(1)
        .any(|rest| !rest.as_bytes().get(..2).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)))
}

/// The error codes of RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6 and Kinde, whatever their case.
fn declined(error: &str) -> Error {
    match error.to_ascii_lowercase().as_str() {
        "server_error" => Error::IssuerUnavailable("server_error"),
        "temporarily_unavailable" => Error::IssuerUnavailable("temporarily_unavailable"),
        "access_denied" => Error::Declined(Declined::AccessDenied),
        "login_link_expired" => Error::Declined(Declined::LoginLinkExpired),
        "login_required" | "interaction_required" | "consent_required" | "account_selection_required" => {
            Error::Declined(Declined::InteractionRequired)
        }
        _ => Error::Declined(Declined::Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_with_its_state_is_read_whatever_else_is_there() {
        let query = CallbackQuery::read("scope=openid+offline&code=a.b&state=s%2D1&session_state=x");
        assert!(query.check_form().is_ok());
        assert_eq!((query.states(), query.code().unwrap().as_str()), (&["s-1".to_owned()][..], "a.b"));
    }

    #[test]
    fn malformed_queries_are_told_apart_from_good_ones() {
        for query in [
            "",
            "code=x",
            "state=",
            "state=y",
            "code=x&state=y&state=z",
            "code=x&code=x&state=y",
            "code=%FF&state=y",
            "code=x&state=%",
            "code=%00&state=y",
            "code[]=1&state=y",
            "code=x&error=access_denied&state=y",
            "code=x&State=y",
            "code=x%0d%0a&state=y",
            "code=x&state=y&iss=a&iss=a",
        ] {
            assert!(matches!(CallbackQuery::read(query).check_form(), Err(Error::MalformedCallback(_))), "{query}");
        }
    }

    #[test]
    fn an_empty_code_is_no_code() {
        let query = CallbackQuery::read("code=&state=y");
        assert!(matches!(query.code(), Err(Error::MalformedCallback(_))));
    }

    #[test]
    fn errors_become_what_they_mean() {
        let status = |query| CallbackQuery::read(query).code().unwrap_err().status().as_u16();
        assert_eq!(status("error=access_denied&state=y"), 400);
        assert_eq!(status("error=LOGIN_LINK_EXPIRED&reauth_state=e30&state=y"), 400);
        assert_eq!(status("error=server_error&state=y"), 503);
        assert_eq!(status("error=temporarily_unavailable&state=y"), 503);
        assert_eq!(status("error=%3Cscript%3E&state=y"), 400);
    }

    proptest! {
        #[test]
        fn reading_never_panics(query in "[ -~\u{e9}]{0,80}") {
            let query = CallbackQuery::read(&query);
            let _ = (query.check_form(), query.code());
        }
    }
}
