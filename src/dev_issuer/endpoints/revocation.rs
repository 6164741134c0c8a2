//! The revocation endpoint, where the client revokes a token. Logout by the user is in `logout`.
//!
//! RFC 7009 §2, Kinde's OpenAPI file of the account API (its error 400).

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};

use super::client_authentication::authenticate;
use crate::dev_issuer::basics::parameters::Parameters;
use crate::dev_issuer::protocol::{api_error::ApiError, shape::Shape, token_error::TokenError};
use crate::dev_issuer::state::tenant::SharedTenant;

/// `POST /oauth2/revoke`. The response to an unknown token is a success too. Without the setting `revocation_endpoint`,
/// the response is 404.
pub(crate) async fn revoke(
    State(tenant): State<SharedTenant>,
    Extension(parameters): Extension<Parameters>,
    headers: HeaderMap,
) -> Result<StatusCode, Response> {
    if !tenant.state().settings.revocation_endpoint {
        return Ok(StatusCode::NOT_FOUND);
    }
    authenticate(&tenant, &headers, &parameters).map_err(TokenError::into_response)?;
    let token = parameters.filled("token").ok_or_else(|| missing_token(tenant.shape))?;
    tenant.state().grants.revoke(token);
    Ok(StatusCode::OK)
}

fn missing_token(shape: Shape) -> Response {
    match shape {
        Shape::Kinde => ApiError::MissingToken.into_response(),
        Shape::Plain => TokenError::InvalidRequest("The token is missing").into_response(),
    }
}
