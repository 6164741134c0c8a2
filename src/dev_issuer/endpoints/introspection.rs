//! The introspection endpoint: returns whether a token is active. The tenant does not record the token of a machine, so
//! its signature and its time decide.
//!
//! RFC 7662 §2, Kinde's OpenAPI file. In Kinde's file the caller authenticates with an access token; this endpoint also
//! accepts client authentication. A caller without either gets Kinde's 403.

use axum::{Extension, Json, extract::State, http::HeaderMap};
use serde_json::{Map, Value, json};

use super::{
    client_authentication::{authenticate, has_credentials},
    user_profile::{authorized, invalid_token},
};
use crate::dev_issuer::basics::{bearer_token::bearer_token, parameters::Parameters};
use crate::dev_issuer::protocol::{shape::Shape, token_error::TokenError};
use crate::dev_issuer::state::tenant::{EmulatedTenant, SharedTenant, TenantState};

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
        Some((grant, times)) => json!({
            "active": true,
            "aud": grant.request.audience,
            "client_id": tenant.client.id,
            "exp": times.expires_at,
            "iat": times.issued_at,
        }),
        None => match machine_claims(&state, token) {
            Some(claims) => json!({
                "active": true,
                "aud": claims.get("aud"),
                "client_id": claims.get("azp"),
                "exp": claims.get("exp"),
                "iat": claims.get("iat"),
            }),
            None => json!({"active": false}),
        },
    }))
}

/// Returns the claims of a machine's access token that has not expired.
fn machine_claims(state: &TenantState, token: &str) -> Option<Map<String, Value>> {
    let claims = state.keys.verified_claims(token)?;
    let is_machine = claims.get("gty").is_some_and(|grant_types| *grant_types == json!(["client_credentials"]));
    let expires_at = claims.get("exp").and_then(Value::as_i64)?;
    (is_machine && expires_at > state.now()).then_some(claims)
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
        None if tenant.shape == Shape::Kinde && !has_credentials(headers, parameters) => {
            Err(TokenError::InvalidCredentials)
        }
        None => authenticate(tenant, headers, parameters),
    }
}
