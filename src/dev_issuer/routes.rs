//! The route table of the tenant: the protocol endpoints with their layers, the console and the switchboard with their
//! guards, and the check of the `Host` header around all of them. The paths that depend on the shape are in `protocol::paths`.

use axum::{
    Json, Router,
    http::{HeaderMap, StatusCode, header},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{any, delete, get, patch, post},
};
use serde_json::{Value, json};

use crate::dev_issuer::basics::page;
use crate::dev_issuer::console::{app_link, break_step, conditions, frame, origin, people, sign_ins, tokens, webhooks};
use crate::dev_issuer::endpoints::{
    account_api, authorization, discovery, introspection, logout, portal, revocation, team_invitation, token,
    user_profile,
};
use crate::dev_issuer::faults::disturbance::STOLEN_PATH;
use crate::dev_issuer::layers::{date_layer, fault_layer, host_layer, journal_layer, log_layer, origin_layer};
use crate::dev_issuer::management;
use crate::dev_issuer::protocol::{
    paths::{KINDE_KEY_SET_JSON, KINDE_PORTAL_LINK, KINDE_USER_PROFILE_V1, Paths, SIGN_IN},
    shape::Shape,
};
use crate::dev_issuer::sign_in::decision;
use crate::dev_issuer::state::tenant::SharedTenant;
use crate::dev_issuer::switchboard::{
    client_controls, condition_controls, controls, delivery_controls, guard, observation_controls, people_controls,
    seed_controls, token_mint,
};

/// Returns the router of the tenant.
pub(crate) fn router(tenant: &SharedTenant) -> Router {
    let routes = protocol(tenant).merge(console()).merge(switchboard());
    routes.layer(from_fn_with_state(tenant.clone(), host_layer::check)).with_state(tenant.clone())
}

fn protocol(tenant: &SharedTenant) -> Router<SharedTenant> {
    let paths = tenant.paths();
    let routes = match tenant.shape {
        Shape::Kinde => kindes_own(paths).merge(management::routes::router(tenant)),
        Shape::Plain => Router::new().route(paths.user_profile, get(user_profile::userinfo)),
    };
    routes
        .route(paths.discovery, get(discovery::configuration))
        .route(paths.key_set, get(discovery::key_set))
        .route(paths.authorization, get(authorization::authorize))
        .route(SIGN_IN, post(decision::decide).layer(from_fn(origin_layer::check)))
        .route(paths.token, post(token::token))
        .route(paths.revocation, post(revocation::revoke))
        .route(paths.introspection, post(introspection::introspect))
        .route(paths.logout, get(logout::logout))
        // No client should request this path; the route exists so that the log records each request.
        .route(STOLEN_PATH, any(stolen))
        .fallback(unknown_path)
        .layer(from_fn_with_state(tenant.clone(), fault_layer::disturb))
        .layer(from_fn_with_state(tenant.clone(), journal_layer::record))
        .layer(from_fn_with_state(tenant.clone(), log_layer::record))
        .layer(from_fn_with_state(tenant.clone(), date_layer::date))
}

/// The routes that only a Kinde tenant has.
fn kindes_own(paths: &Paths) -> Router<SharedTenant> {
    Router::new()
        .route(KINDE_KEY_SET_JSON, get(discovery::key_set))
        .route(paths.user_profile, get(user_profile::user_profile))
        .route(KINDE_USER_PROFILE_V1, get(user_profile::user_profile_v1))
        .route("/team_invitation", get(team_invitation::team_invitation))
        .route(KINDE_PORTAL_LINK, get(portal::portal_link))
        .route("/portal_redirect", get(portal::portal_redirect))
        .route("/account_api/v1/entitlement", get(account_api::one_entitlement))
        .route("/account_api/v1/entitlement/{key}", get(account_api::one_entitlement))
        .route("/account_api/v1/{resource}", get(account_api::resource))
}

/// A separate handler, so that the log and the faults also apply to unknown paths. A program gets the status alone.
async fn unknown_path(headers: HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    if accepted.contains("text/html") { page::not_found() } else { StatusCode::NOT_FOUND.into_response() }
}

async fn stolen() -> Json<Value> {
    Json(json!({"keys": []}))
}

