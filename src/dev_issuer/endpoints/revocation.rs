//! The revocation endpoint, where the client revokes a token. Logout by the user is in `logout`.
//!
//! RFC 7009 §2, Kinde's OpenAPI file of the account API. In Kinde's file a request also has an access token; this endpoint
//! needs the client's id and secret alone, and responds with Kinde's 403 to a request that has neither those nor a valid
//! access token.

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};

use super::{
    client_authentication::{authenticate, has_credentials},
    user_profile::authorized,
};
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
    if tenant.shape == Shape::Kinde
        && !has_credentials(&headers, &parameters)
        && authorized(&tenant.state(), &headers).is_none()
    {
        return Err(ApiError::InvalidCredentials.into_response());
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
