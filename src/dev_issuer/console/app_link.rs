//! The link that leads from every page of the console back to the app: to the origin of its registered callback URL.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};

use super::{
    app_call::{Refused, app_origin},
    frame::{self, Section},
};
use crate::dev_issuer::state::tenant::SharedTenant;

/// `GET /app`
pub(crate) async fn lead(State(tenant): State<SharedTenant>) -> Response {
    match app_origin(&tenant.state().registration) {
        Some(origin) => Redirect::to(&format!("{origin}/")).into_response(),
        None => frame::error(StatusCode::NOT_FOUND, Section::SignIns, &Refused::NoApp.to_string()),
    }
}
