//! The settings that a test may change while the tenant runs: lifetimes, overlap, audience and other choices that Kinde
//! offers. Misbehavior is in `faults`.
//!
//! The defaults are those of Kinde's documentation, "Configure tokens" and "Refresh tokens".

use serde::{Deserialize, Serialize};

use crate::dev_issuer::basics::clock::Seconds;

/// The audience of the ID token. Kinde's documentation shows all three values.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Audience {
    ClientId,
    Issuer,
    Both,
}

/// The current settings. Times are in seconds.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) access_token_lifetime: Seconds,
    pub(crate) id_token_lifetime: Seconds,
    pub(crate) refresh_token_lifetime: Seconds,
    /// How long a refresh token stays valid after its first use. With 0, a second use revokes the grant.
    pub(crate) refresh_overlap: Seconds,
    /// Whether a refresh returns the current access token until that token expires.
    pub(crate) reuse_access_token: bool,
    pub(crate) aud: Audience,
    /// The key of the person whom every authorization request signs in without the sign-in page.
    pub(crate) auto_sign_in: Option<String>,
    /// Moves the tenant's clock. A negative value moves it into the past.
    pub(crate) clock_offset: Seconds,
    /// Whether discovery announces the callback parameter `iss` (RFC 9207) and the callback contains it.
    pub(crate) iss_parameter: bool,
    /// Whether the tenant refuses an authorization request without a code challenge.
    pub(crate) require_pkce: bool,
    /// Whether the client may authenticate with HTTP Basic in addition to body parameters.
    pub(crate) basic_authentication: bool,
    /// Whether the claims of access and ID tokens have their Hasura names (`x-hasura-…`) instead of Kinde's names.
    pub(crate) hasura_mapping: bool,
    /// How long a slow fault delays the response.
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
    /// Returns these settings, with the members of `changes` replaced.
    ///
    /// # Errors
    ///
    /// A member is not a setting, or a value has the wrong type.
    pub(crate) fn with(&self, changes: serde_json::Map<String, serde_json::Value>) -> Result<Self, serde_json::Error> {
        let mut members = serde_json::to_value(self)?;
        if let Some(members) = members.as_object_mut() {
            members.extend(changes);
        }
        serde_json::from_value(members)
    }
}
