//! `Config`: the settings of the sign-in component, as values.
//! It reads no environment and no file; the application does that.

use std::num::NonZeroUsize;
use std::sync::Arc;

use secrecy::SecretString;
use url::Url;

use super::session::{SealingKeys, SessionLifetime};

/// The scope that yields an ID token with name and e-mail, and a refresh token. Kinde's name is `offline`;
/// `offline_access` would yield no refresh token and no error.
pub const DEFAULT_SCOPE: &str = "openid profile email offline";

/// How many sessions one user may have at a time, unless set otherwise.
pub const DEFAULT_SESSIONS_PER_USER: NonZeroUsize = NonZeroUsize::new(50).expect("it is not zero");

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
    /// Where the issuer sends the browser after sign-out, to be allowed there too.
    pub logout_redirect_url: Url,
    /// Scopes, separated by spaces. Default: [`DEFAULT_SCOPE`].
    pub scope: String,
    /// How long a session lives.
    pub lifetime: SessionLifetime,
    /// How many sessions one user may have: a sign-in beyond that ends the user's oldest session. Default:
    /// [`DEFAULT_SESSIONS_PER_USER`].
    pub sessions_per_user: NonZeroUsize,
    /// What seals sessions at rest; without keys they are stored as plain JSON.
    pub sealing_keys: Arc<SealingKeys>,
}
