//! The page routes: one handler each, which responds with the page to a user and with the same data to a program.
//! Pages are rendered in `app`, the data comes from `api`.

use axum::extract::{Request, State};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use super::AppState;
use super::page::{PageRequest, Wanted, html, scripts_of};
use super::problem::Problem;
use crate::api::account::Account;
use crate::api::error::ApiError;
use crate::api::greeting::Greeting;
use crate::api::item::{Item, ParameterIn, find_item};
use crate::api::item_id::ItemId;
use crate::api::members::Members;
use crate::api::query::{encode, last_value};
use crate::app::{self, AccountView, PageOf};
use crate::auth::paths::{ACCOUNT, SIGNED_OUT};
use crate::auth::{Caller, Client, Error, Flavor, follow_invitations, refuse_speculation, require, require_login};
use crate::paths::{HOME, ITEM, ITEMS, MEMBERS};
use crate::policies::{INVITE_MEMBERS, READ_MEMBERS};

/// Pages that need a session. The guard stands around each handler, so that a wrong method stays 405.
pub(super) fn protected(auth: &Client) -> OpenApiRouter<AppState> {
    let guard = from_fn_with_state(auth.clone(), require_login);
    let members = routes!(members).map(|handler| handler.route_layer(require(READ_MEMBERS.clone())));
    [routes!(greeting), routes!(item), routes!(item_form), routes!(account), members]
        .into_iter()
        .map(|page| page.map(|handler| handler.route_layer(guard.clone())))
        .fold(OpenApiRouter::new(), OpenApiRouter::routes)
}

/// Pages for everybody, who may have been invited.
pub(super) fn public(auth: &Client) -> OpenApiRouter<AppState> {
    let invitations = from_fn_with_state(auth.clone(), follow_invitations);
    let signed_out =
        routes!(signed_out).map(|handler| handler.route_layer(invitations).route_layer(from_fn(refuse_speculation)));
    OpenApiRouter::new().routes(signed_out)
}

/// Greeting
///
/// A page for a user, JSON for `Accept: application/json`.
#[utoipa::path(
    get, path = HOME, tag = "pages", security(("session" = []), ("bearer" = [])),
    responses(
        (status = 200, content((Greeting = "application/json"), (String = "text/html")), description = "The greeting"),
        (status = 303, description = "No session, and a page was wanted: to sign-in"),
        (status = 401, body = ApiError, description = "No session and no usable access token"),
    )
)]
async fn greeting(caller: Caller, wanted: Wanted) -> Result<Response, Error> {
    let name = caller.display_name().ok_or(Error::NotAuthenticated)?;
    Ok(wanted.respond(&Greeting::of(name), app::greeting_page))
}

/// Members
///
/// A page for a user, JSON for `Accept: application/json`.
#[utoipa::path(
    get, path = MEMBERS, tag = "pages", security(("session" = []), ("bearer" = [])),
    responses(
        (
            status = 200, content((Members = "application/json"), (String = "text/html")),
            description = "The organization signed in to",
        ),
        (status = 303, description = "No session, and a page was wanted: to sign-in"),
        (status = 401, body = ApiError, description = "No session and no usable access token"),
        (status = 403, description = "Without the permission `read:members`, or without an organization"),
        (status = 503, description = "The store cannot be reached, or it is not known what the caller may do"),
    )
)]
async fn members(caller: Caller, wanted: Wanted) -> Result<Response, Error> {
    let organization = caller.organization().await?;
    let members = Members::of(organization.id, organization.name);
    let wanted = wanted.with_policies(&caller, &[&INVITE_MEMBERS]).await;
    Ok(wanted.respond(&members, app::members_page))
}

