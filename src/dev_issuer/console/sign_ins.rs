//! The first page of the console.

use axum::{extract::State, response::Response};

use super::frame::{Section, page};
use crate::dev_issuer::basics::page::escape;
use crate::dev_issuer::state::tenant::SharedTenant;

/// `GET /`
pub(crate) async fn list(State(tenant): State<SharedTenant>) -> Response {
    let body = format!("<p>This tenant is the issuer <code>{}</code>.</p>", escape(&tenant.issuer));
    page(Section::SignIns, "Sign-ins", &body)
}
