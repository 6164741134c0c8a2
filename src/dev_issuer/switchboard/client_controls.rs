//! The handler of the switchboard for the clients of machines. The documentation of `dev_issuer` describes it.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::json;

use super::guard::error_response;
use crate::dev_issuer::protocol::{machine_clients::Authorization, shape::Shape};
use crate::dev_issuer::state::tenant::SharedTenant;

/// The body of `POST /dev/clients`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    audience: Vec<String>,
    #[serde(default)]
    scopes: Vec<String>,
    org_code: Option<String>,
}

/// `POST /dev/clients`
pub(crate) async fn create(State(tenant): State<SharedTenant>, Json(order): Json<Order>) -> Response {
    if tenant.shape == Shape::Plain {
        return error_response(StatusCode::BAD_REQUEST, "A plain issuer has no clients of machines");
    }
    let mut state = tenant.state();
    let Order { audience, scopes, org_code } = order;
    if org_code.as_deref().is_some_and(|code| state.people.find_organization(code).is_none()) {
        return error_response(StatusCode::BAD_REQUEST, "There is no such organization; GET /dev/people lists them");
    }
    let (id, secret) = state.machines.create(Authorization { audience, scopes, org_code }, &tenant.random);
    Json(json!({"client_id": id, "client_secret": secret})).into_response()
}