/// The pages of the console, at the root of the origin in every shape. They are no part of the protocol, so neither the
/// log nor the faults concern them.
fn console() -> Router<SharedTenant> {
    Router::new()
        .merge(sign_ins())
        .merge(people())
        .merge(tokens())
        .merge(webhooks())
        .merge(conditions())
        .route("/app", get(app_link::lead))
        .method_not_allowed_fallback(frame::wrong_method)
        .layer(from_fn(origin::guard))
}

fn sign_ins() -> Router<SharedTenant> {
    Router::new()
        .route("/", get(sign_ins::list))
        .route("/sign-ins/{id}", get(sign_ins::show))
        .route("/sign-ins/outside", get(sign_ins::outside))
        .route("/sign-ins/faults", get(break_step::list))
        .route("/sign-ins/arm", post(break_step::arm))
        .route("/sign-ins/disarm", post(break_step::disarm))
}

fn tokens() -> Router<SharedTenant> {
    Router::new()
        .route("/tokens", get(tokens::start))
        .route("/tokens/read", post(tokens::read))
        .route("/tokens/issue", post(tokens::issue))
        .route("/tokens/call", post(tokens::call))
}

fn conditions() -> Router<SharedTenant> {
    Router::new()
        .route("/conditions", get(conditions::show))
        .route("/conditions/clock", post(conditions::forward))
        .route("/conditions/clock/back", post(conditions::back))
        .route("/conditions/lifetimes", post(conditions::set_lifetimes))
        .route("/conditions/reset", get(conditions::confirm_reset).post(conditions::reset))
        .route("/conditions/keys", post(conditions::rotate_keys))
        .route("/conditions/endpoints", post(conditions::set_endpoints))
}

fn webhooks() -> Router<SharedTenant> {
    Router::new()
        .route("/webhooks", get(webhooks::list).post(webhooks::send))
        .route("/webhooks/{number}", get(webhooks::show))
        .route("/webhooks/{number}/again", post(webhooks::send_again))
}

fn people() -> Router<SharedTenant> {
    Router::new()
        .route("/people", get(people::list).post(people::add))
        .route("/people/{key}", get(people::show).post(people::change))
        .route("/people/{key}/suspend", post(people::suspend))
        .route("/people/{key}/resume", post(people::resume))
        .route("/people/{key}/delete", get(people::confirm_deletion).post(people::delete))
        .route("/people/{key}/sessions/end", post(people::end_sessions))
}

fn switchboard() -> Router<SharedTenant> {
    let faults = get(controls::list_faults).post(controls::switch_on);
    let log = delete(controls::clear_log).get(controls::read_log);
    let settings = patch(controls::change_settings).get(controls::read_settings);
    let clock = get(condition_controls::read_clock).post(condition_controls::forward_clock);
    let conditions = get(condition_controls::read_conditions).put(condition_controls::replace_conditions);
    Router::new()
        .route("/dev/faults", faults.delete(controls::clear_faults))
        .route("/dev/log", log)
        .route("/dev/settings", settings)
        .route("/dev/keys/rotate", post(controls::rotate_keys))
        .route("/dev/tokens", post(token_mint::mint))
        .route("/dev/observations", post(observation_controls::add))
        .route("/dev/clock", clock.delete(condition_controls::reset_clock))
        .route("/dev/conditions", conditions)
        .route("/dev/held", get(controls::count_held).delete(controls::release_held))
        .route("/dev/people", get(people_controls::list_people))
        .route("/dev/people/{key}", patch(people_controls::change_person).delete(people_controls::delete_person))
        .route("/dev/webhooks", post(delivery_controls::send_event))
        .route("/dev/logout_tokens", post(delivery_controls::send_logout_token))
        .route("/dev/deliveries", get(delivery_controls::list))
        .route("/dev/clients", post(client_controls::create))
        .route("/dev/invitations", post(people_controls::invite))
        .route("/dev/seed", get(seed_controls::export).put(seed_controls::replace))
        .route("/dev/reset", post(seed_controls::reset))
        .layer(from_fn(guard::guard))
        .route(page::STYLE_PATH, get(page::style))
}
