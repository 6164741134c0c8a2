//! The handlers of the switchboard for the seed: the present state as a seed, another seed in its place, and a reset. The
//! documentation of `dev_issuer` lists them.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::dev_issuer::seed::{application, document::Seed};
use crate::dev_issuer::state::tenant::SharedTenant;

/// `GET /dev/seed`: indented, so that a file of it can be edited.
pub(crate) async fn export(State(tenant): State<SharedTenant>) -> Response {
    let text = format!("{:#}\n", Seed::of_state(&tenant.state()));
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// `PUT /dev/seed`
pub(crate) async fn replace(State(tenant): State<SharedTenant>, text: String) -> Response {
    let mut state = tenant.state();
    match Seed::read(&text, &state.first_settings, &tenant.random) {
        Ok(seed) => {
            application::apply(&tenant, &mut state, &seed);
            state.seed = Some(text);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(problems) => {
            let body = json!({"error": "The seed cannot be used", "problems": problems.0});
            (StatusCode::BAD_REQUEST, Json(body)).into_response()
        }
    }
}

/// `POST /dev/reset`
pub(crate) async fn reset(State(tenant): State<SharedTenant>) -> StatusCode {
    application::reset(&tenant, &mut tenant.state());
    StatusCode::NO_CONTENT
}
