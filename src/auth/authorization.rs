//! The authorization request and the exchange of its code: what is sent to the issuer's two endpoints.
//! It knows no axum and no session: values go in, a URL or tokens come out.
//!
//! RFC 6749 §4.1, RFC 7636 (PKCE, S256), OIDC Core §3.1.2.1 (`nonce`, `prompt`).

use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, StandardRevocableToken, TokenUrl,
};
use secrecy::ExposeSecret;
use url::Url;

use super::config::Config;
use super::error::Error;
use super::issuer::Metadata;
use super::outbound::{Outbound, OutboundError, loggable};
use super::random::random_value;
use super::token::TokenAnswer;

type OAuthClient = oauth2::Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// Which screen the person is to see first at the issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Screen {
    /// Sign in.
    SignIn,
    /// Create an account: `prompt=create`.
    Register,
}

/// A new authorization request: where to send the browser, and what must be remembered until it comes back.
pub(crate) struct AuthorizationRequest {
    pub(crate) url: Url,
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) code_verifier: PkceCodeVerifier,
}

/// Builds an authorization request with fresh `state`, `nonce` and code verifier, each of 256 bits.
pub(crate) fn request(config: &Config, metadata: &Metadata, screen: Screen) -> AuthorizationRequest {
    let (challenge, code_verifier) = PkceCodeChallenge::new_random_sha256();
    let (state, nonce) = (random_value(), random_value());
    let client = oauth_client(config, metadata);
    let mut request = client
        .authorize_url(|| CsrfToken::new(state.clone()))
        .add_scopes(config.scope.split_whitespace().map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(challenge)
        .add_extra_param("nonce", nonce.clone());
    if screen == Screen::Register {
        request = request.add_extra_param("prompt", "create");
    }
    let (url, _) = request.url();
    AuthorizationRequest { url, state, nonce, code_verifier }
}

/// Exchanges an authorization code for tokens. Never tried twice: a second use makes the issuer revoke the first.
///
/// # Errors
/// [`Error::CodeRefused`] (400), [`Error::ClientRefused`] (502) or [`Error::Outbound`] (502, 503, 504).
pub(crate) async fn exchange(
    config: &Config,
    metadata: &Metadata,
    outbound: &Outbound,
    code: String,
    code_verifier: PkceCodeVerifier,
) -> Result<TokenAnswer, Error> {
    oauth_client(config, metadata)
        .exchange_code(AuthorizationCode::new(code))
        .set_pkce_verifier(code_verifier)
        .request_async(outbound)
        .await
        .map_err(refusal)
}

fn oauth_client(config: &Config, metadata: &Metadata) -> OAuthClient {
    oauth2::Client::new(ClientId::new(config.client_id.clone()))
        .set_client_secret(ClientSecret::new(config.client_secret.expose_secret().to_owned()))
        .set_auth_type(client_authentication(metadata))
        .set_auth_uri(AuthUrl::from_url(metadata.authorization_endpoint.clone()))
        .set_token_uri(TokenUrl::from_url(metadata.token_endpoint.clone()))
        .set_redirect_uri(RedirectUrl::from_url(config.callback_url.clone()))
}

/// Kinde takes the secret in the body and says so; an issuer that says nothing takes Basic (Discovery §3).
fn client_authentication(metadata: &Metadata) -> AuthType {
    let in_body = metadata.token_endpoint_auth_methods_supported.iter().any(|method| method == "client_secret_post");
    if in_body { AuthType::RequestBody } else { AuthType::BasicAuth }
}

fn refusal(error: RequestTokenError<OutboundError, BasicErrorResponse>) -> Error {
    match error {
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            BasicErrorResponseType::InvalidClient | BasicErrorResponseType::UnauthorizedClient => {
                Error::ClientRefused(loggable(answer.error().as_ref()))
            }
            other => Error::CodeRefused(loggable(other.as_ref())),
        },
        RequestTokenError::Request(error) => Error::Outbound(error),
        RequestTokenError::Parse(error, _) => unreadable(&error.to_string()),
        RequestTokenError::Other(text) => unreadable(&text),
    }
}

fn unreadable(text: &str) -> Error {
    Error::Outbound(OutboundError::Unreadable("the token endpoint".to_owned(), loggable(text)))
}
