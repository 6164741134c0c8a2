//! The introspection endpoint: returns whether a token is active. A machine token is never active here, because the
//! tenant does not record it.
//!
//! RFC 7662 §2, Kinde's OpenAPI file. In Kinde's file the caller authenticates with an access token; this endpoint also
//! accepts client authentication.

use axum::{Extension, Json, extract::State, http::HeaderMap};
use serde_json::{Value, json};

use super::{
    client_authentication::{authenticate, bearer_token},
    user_profile::{authorized, invalid_token},
};
use crate::dev_issuer::basics::parameters::Parameters;
use crate::dev_issuer::protocol::{shape::Shape, token_error::TokenError};
use crate::dev_issuer::state::tenant::{EmulatedTenant, SharedTenant};

/// `POST /oauth2/introspect`
pub(crate) async fn introspect(
    State(tenant): State<SharedTenant>,
    Extension(parameters): Extension<Parameters>,
    headers: HeaderMap,
) -> Result<Json<Value>, TokenError> {
    authorize_caller(&tenant, &headers, &parameters)?;
    let token = parameters.filled("token").ok_or(missing_token(tenant.shape))?;
    let state = tenant.state();
    let now = state.now();
    let found = state.grants.by_access_token(token, now).or_else(|| state.grants.by_refresh_token(token, now));
    Ok(Json(match found {
        Some((grant, expires_at)) => json!({
            "active": true,
            "aud": grant.request.audience,
            "client_id": tenant.client.id,
            "exp": expires_at,
            "iat": grant.authenticated_at,
        }),
        None => json!({"active": false}),
    }))
}

fn missing_token(shape: Shape) -> TokenError {
    match shape {
        Shape::Kinde => TokenError::NothingToIntrospect,
        Shape::Plain => TokenError::InvalidRequest("The token is missing"),
    }
}

fn authorize_caller(tenant: &EmulatedTenant, headers: &HeaderMap, parameters: &Parameters) -> Result<(), TokenError> {
    match bearer_token(headers) {
        Some(_) => authorized(&tenant.state(), headers).map(|_| ()).ok_or(invalid_token(tenant.shape)),
        None => authenticate(tenant, headers, parameters),
    }
}
