//! The discovery document and the key set. The document names only endpoints that Kinde announces.
//!
//! OpenID Connect Discovery §4, RFC 7517 §5, RFC 9207 §3.

use axum::{Json, extract::State};
use serde_json::{Map, Value, json};

use crate::dev_issuer::faults::{alteration::members, fault::Document};
use crate::dev_issuer::state::tenant::{EmulatedTenant, SharedTenant};

/// `GET /.well-known/openid-configuration`
pub(crate) async fn configuration(State(tenant): State<SharedTenant>) -> Json<Map<String, Value>> {
    let mut document = metadata(&tenant);
    let mut state = tenant.state();
    if state.settings.iss_parameter {
        let name = "authorization_response_iss_parameter_supported";
        document.insert(name.to_owned(), true.into());
    }
    let now = state.now();
    for alteration in state.faults.alterations(Document::Discovery) {
        alteration.apply(&mut document, now);
    }
    Json(document)
}

/// Returns the values that a Kinde tenant announces.
fn metadata(tenant: &EmulatedTenant) -> Map<String, Value> {
    let at = |path: &str| format!("{}{path}", tenant.issuer);
    members(json!({
        "issuer": tenant.issuer,
        "authorization_endpoint": at("/oauth2/auth"),
        "token_endpoint": at("/oauth2/token"),
        "userinfo_endpoint": at("/oauth2/v2/user_profile"),
        "jwks_uri": at("/.well-known/jwks"),
        "revocation_endpoint": at("/oauth2/revoke"),
        "introspection_endpoint": at("/oauth2/introspect"),
        "end_session_endpoint": at("/logout"),
        "scopes_supported": ["address", "email", "offline", "openid", "phone", "profile"],
        "claims_supported": ["aud", "exp", "iat", "iss", "sub"],
        "subject_types_supported": ["public"],
        "response_modes_supported": ["form_post", "query", "fragment"],
        "response_types_supported": [
            "code", "token", "id_token", "code token", "code id_token", "id_token token", "code id_token token",
        ],
        "request_uri_parameter_supported": false,
        "code_challenge_methods_supported": ["S256"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
    }))
}

/// `GET /.well-known/jwks` and `GET /.well-known/jwks.json`
pub(crate) async fn key_set(State(tenant): State<SharedTenant>) -> Json<Map<String, Value>> {
    let mut state = tenant.state();
    let now = state.now();
    let mut document = state.keys.key_set();
    for alteration in state.faults.alterations(Document::KeySet) {
        alteration.apply(&mut document, now);
    }
    Json(document)
}
