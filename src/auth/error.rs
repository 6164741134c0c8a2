//! `Error`: everything that can keep a user from signing in or staying signed in, and the status each reason becomes.
//! It renders no page: the text for users is one sentence, and causes are for the log alone.

use std::borrow::Cow;
use std::time::Duration;

use http::StatusCode;

use super::observation::Answer;
use super::oidc::{BearerTokenError, Declined, JwtError, LogoutTokenError, OidcError, WebhookError};
use super::policy::Policy;
use super::session::SessionError;
use super::sign_in_options::BadSignInOption;

/// Why sign-in, sign-out or reading the session did not succeed.
///
/// As a response it has its status, its sentence as plain text, and itself as a response extension, so that an
/// application can render its own page.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no session (401).
    #[error("Not authenticated")]
    NotAuthenticated,
    /// The access token that the request brought cannot be used (401).
    #[error("the bearer token is not accepted: {0}")]
    InvalidToken(BearerTokenError),
    /// The issuer's keys, with which a token is verified that a request brought, cannot be had (503).
    #[error("a token cannot be verified: {0}")]
    KeysUnavailable(OidcError),
    /// A webhook event failed verification (400).
    #[error("an event is not accepted: {0}")]
    InvalidEvent(WebhookError),
    /// The application's own part of a webhook event failed (503): the issuer is to deliver it again.
    #[error("the application did not handle an event: {0}")]
    EventNotHandled(String),
    /// The issuer sends no webhooks: it is not Kinde (404).
    #[error("the issuer sends no webhooks")]
    NoWebhooks,
    /// A logout token failed verification (400).
    #[error("a logout token is not accepted: {0}")]
    InvalidLogoutToken(LogoutTokenError),
    /// The issuer sends no logout tokens: it is Kinde (404).
    #[error("the issuer sends no logout tokens")]
    NoBackchannelLogout,
    /// The body of a request that the issuer sends cannot be used (400, 408, 413 or 415).
    #[error("the body of a request cannot be used: {0:?}")]
    UnusableBody(UnusableBody),
    /// The request has several `Authorization` headers, one of them with an access token (400).
    #[error("the request has several Authorization headers, one of them with an access token")]
    SeveralCredentials,
    /// A policy does not hold for the caller (403).
    #[error("the caller lacks: {}", .0.policy)]
    Forbidden(Denial),
    /// What the caller may do is not known at the moment (503).
    #[error("it is not known what the caller may do: the issuer's account API did not say")]
    RightsUnknown,
    /// The callback belongs to no authorization request that this browser began in the last minutes (400).
    #[error("no pending authorization of this browser matches the callback")]
    NoPendingAuthorization,
    /// The issuer, or what came in its name, cannot be used (400, 502, 503 or 504).
    #[error(transparent)]
    Oidc(#[from] OidcError),
    /// The session store failed (503). The cookie stays as it is.
    #[error("the session store failed: {0}")]
    Store(String),
    /// There is no usable access token for a call to another service: it could not be refreshed (503).
    #[error("the access token has ended or is about to, and could not be refreshed")]
    NoAccessToken,
    /// The user has no session of the name that was given, or has none any more (404).
    #[error("the user has no session of this name")]
    NoSuchSession,
    /// A sign-out by a link that no page of this site was seen to send (403): the user must confirm it.
    #[error("sign-out was requested by another site, or by a request that does not say where it comes from")]
    UnconfirmedSignOut,
    /// A parameter of a link to a sign-in route is malformed, missing, or stands twice (400). It names the parameter.
    #[error("the parameter {0} of a link to a sign-in route is malformed, missing, or stands twice")]
    BadSignInLink(&'static str),
    /// Another site sent a signed-in user to choose or create an organization (403): the user must confirm it.
    #[error("another site requested a sign-in that chooses or creates an organization")]
    UnconfirmedOrganization {
        /// The same sign-in as a link of this site: path and query.
        confirmation: String,
    },
    /// The issuer has no organizations: it is not Kinde (404).
    #[error("the issuer has no organizations")]
    NoOrganizations,
    /// The issuer has no portal: it is not Kinde (404).
    #[error("the issuer has no portal")]
    NoPortal,
    /// Kinde did not let the user's access token open its portal (403).
    #[error("the issuer refused a link to its portal")]
    PortalRefused,
    /// The link in an e-mail of the issuer was too old (400; Kinde's `login_link_expired`).
    #[error("the issuer's sign-in link has expired")]
    LoginLinkExpired {
        /// Begins the same sign-in again: path and query. Where it is not known which sign-in that was, the path alone.
        sign_in_again: String,
    },
    /// A sign-in, or the portal, inside a frame of another page (403).
    #[error("sign-in or the portal was requested inside a frame")]
    Framed,
    /// A bug (500).
    #[error("internal error: {0}")]
    Internal(String),
}

/// Why the body of a request that the issuer sends cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnusableBody {
    /// It is of another type (415).
    OtherType,
    /// It is larger than such a request needs to be (413).
    TooLarge,
    /// It did not arrive in time (408).
    TooSlow,
    /// It ended early, or is not UTF-8 (400).
    Unreadable,
}

