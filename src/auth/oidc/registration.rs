//! `Registration`: the client's credentials, callback and scopes, as they are registered at the issuer. The issuer's
//! endpoints are in `issuer`.

use secrecy::SecretString;
use url::Url;

/// The client's registration at the issuer (RFC 6749 §2).
#[derive(Debug, Clone)]
pub(in crate::auth) struct Registration {
    pub(in crate::auth) client_id: String,
    pub(in crate::auth) client_secret: SecretString,
    /// The `redirect_uri`.
    pub(in crate::auth) callback_url: Url,
    /// Scopes, separated by spaces.
    pub(in crate::auth) scope: String,
}
