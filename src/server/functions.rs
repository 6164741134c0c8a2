//! The routes of the server functions: each at its own path, always JSON, with the status of its result.
//! The functions themselves are in `api`.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use http::header::{ACCEPT, RETRY_AFTER};
use http::{HeaderValue, Method, StatusCode};
use leptos::prelude::provide_context;
use leptos::server_fn::axum::server_fn_paths;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::AppState;
use crate::api;
use crate::api::error::{ApiError, ErrorStatus};
use crate::auth::{Caller, Client, Error, require_login_json};

/// The functions' part of the OpenAPI document; a test compares it with the registry.
#[derive(OpenApi)]
#[openapi(paths(
    api::account::read_account,
    api::greeting::read_greeting,
    api::item::read_item,
    api::members::read_members
))]
struct Described;

/// Every server function in the registry, behind the guard. A function that is to be public must be named here.
pub(super) fn router(auth: &Client) -> OpenApiRouter<AppState> {
    let guard = from_fn_with_state(auth.clone(), require_login_json);
    server_fn_paths().fold(OpenApiRouter::with_openapi(Described::openapi()), |router, (path, method)| {
        match MethodFilter::try_from(method) {
            Ok(filter) => router.route(path, on(filter, call).route_layer(guard.clone())),
            Err(_) => router,
        }
    })
}

/// Calls the function at the request's path. Leptos would redirect a browser to the Referer, refuse a HEAD, and return
/// every error with 500: so `Accept` becomes JSON, HEAD becomes GET (axum drops the body), and the status is taken from
/// the error.
async fn call(caller: Caller, mut request: Request<Body>) -> Response {
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    if *request.method() == Method::HEAD {
        *request.method_mut() = Method::GET;
    }
    let error_status = ErrorStatus::default();
    let context = {
        let (error_status, caller) = (error_status.clone(), caller.clone());
        move || {
            provide_context(error_status.clone());
            provide_context(caller.clone());
        }
    };
    let mut response = leptos_axum::handle_server_fns_with_context(context, request).await.into_response();
    if let Some((status, retry_after)) = error_status.get() {
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        // So that it is counted like the refusal of a page.
        if let Some(denial) = caller.denial().filter(|_| status == StatusCode::FORBIDDEN) {
            response.extensions_mut().insert(Error::Forbidden(denial));
        }
    }
    response.headers_mut().remove("serverfnerror");
    response
}

/// What a function returns when its caller cannot be served.
impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        tracing::debug!(%error, "a server function refuses its caller");
        let (status, retry_after) = (error.status().as_u16(), error.retry_after_seconds());
        Self { retry_after, ..Self::text(status, &error.sentence()) }
    }
}
