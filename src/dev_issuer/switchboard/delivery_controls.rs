//! The handlers of the switchboard for what the tenant sends by itself: one event or logout token, as ordered, and the
//! list of deliveries. The documentation of `dev_issuer` lists them.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::guard::error_response;
use crate::dev_issuer::deliveries::order::{EventOrder, LogoutOrder, NotSent, Sent};
use crate::dev_issuer::state::{
    delivery::{Cause, Delivery, Received},
    tenant::SharedTenant,
};

/// `POST /dev/webhooks`
pub(crate) async fn send_event(State(tenant): State<SharedTenant>, Json(order): Json<EventOrder>) -> Response {
    shown(order.send(&tenant).await)
}

/// `POST /dev/logout_tokens`
pub(crate) async fn send_logout_token(State(tenant): State<SharedTenant>, Json(order): Json<LogoutOrder>) -> Response {
    shown(order.send(&tenant).await)
}

fn shown(sent: Result<Sent, NotSent>) -> Response {
    let response = |response: Option<Received>| match response {
        Some((status, body)) => json!({"status": status, "body": body}),
        None => Value::Null,
    };
    match sent {
        Ok(Sent { id, responses, .. }) => {
            let responses: Value = responses.into_iter().map(response).collect();
            Json(json!({"id": id, "responses": responses})).into_response()
        }
        Err(error) => error_response(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

/// `GET /dev/deliveries`
pub(crate) async fn list(State(tenant): State<SharedTenant>) -> Json<Value> {
    let deliveries = tenant.outbox.deliveries();
    let caused = deliveries.iter().filter(|delivery| delivery.cause == Cause::Change);
    Json(caused.map(Delivery::json).collect())
}