/// Which policy does not hold for a caller, and what might help.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Denial {
    /// The policy's name, or its rule in words. For the log: the response does not say it.
    pub policy: String,
    /// The scopes that the policy names, separated by spaces (RFC 6750 §3); `None` when it names none.
    pub scope: Option<String>,
    /// A login within this time is all that the caller lacks.
    pub login_within: Option<Duration>,
}

impl Denial {
    pub(super) fn of(policy: &Policy, login_within: Option<Duration>) -> Self {
        let scopes = policy.scopes();
        Self { policy: policy.to_string(), scope: (!scopes.is_empty()).then(|| scopes.join(" ")), login_within }
    }

    /// For what a route needs of its caller beside any policy.
    pub(super) fn without_policy(lacking: &str) -> Self {
        Self { policy: lacking.to_owned(), scope: None, login_within: None }
    }
}

impl From<BadSignInOption> for Error {
    fn from(error: BadSignInOption) -> Self {
        Self::BadSignInLink(error.0)
    }
}

impl From<SessionError> for Error {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Store(cause) => Self::Store(cause),
            SessionError::Unsealable(cause) => Self::Internal(cause),
        }
    }
}

impl Error {
    /// The status this error becomes; the one place that decides it.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotAuthenticated | Self::InvalidToken(_) => StatusCode::UNAUTHORIZED,
            Self::NoPendingAuthorization
            | Self::BadSignInLink(_)
            | Self::LoginLinkExpired { .. }
            | Self::SeveralCredentials
            | Self::InvalidEvent(_)
            | Self::InvalidLogoutToken(_)
            | Self::UnusableBody(UnusableBody::Unreadable) => StatusCode::BAD_REQUEST,
            Self::NoOrganizations
            | Self::NoPortal
            | Self::NoSuchSession
            | Self::NoWebhooks
            | Self::NoBackchannelLogout => StatusCode::NOT_FOUND,
            Self::UnusableBody(UnusableBody::OtherType) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::UnusableBody(UnusableBody::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnusableBody(UnusableBody::TooSlow) => StatusCode::REQUEST_TIMEOUT,
            Self::UnconfirmedSignOut
            | Self::UnconfirmedOrganization { .. }
            | Self::PortalRefused
            | Self::Framed
            | Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Store(_)
            | Self::NoAccessToken
            | Self::RightsUnknown
            | Self::KeysUnavailable(_)
            | Self::EventNotHandled(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Oidc(error) => error.status(),
        }
    }

    /// This error as an observer is told of it.
    pub(super) fn as_answer(&self) -> Answer {
        Answer {
            status: Some(self.status().as_u16()),
            summary: self.sentence().into_owned(),
            reason: Some(self.to_string()),
        }
    }

