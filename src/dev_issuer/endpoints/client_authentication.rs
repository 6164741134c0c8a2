//! Client authentication by HTTP Basic or body parameters, and the bearer token of a request. Public clients, signed
//! assertions and mutual TLS are not supported.
//!
//! RFC 6749 §2.3.1, except that the parts of HTTP Basic are not form-decoded: Kinde's older SDKs do not form-encode
//! them.

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::dev_issuer::basics::parameters::Parameters;
use crate::dev_issuer::protocol::{registered_client::RegisteredClient, token_error::TokenError};
use crate::dev_issuer::state::tenant::EmulatedTenant;

/// Checks the id and the secret of the client.
///
/// # Errors
///
/// `invalid_client`, with the status 401.
pub(crate) fn authenticate(
    tenant: &EmulatedTenant,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<(), TokenError> {
    let allows_basic = tenant.state().settings.basic_authentication;
    let credentials = match basic_credentials(headers) {
        Some(_) if !allows_basic => {
            return Err(TokenError::InvalidClient("HTTP Basic is not allowed for this client"));
        }
        Some(credentials) => Some(credentials),
        None => body_credentials(parameters),
    };
    match credentials {
        Some((id, secret)) if is_client(&tenant.client, &id, &secret) => Ok(()),
        Some(_) => Err(TokenError::InvalidClient("The client id or the client secret is wrong")),
        None => Err(TokenError::InvalidClient("The client did not authenticate")),
    }
}

fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn body_credentials(parameters: &Parameters) -> Option<(String, String)> {
    let id = parameters.form("client_id")?;
    let secret = parameters.form("client_secret")?;
    Some((id.to_owned(), secret.to_owned()))
}

fn is_client(client: &RegisteredClient, id: &str, secret: &str) -> bool {
    id == client.id && secret == client.secret
}

/// Returns the token of an `Authorization: Bearer` header (RFC 6750 §2.1).
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
