//! `Error`: everything that can keep a person from signing in or staying signed in, and the status each becomes.
//! It holds no page: the text for people is one sentence, and causes are for the log alone.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};

use super::claims::ClaimsError;
use super::outbound::OutboundError;

/// Why sign-in, sign-out or reading the session did not succeed.
///
/// As a response it carries its status, its sentence as plain text, and itself as a response extension, so that an
/// application can draw its own page. What the browser brought or what fails verification is 400 whoever sent it;
/// 502, 503 and 504 are only for requests of ours to the issuer, and 503 for our own store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// No session (401).
    #[error("Not authenticated")]
    NotAuthenticated,
    /// The callback's query is not what RFC 6749 §4.1.2 allows (400). The text names the defect for the log.
    #[error("the callback is malformed: {0}")]
    MalformedCallback(&'static str),
    /// The callback belongs to no authorization request begun in this browser in the last minutes (400).
    #[error("no pending authorization request of this browser matches the callback")]
    UnknownAttempt,
    /// The person or the issuer declined (400): `access_denied`, `login_link_expired`, … (RFC 6749 §4.1.2.1).
    #[error("the issuer declined the authorization request: {0}")]
    Declined(Declined),
    /// The issuer said on the callback that it cannot serve now (503).
    #[error("the issuer answered the authorization request with {0}")]
    IssuerUnavailable(&'static str),
    /// The callback's `iss` is not the issuer that was asked (400; RFC 9207 §2.4).
    #[error("the callback names another issuer than the one asked")]
    WrongCallbackIssuer,
    /// The token endpoint refused the authorization code (400).
    #[error("the token endpoint refused the authorization code: {0}")]
    CodeRefused(String),
    /// The token endpoint refused our client (502): a setting is wrong, the log names it.
    #[error("the token endpoint refused the client: check CLIENT_ID and CLIENT_SECRET ({0})")]
    ClientRefused(String),
    /// The tokens did not pass verification (400).
    #[error("the tokens failed verification: {0}")]
    Claims(#[from] ClaimsError),
    /// A request of ours to the issuer failed (502, 503 or 504).
    #[error("a request to the issuer failed: {0}")]
    Outbound(#[from] OutboundError),
    /// The issuer's discovery document cannot be used (503).
    #[error("discovery failed: {0}")]
    Discovery(String),
    /// The session store failed (503). The cookie stays as it is.
    #[error("the session store failed: {0}")]
    Store(String),
    /// A sign-out that another site asked for (403): the person must confirm it here.
    #[error("sign-out was asked for by another site")]
    ForeignLogout,
    /// A sign-in inside a frame of another page (403).
    #[error("sign-in was asked for inside a frame")]
    Framed,
}

/// How the issuer ended an authorization request without a code (RFC 6749 §4.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declined {
    /// `access_denied`: the person cancelled, or is not allowed in.
    AccessDenied,
    /// `login_link_expired`: the link in an e-mail was too old (Kinde).
    LoginLinkExpired,
    /// `login_required` and its kin: the person must interact with the issuer (OIDC Core §3.1.2.6).
    InteractionRequired,
    /// Any other error code.
    Other,
}

impl std::fmt::Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::AccessDenied => "access_denied",
            Self::LoginLinkExpired => "login_link_expired",
            Self::InteractionRequired => "interaction required",
            Self::Other => "another error code",
        })
    }
}

impl From<tower_sessions::session_store::Error> for Error {
    fn from(error: tower_sessions::session_store::Error) -> Self {
        Self::Store(error.to_string())
    }
}

impl Error {
    /// The status this error becomes; the one place that decides it.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotAuthenticated => StatusCode::UNAUTHORIZED,
            Self::MalformedCallback(_)
            | Self::UnknownAttempt
            | Self::Declined(_)
            | Self::WrongCallbackIssuer
            | Self::CodeRefused(_)
            | Self::Claims(_) => StatusCode::BAD_REQUEST,
            Self::ForeignLogout | Self::Framed => StatusCode::FORBIDDEN,
            Self::ClientRefused(_) => StatusCode::BAD_GATEWAY,
            Self::IssuerUnavailable(_) | Self::Discovery(_) | Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Outbound(error) => error.status(),
        }
    }

    /// Seconds after which another try makes sense, where that is known.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Outbound(error) => error.retry_after_seconds(),
            Self::IssuerUnavailable(_) | Self::Discovery(_) => Some(5),
            Self::Store(_) => Some(2),
            _ => None,
        }
    }

    /// One sentence for the person. It repeats nothing that came from outside, and all that fails verification reads
    /// the same, so that the answer tells an attacker nothing.
    pub fn sentence(&self) -> &'static str {
        match self {
            Self::NotAuthenticated => "Not authenticated",
            Self::Declined(Declined::AccessDenied) => "You cancelled, or this account may not sign in here.",
            Self::Declined(Declined::LoginLinkExpired) => "The sign-in link has expired. Please start again.",
            Self::Declined(_) => "The sign-in service did not complete your sign-in. Please start again.",
            Self::IssuerUnavailable(_) | Self::Discovery(_) | Self::Outbound(_) | Self::ClientRefused(_) => {
                "The sign-in service cannot be reached properly at the moment. Please try again shortly."
            }
            Self::Store(_) => "Your session cannot be looked up at the moment. Please try again shortly.",
            Self::ForeignLogout => "Another site asked to sign you out. You are still signed in.",
            Self::Framed => "Sign-in does not work inside another page. Please open it in a window of its own.",
            Self::MalformedCallback(_)
            | Self::UnknownAttempt
            | Self::WrongCallbackIssuer
            | Self::CodeRefused(_)
            | Self::Claims(_) => {
                "This sign-in could not be completed: it was used already, is too old, or was begun in another browser. Please start again."
            }
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = (self.status(), self.sentence()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        if let Some(seconds) = self.retry_after_seconds() {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}
