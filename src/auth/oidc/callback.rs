//! The callback's query, parsed once and strictly. It may be forged: the browser brings it, and anybody can make one.
//! Whether the sign-in succeeds is decided in `client::callback`.
//!
//! RFC 6749 §3.1 (no parameter twice), §4.1.2 and §4.1.2.1; RFC 9207 §2 (`iss`).

use percent_encoding::percent_decode_str;

use super::error::{Declined, OidcError};
use super::issuer::Metadata;

/// Of a callback's `state`s, at most this many are looked up: an issuer sends one.
const MAX_STATES: usize = 3;

/// A callback. It does not print: a code is a secret.
pub(in crate::auth) struct Callback {
    /// All values of `state`, well-formed callback or not: the pending authorizations that they name are used up.
    pub(in crate::auth) states: Vec<String>,
    /// The response, or its defect.
    pub(in crate::auth) response: Result<AuthorizationResponse, &'static str>,
}

/// A well-formed response to an authorization request.
pub(in crate::auth) struct AuthorizationResponse {
    iss: Option<String>,
    /// The code, or the issuer's error.
    pub(in crate::auth) outcome: Outcome,
}

/// How the issuer responded.
pub(in crate::auth) enum Outcome {
    /// An authorization code.
    Code(String),
    /// An error code (RFC 6749 §4.1.2.1), as an error of ours.
    Error(OidcError),
}

impl Outcome {
    /// Whether the link in an e-mail of the issuer was too old.
    pub(in crate::auth) fn is_login_link_expired(&self) -> bool {
        matches!(self, Self::Error(OidcError::Declined(Declined::LoginLinkExpired)))
    }
}

/// The parameters that matter; all others are ignored (RFC 6749 §4.1.2).
#[derive(Default)]
struct Parameters {
    states: Vec<String>,
    codes: Vec<String>,
    errors: Vec<String>,
    issuers: Vec<String>,
    is_undecodable: bool,
}

impl Callback {
    /// Parses a query string. It never fails as a whole, because a malformed callback also uses up the pending
    /// authorizations that it names.
    pub(in crate::auth) fn parse(query: &str) -> Self {
        let parameters = Parameters::parse(query);
        let states = parameters.states.iter().take(MAX_STATES).cloned().collect();
        Self { states, response: parameters.into_response() }
    }
}

impl AuthorizationResponse {
    /// `iss`, as it came.
    pub(super) fn issuer(&self) -> Option<&str> {
        self.iss.as_deref()
    }

    /// RFC 9207 §2.4: an `iss` must be the issuer's; where discovery promises one, it must be there.
    ///
    /// # Errors
    /// [`OidcError::WrongCallbackIssuer`] (400).
    pub(in crate::auth) fn check_issuer(&self, metadata: &Metadata) -> Result<(), OidcError> {
        match &self.iss {
            Some(iss) if *iss == metadata.issuer => Ok(()),
            None if !metadata.authorization_response_iss_parameter_supported => Ok(()),
            _ => Err(OidcError::WrongCallbackIssuer),
        }
    }
}

impl Parameters {
    fn parse(query: &str) -> Self {
        let mut parsed = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let values = match name {
                "state" => &mut parsed.states,
                "code" => &mut parsed.codes,
                "error" => &mut parsed.errors,
                "iss" => &mut parsed.issuers,
                _ => continue,
            };
            match decoded(value) {
                Some(value) => values.push(value),
                None => parsed.is_undecodable = true,
            }
        }
        parsed
    }

    /// RFC 6749 wants one `state`, nothing twice, nothing undecodable, and either a `code` or an `error`. Kinde sends its
    /// `login_link_expired` without `state`, too.
    fn into_response(mut self) -> Result<AuthorizationResponse, &'static str> {
        if self.is_undecodable {
            return Err("a parameter is not percent-encoded UTF-8, or holds control characters");
        }
        if [&self.states, &self.codes, &self.errors, &self.issuers].iter().any(|values| values.len() > 1) {
            return Err("a parameter occurs twice");
        }
        let has_state = self.states.first().is_some_and(|state| !state.is_empty());
        let outcome = match (self.codes.pop(), self.errors.pop()) {
            (Some(code), None) if code.is_empty() => return Err("code is empty"),
            (Some(code), None) => Outcome::Code(code),
            (None, Some(error)) => Outcome::Error(error_response(&error)),
            _ => return Err("there must be either a code or an error"),
        };
        if !has_state && !outcome.is_login_link_expired() {
            return Err("state is missing");
        }
        Ok(AuthorizationResponse { iss: self.issuers.pop(), outcome })
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

/// The error codes by which an issuer refuses the request itself.
const OF_THE_REQUEST: [&str; 8] = [
    "invalid_request",
    "invalid_request_object",
    "invalid_request_uri",
    "invalid_scope",
    "invalid_target",
    "registration_not_supported",
    "unauthorized_client",
    "unsupported_response_type",
];

