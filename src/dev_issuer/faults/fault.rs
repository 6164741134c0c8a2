//! A fault of the switchboard, and the effect that it can have.
//!
//! It leaves the list of faults to `fault_table`. Document: none; the names of the faults are a contract with every test
//! program.

use super::{alteration::Alteration, disturbance::Disturbance, forgery::Forgery, redirection::Redirection};

/// The endpoint whose answer a fault disturbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// Every path but the switchboard's.
    Any,
    Discovery,
    Jwks,
    /// The token endpoint, whatever the grant.
    Token,
    /// The token endpoint when asked to refresh.
    Refresh,
    UserProfile,
    Revocation,
}

/// The JSON object that a fault alters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Document {
    Discovery,
    KeySet,
    IdToken,
    /// An ID token that comes with a refresh.
    RefreshedIdToken,
    TokenResponse,
    RefreshResponse,
    UserProfile,
}

/// What a fault does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Disturbs(Endpoint, Disturbance),
    Alters(Document, &'static [Alteration]),
    /// Signs the next ID token wrongly.
    Forges(Forgery),
    /// Spoils the next redirect to the callback.
    Redirects(Redirection),
    /// Replaces the signing key at once; nothing stays switched on.
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

/// A row of the fault table.
pub(crate) const fn fault(name: &'static str, effect: Effect, about: &'static str) -> Fault {
    Fault { name, effect, about }
}
