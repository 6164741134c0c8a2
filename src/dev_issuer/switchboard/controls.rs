//! The handlers of the switchboard: faults, held responses, request log, settings and keys, as JSON under
//! `/dev/`. The documentation of `dev_issuer` lists them. People are in `people_controls`, access control is in
//! `guard`.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::guard::error_response;
use crate::dev_issuer::faults::{fault::Fault, fault_table, switches::Switches};
use crate::dev_issuer::state::{settings::Settings, tenant::SharedTenant};

/// The body of `POST /dev/faults`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SwitchOn {
    fault: String,
    times: Option<u32>,
}

/// `POST /dev/faults`
pub(crate) async fn switch_on(State(tenant): State<SharedTenant>, Json(body): Json<SwitchOn>) -> Response {
    let Some(fault) = fault_table::find(&body.fault) else {
        let names: Vec<_> = fault_table::all().map(|fault| fault.name).collect();
        let body = json!({"error": "There is no such fault", "faults": names});
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    };
    match tenant.switch_on(fault, body.times) {
        Ok(()) => Json(json!({"fault": fault.name, "about": fault.about})).into_response(),
        Err(error) => error_response(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// `GET /dev/faults`
pub(crate) async fn list_faults(State(tenant): State<SharedTenant>) -> Json<Value> {
    let state = tenant.state();
    Json(fault_table::all().map(|fault| shown(fault, &state.faults)).collect())
}

fn shown(fault: &Fault, switches: &Switches) -> Value {
    let switch = switches.remaining(fault);
    json!({
        "fault": fault.name,
        "about": fault.about,
        "on": switch.is_some(),
        "times": switch.flatten(),
    })
}

/// `DELETE /dev/faults`
pub(crate) async fn clear_faults(State(tenant): State<SharedTenant>) -> StatusCode {
    tenant.state().faults.clear();
    StatusCode::NO_CONTENT
}

/// `GET /dev/log`
pub(crate) async fn read_log(State(tenant): State<SharedTenant>) -> Response {
    let log = tenant.state().log.json();
    ([(header::CONTENT_TYPE, "application/json")], log).into_response()
}

/// `DELETE /dev/log`
pub(crate) async fn clear_log(State(tenant): State<SharedTenant>) -> StatusCode {
    tenant.state().log.clear();
    StatusCode::NO_CONTENT
}

/// `GET /dev/settings`
pub(crate) async fn read_settings(State(tenant): State<SharedTenant>) -> Json<Settings> {
    Json(tenant.state().settings.clone())
}

/// `PATCH /dev/settings`
pub(crate) async fn change_settings(
    State(tenant): State<SharedTenant>,
    Json(changes): Json<Map<String, Value>>,
) -> Response {
    let mut state = tenant.state();
    let settings = match state.settings.with(changes) {
        Ok(settings) => settings,
        Err(error) => return error_response(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let person = settings.auto_sign_in.as_deref();
    if person.is_some_and(|key| state.people.find(key).is_none()) {
        return error_response(
            StatusCode::BAD_REQUEST,
            "auto_sign_in does not name a person; GET /dev/people lists them",
        );
    }
    tenant.set_settings(&mut state, settings.clone());
    Json(settings).into_response()
}

/// The body of `POST /dev/keys/rotate`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotate {
    #[serde(default)]
    drop_old: bool,
}

/// `POST /dev/keys/rotate`
pub(crate) async fn rotate_keys(State(tenant): State<SharedTenant>, Json(body): Json<Rotate>) -> Response {
    let mut state = tenant.state();
    match state.keys.rotate(body.drop_old) {
        Ok(()) => Json(json!({"kid": state.keys.current.kid})).into_response(),
        Err(error) => error_response(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// `GET /dev/held`
pub(crate) async fn count_held(State(tenant): State<SharedTenant>) -> Json<Value> {
    Json(json!({"held": tenant.held.count()}))
}

/// `DELETE /dev/held`
pub(crate) async fn release_held(State(tenant): State<SharedTenant>) -> StatusCode {
    tenant.held.release();
    StatusCode::NO_CONTENT
}
