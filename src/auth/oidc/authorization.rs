//! The authorization request: the URL to send the browser to, and the values to keep until it returns. The exchange of
//! the code is in `token_endpoint`.
//!
//! RFC 6749 §4.1.1, RFC 7636 (PKCE, S256), OIDC Core §3.1.2.1 (`nonce`, `prompt`).

use oauth2::basic::BasicClient;
use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, RedirectUrl, Scope};
use url::Url;

use super::issuer::Metadata;
use super::registration::Registration;
use super::scope::requested_scope;
use crate::auth::random::random_value;

/// Which screen the issuer shows first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::auth) enum Screen {
    /// Sign in.
    SignIn,
    /// Create an account: `prompt=create`.
    Register,
}

/// A new authorization request. `state`, `nonce` and code verifier have 256 random bits each.
pub(in crate::auth) struct AuthorizationRequest {
    pub(in crate::auth) url: Url,
    pub(in crate::auth) state: String,
    pub(in crate::auth) nonce: String,
    pub(in crate::auth) code_verifier: String,
}

/// Builds a new authorization request.
pub(in crate::auth) fn authorization_request(
    registration: &Registration,
    metadata: &Metadata,
    screen: Screen,
) -> AuthorizationRequest {
    let (challenge, code_verifier) = PkceCodeChallenge::new_random_sha256();
    let (state, nonce) = (random_value(), random_value());
    let client = BasicClient::new(ClientId::new(registration.client_id.clone()))
        .set_auth_uri(AuthUrl::from_url(metadata.authorization_endpoint.clone()))
        .set_redirect_uri(RedirectUrl::from_url(registration.callback_url.clone()));
    let mut request = client
        .authorize_url(|| CsrfToken::new(state.clone()))
        .add_scopes(
            requested_scope(&registration.scope, metadata).split_whitespace().map(|scope| Scope::new(scope.to_owned())),
        )
        .set_pkce_challenge(challenge)
        .add_extra_param("nonce", nonce.clone());
    if screen == Screen::Register {
        request = request.add_extra_param("prompt", "create");
    }
    let (url, _) = request.url();
    AuthorizationRequest { url, state, nonce, code_verifier: code_verifier.into_secret() }
}
