//! The handlers of the switchboard for time and trouble: the tenant's clock, and the conditions of its endpoints. The
//! documentation of `dev_issuer` lists them.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::guard::error_response;
use crate::dev_issuer::basics::clock::Seconds;
use crate::dev_issuer::faults::conditions::Conditions;
use crate::dev_issuer::state::{
    clock_move,
    tenant::{SharedTenant, TenantState},
};

/// `GET /dev/clock`
pub(crate) async fn read_clock(State(tenant): State<SharedTenant>) -> Json<Value> {
    Json(clock(&tenant.state()))
}

fn clock(state: &TenantState) -> Value {
    json!({"now": state.now(), "clock_offset": state.settings.clock_offset})
}

/// The body of `POST /dev/clock`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forward {
    forward_seconds: Seconds,
}

/// `POST /dev/clock`
pub(crate) async fn forward_clock(State(tenant): State<SharedTenant>, Json(body): Json<Forward>) -> Response {
    let mut state = tenant.state();
    match clock_move::forward(&tenant, &mut state, body.forward_seconds) {
        Ok(ended) => {
            let mut shown = clock(&state);
            shown["ended"] = json!(ended);
            Json(shown).into_response()
        }
        Err(error) => error_response(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

/// `DELETE /dev/clock`
pub(crate) async fn reset_clock(State(tenant): State<SharedTenant>) -> Json<Value> {
    let mut state = tenant.state();
    clock_move::back_to_machine(&tenant, &mut state);
    Json(clock(&state))
}

/// `GET /dev/conditions`
pub(crate) async fn read_conditions(State(tenant): State<SharedTenant>) -> Json<Map<String, Value>> {
    Json(tenant.state().conditions.clone().into())
}

/// `PUT /dev/conditions`
pub(crate) async fn replace_conditions(State(tenant): State<SharedTenant>, Json(body): Json<Value>) -> Response {
    match Conditions::read(body) {
        Ok(conditions) => {
            tenant.state().conditions = conditions.clone();
            Json(Map::from(conditions)).into_response()
        }
        Err(problems) => {
            let body = json!({"error": "The conditions cannot be used", "problems": problems});
            (StatusCode::BAD_REQUEST, Json(body)).into_response()
        }
    }
}
