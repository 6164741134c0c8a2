//! Client authentication by HTTP Basic or body parameters. Public clients, signed assertions and mutual TLS are not
//! supported.
//!
//! RFC 6749 §2.3.1, except that a Kinde tenant does not form-decode the parts of HTTP Basic: Kinde's older SDKs do not
//! form-encode them. A plain issuer decodes them.

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::dev_issuer::basics::parameters::Parameters;
use crate::dev_issuer::protocol::{
    machine_clients::Authorization, registered_client::RegisteredClient, shape::Shape, token_error::TokenError,
};
use crate::dev_issuer::state::tenant::EmulatedTenant;

const WRONG: TokenError = TokenError::InvalidClient("The client id or the client secret is wrong");

/// A client that authenticated.
pub(crate) enum Client {
    /// The client that signs users in.
    Registered,
    /// The client of a machine, with its id.
    Machine(String, Authorization),
}

/// Checks the id and the secret of the client that signs users in.
///
/// # Errors
///
/// `invalid_client`, with the status 401, for the client of a machine too.
pub(crate) fn authenticate(
    tenant: &EmulatedTenant,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<(), TokenError> {
    match authenticated(tenant, headers, parameters)? {
        Client::Registered => Ok(()),
        Client::Machine(..) => Err(WRONG),
    }
}

/// Checks the id and the secret of a client, and returns which one it is.
///
/// # Errors
///
/// `invalid_client`, with the status 401.
pub(crate) fn authenticated(
    tenant: &EmulatedTenant,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<Client, TokenError> {
    let (allows_basic, allows_post) = {
        let settings = &tenant.state().settings;
        (settings.basic_authentication, settings.post_authentication)
    };
    let in_header = basic_credentials(headers).map(|(id, secret)| match tenant.shape {
        Shape::Kinde => (id, secret),
        Shape::Plain => (form_decoded(&id), form_decoded(&secret)),
    });
    let in_body = body_credentials(parameters);
    if in_header.is_some() && !allows_basic {
        return Err(TokenError::InvalidClient("HTTP Basic is not allowed for this client"));
    }
    if in_body.is_some() && !allows_post {
        return Err(TokenError::InvalidClient("Credentials in the body are not allowed for this client"));
    }
    let (id, secret) = in_header.or(in_body).ok_or(TokenError::InvalidClient("The client did not authenticate"))?;
    if is_client(&tenant.client, &id, &secret) {
        return Ok(Client::Registered);
    }
    let state = tenant.state();
    let authorization = state.machines.authenticate(&id, &secret).cloned();
    authorization.map(|authorization| Client::Machine(id, authorization)).ok_or(WRONG)
}

/// Returns whether a request has the credentials of any client.
pub(crate) fn has_credentials(headers: &HeaderMap, parameters: &Parameters) -> bool {
    basic_credentials(headers).is_some() || body_credentials(parameters).is_some()
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

/// Decodes a text of the format `application/x-www-form-urlencoded`.
fn form_decoded(text: &str) -> String {
    form_urlencoded::parse(text.as_bytes()).next().map(|(decoded, _)| decoded.into_owned()).unwrap_or_default()
}

fn body_credentials(parameters: &Parameters) -> Option<(String, String)> {
    let id = parameters.form("client_id")?;
    let secret = parameters.form("client_secret")?;
    Some((id.to_owned(), secret.to_owned()))
}

fn is_client(client: &RegisteredClient, id: &str, secret: &str) -> bool {
    id == client.id && secret == client.secret
}
