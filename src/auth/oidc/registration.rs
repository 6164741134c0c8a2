//! `Registration`: the client's credentials, its callback, and what it requests at the issuer. The issuer's endpoints are
//! in `issuer`.

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
    /// The audiences that access tokens are requested for.
    pub(in crate::auth) audiences: Vec<String>,
    /// The `prompt` of each authorization request that sets none itself.
    pub(in crate::auth) prompt: Option<String>,
    /// How the client authenticates. `None`: as discovery says.
    pub(in crate::auth) authentication: Option<ClientAuthentication>,
}

/// How the client sends its secret (RFC 6749 §2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// `client_secret_basic`: in the header `Authorization`.
    Basic,
    /// `client_secret_post`: in the body.
    Post,
}
