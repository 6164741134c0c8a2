//! A fault: a named effect that the switchboard can switch on. All faults are listed in `fault_table`. Test programs
//! use the names, so an existing name never changes.

use super::{alteration::Alteration, disturbance::Disturbance, forgery::Forgery, redirection::Redirection};

/// The endpoint whose response a fault disturbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Endpoint {
    /// Every path except those of the switchboard and the console.
    Any,
    Discovery,
    Jwks,
    Authorization,
    /// The forms of the sign-in page.
    SignIn,
    /// The token endpoint, for every grant type.
    Token,
    /// The token endpoint, for a refresh only.
    Refresh,
    UserProfile,
    /// Every resource of the account API.
    AccountApi,
    Logout,
    Revocation,
    Introspection,
    /// Every operation of the management API.
    Management,
}

impl Endpoint {
    /// All endpoints, the most general one first.
    pub(crate) const ALL: [Self; 13] = [
        Self::Any,
        Self::Discovery,
        Self::Jwks,
        Self::Authorization,
        Self::SignIn,
        Self::Token,
        Self::Refresh,
        Self::UserProfile,
        Self::AccountApi,
        Self::Logout,
        Self::Revocation,
        Self::Introspection,
        Self::Management,
    ];

    /// Returns the name under which conditions are set.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Discovery => "discovery",
            Self::Jwks => "jwks",
            Self::Authorization => "authorization",
            Self::SignIn => "sign_in",
            Self::Token => "token",
            Self::Refresh => "refresh",
            Self::UserProfile => "user_profile",
            Self::AccountApi => "account_api",
            Self::Logout => "logout",
            Self::Revocation => "revocation",
            Self::Introspection => "introspection",
            Self::Management => "management",
        }
    }
}

/// The JSON object that a fault alters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Document {
    Discovery,
    KeySet,
    IdToken,
    /// The access token of a user.
    AccessToken,
    /// An access token that a refresh returns.
    RefreshedAccessToken,
    /// An ID token that a refresh returns.
    RefreshedIdToken,
    TokenResponse,
    RefreshResponse,
    UserProfile,
    /// The response with the link to the self-serve portal.
    PortalLink,
}

/// The effect of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Disturbs(Endpoint, Disturbance),
    Alters(Document, &'static [Alteration]),
    /// Signs the next ID token incorrectly.
    Forges(Forgery),
    /// Signs the next access token of a user incorrectly.
    ForgesAccessToken(Forgery),
    /// Changes the next redirect to the callback.
    Redirects(Redirection),
    /// Replaces the signing key immediately. No switch stays on.
    Rotates {
        drop_old: bool,
    },
}

/// A fault that the switchboard offers.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) effect: Effect,
    pub(crate) about: &'static str,
}

/// Returns a row of the table of faults.
pub(crate) const fn fault(name: &'static str, effect: Effect, about: &'static str) -> Fault {
    Fault { name, effect, about }
}
