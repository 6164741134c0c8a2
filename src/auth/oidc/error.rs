//! `OidcError`: why an authorization could not be completed, and the status of each reason. Its texts are for the log;
//! those for users are in `auth::Error`.

use http::StatusCode;

use super::id_token::IdTokenError;
use super::jwt::JwtError;
use super::outbound::OutboundError;
use super::token_endpoint::TokenResponseError;

/// Why an authorization could not be completed. A defect of what the browser brought, or a failed verification, is 400;
/// 502, 503 and 504 mean that a request of ours to the issuer failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum OidcError {
    /// The callback's query is not what RFC 6749 §4.1.2 allows (400). The text names the defect.
    #[error("the callback is malformed: {0}")]
    MalformedCallback(&'static str),
    /// The user or the issuer declined (400; RFC 6749 §4.1.2.1).
    #[error("the issuer declined the authorization request: {0}")]
    Declined(Declined),
    /// The issuer said in the callback that it is not available (503).
    #[error("the issuer responded to the authorization request with {0}")]
    IssuerUnavailable(&'static str),
    /// The callback's `iss` is not the issuer that the request was sent to (400; RFC 9207 §2.4).
    #[error("the callback names another issuer than the request was sent to")]
    WrongCallbackIssuer,
    /// The token endpoint refused the authorization code (400).
    #[error("the token endpoint refused the authorization code: {0}")]
    CodeRefused(String),
    /// The token endpoint refused the client's credentials (502): a setting is wrong.
    #[error("the token endpoint refused the client: check the client id and the client secret ({0})")]
    ClientRefused(String),
    /// The token endpoint refused the refresh token (400): the grant has ended.
    #[error("the token endpoint refused the refresh token")]
    RefreshTokenRefused,
    /// The token endpoint refused the refresh for another reason (502).
    #[error("the token endpoint refused the refresh: {0}")]
    RefreshRefused(String),
    /// The token endpoint returned tokens that are right in every respect and another user's, or another issuer's (400).
    #[error("the token endpoint returned tokens of another user or issuer")]
    TokensOfAnother,
    /// The token response lacks something (400).
    #[error("the token response cannot be used: {0}")]
    TokenResponse(#[from] TokenResponseError),
    /// The ID token failed verification (400).
    #[error("the ID token failed verification: {0}")]
    IdToken(#[from] IdTokenError),
    /// The userinfo response names another subject than the ID token, or none (400; OIDC Core §5.3.2).
    #[error("userinfo names another subject than the ID token")]
    WrongUserinfoSubject,
    /// A request of ours to the issuer failed (502, 503 or 504).
    #[error("a request to the issuer failed: {0}")]
    Outbound(#[from] OutboundError),
    /// The issuer's discovery document cannot be used (503).
    #[error("discovery failed: {0}")]
    Discovery(String),
}

/// How the issuer ended an authorization request without a code (RFC 6749 §4.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Declined {
    /// `access_denied`: the user cancelled, or may not sign in here.
    AccessDenied,
    /// `login_link_expired`: the link in an e-mail was too old (Kinde).
    LoginLinkExpired,
    /// `login_required` and its kin: the user must interact with the issuer (OIDC Core §3.1.2.6).
    InteractionRequired,
    /// What the issuer finds wrong with the request or with how the client is registered, such as `invalid_scope`: a
    /// code of RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6 or RFC 8707 §2.
    RequestRefused(&'static str),
    /// Any other error code. It may be anybody's text, so it is not kept.
    Other,
}

impl std::fmt::Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::AccessDenied => "access_denied",
            Self::LoginLinkExpired => "login_link_expired",
            Self::InteractionRequired => "interaction required",
            Self::RequestRefused(code) => code,
            Self::Other => "another error code",
        })
    }
}

impl From<JwtError> for OidcError {
    fn from(error: JwtError) -> Self {
        Self::IdToken(error.into())
    }
}

impl OidcError {
    /// The status of the response to the browser.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::MalformedCallback(_)
            | Self::Declined(_)
            | Self::WrongCallbackIssuer
            | Self::CodeRefused(_)
            | Self::RefreshTokenRefused
            | Self::TokensOfAnother
            | Self::TokenResponse(_)
            | Self::IdToken(_)
            | Self::WrongUserinfoSubject => StatusCode::BAD_REQUEST,
            Self::ClientRefused(_) | Self::RefreshRefused(_) => StatusCode::BAD_GATEWAY,
            Self::IssuerUnavailable(_) | Self::Discovery(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Outbound(error) => error.status(),
        }
    }

    /// Seconds after which another try makes sense, where that is known.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Outbound(error) => error.retry_after_seconds(),
            Self::IssuerUnavailable(_) | Self::Discovery(_) => Some(5),
            _ => None,
        }
    }
}
