//! `Config`: what the sign-in component must be told, as values.
//! It reads no environment and no file; the application does that.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::sealing::SealingKeys;

/// The scope that gives an ID token with name and e-mail, and a refresh token. Kinde's name is `offline`;
/// `offline_access` would give no refresh token and no error.
pub const DEFAULT_SCOPE: &str = "openid profile email offline";

/// One application at one issuer.
#[derive(Debug, Clone)]
pub struct Config {
    /// The issuer identifier, byte for byte as its tokens carry it: `https://example.kinde.com`, no trailing slash.
    pub issuer_url: String,
    /// The application's client id.
    pub client_id: String,
    /// The application's client secret.
    pub client_secret: SecretString,
    /// This site's own origin; decides the cookies' attributes. `https`, or `http` on a loopback host.
    pub site_url: Url,
    /// The `redirect_uri`, to be allowed at the issuer: the site's `/api/auth/kinde_callback`.
    pub callback_url: Url,
    /// Where the issuer sends people after sign-out, to be allowed there too.
    pub logout_redirect_url: Url,
    /// Scopes, separated by spaces. Default: [`DEFAULT_SCOPE`].
    pub scope: String,
    /// How long a session lives.
    pub lifetime: SessionLifetime,
    /// What seals sessions at rest; none stores them as they are.
    pub sealing_keys: Arc<SealingKeys>,
}

/// The two ends of a session: it ends at whichever comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLifetime {
    /// Without any request.
    pub idle: Duration,
    /// Since sign-in, whatever happens.
    pub absolute: Duration,
}

impl Default for SessionLifetime {
    /// A day without a request, a week in all.
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        Self { idle: DAY, absolute: DAY.saturating_mul(7) }
    }
}
