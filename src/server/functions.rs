//! The routes of the server functions: each at its own path, always JSON, with the status of its result.
//! The functions themselves are in `api`.

use std::sync::PoisonError;

use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{MethodFilter, on};
use http::header::{ACCEPT, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use leptos::prelude::{Owner, ScopedFuture, provide_context};
use leptos::server_fn::axum::{handle_server_fn, server_fn_paths};
use leptos_axum::ResponseOptions;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::AppState;
use crate::api;
use crate::api::error::{ApiError, ErrorStatus};
use crate::auth::{Caller, Client, Error, require_login_json};

/// The header in which Leptos repeats an error's path and text.
const SERVER_FN_ERROR: HeaderName = HeaderName::from_static("serverfnerror");

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

/// Calls the function at the request's path, with what Leptos' own handler provides in context (`Parts`, `ResponseOptions`)
/// and with the caller. That handler would redirect a browser to the Referer, refuse a HEAD, and return every error with
/// 500: here `Accept` becomes JSON, HEAD becomes GET (axum drops the body), and the status is taken from the error.
async fn call(caller: Caller, mut request: Request) -> Response {
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    if *request.method() == Method::HEAD {
        *request.method_mut() = Method::GET;
    }
    let (request, parts) = with_parts(request);
    let (options, error_status) = (ResponseOptions::default(), ErrorStatus::default());
    let context = (options.clone(), error_status.clone(), caller.clone());
    let run = Owner::new().with(|| {
        ScopedFuture::new(async move {
            let (options, error_status, caller) = context;
            provide_context(parts);
            provide_context(options);
            provide_context(error_status);
            provide_context(caller);
            handle_server_fn(request).await
        })
    });
    let mut response = run.await;
    extend(&mut response, &options);
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
    response.headers_mut().remove(SERVER_FN_ERROR);
    response
}

/// The request, and its parts for functions that extract something from them. The extensions go to the parts alone: no
/// function's arguments are read from them.
fn with_parts(request: Request) -> (Request, Parts) {
    let (mut parts, body) = request.into_parts();
    let extensions = std::mem::take(&mut parts.extensions);
    let mut with_extensions = parts.clone();
    with_extensions.extensions = extensions;
    (Request::from_parts(parts, body), with_extensions)
}

/// Adds what a function said about its response.
fn extend(response: &mut Response, options: &ResponseOptions) {
    let mut options = options.0.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(status) = options.status {
        *response.status_mut() = status;
    }
    response.headers_mut().extend(std::mem::take(&mut options.headers));
}

/// What a function returns when its caller cannot be served.
impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        tracing::debug!(%error, "a server function refuses its caller");
        let (status, retry_after) = (error.status().as_u16(), error.retry_after_seconds());
        Self { retry_after, ..Self::text(status, &error.sentence()) }
    }
}
