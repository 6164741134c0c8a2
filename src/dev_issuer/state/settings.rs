//! The settings that a test may change while the tenant runs: lifetimes, overlap, audience and other choices that Kinde
//! or another issuer offers. Misbehavior is in `faults`.
//!
//! The initial values depend on the shape. Those of Kinde are from its documentation, "Configure tokens", "Refresh
//! tokens" and "Session management".

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::dev_issuer::basics::clock::Seconds;
use crate::dev_issuer::faults::disturbance::WaitingTimes;
use crate::dev_issuer::protocol::shape::Shape;

/// The audience of the ID token. Kinde's documentation shows all three values.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Audience {
    ClientId,
    Issuer,
    Both,
}

/// A method of client authentication, under its name in discovery (OIDC Core §9).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuthenticationMethod {
    ClientSecretBasic,
    ClientSecretPost,
}

/// Kinde repeats an event after 5 and 30 seconds, 2 and 10 minutes, 1 and 4 hours, and then each 12 hours.
const KINDES_PAUSES: [u64; 9] = [5, 30, 120, 600, 3_600, 14_400, 43_200, 43_200, 43_200];

/// The current settings. Times are in seconds.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) access_token_lifetime: Seconds,
    pub(crate) id_token_lifetime: Seconds,
    pub(crate) refresh_token_lifetime: Seconds,
    /// How long a session at the tenant lasts without a sign-in or refresh. Its refresh tokens outlive it, as at Kinde.
    pub(crate) authenticated_session_lifetime: Seconds,
    /// How long a refresh token stays valid after its first use. With 0, a second use revokes the grant.
    pub(crate) refresh_overlap: Seconds,
    /// Whether the tenant accepts the grant type `refresh_token`.
    pub(crate) refresh_grant: bool,
    /// The scope for which the tenant issues a refresh token, and which discovery lists. With null, it issues none.
    pub(crate) refresh_scope: Option<String>,
    /// Whether the tenant ignores that scope unless `prompt` contains `consent` (OIDC Core §11).
    pub(crate) refresh_needs_consent: bool,
    /// Whether a refresh returns the current access token until that token expires.
    pub(crate) reuse_access_token: bool,
    pub(crate) aud: Audience,
    /// Whether an ID token with one audience has it as a text instead of a list (RFC 7519 §4.1.3).
    pub(crate) aud_as_text: bool,
    /// Whether the header of a JWT names the key (`kid`).
    pub(crate) kid: bool,
    /// Whether access tokens of users are random texts instead of JWTs.
    pub(crate) opaque_access_tokens: bool,
    /// The key of the person whom every authorization request signs in without the sign-in page.
    pub(crate) auto_sign_in: Option<String>,
    /// Moves the tenant's clock, by [`MAX_CLOCK_OFFSET`] at most. A negative value moves it into the past.
    #[serde(deserialize_with = "clock_offset")]
    pub(crate) clock_offset: Seconds,
    /// Whether discovery announces the callback parameter `iss` (RFC 9207) and the callback contains it.
    pub(crate) iss_parameter: bool,
    /// Whether the tenant refuses an authorization request without a code challenge.
    pub(crate) require_pkce: bool,
    /// Whether the client may authenticate with HTTP Basic.
    pub(crate) basic_authentication: bool,
    /// Whether the client may authenticate with body parameters.
    pub(crate) post_authentication: bool,
    /// The methods of client authentication that discovery lists, whatever the client may use. With null, discovery
    /// has no list.
    pub(crate) announced_authentication: Option<Vec<AuthenticationMethod>>,
    /// The values of `prompt` that discovery lists and the tenant accepts. With null, discovery has no list and the
    /// tenant accepts every value.
    pub(crate) prompt_values_supported: Option<Vec<String>>,
    /// Whether there is a revocation endpoint.
    pub(crate) revocation_endpoint: bool,
    /// Whether there is a logout endpoint.
    pub(crate) end_session_endpoint: bool,
    /// Whether the claims of access and ID tokens have their Hasura names (`x-hasura-…`) instead of Kinde's names.
    pub(crate) hasura_mapping: bool,
    /// Where a Kinde tenant sends its events. With null, it sends none.
    pub(crate) webhook_url: Option<String>,
    /// Where a plain issuer sends logout tokens. With null, it sends none.
    pub(crate) backchannel_logout_url: Option<String>,
    /// The seconds before each further attempt of a delivery that is not accepted with 200.
    pub(crate) delivery_pauses: Vec<u64>,
    /// How long a slow fault delays the response.
    pub(crate) slow_seconds: u64,
    /// The seconds in the header `Retry-After` of a 429. With null, the header is absent.
    pub(crate) retry_after: Option<u64>,
    /// The seconds in Kinde's header `RateLimit-Reset` of a 429. With null, the header is absent.
    pub(crate) rate_limit_reset: Option<u64>,
}

/// How far the tenant's clock may be from that of the machine, in either direction: ten years.
pub(crate) const MAX_CLOCK_OFFSET: Seconds = 10 * 365 * 24 * 3_600;

fn clock_offset<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Seconds, D::Error> {
    let offset = Seconds::deserialize(deserializer)?;
    if (-MAX_CLOCK_OFFSET..=MAX_CLOCK_OFFSET).contains(&offset) {
        Ok(offset)
    } else {
        Err(D::Error::custom("clock_offset is too much: ten years at most, in seconds"))
    }
}

impl Settings {
    /// Returns the settings with which a tenant of this shape starts.
    pub(crate) fn initial(shape: Shape) -> Self {
        match shape {
            Shape::Kinde => Self::kinde(),
            Shape::Plain => Self::plain(),
        }
    }

    fn kinde() -> Self {
        Self {
            access_token_lifetime: 86_400,
            id_token_lifetime: 3_600,
            refresh_token_lifetime: 1_296_000,
            // Kinde recommends one day at most.
            authenticated_session_lifetime: 86_400,
            refresh_overlap: 30,
            refresh_grant: true,
            refresh_scope: Some("offline".to_owned()),
            refresh_needs_consent: false,
            reuse_access_token: true,
            aud: Audience::ClientId,
            aud_as_text: false,
            kid: true,
            opaque_access_tokens: false,
            auto_sign_in: None,
            clock_offset: 0,
            iss_parameter: false,
            require_pkce: false,
            basic_authentication: true,
            post_authentication: true,
            announced_authentication: Some(vec![AuthenticationMethod::ClientSecretPost]),
            prompt_values_supported: None,
            revocation_endpoint: true,
            end_session_endpoint: true,
            hasura_mapping: false,
            webhook_url: None,
            backchannel_logout_url: None,
            delivery_pauses: KINDES_PAUSES.to_vec(),
            slow_seconds: 30,
            retry_after: Some(7),
            rate_limit_reset: Some(7),
        }
    }

    fn plain() -> Self {
        Self {
            access_token_lifetime: 3_600,
            refresh_overlap: 0,
            refresh_scope: Some("offline_access".to_owned()),
            reuse_access_token: false,
            aud_as_text: true,
            kid: false,
            opaque_access_tokens: true,
            iss_parameter: true,
            post_authentication: false,
            announced_authentication: Some(vec![AuthenticationMethod::ClientSecretBasic]),
            prompt_values_supported: Some(["none", "login", "consent"].map(str::to_owned).to_vec()),
            revocation_endpoint: false,
            ..Self::kinde()
        }
    }

    /// Returns the waiting times in the headers of a 429.
    pub(crate) fn waiting_times(&self) -> WaitingTimes {
        WaitingTimes { retry_after: self.retry_after, rate_limit_reset: self.rate_limit_reset }
    }

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
