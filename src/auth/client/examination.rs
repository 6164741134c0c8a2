//! What is known of the client's own set-up: what the issuer says of it at this moment, and what sign-ins have shown.

use std::sync::Arc;

use time::OffsetDateTime;

use super::{Client, Clock, registration};
use crate::auth::config::{Config, ConfigError};
use crate::auth::oidc::{self, IssuerExamination, Outbound};

/// Asks the issuer of these settings what it says of itself and of the client, without a [`Client`] and so without a
/// session store: three requests, two seconds each at most. For a command line. One of them is a token request with a
/// made-up code, so this is nothing that strangers should be able to cause.
///
/// # Errors
/// [`ConfigError`] when a setting cannot work, or the HTTP client cannot be set up.
pub async fn examine_issuer(config: &Config) -> Result<IssuerExamination, ConfigError> {
    config.check()?;
    let outbound = Outbound::new(&config.issuer_url, config.request_headers.clone())
        .map_err(|error| ConfigError::HttpClient(error.to_string()))?;
    let clock: Clock = Arc::new(OffsetDateTime::now_utc);
    Ok(oidc::examine(&config.issuer_url, &registration(config), &outbound, &clock).await)
}

impl Client {
    /// As [`examine_issuer`], for this client. Sign-ins notice nothing of it: it takes none of their places, keeps
    /// nothing, and its failures do not count for the circuit breaker.
    pub async fn examine_issuer(&self) -> IssuerExamination {
        let outbound = self.0.issuer.outbound().for_examination();
        oidc::examine(&self.config().issuer_url, &self.0.registration, &outbound, &self.0.clock).await
    }

    /// Whether so many browsers were sent to the issuer since the start, and none returned, that the issuer probably
    /// does not allow the callback URL.
    pub fn misses_callbacks(&self) -> bool {
        self.0.callback_watch.misses_callbacks()
    }

    /// Whether the last sign-in ended without a refresh token, although the scope asks for one.
    pub fn misses_refresh_tokens(&self) -> bool {
        self.0.refresh_token_watch.misses_refresh_tokens()
    }
}
