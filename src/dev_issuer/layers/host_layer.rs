//! The layer around every route that refuses a request whose `Host` header does not name this tenant. It prevents DNS
//! rebinding: a web page whose name is made to lead to this machine would otherwise be of the same origin as the tenant.
//! The other checks of the switchboard are in `switchboard::guard`.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::dev_issuer::state::tenant::SharedTenant;

/// The port of a `Host` header without one.
const DEFAULT_PORT: &str = "80";

/// Refuses a request for another host. It is not logged either.
pub(crate) async fn check(State(tenant): State<SharedTenant>, request: Request, next: Next) -> Response {
    if has_own_host(&tenant.origin, request.headers()) {
        next.run(request).await
    } else {
        let body = json!({"error": "The Host header does not name this tenant"});
        (StatusCode::FORBIDDEN, Json(body)).into_response()
    }
}

fn has_own_host(origin: &str, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let Ok(host) = host.to_str() else { return false };
    let (name, port) = host.rsplit_once(':').unwrap_or((host, DEFAULT_PORT));
    origin == format!("http://{name}:{port}") || (name == "localhost" && origin.ends_with(&format!(":{port}")))
}
