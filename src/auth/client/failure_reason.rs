//! The reason of a failed sign-in as metrics count it. The log has the whole cause.

use crate::auth::error::Error;
use crate::auth::metrics::{Attempt, FailureReason};
use crate::auth::oidc::{Declined, OidcError, OutboundError};

impl Attempt {
    /// How something ended.
    pub(super) fn of<T>(result: &Result<T, Error>) -> Self {
        result.as_ref().map_or_else(|error| Self::Failed(reason(error)), |_| Self::Succeeded)
    }

    /// A failure.
    pub(super) fn failed(error: &Error) -> Self {
        Self::Failed(reason(error))
    }
}

fn reason(error: &Error) -> FailureReason {
    match error {
        Error::NoPendingAuthorization => FailureReason::NoPendingAuthorization,
        Error::LoginLinkExpired { .. } => FailureReason::LoginLinkExpired,
        Error::Store(_) => FailureReason::Store,
        Error::Oidc(error) => reason_of_issuer(error),
        // No sign-in ends with one of the others.
        _ => FailureReason::Internal,
    }
}

fn reason_of_issuer(error: &OidcError) -> FailureReason {
    match error {
        OidcError::Declined(Declined::AccessDenied) => FailureReason::AccessDenied,
        OidcError::Declined(Declined::LoginLinkExpired) => FailureReason::LoginLinkExpired,
        OidcError::Declined(Declined::InteractionRequired) => FailureReason::InteractionRequired,
        OidcError::Declined(Declined::RequestRefused(_) | Declined::Other) => FailureReason::Declined,
        OidcError::MalformedCallback(_) => FailureReason::MalformedCallback,
        OidcError::IssuerUnavailable(_) => FailureReason::IssuerUnavailable,
        OidcError::WrongCallbackIssuer => FailureReason::WrongIssuer,
        // The last two are of refreshes.
        OidcError::CodeRefused(_) | OidcError::RefreshTokenRefused | OidcError::RefreshRefused(_) => {
            FailureReason::CodeRefused
        }
        OidcError::ClientRefused(_) => FailureReason::ClientRefused,
        OidcError::TokensOfAnother | OidcError::WrongUserinfoSubject => FailureReason::AnotherUser,
        OidcError::TokenResponse(_) => FailureReason::TokenResponse,
        OidcError::IdToken(_) => FailureReason::IdToken,
        OidcError::Discovery(_) => FailureReason::Discovery,
        OidcError::Outbound(error) => reason_of_request(error),
    }
}

fn reason_of_request(error: &OutboundError) -> FailureReason {
    match error {
        OutboundError::Busy | OutboundError::CircuitOpen => FailureReason::HeldBack,
        OutboundError::TimedOut(_) => FailureReason::IssuerTimeout,
        OutboundError::Unreachable(..) => FailureReason::IssuerUnreachable,
        OutboundError::Limited(..) => FailureReason::IssuerLimited,
        OutboundError::TooLarge(_)
        | OutboundError::Status(..)
        | OutboundError::Unreadable(..)
        | OutboundError::Insecure(_) => FailureReason::IssuerResponse,
    }
}
