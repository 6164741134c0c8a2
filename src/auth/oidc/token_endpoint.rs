//! The token endpoint: exchanges an authorization code or a refresh token for tokens, and reads the response. The tokens
//! are verified in `id_token` and `access_token`.
//!
//! RFC 6749 §4.1.3, §5.1, §6, RFC 7636, OIDC Core §3.1.3.3, §12. Kinde's responses spell `token_type` and `expires_in` in more
//! than one way.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::StatusCode;
use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::{
    AccessToken, AsyncHttpClient, AuthType, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    StandardRevocableToken, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use serde::de::{Deserializer, Error as _, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::OidcError;
use super::issuer::Metadata;
use super::outbound::{Admission, Outbound, OutboundError, Received, loggable};
use super::registration::{ClientAuthentication, Registration};
use crate::auth::metrics::Endpoint;

/// The name of the endpoint in the log.
const TOKEN_ENDPOINT: &str = "the token endpoint";

type OAuthClient = oauth2::Client<
    BasicErrorResponse,
    TokenResponse,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// Why a token response cannot be used. All of them become 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenResponseError {
    /// There is no ID token although `openid` was requested.
    #[error("it has no ID token")]
    NoIdToken,
    /// There is no access token.
    #[error("it has no access token")]
    NoAccessToken,
    /// The access token is of another type than `Bearer` (RFC 6749 §7.1).
    #[error("the access token is not of type Bearer")]
    WrongTokenType,
}

/// The tokens of a response, which are not verified yet.
pub(in crate::auth) struct IssuedTokens {
    pub(in crate::auth) access_token: SecretString,
    pub(in crate::auth) refresh_token: Option<SecretString>,
    pub(in crate::auth) id_token: Option<SecretString>,
    /// `expires_in`: how long the access token lives from the response on, if that was stated.
    pub(in crate::auth) lifetime: Option<Duration>,
}

/// Exchanges an authorization code for tokens. Callers never send a used code again, because a second use makes the
/// issuer revoke the tokens of the first. (`outbound` repeats a request only after a lost connection.)
/// `received` is for an observer.
///
/// # Errors
/// [`OidcError::CodeRefused`] and [`OidcError::TokenResponse`] (400), [`OidcError::ClientRefused`] (502) or
/// [`OidcError::Outbound`] (502, 503, 504).
pub(in crate::auth) async fn exchange_code(
    registration: &Registration,
    metadata: &Metadata,
    outbound: &Outbound,
    admission: Admission,
    code: String,
    code_verifier: String,
    received: &mut Received,
) -> Result<IssuedTokens, OidcError> {
    let request = AdmittedRequest::new(outbound, admission, received);
    let response = oauth_client(registration, metadata)
        .exchange_code(AuthorizationCode::new(code))
        .set_pkce_verifier(PkceCodeVerifier::new(code_verifier))
        .request_async(&request)
        .await
        .map_err(refusal)?;
    Ok(response.into_tokens()?)
}

/// Exchanges a refresh token for new tokens (RFC 6749 §6). The scopes stay those that were granted. `received` is
/// for an observer.
///
/// # Errors
/// [`OidcError::RefreshTokenRefused`] when the token is no longer valid; [`OidcError::RefreshRefused`],
/// [`OidcError::ClientRefused`], [`OidcError::TokenResponse`] or [`OidcError::Outbound`] when another try makes sense.
pub(in crate::auth) async fn refresh(
    registration: &Registration,
    metadata: &Metadata,
    outbound: &Outbound,
    refresh_token: &SecretString,
    received: &mut Received,
) -> Result<IssuedTokens, OidcError> {
    let request = AdmittedRequest::new(outbound, outbound.admit()?, received);
    let response = oauth_client(registration, metadata)
        .exchange_refresh_token(&RefreshToken::new(refresh_token.expose_secret().to_owned()))
        .request_async(&request)
        .await;
    let response = response.map_err(|error| match refusal(error) {
        OidcError::CodeRefused(error) if error == "invalid_grant" => OidcError::RefreshTokenRefused,
        OidcError::CodeRefused(error) => OidcError::RefreshRefused(error),
        error => error,
    })?;
    Ok(response.into_tokens()?)
}

fn oauth_client(registration: &Registration, metadata: &Metadata) -> OAuthClient {
    let auth_type = match registration.authentication_at(metadata) {
        ClientAuthentication::Post => AuthType::RequestBody,
        ClientAuthentication::Basic => AuthType::BasicAuth,
    };
    oauth2::Client::new(ClientId::new(registration.client_id.clone()))
        .set_client_secret(ClientSecret::new(registration.client_secret.expose_secret().to_owned()))
        .set_auth_type(auth_type)
        .set_token_uri(TokenUrl::from_url(metadata.token_endpoint.clone()))
        .set_redirect_uri(RedirectUrl::from_url(registration.callback_url.clone()))
}

/// The one request that an admission allows, in the shape that the `oauth2` crate calls.
struct AdmittedRequest<'a> {
    outbound: &'a Outbound,
    admitted: Mutex<Option<(Admission, &'a mut Received)>>,
}

impl<'a> AdmittedRequest<'a> {
    fn new(outbound: &'a Outbound, admission: Admission, received: &'a mut Received) -> Self {
        Self { outbound, admitted: Mutex::new(Some((admission, received))) }
    }
}

impl<'c> AsyncHttpClient<'c> for AdmittedRequest<'_> {
    type Error = OutboundError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OutboundError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        let admitted = self.admitted.lock().unwrap_or_else(PoisonError::into_inner).take();
        Box::pin(async move {
            let mut unwanted = Received::default();
            let (admission, received) = match admitted {
                Some(admitted) => admitted,
                None => (self.outbound.admit()?, &mut unwanted),
            };
            let response = self.outbound.send(admission, Endpoint::Token, request, received).await?;
            if is_object(response.body()) { Ok(response) } else { Err(no_object(response.status())) }
        })
    }
}

