//! What a test may set for as long as the tenant runs: lifetimes, overlap, audience and other choices Kinde offers.
//!
//! It leaves one-time misbehavior to the faults. Source of the defaults: Kinde documentation, "Configure tokens" and
//! "Refresh tokens".

use serde::{Deserialize, Serialize};

use crate::dev_issuer::basics::clock::Seconds;

/// What the ID token names as its audience; Kinde's documents show all three.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Audience {
    ClientId,
    Issuer,
    Both,
}

/// The settings with their present values; times are in seconds.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) access_token_lifetime: Seconds,
    pub(crate) id_token_lifetime: Seconds,
    pub(crate) refresh_token_lifetime: Seconds,
    /// How long a refresh token still works after its first use; 0 is strict: a second use ends the grant.
    pub(crate) refresh_overlap: Seconds,
    /// Whether a refresh returns the access token at hand while that one has not expired.
    pub(crate) reuse_access_token: bool,
    pub(crate) aud: Audience,
    /// The key of the person whom every authorization request signs in without a page.
    pub(crate) auto_sign_in: Option<String>,
    /// Moves the tenant's clock; negative is the past.
    pub(crate) clock_offset: Seconds,
    /// Whether discovery promises the `iss` callback parameter (RFC 9207) and the callback carries it.
    pub(crate) iss_parameter: bool,
    /// Whether an authorization request without a code challenge is refused.
    pub(crate) require_pkce: bool,
    /// Whether the client may authenticate by HTTP Basic as well as in the body.
    pub(crate) basic_authentication: bool,
    /// Whether claims of the access and ID token have their Hasura names (`x-hasura-…`) instead of Kinde's.
    pub(crate) hasura_mapping: bool,
    /// How long a slow fault waits.
    pub(crate) slow_seconds: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            access_token_lifetime: 86_400,
            id_token_lifetime: 3_600,
            refresh_token_lifetime: 1_296_000,
            refresh_overlap: 30,
            reuse_access_token: true,
            aud: Audience::ClientId,
            auto_sign_in: None,
            clock_offset: 0,
            iss_parameter: false,
            require_pkce: false,
            basic_authentication: true,
            hasura_mapping: false,
            slow_seconds: 30,
        }
    }
}

impl Settings {
    /// These settings with the members of `changes` replaced.
    ///
    /// # Errors
    ///
    /// A member that is no setting, or a value of the wrong type.
    pub(crate) fn with(&self, changes: serde_json::Map<String, serde_json::Value>) -> Result<Self, serde_json::Error> {
        let mut members = serde_json::to_value(self)?;
        if let Some(members) = members.as_object_mut() {
            members.extend(changes);
        }
        serde_json::from_value(members)
    }
}
