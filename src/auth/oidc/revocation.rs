//! Token revocation by the client (RFC 7009): an ended session's tokens become useless at the issuer as well.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use oauth2::HttpRequest;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::error::OidcError;
use super::issuer::Metadata;
use super::outbound::{Outbound, OutboundError, Received};
use super::registration::{ClientAuthentication, Registration};
use crate::auth::metrics::Endpoint;

/// A token that can be revoked.
pub(in crate::auth) enum Revocable<'a> {
    /// Its revocation ends the grant: access tokens of the same sign-in become useless too (RFC 7009 §2.1).
    RefreshToken(&'a SecretString),
    AccessToken(&'a SecretString),
}

impl Revocable<'_> {
    /// The token, and the value of `token_type_hint`.
    fn parts(&self) -> (&str, &'static str) {
        match self {
            Self::RefreshToken(token) => (token.expose_secret(), "refresh_token"),
            Self::AccessToken(token) => (token.expose_secret(), "access_token"),
        }
    }
}

/// Revokes a token. Does nothing where the issuer has no revocation endpoint. A token that the issuer no longer knows
/// counts as revoked (RFC 7009 §2.2).
///
/// # Errors
/// [`OidcError::Outbound`] when the issuer did not confirm; the token then lives until it expires.
pub(in crate::auth) async fn revoke_token(
    registration: &Registration,
    metadata: &Metadata,
    outbound: &Outbound,
    token: Revocable<'_>,
) -> Result<(), OidcError> {
    let Some(endpoint) = &metadata.revocation_endpoint else { return Ok(()) };
    let request = revocation_request(registration, metadata, endpoint, &token)?;
    let response = outbound.send(outbound.admit()?, Endpoint::Revocation, request, &mut Received::default()).await?;
    if response.status().is_success() {
        return Ok(());
    }
    Err(OutboundError::Status("the revocation endpoint".to_owned(), response.status()).into())
}

/// RFC 7009 §2.1, with the client's credentials as the token endpoint gets them.
fn revocation_request(
    registration: &Registration,
    metadata: &Metadata,
    endpoint: &Url,
    token: &Revocable<'_>,
) -> Result<HttpRequest, OutboundError> {
    let (id, secret) = (&registration.client_id, registration.client_secret.expose_secret());
    let (token, hint) = token.parts();
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("token", token).append_pair("token_type_hint", hint);
    let mut request = http::Request::post(endpoint.as_str()).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    match registration.authentication_at(metadata) {
        ClientAuthentication::Post => {
            form.append_pair("client_id", id).append_pair("client_secret", secret);
        }
        ClientAuthentication::Basic => request = request.header(AUTHORIZATION, basic_credentials(id, secret)),
    }
    request
        .body(form.finish().into_bytes())
        .map_err(|error| OutboundError::Insecure(format!("a malformed URL ({error})")))
}

/// RFC 6749 §2.3.1: both are form-encoded before they become Basic credentials.
fn basic_credentials(id: &str, secret: &str) -> String {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_with_special_characters_are_encoded_first() {
        let credentials = basic_credentials("a:b-1", "c d+");
        assert_eq!(STANDARD.decode(credentials.strip_prefix("Basic ").unwrap()).unwrap(), b"a%3Ab-1:c+d%2B");
    }
}