/// Whether a body is a JSON object, as every response of a token endpoint is (RFC 6749 §5).
fn is_object(body: &[u8]) -> bool {
    serde_json::from_slice::<HashMap<String, IgnoredAny>>(body).is_ok()
}

/// The status tells an operator what stands in the way: a login page of a proxy (200), a firewall (403), a wrong path
/// (404). Nothing of the body is logged, because it may be a token.
fn no_object(status: StatusCode) -> OutboundError {
    OutboundError::Unreadable(TOKEN_ENDPOINT.to_owned(), format!("its status is {status}, and its body no JSON object"))
}

fn refusal(error: RequestTokenError<OutboundError, BasicErrorResponse>) -> OidcError {
    match error {
        RequestTokenError::ServerResponse(response) => match response.error() {
            BasicErrorResponseType::InvalidClient | BasicErrorResponseType::UnauthorizedClient => {
                OidcError::ClientRefused(loggable(response.error().as_ref()))
            }
            other => OidcError::CodeRefused(loggable(other.as_ref())),
        },
        RequestTokenError::Request(error) => OidcError::Outbound(error),
        // The text of the error may repeat the value.
        RequestTokenError::Parse(error, _) => {
            unreadable(&format!("a member is missing or not a text ({})", error.path()))
        }
        RequestTokenError::Other(text) => unreadable(&text),
    }
}

fn unreadable(text: &str) -> OidcError {
    OidcError::Outbound(OutboundError::Unreadable(TOKEN_ENDPOINT.to_owned(), loggable(text)))
}

/// The token endpoint's response. `Debug` prints nothing of it.
#[derive(Serialize, Deserialize)]
struct TokenResponse {
    #[serde(default = "no_access_token")]
    access_token: AccessToken,
    #[serde(default = "unstated_token_type")]
    token_type: BasicTokenType,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
    refresh_token: Option<RefreshToken>,
    #[serde(skip)]
    scopes: Option<Vec<Scope>>,
    id_token: Option<String>,
}

impl std::fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenResponse").finish_non_exhaustive()
    }
}

/// An absent access token is reported later, as 400; a response that is no JSON is the issuer's fault (502).
fn no_access_token() -> AccessToken {
    AccessToken::new(String::new())
}

fn unstated_token_type() -> BasicTokenType {
    BasicTokenType::Extension("unstated".to_owned())
}

/// A number, or a number in quotes; anything else counts as absent.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let stated = Option::<Value>::deserialize(deserializer).map_err(D::Error::custom)?;
    Ok(stated.and_then(|value| value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())))
}

