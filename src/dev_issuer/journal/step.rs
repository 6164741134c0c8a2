//! A step of a sign-in: one request and its response, as the tenant saw them.

use serde::{Deserialize, Serialize};

use super::shown::Field;
use crate::dev_issuer::basics::clock::Milliseconds;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StepKind {
    Discovery,
    Keys,
    Authorization,
    SignIn,
    /// The redirect to the client, which the browser follows.
    Callback,
    Token,
    Refresh,
    UserProfile,
    AccountApi,
    PortalLink,
    Revocation,
    Introspection,
    /// A program gets an access token for itself.
    MachineToken,
    /// A call of the management API.
    Management,
    Logout,
    Webhook,
    LogoutToken,
}

/// One request and its response.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Step {
    pub(crate) kind: StepKind,
    pub(crate) at: Milliseconds,
    pub(crate) took: Milliseconds,
    pub(crate) method: String,
    /// The address without its query.
    pub(crate) address: String,
    pub(crate) parameters: Vec<Field>,
    /// None if the connection ended before the response was sent.
    pub(crate) status: Option<u16>,
    pub(crate) response: Vec<Field>,
    /// The names of the faults that changed the response.
    pub(crate) faults: Vec<String>,
}
