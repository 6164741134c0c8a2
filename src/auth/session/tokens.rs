//! `TokenSet`: the tokens of one sign-in, as they are stored beside the session. Tokens are requested, and verified, in
//! `oidc`; when they are refreshed is decided in `client::refresh`.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use time::OffsetDateTime;

/// The tokens of one sign-in. They are stored apart from the session, so that a page read never loads them. `Debug`
/// prints no token.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TokenSet {
    /// For calls to other services on the user's behalf.
    #[serde(serialize_with = "exposed")]
    pub access_token: SecretString,
    /// For a new access token; only with the scope `offline` (Kinde) or `offline_access`. It is revoked at sign-out.
    #[serde(serialize_with = "optionally_exposed")]
    pub refresh_token: Option<SecretString>,
    /// The ID token, only where the issuer's sign-out needs it (RP-Initiated Logout 1.0, `id_token_hint`).
    #[serde(default, serialize_with = "optionally_exposed", skip_serializing_if = "Option::is_none")]
    pub id_token: Option<SecretString>,
    /// When the access token was issued to us.
    #[serde(default = "long_ago", with = "time::serde::timestamp")]
    pub issued_at: OffsetDateTime,
    /// When the access token ends.
    #[serde(with = "time::serde::timestamp")]
    pub expires_at: OffsetDateTime,
}

/// For tokens that were stored before the time was.
fn long_ago() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH
}

fn exposed<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

fn optionally_exposed<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(ExposeSecret::expose_secret).serialize(serializer)
}