impl oauth2::TokenResponse for TokenResponse {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(Duration::from_secs)
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        self.scopes.as_ref()
    }
}

impl TokenResponse {
    fn into_tokens(self) -> Result<IssuedTokens, TokenResponseError> {
        if self.access_token.secret().is_empty() {
            return Err(TokenResponseError::NoAccessToken);
        }
        if !self.token_type.as_ref().eq_ignore_ascii_case("bearer") {
            return Err(TokenResponseError::WrongTokenType);
        }
        let filled = |token: String| Some(token).filter(|token| !token.is_empty()).map(SecretString::from);
        Ok(IssuedTokens {
            access_token: self.access_token.into_secret().into(),
            refresh_token: self.refresh_token.and_then(|token| filled(token.into_secret())),
            id_token: self.id_token.and_then(filled),
            // A lifetime of nothing states nothing: a token that is useless at once would be refreshed for ever.
            lifetime: self.expires_in.filter(|seconds| *seconds > 0).map(Duration::from_secs),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tokens_from(response: Value) -> Result<IssuedTokens, TokenResponseError> {
        serde_json::from_value::<TokenResponse>(response).unwrap().into_tokens()
    }

    #[test]
    fn every_spelling_of_the_lifetime_is_understood() {
        for (spelling, expected) in
            [(json!(60), Some(60)), (json!("60"), Some(60)), (json!(0), None), (json!(null), None), (json!({}), None)]
        {
            let response =
                json!({"access_token": "a", "token_type": "bearer", "id_token": "i", "expires_in": spelling});
            assert_eq!(tokens_from(response).unwrap().lifetime.map(|lifetime| lifetime.as_secs()), expected);
        }
    }

    #[test]
    fn bearer_is_the_only_type_and_its_case_does_not_matter() {
        for (spelling, is_accepted) in [("bearer", true), ("Bearer", true), ("BEARER", true), ("mac", false)] {
            let outcome = tokens_from(json!({"access_token": "a", "token_type": spelling, "id_token": "i"}));
            assert_eq!(outcome.is_ok(), is_accepted, "{spelling}");
        }
        let outcome = tokens_from(json!({"access_token": "a", "id_token": "i"}));
        assert_eq!(outcome.err(), Some(TokenResponseError::WrongTokenType));
    }

    #[test]
    fn an_empty_token_counts_as_missing() {
        for response in [json!({"token_type": "bearer"}), json!({"token_type": "bearer", "access_token": ""})] {
            assert_eq!(tokens_from(response).err(), Some(TokenResponseError::NoAccessToken));
        }
        let tokens = json!({"access_token": "a", "token_type": "bearer", "id_token": "", "refresh_token": ""});
        let tokens = tokens_from(tokens).unwrap();
        assert!(tokens.id_token.is_none() && tokens.refresh_token.is_none());
    }

    #[test]
    fn a_response_is_a_json_object() {
        for (body, expected) in [
            ("{}", true),
            (r#"{"a":[1]}"#, true),
            ("", false),
            ("<html>", false),
            (r#""sesame""#, false),
            ("[]", false),
        ] {
            assert_eq!(is_object(body.as_bytes()), expected, "{body}");
        }
    }

    #[tokio::test]
    async fn a_response_that_cannot_be_read_is_logged_without_its_values() {
        let respond = async |_: HttpRequest| {
            let body = json!({"access_token": 4_711_815, "token_type": "bearer"}).to_string();
            let response = http::Response::builder().header("content-type", "application/json");
            Ok::<_, OutboundError>(response.body(body.into_bytes()).unwrap())
        };
        let client = oauth_client(&Registration::for_test(None), &Metadata::for_test(json!({})));
        let exchanged = client.exchange_code(AuthorizationCode::new("code".to_owned())).request_async(&respond).await;
        let logged = refusal(exchanged.unwrap_err()).to_string();
        assert!(logged.contains("access_token") && !logged.contains("4711815"), "{logged}");
    }

    #[test]
    fn debug_output_holds_no_token() {
        let response =
            json!({"access_token": "sesame", "refresh_token": "sesame", "token_type": "bearer", "id_token": "i"});
        let response: TokenResponse = serde_json::from_value(response).unwrap();
        assert!(!format!("{response:?}").contains("sesame"));
    }
}
