//! The guard: decides before anything is rendered whether a request has a session, and passes the session on. The
//! session is looked up in `identity`.

use std::convert::Infallible;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{CACHE_CONTROL, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Uri};

use super::cookies::Cookies;
use super::identity::{Caller, Identity};
use super::invitation::{register_path, to_register};
use super::negotiation::Wants;
use crate::auth::client::{Client, CookieChange};
use crate::auth::error::Error;
use crate::auth::paths::{Paths, RETURN_TO_PARAMETER};
use crate::auth::session::{ReturnTo, Session, User};

/// The signed-in user: an extractor behind [`require_login`] or [`require_login_json`]. Elsewhere it is refused with
/// 401.
#[derive(Debug, Clone)]
pub struct CurrentUser(Arc<Session>);

impl Deref for CurrentUser {
    type Target = User;

    fn deref(&self) -> &User {
        self.0.user()
    }
}

/// The session of the request: an extractor like [`CurrentUser`], for what concerns the session and not only the user.
#[derive(Debug, Clone)]
pub struct CurrentSession(Arc<Session>);

impl Deref for CurrentSession {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.0
    }
}

impl From<CurrentSession> for CurrentUser {
    fn from(session: CurrentSession) -> Self {
        Self(session.0)
    }
}

/// The signed-in user of a public page: an extractor that never refuses. `None` inside it also when the session could not
/// be looked up. It needs the layer [`identify`](super::identify).
#[derive(Debug, Clone)]
pub struct MaybeUser(pub Option<CurrentUser>);

impl<S: Sync> FromRequestParts<S> for MaybeUser {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let Some(identity) = parts.extensions.get::<Identity>().cloned() else { return Ok(Self(None)) };
        Ok(Self(identity.session().await.map(CurrentUser)))
    }
}

impl<S: Sync> FromRequestParts<S> for CurrentSession {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get::<Self>().cloned().ok_or(Error::NotAuthenticated)
    }
}

impl<S: Sync> FromRequestParts<S> for CurrentUser {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        CurrentSession::from_request_parts(parts, state).await.map(Self::from)
    }
}

/// Lets requests with a session pass. Without one, a page's GET is redirected to sign-in (303, and back here
/// afterwards); a request for JSON, or one that would change something, gets 401. A failing store is 503 and keeps the
/// cookie. With a session or without, a page's GET that brings an invitation is redirected as by
/// [`follow_invitations`](super::follow_invitations).
///
/// Use it as a `route_layer`, so that unknown paths stay 404.
pub async fn require_login(State(client): State<Client>, request: Request, next: Next) -> Response {
    let is_page = is_page_request(request.method(), request.headers());
    if let Some(register) = register_path(&client, &request)
        && client.takes_invitations().await
    {
        return to_register(&register);
    }
    let mut response = guard(&client, request, next, is_page).await;
    response.headers_mut().append(VARY, HeaderValue::from_static("accept"));
    response
}

/// As [`require_login`], for routes that only return JSON: without a session always 401.
pub async fn require_login_json(State(client): State<Client>, request: Request, next: Next) -> Response {
    guard(&client, request, next, false).await
}

async fn guard(client: &Client, mut request: Request, next: Next, leads_to_login: bool) -> Response {
    let identity = Identity::in_request(client, &mut request);
    let mut response = match identity.caller().await {
        Caller::Session(session) => {
            request.extensions_mut().insert(CurrentSession(session));
            next.run(request).await
        }
        Caller::Nobody => {
            let refused = if leads_to_login {
                to_login(&client.config().paths, request.uri())
            } else {
                Error::NotAuthenticated.into_response()
            };
            without_useless_cookie(client, &identity, refused)
        }
        Caller::Unknown(error) => error.into_response(),
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

/// Whether a request is for a page, and can be repeated after a sign-in.
pub(super) fn is_page_request(method: &Method, headers: &HeaderMap) -> bool {
    matches!(*method, Method::GET | Method::HEAD) && Wants::of(headers) == Wants::Page
}

/// A cookie that opens nothing is removed, so that it is not looked up again with each request. Should another tab have
/// signed in meanwhile, its new cookie is removed too, and the next page signs the user in again through the issuer,
/// which does not ask anything.
fn without_useless_cookie(client: &Client, identity: &Identity, mut response: Response) -> Response {
    if identity.has_cookie() {
        Cookies::of(client).apply(&CookieChange::RemoveSession, response.headers_mut());
    }
    response
}

/// Redirects a page's request to sign-in, and back afterwards.
pub(super) fn to_login(paths: &Paths, uri: &Uri) -> Response {
    let return_to = ReturnTo::of_request(uri, paths);
    let query =
        form_urlencoded::Serializer::new(String::new()).append_pair(RETURN_TO_PARAMETER, return_to.as_str()).finish();
    Redirect::to(&format!("{}?{query}", paths.login)).into_response()
}
