//! How a request carries an access token (RFC 6750 §2.1), and what a response says about tokens (§3). Tokens are verified
//! in `client::bearer`.

use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use secrecy::SecretString;

use crate::auth::client::CallerRights;
use crate::auth::error::Error;

const SCHEME: &str = "bearer";
/// The challenge to a request without an access token.
const CHALLENGE: &str = r#"Bearer realm="api""#;

/// The access token in a request's headers.
#[derive(Debug, Clone)]
pub(super) enum Authorization {
    /// None, or a header of another scheme: a password of a staging site must not break pages.
    Absent,
    /// A token, usable or not.
    Bearer(SecretString),
    /// Several headers, one of them with an access token: it is not clear who asks.
    Several,
}

impl Authorization {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let Some(first) = values.next() else { return Self::Absent };
        let has_more = values.next().is_some();
        if has_more {
            let has_token = headers.get_all(AUTHORIZATION).iter().any(|value| token(value).is_some());
            return if has_token { Self::Several } else { Self::Absent };
        }
        token(first).map_or(Self::Absent, Self::Bearer)
    }
}

/// The token in a header, the scheme in any case (RFC 9110 §11.1). `None` for other schemes; a header without a token, or
/// with unusable bytes, holds an empty one, which no verification accepts.
fn token(value: &HeaderValue) -> Option<SecretString> {
    let bytes = value.as_bytes();
    let (scheme, rest) = bytes.split_at(bytes.iter().position(|byte| *byte == b' ').unwrap_or(bytes.len()));
    if !scheme.eq_ignore_ascii_case(SCHEME.as_bytes()) {
        return None;
    }
    Some(std::str::from_utf8(rest).unwrap_or_default().trim_matches(' ').to_owned().into())
}

/// Adds to a refusal what it says about tokens.
pub(super) fn add_challenge(error: &Error, headers: &mut HeaderMap) {
    match error {
        Error::NotAuthenticated => set(headers, CHALLENGE.to_owned()),
        Error::InvalidToken(_) => set(headers, format!(r#"{CHALLENGE}, error="invalid_token""#)),
        _ => {}
    }
}

/// Adds to the refusal of a token's caller that a policy was the reason, if one was.
pub(super) fn add_insufficient_scope(status: StatusCode, rights: &CallerRights, headers: &mut HeaderMap) {
    let Some(denial) = rights.denial().filter(|_| status == StatusCode::FORBIDDEN) else { return };
    // RFC 6750 §3: a scope has no character that would end the quotation.
    let is_quotable =
        |scope: &String| scope.bytes().all(|byte| matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~'));
    let scope = denial.scope.filter(is_quotable).map(|scope| format!(r#", scope="{scope}""#));
    set(headers, format!(r#"{CHALLENGE}, error="insufficient_scope"{}"#, scope.unwrap_or_default()));
}

fn set(headers: &mut HeaderMap, challenge: String) {
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn found(values: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_static(value));
        }
        match Authorization::of(&headers) {
            Authorization::Absent => "absent".to_owned(),
            Authorization::Bearer(token) => format!("token {:?}", token.expose_secret()),
            Authorization::Several => "several".to_owned(),
        }
    }

    // BA-9, BA-11
    #[test]
    fn a_token_is_found_in_any_case_and_other_schemes_are_ignored() {
        for scheme in ["Bearer a.b.c", "bearer a.b.c", "BEARER a.b.c", "bEaReR   a.b.c "] {
            assert_eq!(found(&[scheme]), "token \"a.b.c\"");
        }
        for none in [&[][..], &["Basic dTpw"], &["Basic dTpw", "Digest x"], &["BearerToken x"], &[""]] {
            assert_eq!(found(none), "absent", "{none:?}");
        }
        for empty in ["Bearer", "Bearer ", "bearer   "] {
            assert_eq!(found(&[empty]), "token \"\"");
        }
        assert_eq!(found(&["Bearer a b"]), "token \"a b\"");
        for several in [["Bearer a", "Bearer a"], ["Basic dTpw", "Bearer a"], ["Bearer a", "Basic dTpw"]] {
            assert_eq!(found(&several), "several");
        }
    }
}
