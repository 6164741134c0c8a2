//! The guard: decides before anything is rendered whether a request has a session or an access token, and passes the
//! caller on. The caller is looked up in `identity`; what a caller must be allowed is checked in `require`.

use std::convert::Infallible;
use std::ops::Deref;
use std::time::Duration;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{CACHE_CONTROL, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Uri};

use super::bearer::add_insufficient_scope;
use super::cookies::Cookies;
use super::identity::{Caller, CurrentSession, Identity};
use super::invitation::{register_path, to_register};
use super::negotiation::Wants;
use super::speculation::{self, is_speculative};
use crate::auth::client::{Client, CookieChange};
use crate::auth::error::{Denial, Error};
use crate::auth::paths::Paths;
use crate::auth::session::{ReturnTo, User};
use crate::auth::sign_in_options::{Prompt, SignInOptions};

/// The signed-in user, or the one for whom a program asks: an extractor behind [`require_login`] or
/// [`require_login_json`]. Elsewhere it is refused with 401, and a program that asks for no user with 403.
#[derive(Debug, Clone)]
pub struct CurrentUser(Caller);

impl Deref for CurrentUser {
    type Target = User;

    fn deref(&self) -> &User {
        self.0.user().expect("it is made only of a caller that has a user")
    }
}

impl CurrentUser {
    fn of(caller: Caller) -> Option<Self> {
        caller.user().is_some().then_some(Self(caller))
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
        Ok(Self(identity.session().await.map(Caller::Session).and_then(CurrentUser::of)))
    }
}

impl<S: Sync> FromRequestParts<S> for CurrentSession {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        match guarded(parts)? {
            Caller::Session(session) => Ok(session),
            _ => Err(Error::Forbidden(Denial::without_policy("a session"))),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for CurrentUser {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Self::of(guarded(parts)?).ok_or_else(|| Error::Forbidden(Denial::without_policy("a user")))
    }
}

/// The caller that a guard has let pass: a request extension of its own, so that a route without a guard refuses.
#[derive(Clone)]
struct Admitted(Caller);

fn guarded(parts: &Parts) -> Result<Caller, Error> {
    let admitted = parts.extensions.get::<Admitted>().cloned();
    admitted.map(|Admitted(caller)| caller).ok_or(Error::NotAuthenticated)
}

/// Lets requests with a session pass, and requests for JSON with an access token. Without one, a page's GET is redirected
/// to sign-in (303, and back here afterwards); a request for JSON, or one that would change something, gets 401. A failing
/// store is 503 and keeps the cookie. With a session or without, a page's GET that brings an invitation is redirected as by
/// [`follow_invitations`](super::follow_invitations); one that lacks nothing but a recent login
/// ([`Policy::recent_login`](crate::auth::Policy::recent_login)) is led through a sign-in, once. A page is not loaded in
/// advance: a prefetch or a prerendering gets 403.
///
/// Use it as a `route_layer`, so that unknown paths stay 404.
pub async fn require_login(State(client): State<Client>, request: Request, next: Next) -> Response {
    let is_page = is_page_request(request.method(), request.headers());
    if is_page && is_speculative(request.headers()) {
        return speculation::refusal();
    }
    if let Some(register) = register_path(&client, &request)
        && client.takes_invitations().await
    {
        return to_register(&register);
    }
    let mut response = guard(&client, request, next, is_page).await;
    response.headers_mut().append(VARY, HeaderValue::from_static("accept"));
    response
}

/// As [`require_login`], for routes that only return JSON: an access token decides whatever the request accepts, and
/// without a session it is always 401.
pub async fn require_login_json(State(client): State<Client>, mut request: Request, next: Next) -> Response {
    Identity::in_request(&client, &mut request).take_tokens();
    guard(&client, request, next, false).await
}

async fn guard(client: &Client, mut request: Request, next: Next, leads_to_login: bool) -> Response {
    let identity = Identity::in_request(client, &mut request);
    let uri = request.uri().clone();
    let caller = identity.caller().await;
    request.extensions_mut().insert(Admitted(caller.clone()));
    let mut response = match caller {
        Caller::Session(session) => {
            let response = next.run(request).await;
            match lacking_login(&response).filter(|_| leads_to_login) {
                Some(within) if !client.has_just_demanded_login(&session, within) => {
                    to_new_login(&client.config().paths, &uri, within, session.organization().await)
                }
                _ => response,
            }
        }
        Caller::Token(token) => {
            let mut response = next.run(request).await;
            add_insufficient_scope(response.status(), token.rights(), response.headers_mut());
            response
        }
        Caller::Nobody => refuse_anonymous(client, &identity, &uri, leads_to_login),
        Caller::Unknown(error) => error.into_response(),
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

/// The response to a request without a session: a redirect to sign-in and back, or 401.
pub(super) fn refuse_anonymous(client: &Client, identity: &Identity, uri: &Uri, leads_to_login: bool) -> Response {
    let refused =
        if leads_to_login { to_login(&client.config().paths, uri) } else { Error::NotAuthenticated.into_response() };
    without_useless_cookie(client, identity, refused)
}

/// Whether a request is for a page, and can be repeated after a sign-in.
pub(super) fn is_page_request(method: &Method, headers: &HeaderMap) -> bool {
    matches!(*method, Method::GET | Method::HEAD) && Wants::of(headers) == Wants::Page
}

/// A cookie that opens nothing is removed, so that it is not looked up again with each request, and the browser forgets
/// the pages that it opened before. Should another tab have signed in meanwhile, its new cookie is removed too, and the
/// next page signs the user in again through the issuer, which does not ask anything.
pub(super) fn without_useless_cookie(client: &Client, identity: &Identity, mut response: Response) -> Response {
    if identity.has_cookie() {
        for change in [CookieChange::RemoveSession, CookieChange::MarkSignedOut] {
            Cookies::of(client).apply(&change, response.headers_mut());
        }
    }
    response
}

/// Redirects a page's request to sign-in, and back afterwards.
pub(super) fn to_login(paths: &Paths, uri: &Uri) -> Response {
    to_login_with(paths, uri, &SignInOptions::default())
}

/// Redirects a page's request to a sign-in at which the issuer asks the user again, in the same organization, and back
/// afterwards.
fn to_new_login(paths: &Paths, uri: &Uri, within: Duration, organization: Option<String>) -> Response {
    let options = SignInOptions::default().with_prompt(Prompt::Login).with_max_age(within);
    let in_organization = organization.and_then(|code| options.clone().with_org_code(&code).ok());
    to_login_with(paths, uri, &in_organization.unwrap_or(options))
}

fn to_login_with(paths: &Paths, uri: &Uri, options: &SignInOptions) -> Response {
    let return_to = ReturnTo::after_sign_in(uri, paths);
    Redirect::to(&options.link(&paths.login, Some(return_to.as_str()))).into_response()
}

/// How recent a login must be, when that is all that the caller lacks.
fn lacking_login(refusal: &Response) -> Option<Duration> {
    match refusal.extensions().get::<Error>() {
        Some(Error::Forbidden(denial)) => denial.login_within,
        _ => None,
    }
}