/// The error codes of RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6, RFC 8707 §2 and Kinde, in upper or lower case.
fn error_response(error: &str) -> OidcError {
    match error.to_ascii_lowercase().as_str() {
        "server_error" => OidcError::IssuerUnavailable("server_error"),
        "temporarily_unavailable" => OidcError::IssuerUnavailable("temporarily_unavailable"),
        "access_denied" => OidcError::Declined(Declined::AccessDenied),
        "login_link_expired" => OidcError::Declined(Declined::LoginLinkExpired),
        "login_required" | "interaction_required" | "consent_required" | "account_selection_required" => {
            OidcError::Declined(Declined::InteractionRequired)
        }
        code => OidcError::Declined(
            OF_THE_REQUEST.into_iter().find(|known| *known == code).map_or(Declined::Other, Declined::RequestRefused),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_with_its_state_is_parsed_among_other_parameters() {
        let callback = Callback::parse("scope=openid+offline&code=a.b&state=s%2D1&session_state=x");
        assert_eq!(callback.states, ["s-1"]);
        assert!(matches!(callback.response.unwrap().outcome, Outcome::Code(code) if code == "a.b"));
    }

    #[test]
    fn malformed_queries_are_refused() {
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
            "code=&state=y",
        ] {
            assert!(Callback::parse(query).response.is_err(), "{query}");
        }
    }

    #[test]
    fn a_malformed_callback_still_names_its_states() {
        assert_eq!(Callback::parse("state=a&state=b&state=c&state=d&code=%FF").states, ["a", "b", "c"]);
    }

    #[test]
    fn only_an_expired_link_may_come_without_its_state() {
        let is_expired = |query| Callback::parse(query).response.is_ok_and(|it| it.outcome.is_login_link_expired());
        assert!(is_expired("error=login_link_expired&reauth_state=%FF"));
        assert!(is_expired("error=Login_Link_Expired&state="));
        for query in
            ["error=access_denied", "error=login_link_expired&code=x", "error=login_link_expired&state=a&state=b"]
        {
            assert!(Callback::parse(query).response.is_err(), "{query}");
        }
    }

    #[test]
    fn error_codes_become_their_meaning() {
        let meaning = |query: &str| match Callback::parse(query).response.unwrap().outcome {
            Outcome::Error(OidcError::Declined(declined)) => (400, declined.to_string()),
            Outcome::Error(error) => (error.status().as_u16(), error.to_string()),
            Outcome::Code(code) => panic!("{code}"),
        };
        let declined = |declined: Declined| (400, declined.to_string());
        assert_eq!(meaning("error=access_denied&state=y"), declined(Declined::AccessDenied));
        assert_eq!(meaning("error=LOGIN_LINK_EXPIRED&reauth_state=e30&state=y"), declined(Declined::LoginLinkExpired));
        for code in ["login_required", "interaction_required", "consent_required", "account_selection_required"] {
            assert_eq!(meaning(&format!("error={code}&state=y")), declined(Declined::InteractionRequired), "{code}");
        }
        for code in OF_THE_REQUEST {
            assert_eq!(meaning(&format!("error={code}&state=y")), declined(Declined::RequestRefused(code)));
        }
        assert_eq!(declined(Declined::RequestRefused("invalid_scope")).1, "invalid_scope");
        assert_eq!(meaning("error=%3Cscript%3E&state=y"), declined(Declined::Other));
        for code in ["server_error", "temporarily_unavailable"] {
            let (status, text) = meaning(&format!("error={code}&state=y"));
            assert!(status == 503 && text.contains(code), "{status} {text}");
        }
    }

    /// Whether a callback with this `iss` is taken, by an issuer that promises one in its document, or does not.
    #[track_caller]
    fn assert_issuer(iss: Option<&str>, is_promised: bool, is_taken: bool) {
        let metadata =
            Metadata::for_test(serde_json::json!({"authorization_response_iss_parameter_supported": is_promised}));
        let query = iss.map_or_else(|| "code=x&state=y".to_owned(), |iss| format!("code=x&state=y&iss={iss}"));
        let response = Callback::parse(&query).response.unwrap();
        assert_eq!(response.issuer(), iss);
        match response.check_issuer(&metadata) {
            Ok(()) => assert!(is_taken),
            Err(error) => assert!(!is_taken && matches!(error, OidcError::WrongCallbackIssuer), "{error}"),
        }
    }

    #[test]
    fn the_issuer_in_a_callback_must_be_the_issuer_and_be_there_if_promised() {
        for is_promised in [true, false] {
            assert_issuer(Some("https://issuer.example"), is_promised, true);
            for other in ["https://issuer.example/", "https://other.example", ""] {
                assert_issuer(Some(other), is_promised, false);
            }
            assert_issuer(None, is_promised, !is_promised);
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(query in "[ -~\u{e9}]{0,80}") {
            drop(Callback::parse(&query));
        }
    }
}
