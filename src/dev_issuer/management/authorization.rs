//! The check of the access token before an operation: a machine's, signed by this tenant, for the audience of the
//! management API, with the scope of the operation.
//!
//! Kinde documentation, "Kinde Management API" (client credentials; the audience is that of the SDKs or that of the
//! page on machine to machine applications), RFC 9068 §4.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};

use super::answer::Refusal;
use crate::dev_issuer::basics::bearer_token::bearer_token;
use crate::dev_issuer::state::tenant::{EmulatedTenant, SharedTenant, TenantState};

/// What an operation needs.
pub(super) type Guard = (SharedTenant, Option<&'static str>);

/// Refuses a request without the scope. `None` admits every token of the management API.
pub(super) async fn authorize(State((tenant, scope)): State<Guard>, request: Request, next: Next) -> Response {
    let authorized = {
        let mut state = tenant.state();
        // Operations call by its id what people have by its key only.
        state.learn();
        claims(&tenant, &state, &request).and_then(|claims| has_scope(&claims, scope))
    };
    match authorized {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn claims(tenant: &EmulatedTenant, state: &TenantState, request: &Request) -> Result<Map<String, Value>, Refusal> {
    let token = bearer_token(request.headers()).ok_or(Refusal::InvalidCredentials)?;
    let claims = state.keys.verified_claims(token).ok_or(Refusal::InvalidCredentials)?;
    let is_of_issuer = claims.get("iss").is_some_and(|issuer| issuer == tenant.issuer.as_str());
    let is_in_time = claims.get("exp").and_then(Value::as_i64).is_some_and(|expiry| expiry > state.now());
    let is_machine = list(&claims, "gty").iter().any(|grant_type| grant_type == "client_credentials");
    let audiences = ["/api", "/api/v1"].map(|path| format!("{}{path}", tenant.issuer));
    let is_audience = list(&claims, "aud").iter().any(|audience| audiences.iter().any(|own| audience == own));
    if is_of_issuer && is_in_time && is_machine && is_audience { Ok(claims) } else { Err(Refusal::InvalidCredentials) }
}

fn has_scope(claims: &Map<String, Value>, scope: Option<&'static str>) -> Result<(), Refusal> {
    match scope {
        Some(scope) if !list(claims, "scp").iter().any(|own| own == scope) => Err(Refusal::MissingScope(scope)),
        _ => Ok(()),
    }
}

fn list<'a>(claims: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    claims.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
