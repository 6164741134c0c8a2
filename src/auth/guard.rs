//! The guard: decides before anything is drawn whether a request has a session, and hands the session on.
//! It decides only who; what a person may do is the handler's business.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{CACHE_CONTROL, VARY};
use http::request::Parts;
use http::{HeaderValue, Method};

use super::client::{Client, Visitor};
use super::cookies;
use super::error::Error;
use super::negotiation::Wants;
use super::return_to::ReturnTo;
use super::session::SignedIn;
use crate::paths::{LOGIN, RETURN_TO_PARAMETER};

/// The session of the request; an extractor behind [`require_login`] or [`require_login_json`].
#[derive(Debug, Clone)]
pub struct CurrentUser(Arc<SignedIn>);

impl Deref for CurrentUser {
    type Target = SignedIn;

    fn deref(&self) -> &SignedIn {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for CurrentUser {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get::<Self>().cloned().ok_or(Error::NotAuthenticated)
    }
}

/// Lets requests with a session pass. A person without one is sent to sign in (303, and back here afterwards); a
/// program, or any request that would change something, gets 401. A failing store is 503 and keeps the cookie.
///
/// Use it as a `route_layer`, so that unknown paths stay 404.
pub async fn require_login(State(client): State<Client>, request: Request, next: Next) -> Response {
    let is_page =
        matches!(*request.method(), Method::GET | Method::HEAD) && Wants::of(request.headers()) == Wants::Page;
    let anonymous = if is_page { to_login(&request) } else { Error::NotAuthenticated.into_response() };
    let mut response = guard(&client, request, next, anonymous).await;
    response.headers_mut().append(VARY, HeaderValue::from_static("accept"));
    response
}

/// As [`require_login`], for routes that only ever answer JSON: without a session always 401.
pub async fn require_login_json(State(client): State<Client>, request: Request, next: Next) -> Response {
    guard(&client, request, next, Error::NotAuthenticated.into_response()).await
}

async fn guard(client: &Client, mut request: Request, next: Next, anonymous: Response) -> Response {
    let mut response = match client.visitor(request.headers()).await {
        Ok(Visitor::SignedIn(session)) => {
            request.extensions_mut().insert(CurrentUser(session));
            next.run(request).await
        }
        Ok(Visitor::Anonymous { has_dead_cookie: true }) => without_cookie(client, anonymous),
        Ok(Visitor::Anonymous { has_dead_cookie: false }) => anonymous,
        Err(error) => {
            tracing::error!(%error, "the session could not be looked up");
            error.into_response()
        }
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

/// A dead cookie is removed, so that it is not looked up again with each request. Should another tab have signed in
/// meanwhile, its new cookie goes too, and the next page leads through the issuer once more without a question.
fn without_cookie(client: &Client, mut anonymous: Response) -> Response {
    cookies::append(anonymous.headers_mut(), client.cookies().remove_session());
    anonymous
}

fn to_login(request: &Request) -> Response {
    let return_to = ReturnTo::of_request(request.uri());
    let query =
        form_urlencoded::Serializer::new(String::new()).append_pair(RETURN_TO_PARAMETER, return_to.as_str()).finish();
    Redirect::to(&format!("{LOGIN}?{query}")).into_response()
}
