//! The revocation endpoint, where the client revokes a token. Logout by the user is in `logout`.
//!
//! RFC 7009 §2.

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
};

use super::client_authentication::authenticate;
use crate::dev_issuer::basics::parameters::Parameters;
use crate::dev_issuer::protocol::token_error::TokenError;
use crate::dev_issuer::state::tenant::SharedTenant;

/// `POST /oauth2/revoke`. The response to an unknown token is a success too. Without the setting `revocation_endpoint`,
/// the response is 404.
pub(crate) async fn revoke(
    State(tenant): State<SharedTenant>,
    Extension(parameters): Extension<Parameters>,
    headers: HeaderMap,
) -> Result<StatusCode, TokenError> {
    if !tenant.state().settings.revocation_endpoint {
        return Ok(StatusCode::NOT_FOUND);
    }
    authenticate(&tenant, &headers, &parameters)?;
    let token = parameters.filled("token").ok_or(TokenError::InvalidRequest("The token is missing"))?;
    tenant.state().grants.revoke(token);
    Ok(StatusCode::OK)
}
