//! The guard of the switchboard: accepts only programs on this machine and the tenant's own pages. Programs need no
//! credentials, because only this machine can reach the port. The check of the `Host` header, which applies to all
//! routes, is in `layers::host_layer`.

use axum::{
    Json,
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::dev_issuer::basics::sender::Sender;

/// Refuses a request unless it comes from a program on this machine or from the tenant's own origin.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    match refusal(request.method(), request.headers()) {
        Some((status, text)) => error_response(status, text),
        None => next.run(request).await,
    }
}

fn refusal(method: &Method, headers: &HeaderMap) -> Option<(StatusCode, &'static str)> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_json = content_type.is_some_and(|kind| kind.starts_with("application/json"));
    let has_body = matches!(*method, Method::POST | Method::PUT | Method::PATCH);
    if Sender::of(headers) == Sender::OtherPage {
        let why = "The switchboard takes no requests from pages of other origins";
        Some((StatusCode::FORBIDDEN, why))
    } else if has_body && !is_json {
        let why = "The content type is not application/json";
        Some((StatusCode::UNSUPPORTED_MEDIA_TYPE, why))
    } else {
        None
    }
}

/// Returns an error response of the switchboard.
pub(crate) fn error_response(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({"error": text}))).into_response()
}
