//! The page routes: one handler for each, which answers a person with the page and a program with the same data.
//! Pages draw nothing here (`app`) and decide nothing here (`api`); a handler only brings them together.

use axum::extract::{Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Json};
use http::StatusCode;
use http::header::HeaderValue;
use leptos::prelude::provide_context;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use super::render::PageRequest;
use super::{AppState, render};
use crate::api::error::{ApiError, Detail};
use crate::api::greeting::Greeting;
use crate::api::item::{Item, Place, find_item};
use crate::api::query::{encode, last_value};
use crate::app::{self, GreetingView, ItemView};
use crate::auth::{Client, CurrentUser, Identity, Wants, require_login};
use crate::paths::ITEMS;

/// Pages that need a session. The guard stands around each handler, so that a wrong method stays 405.
pub(super) fn protected(auth: &Client) -> OpenApiRouter<AppState> {
    let guard = from_fn_with_state(auth.clone(), require_login);
    OpenApiRouter::new()
        .routes(routes!(greeting).map(|handler| handler.route_layer(guard.clone())))
        .routes(routes!(item).map(|handler| handler.route_layer(guard.clone())))
        .routes(routes!(item_form).map(|handler| handler.route_layer(guard.clone())))
}

/// Pages for everybody.
pub(super) fn public() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(signed_out))
}

/// Greeting
///
/// A page for a person, JSON for `Accept: application/json`.
#[utoipa::path(
    get, path = "/", tag = "pages", security(("session" = [])),
    responses(
        (status = 200, content((Greeting = "application/json"), (String = "text/html"))),
        (status = 303, description = "No session, and a page was wanted: to sign-in"),
        (status = 401, body = ApiError, description = "No session"),
    )
)]
async fn greeting(State(state): State<AppState>, user: CurrentUser, wants: Wants, request: Request) -> Response {
    let greeting = Greeting::of(user.display_name());
    match wants {
        Wants::Json => Json(greeting).into_response(),
        Wants::Page => {
            let view = GreetingView { info: greeting.info, user_info: greeting.user_info };
            page(&state, &user, request, move || provide_context(view.clone())).await
        }
    }
}

/// Item
///
/// A page for a person, JSON for `Accept: application/json`.
#[utoipa::path(
    get, path = "/items/{item_id}", tag = "pages", security(("session" = [])),
    params(
        ("item_id" = String, Path, description = "A signed 64-bit integer, as pydantic's lax integer is written"),
        ("q" = Option<String>, Query, description = "A search text"),
    ),
    responses(
        (status = 200, content((Item = "application/json"), (String = "text/html"))),
        (status = 303, description = "No session, and a page was wanted: to sign-in"),
        (status = 401, body = ApiError, description = "No session"),
        (status = 422, content((ApiError = "application/json"), (String = "text/html")), description = "No integer"),
    )
)]
async fn item(State(state): State<AppState>, user: CurrentUser, wants: Wants, request: Request) -> Response {
    // Taken from the raw path: axum's own extractor answers 400 to what is not UTF-8, and this is an item id like any
    // other that is no number.
    let segment = request.uri().path().rsplit('/').next().unwrap_or_default();
    let written = percent_decode_str(segment).decode_utf8_lossy().into_owned();
    let q = last_value(request.uri().query().unwrap_or_default(), "q");
    item_answer(&state, &user, wants, request, written, q).await
}

async fn item_answer(
    state: &AppState,
    user: &CurrentUser,
    wants: Wants,
    request: Request,
    written: String,
    q: Option<String>,
) -> Response {
    let found = find_item(Place::Path, Some(&written), q.clone());
    let status = found.as_ref().map_or_else(status_of, |_| StatusCode::OK);
    match wants {
        Wants::Json => match found {
            Ok(item) => Json(item).into_response(),
            Err(error) => (status, Json(error)).into_response(),
        },
        Wants::Page => {
            let outcome = found.map(|item| item.item_id.0).map_err(|error| sentence(&error));
            let view = ItemView { item_id_input: written, q, outcome };
            let mut response = page(state, user, request, move || provide_context(view.clone())).await;
            *response.status_mut() = status;
            response
        }
    }
}

/// Item form
///
/// Where the form leads without JavaScript: on to the item's own address.
#[utoipa::path(
    get, path = "/items", tag = "pages", security(("session" = [])),
    params(
        ("item_id" = String, Query, description = "Any text; becomes one segment of the path"),
        ("q" = Option<String>, Query, description = "A search text"),
    ),
    responses(
        (status = 303, description = "To `/items/{item_id}`; without a session to sign-in"),
        (status = 401, body = ApiError, description = "No session"),
        (status = 404, description = "No item_id"),
        (status = 422, description = "An item_id that cannot be a segment of a path"),
    )
)]
async fn item_form(State(state): State<AppState>, user: CurrentUser, wants: Wants, request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let q = last_value(query, "q");
    match last_value(query, "item_id") {
        None => StatusCode::NOT_FOUND.into_response(),
        // Browsers take these for the folder itself or the one above, however they are encoded.
        Some(written) if matches!(written.as_str(), "" | "." | "..") => {
            item_answer(&state, &user, wants, request, written, q).await
        }
        Some(written) => Redirect::to(&item_address(&written, q.as_deref())).into_response(),
    }
}

fn item_address(written: &str, q: Option<&str>) -> String {
    let segment = utf8_percent_encode(written, NON_ALPHANUMERIC);
    let query = encode([("q", q)]);
    let separator = if query.is_empty() { "" } else { "?" };
    format!("{ITEMS}/{segment}{separator}{query}")
}

/// Signed out
///
/// Where a sign-out ends. A user who is still signed in is told so.
#[utoipa::path(
    get, path = "/signed-out", tag = "pages",
    responses((status = 200, content_type = "text/html", body = String))
)]
async fn signed_out(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    request: Request,
) -> Response {
    let viewer = render::viewer_of(&identity).await;
    render::draw(&state, &PageRequest::of(&request), render::context_of(viewer), app::routed_page).await
}

/// A page behind the guard. It differs by session, so nothing may keep it, and by `Accept`.
async fn page(
    state: &AppState,
    user: &CurrentUser,
    request: Request,
    context: impl Fn() + Clone + Send + 'static,
) -> Response {
    let with_viewer = render::context_of(Some(render::viewer(user)));
    let context = move || {
        with_viewer();
        context();
    };
    let mut response = render::draw(state, &PageRequest::of(&request), context, app::routed_page).await;
    response.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex"));
    response
}

fn status_of(error: &ApiError) -> StatusCode {
    StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn sentence(error: &ApiError) -> String {
    match &error.detail {
        Detail::Text(text) => text.clone(),
        Detail::Fields(fields) => fields.iter().map(|field| field.msg.as_str()).collect::<Vec<_>>().join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_becomes_one_segment() {
        assert_eq!(item_address("420", Some("x")), "/items/420?q=x");
        assert_eq!(item_address("420", None), "/items/420");
        assert_eq!(item_address("a/b?c#d", Some("")), "/items/a%2Fb%3Fc%23d?q=");
        assert_eq!(item_address("//evil.example", None), "/items/%2F%2Fevil%2Eexample");
        assert_eq!(item_address("é \r\n", Some("a&b")), "/items/%C3%A9%20%0D%0A?q=a%26b");
    }
}
