//! `TokenSet`: the tokens of one sign-in, as they are stored beside the session. Tokens are requested, and ID tokens
//! verified, in `oidc`.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use time::OffsetDateTime;

/// The tokens of one sign-in. They are stored apart from the session, so that a page read never loads them. `Debug`
/// prints no token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TokenSet {
    /// For calls to other services on the user's behalf.
    #[serde(serialize_with = "exposed")]
    pub access_token: SecretString,
    /// For a new access token; only with the scope `offline`. It is revoked at sign-out.
    #[serde(serialize_with = "optionally_exposed")]
    pub refresh_token: Option<SecretString>,
    /// When the access token ends.
    #[serde(with = "time::serde::timestamp")]
    pub expires_at: OffsetDateTime,
}

fn exposed<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

fn optionally_exposed<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(ExposeSecret::expose_secret).serialize(serializer)
}
