//! The routes of the server functions: each at its own path, always JSON, with the status of its result.
//! The functions themselves are in `api`.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use http::header::ACCEPT;
use http::{HeaderValue, Method, StatusCode};
use leptos::prelude::provide_context;
use leptos::server_fn::axum::server_fn_paths;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::AppState;
use crate::api;
use crate::api::error::ErrorStatus;
use crate::auth::{Client, CurrentSession, CurrentUser, require_login_json};

/// The functions' part of the OpenAPI document; a test compares it with the registry.
#[derive(OpenApi)]
#[openapi(paths(api::greeting::read_greeting, api::item::read_item))]
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
async fn call(mut request: Request<Body>) -> Response {
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    if *request.method() == Method::HEAD {
        *request.method_mut() = Method::GET;
    }
    let user = request.extensions().get::<CurrentSession>().cloned().map(CurrentUser::from);
    let error_status = ErrorStatus::default();
    let context = {
        let error_status = error_status.clone();
        move || {
            provide_context(error_status.clone());
            if let Some(user) = user.clone() {
                provide_context(user);
            }
        }
    };
    let mut response = leptos_axum::handle_server_fns_with_context(context, request).await.into_response();
    if let Some(status) = error_status.get().and_then(|status| StatusCode::from_u16(status).ok()) {
        *response.status_mut() = status;
    }
    response.headers_mut().remove("serverfnerror");
    response
}
