//! The handler of the switchboard that issues access tokens to order. The documentation of `dev_issuer` describes it.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::guard::error_response;
use crate::dev_issuer::state::tenant::SharedTenant;
use crate::dev_issuer::tokens::order::Order;

/// `POST /dev/tokens`
pub(crate) async fn mint(State(tenant): State<SharedTenant>, Json(order): Json<Order>) -> Response {
    match order.issue(&tenant, &mut tenant.state()) {
        Ok(token) => Json(json!({"access_token": token})).into_response(),
        Err(error) => error_response(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}
