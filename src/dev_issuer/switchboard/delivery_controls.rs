//! The handlers of the switchboard for what the tenant sends by itself: one event or logout token, as ordered, and the
//! list of deliveries. The documentation of `dev_issuer` lists them.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::guard::error_response;
use crate::dev_issuer::deliveries::{event, logout_token};
use crate::dev_issuer::faults::delivery_fault::DeliveryFault;
use crate::dev_issuer::state::{
    outbox::Letter,
    tenant::{EmulatedTenant, SharedTenant, TenantState},
};

/// The body of `POST /dev/webhooks`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventOrder {
    r#type: String,
    #[serde(default)]
    data: Map<String, Value>,
    fault: Option<DeliveryFault>,
    #[serde(default)]
    claims: Map<String, Value>,
}

/// `POST /dev/webhooks`
pub(crate) async fn send_event(State(tenant): State<SharedTenant>, Json(order): Json<EventOrder>) -> Response {
    let EventOrder { r#type, data, fault, claims } = order;
    let order = event::Order { event_type: &r#type, data: data.into(), fault, claims: &claims };
    // Once, to the first receiver.
    let letter = event::letters(&tenant, &mut tenant.state(), order).into_iter().next();
    send(&tenant, letter, fault, "The tenant has no webhook_url, or is not a Kinde tenant").await
}

/// The body of `POST /dev/logout_tokens`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogoutOrder {
    person: String,
    /// Whether the token names the person.
    #[serde(default = "yes")]
    sub: bool,
    /// Whether the token names the person's newest session.
    #[serde(default)]
    sid: bool,
    fault: Option<DeliveryFault>,
    #[serde(default)]
    claims: Map<String, Value>,
    typ: Option<String>,
}

fn yes() -> bool {
    true
}

/// `POST /dev/logout_tokens`
pub(crate) async fn send_logout_token(State(tenant): State<SharedTenant>, Json(order): Json<LogoutOrder>) -> Response {
    let fault = order.fault;
    let letter = {
        let mut state = tenant.state();
        let Some(order) = logout_order(&state, order) else {
            return error_response(StatusCode::BAD_REQUEST, "There is no such person, or no session of theirs");
        };
        logout_token::letter(&tenant, &mut state, order)
    };
    send(&tenant, letter, fault, "The tenant has no backchannel_logout_url, or is a Kinde tenant").await
}

fn logout_order(state: &TenantState, order: LogoutOrder) -> Option<logout_token::Order> {
    let LogoutOrder { person, sub, sid, fault, claims, typ } = order;
    let subject = state.people.find(&person)?.subject.clone();
    let sid = if sid { Some(state.newest_sid_of(&person)?) } else { None };
    Some(logout_token::Order { subject: sub.then_some(subject), sid, fault, claims, typ })
}

/// Sends a letter once, or twice if that is the fault, and returns the responses.
async fn send(
    tenant: &EmulatedTenant,
    letter: Option<Letter>,
    fault: Option<DeliveryFault>,
    without_letter: &str,
) -> Response {
    let Some(letter) = letter else { return error_response(StatusCode::BAD_REQUEST, without_letter) };
    let mut responses = Vec::new();
    if fault == Some(DeliveryFault::Twice) {
        let (first, second) = tokio::join!(tenant.outbox.send_once(&letter), tenant.outbox.send_once(&letter));
        responses.extend([first, second]);
    } else {
        responses.push(tenant.outbox.send_once(&letter).await);
    }
    let shown = |response: Option<(u16, String)>| match response {
        Some((status, body)) => json!({"status": status, "body": body}),
        None => Value::Null,
    };
    let responses: Value = responses.into_iter().map(shown).collect();
    Json(json!({"id": letter.id, "responses": responses})).into_response()
}

/// `GET /dev/deliveries`
pub(crate) async fn list(State(tenant): State<SharedTenant>) -> Json<Value> {
    Json(tenant.outbox.json())
}
