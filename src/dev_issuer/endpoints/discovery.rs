//! The discovery document and the key set. The document names only the endpoints that the shape announces.
//!
//! OpenID Connect Discovery §4, RFC 7517 §5, RFC 9207 §3.

use axum::{Json, extract::State};
use serde_json::{Map, Value, json};

use crate::dev_issuer::faults::{alteration::members, fault::Document};
use crate::dev_issuer::protocol::shape::Shape;
use crate::dev_issuer::state::{
    settings::Settings,
    tenant::{EmulatedTenant, SharedTenant},
};

/// The scopes that both shapes support, in addition to the scope of refresh tokens.
const SCOPES: [&str; 3] = ["openid", "profile", "email"];

/// `GET /.well-known/openid-configuration`, under the path of the issuer
pub(crate) async fn configuration(State(tenant): State<SharedTenant>) -> Json<Map<String, Value>> {
    let mut state = tenant.state();
    let mut document = match tenant.shape {
        Shape::Kinde => kinde_metadata(),
        Shape::Plain => plain_metadata(),
    };
    document.extend(endpoints(&tenant, &state.settings));
    document.extend(options(&state.settings));
    document.insert("scopes_supported".to_owned(), supported_scopes(tenant.shape, &state.settings).into());
    let now = state.now();
    for alteration in state.faults.alterations(Document::Discovery) {
        alteration.apply(&mut document, now);
    }
    Json(document)
}

/// Returns the scopes that the tenant knows: those of the shape, and the scope of refresh tokens if there is one.
pub(crate) fn supported_scopes(shape: Shape, settings: &Settings) -> Vec<&str> {
    let kindes: &[&str] = match shape {
        Shape::Kinde => &["address", "phone"],
        Shape::Plain => &[],
    };
    SCOPES.iter().chain(kindes).copied().chain(settings.refresh_scope.as_deref()).collect()
}

/// Returns the values that a Kinde tenant announces, without those that depend on settings.
fn kinde_metadata() -> Map<String, Value> {
    members(json!({
        "claims_supported": ["aud", "exp", "iat", "iss", "sub"],
        "subject_types_supported": ["public"],
        "response_modes_supported": ["form_post", "query", "fragment"],
        "response_types_supported": [
            "code", "token", "id_token", "code token", "code id_token", "id_token token", "code id_token token",
        ],
        "request_uri_parameter_supported": false,
        "code_challenge_methods_supported": ["S256"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

/// Returns the values that a plain issuer announces, without those that depend on settings.
fn plain_metadata() -> Map<String, Value> {
    members(json!({
        "claims_supported": ["aud", "auth_time", "email", "email_verified", "exp", "family_name", "given_name", "iat",
            "iss", "name", "nonce", "sid", "sub"],
        "subject_types_supported": ["public"],
        "response_modes_supported": ["query"],
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
    }))
}

/// Returns the issuer and the endpoints that exist.
fn endpoints(tenant: &EmulatedTenant, settings: &Settings) -> Map<String, Value> {
    let paths = tenant.paths();
    let at = |path: &str| Some(Value::from(format!("{}{path}", tenant.origin)));
    let endpoints = [
        ("issuer", Some(tenant.issuer.as_str().into())),
        ("authorization_endpoint", at(paths.authorization)),
        ("token_endpoint", at(paths.token)),
        ("userinfo_endpoint", at(paths.user_profile)),
        ("jwks_uri", at(paths.key_set)),
        ("introspection_endpoint", at(paths.introspection)),
        ("revocation_endpoint", at(paths.revocation).filter(|_| settings.revocation_endpoint)),
        ("end_session_endpoint", at(paths.logout).filter(|_| settings.end_session_endpoint)),
    ];
    present(endpoints)
}

/// Returns the values that settings switch on.
fn options(settings: &Settings) -> Map<String, Value> {
    present([
        ("authorization_response_iss_parameter_supported", settings.iss_parameter.then_some(true.into())),
        ("token_endpoint_auth_methods_supported", settings.announced_authentication.as_ref().map(|list| json!(list))),
        ("prompt_values_supported", settings.prompt_values_supported.as_ref().map(|list| json!(list))),
    ])
}

fn present<const N: usize>(members: [(&str, Option<Value>); N]) -> Map<String, Value> {
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// `GET /.well-known/jwks` and `GET /.well-known/jwks.json`; `GET {issuer}/keys` at a plain issuer
pub(crate) async fn key_set(State(tenant): State<SharedTenant>) -> Json<Map<String, Value>> {
    let mut state = tenant.state();
    let now = state.now();
    let mut document = state.keys.key_set();
    for alteration in state.faults.alterations(Document::KeySet) {
        alteration.apply(&mut document, now);
    }
    Json(document)
}
