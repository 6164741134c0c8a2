//! Invitations: a page that is opened with `invitation_code` leads to registration, and from there back to the page.
//! The sign-in routes take the parameter themselves.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{CACHE_CONTROL, VARY};
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, Uri};

use super::negotiation::Wants;
use crate::auth::client::Client;
use crate::auth::session::ReturnTo;
use crate::auth::sign_in_options::SignInOptions;

/// The name of the parameter.
const INVITATION_CODE: &str = "invitation_code";

/// A layer for public pages: at Kinde, a page's GET with a well-formed `invitation_code` is redirected to registration
/// (303), signed in or not, and the user then returns to the page without that parameter. Every other request passes,
/// as do all requests at other issuers.
///
/// [`require_login`](super::require_login) does the same, so pages behind it need no such layer. An invitation leads to
/// the application's login URI or to any page that the application's own e-mails link to; use it as a `route_layer`
/// around those.
pub async fn follow_invitations(State(client): State<Client>, request: Request, next: Next) -> Response {
    match register_path(&client, &request) {
        Some(register) if client.takes_invitations().await => to_register(&register),
        _ => next.run(request).await,
    }
}

/// The address of registration for a page's GET that brings an invitation.
pub(super) fn register_path(client: &Client, request: &Request) -> Option<String> {
    let paths = &client.config().paths;
    let (path, query) = (request.uri().path(), request.uri().query()?);
    let (invitation, rest): (Vec<&str>, Vec<&str>) = query.split('&').partition(|pair| is_invitation(pair));
    let is_page = || *request.method() == Method::GET && Wants::of(request.headers()) == Wants::Page;
    if invitation.is_empty() || !is_page() || paths.are_at(path) {
        return None;
    }
    // One value of the right form; anything else is not meant for us.
    let code = SignInOptions::parse(&invitation.join("&")).ok()?;
    let invited = SignInOptions::default().with_invitation_code(code.invitation_code()?).ok()?;
    let return_to = ReturnTo::of_request(&with_rest(path, &rest)?, paths);
    Some(invited.link(&paths.register, Some(return_to.as_str())))
}

pub(super) fn to_register(register: &str) -> Response {
    let headers =
        [(CACHE_CONTROL, HeaderValue::from_static("private, no-store")), (VARY, HeaderValue::from_static("accept"))];
    (headers, Redirect::to(register)).into_response()
}

fn is_invitation(pair: &str) -> bool {
    form_urlencoded::parse(pair.as_bytes()).any(|(name, _)| name == INVITATION_CODE)
}

/// The page with the rest of its query, as it was sent.
fn with_rest(path: &str, rest: &[&str]) -> Option<Uri> {
    let query = rest.join("&");
    let page = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    page.parse::<PathAndQuery>().ok().map(Uri::from)
}
