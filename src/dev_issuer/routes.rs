//! The tenant's route table: protocol endpoints behind the log and the faults, the switchboard behind its guard.
//!
//! It leaves out the handlers. Document: Kinde's paths as its discovery document and SDKs name them.

use axum::{
    Json, Router,
    http::StatusCode,
    middleware::from_fn_with_state,
    routing::{any, delete, get, patch, post},
};
use serde_json::{Value, json};

use super::{
    account_api, authorization, discovery,
    disturbance::{self, STOLEN_PATH},
    introspection, logout, page, request_log, revocation, sign_in, switchboard, switchboard_guard,
    tenant::SharedTenant,
    token, token_mint, user_profile,
};

/// Everything the tenant serves.
pub(super) fn router(tenant: &SharedTenant) -> Router {
    protocol(tenant).merge(switchboard(tenant)).with_state(tenant.clone())
}

fn protocol(tenant: &SharedTenant) -> Router<SharedTenant> {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery::configuration))
        .route("/.well-known/jwks", get(discovery::key_set))
        .route("/.well-known/jwks.json", get(discovery::key_set))
        .route("/oauth2/auth", get(authorization::authorize))
        .route("/sign-in", post(sign_in::decide))
        .route("/oauth2/token", post(token::token))
        .route("/oauth2/v2/user_profile", get(user_profile::user_profile))
        .route("/oauth2/user_profile", get(user_profile::user_profile_v1))
        .route("/oauth2/revoke", post(revocation::revoke))
        .route("/oauth2/introspect", post(introspection::introspect))
        .route("/logout", get(logout::logout))
        .route("/account_api/v1/portal_link", get(account_api::portal_link))
        .route("/account_api/v1/entitlement", get(account_api::one_entitlement))
        .route("/account_api/v1/entitlement/{key}", get(account_api::one_entitlement))
        .route("/account_api/v1/{resource}", get(account_api::resource))
        // Where nobody should come: it is here only to be seen in the log.
        .route(STOLEN_PATH, any(stolen))
        .fallback(unknown_path)
        .layer(from_fn_with_state(tenant.clone(), disturbance::disturb))
        .layer(from_fn_with_state(tenant.clone(), request_log::record))
}

/// A handler of its own, so that log and faults see unknown paths too.
async fn unknown_path() -> StatusCode {
    StatusCode::NOT_FOUND
}

async fn stolen() -> Json<Value> {
    Json(json!({"keys": []}))
}

fn switchboard(tenant: &SharedTenant) -> Router<SharedTenant> {
    let faults = get(switchboard::list_faults).post(switchboard::switch_on);
    let log = delete(switchboard::clear_log).get(switchboard::read_log);
    let settings = patch(switchboard::change_settings).get(switchboard::read_settings);
    Router::new()
        .route("/dev/faults", faults.delete(switchboard::clear_faults))
        .route("/dev/log", log)
        .route("/dev/settings", settings)
        .route("/dev/keys/rotate", post(switchboard::rotate_keys))
        .route("/dev/tokens", post(token_mint::mint))
        .route("/dev/people", get(switchboard::list_people))
        .layer(from_fn_with_state(tenant.clone(), switchboard_guard::guard))
        .route(page::STYLE_PATH, get(page::style))
}