    /// Seconds after which another try makes sense, where that is known.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Oidc(error) => error.retry_after_seconds(),
            Self::Store(_) => Some(2),
            Self::NoAccessToken | Self::RightsUnknown => Some(6),
            Self::KeysUnavailable(error) => Some(error.retry_after_seconds().unwrap_or(6)),
            _ => None,
        }
    }

    /// One sentence for the user. It repeats nothing that came from outside, and all that fails verification reads the
    /// same, so that the response tells an attacker nothing.
    pub fn sentence(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::BadSignInLink(name) => {
                return format!(
                    "This link cannot be used: its parameter {name} is malformed, missing, or stands twice."
                )
                .into();
            }
            Self::NotAuthenticated | Self::InvalidToken(_) => "Not authenticated",
            Self::KeysUnavailable(_) => "The token cannot be verified at the moment. Please try again shortly.",
            Self::InvalidEvent(error) => event_sentence(error),
            Self::EventNotHandled(_) => "The event could not be handled at the moment. Please deliver it again.",
            Self::NoWebhooks => "This site's sign-in service sends no events here.",
            Self::InvalidLogoutToken(_) => "The logout token is not accepted.",
            Self::NoBackchannelLogout => "This site's sign-in service sends no logout tokens here.",
            Self::UnusableBody(UnusableBody::OtherType) => "The body is of another type than this address takes.",
            Self::UnusableBody(UnusableBody::TooLarge) => "The body is larger than this address takes.",
            Self::UnusableBody(UnusableBody::TooSlow) => "The body did not arrive in time.",
            Self::UnusableBody(UnusableBody::Unreadable) => "The body could not be read.",
            Self::SeveralCredentials => "Send one Authorization header.",
            Self::Forbidden(_) => "Not allowed",
            Self::RightsUnknown => "What you may do here cannot be looked up at the moment. Please try again shortly.",
            Self::NoPendingAuthorization => UNVERIFIED,
            Self::Oidc(error) => oidc_sentence(error),
            Self::Store(_) => "Your session cannot be looked up at the moment. Please try again shortly.",
            Self::NoAccessToken => {
                "A service that this page needs cannot be used at the moment. Please try again shortly."
            }
            Self::NoSuchSession => "There is no such session of yours. It may have ended already.",
            Self::UnconfirmedSignOut => "Please confirm that you want to sign out. You are still signed in.",
            Self::UnconfirmedOrganization { .. } => {
                "Another site asks you to sign in to another organization, or to create one. Until you confirm it, nothing changes."
            }
            Self::NoOrganizations => "The sign-in service of this site has no organizations.",
            Self::NoPortal => "The sign-in service of this site has no account pages.",
            Self::PortalRefused => "Your account may not open this page of the sign-in service.",
            Self::LoginLinkExpired { .. } => "The sign-in link has expired. Please start again.",
            Self::Framed => "Sign-in and account pages do not work inside another page.",
            Self::Internal(_) => "Something went wrong on our side. Please try again shortly.",
        })
    }
}

const UNVERIFIED: &str = "This sign-in could not be completed: it was used already, is too old, or was begun in another browser. Please start again.";

/// Developers read it at Kinde when they set webhooks up, so it says what is wrong: a key or a secret cannot be learned from it.
fn event_sentence(error: &WebhookError) -> &'static str {
    match error {
        WebhookError::Jwt(JwtError::WrongAlgorithm | JwtError::UnknownKey | JwtError::WrongSignature) => {
            "The event is not signed with a key of this site's sign-in service."
        }
        WebhookError::Jwt(_) => "The body is no signed JWT with event_id, type and timestamp.",
        WebhookError::WrongIssuer => "The event is of another sign-in service than this site's.",
        WebhookError::BadId | WebhookError::BadTimestamp => "event_id or timestamp has another form than Kinde's.",
        WebhookError::TooOld(_) => "The event is too old.",
        WebhookError::Ahead(_) => "The event's time lies ahead.",
    }
}

fn oidc_sentence(error: &OidcError) -> &'static str {
    match error {
        OidcError::Declined(Declined::AccessDenied) => "You cancelled, or this account may not sign in here.",
        OidcError::Declined(_) => "The sign-in service did not complete your sign-in. Please start again.",
        OidcError::MalformedCallback(_)
        | OidcError::WrongCallbackIssuer
        | OidcError::CodeRefused(_)
        | OidcError::RefreshTokenRefused
        | OidcError::TokensOfAnother
        | OidcError::TokenResponse(_)
        | OidcError::IdToken(_)
        | OidcError::WrongUserinfoSubject => UNVERIFIED,
        OidcError::IssuerUnavailable(_)
        | OidcError::Discovery(_)
        | OidcError::Outbound(_)
        | OidcError::ClientRefused(_)
        | OidcError::RefreshRefused(_) => {
            "The sign-in service cannot be reached properly at the moment. Please try again shortly."
        }
    }
}