/// Account
///
/// A page for a user, JSON for `Accept: application/json`.
#[utoipa::path(
    get, path = ACCOUNT, tag = "pages", security(("session" = []), ("bearer" = [])),
    responses(
        (
            status = 200, content((Account = "application/json"), (String = "text/html")),
            description = "What is known of the caller",
        ),
        (status = 303, description = "No session, and a page was wanted: to sign-in"),
        (status = 401, body = ApiError, description = "No session and no usable access token"),
        (status = 503, description = "The session store cannot be reached"),
    )
)]
async fn account(State(state): State<AppState>, caller: Caller, wanted: Wanted) -> Result<Response, Error> {
    let account = Account::from(caller.account().await?);
    // Where that is not known, links to Kinde's pages lead to a page that says so.
    let is_at_kinde = state.auth.flavor().await.ok() != Some(Flavor::OpenId);
    Ok(wanted.respond(&AccountView { account, is_at_kinde }, app::account_page))
}

/// Item
///
/// A page for a user, JSON for `Accept: application/json`.
#[utoipa::path(
    get, path = ITEM, tag = "pages", security(("session" = []), ("bearer" = [])),
    params(
        (
            "item_id" = inline(ItemId), Path, example = "420",
            description = "A whole number of 64 bits; +4, 0042, 1_000 and 1.0 are read too",
        ),
        ("q" = Option<String>, Query, description = "A search text", example = "x"),
    ),
    responses(
        (status = 200, content((Item = "application/json"), (String = "text/html")), description = "The item"),
        (status = 303, description = "No session, and a page was wanted: to sign-in"),
        (status = 401, body = ApiError, description = "No session and no usable access token"),
        (status = 422, description = "No 64-bit integer"),
    )
)]
async fn item(wanted: Wanted, request: Request) -> Response {
    // Taken from the raw path: axum's own extractor responds with 400 to a segment that is not UTF-8, and here it is an
    // item id like any other that is no number.
    let segment = request.uri().path().rsplit('/').next().unwrap_or_default();
    let item_id = percent_decode_str(segment).decode_utf8_lossy().into_owned();
    let q = last_value(request.uri().query().unwrap_or_default(), "q");
    wanted.respond_with_result(find_item(ParameterIn::Path, Some(item_id), q), app::item_page)
}

/// Item form
///
/// Where the form leads without JavaScript: on to the item's own address.
#[utoipa::path(
    get, path = ITEMS, tag = "pages", security(("session" = []), ("bearer" = [])),
    params(
        (
            "item_id" = String, Query, example = "420", pattern = r"^([^.]|\.[^.]|\.\.[\s\S])",
            description = "Any text that can be one segment of a path: not empty, `.` or `..`",
        ),
        ("q" = Option<String>, Query, description = "A search text", example = "x"),
    ),
    responses(
        (status = 303, description = "To `/items/{item_id}`; without a session to sign-in"),
        (status = 401, body = ApiError, description = "No session and no usable access token"),
        (status = 404, description = "No item_id"),
        (status = 422, description = "An item_id that cannot be a segment of a path"),
    )
)]
async fn item_form(wanted: Wanted, request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let q = last_value(query, "q");
    match last_value(query, "item_id") {
        None => Problem::NotFound.into_response(),
        // Browsers take these for the folder itself or the one above, however they are encoded.
        Some(item_id) if matches!(item_id.as_str(), "" | "." | "..") => {
            wanted.respond_with_result(find_item(ParameterIn::Path, Some(item_id), q), app::item_page)
        }
        Some(item_id) => Redirect::to(&item_address(&item_id, q.as_deref())).into_response(),
    }
}

fn item_address(item_id: &str, q: Option<&str>) -> String {
    let segment = utf8_percent_encode(item_id, NON_ALPHANUMERIC);
    let query = encode([("q", q)]);
    let separator = if query.is_empty() { "" } else { "?" };
    format!("{ITEMS}/{segment}{separator}{query}")
}

/// Signed out
///
/// Where a sign-out ends. A user who is still signed in is told so.
#[utoipa::path(
    get, path = SIGNED_OUT, tag = "pages",
    responses((status = 200, content_type = "text/html", body = String, description = "The page"))
)]
async fn signed_out(State(state): State<AppState>, request: Request) -> Response {
    let mut context = PageRequest::of(request.uri(), request.headers(), request.extensions()).context(&state).await;
    if context.viewer.is_none() {
        context.scripts = scripts_of(&state, PageOf::SignOut);
    }
    html(&context, app::signed_out_page(&context))
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
