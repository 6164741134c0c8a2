//! The sign-in routes: login, register, callback and logout, as axum handlers, with their OpenAPI description.
//! They only translate between requests and `Client`; pages are the application's.

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{ALLOW, CACHE_CONTROL, REFERRER_POLICY};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authorization::Screen;
use super::callback_query::CallbackQuery;
use super::client::{Client, Onward, Visitor};
use super::cookies::{self, SessionCookie};
use super::error::Error;
use super::return_to::ReturnTo;
use crate::paths::{AUTH_PREFIX, LOGOUT, RETURN_TO_PARAMETER, SIGNED_OUT};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
/// The headers by which browsers mark a request that no person has made yet.
const PREFETCH_MARKS: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// The sign-in routes with their OpenAPI description. `.into()` makes a plain [`axum::Router`] of it.
pub fn router(client: Client) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(register))
        .routes(routes!(kinde_callback))
        .routes(routes!(logout_by_link, logout))
        .layer(from_fn(deliberate_requests_only))
        .with_state(client)
}

/// Whether a decoded path is one of the sign-in routes, whatever its case: no place to return to.
pub(crate) fn is_auth_path(path: &str) -> bool {
    let path = path.to_ascii_lowercase().replace("//", "/");
    path.starts_with(AUTH_PREFIX) || path == AUTH_PREFIX.trim_end_matches('/')
}

/// Begin a sign-in
///
/// Redirects to the issuer. A present session stays until the new sign-in succeeds.
#[utoipa::path(
    get, path = "/api/auth/login", tag = "sign-in",
    params(("post_login_redirect_url" = Option<String>, Query, description = "A path on this site to go to afterwards")),
    responses(
        (status = 303, description = "To the issuer's authorization endpoint"),
        (status = 403, description = "Inside a frame"),
        (status = 503, description = "The issuer or the session store cannot be reached"),
    )
)]
async fn login(State(client): State<Client>, uri: Uri, headers: HeaderMap) -> Response {
    begin(&client, &uri, &headers, Screen::SignIn).await
}

/// Create an account
///
/// As `login`, but the issuer shows its screen for new accounts first (`prompt=create`).
#[utoipa::path(
    get, path = "/api/auth/register", tag = "sign-in",
    params(("post_login_redirect_url" = Option<String>, Query, description = "A path on this site to go to afterwards")),
    responses(
        (status = 303, description = "To the issuer's authorization endpoint"),
        (status = 403, description = "Inside a frame"),
        (status = 503, description = "The issuer or the session store cannot be reached"),
    )
)]
async fn register(State(client): State<Client>, uri: Uri, headers: HeaderMap) -> Response {
    begin(&client, &uri, &headers, Screen::Register).await
}

async fn begin(client: &Client, uri: &Uri, headers: &HeaderMap, screen: Screen) -> Response {
    if is_embedded(headers) {
        return Error::Framed.into_response();
    }
    match client.begin_sign_in(headers, screen, asked_return_to(uri)).await {
        Ok(onward) => see_other(onward),
        Err(error) => {
            tracing::error!(event = "sign_in_not_begun", reason = %error, "a sign-in could not be begun");
            error.into_response()
        }
    }
}

/// Come back from the issuer
///
/// Takes the authorization code or the error, verifies everything, begins the session.
#[utoipa::path(
    get, path = "/api/auth/kinde_callback", tag = "sign-in",
    params(
        ("state" = String, Query, description = "From the authorization request"),
        ("code" = Option<String>, Query, description = "The authorization code"),
        ("error" = Option<String>, Query, description = "Why there is no code (RFC 6749, 4.1.2.1)"),
        ("iss" = Option<String>, Query, description = "The issuer (RFC 9207)"),
    ),
    responses(
        (status = 303, description = "Signed in; to the page asked for"),
        (status = 400, description = "Cancelled, used already, too old, or not verified"),
        (status = 502, description = "The issuer's answer cannot be used"),
        (status = 503, description = "The issuer or the session store cannot be reached"),
        (status = 504, description = "The issuer did not answer in time"),
    )
)]
async fn kinde_callback(State(client): State<Client>, uri: Uri, headers: HeaderMap) -> Response {
    let query = CallbackQuery::read(uri.query().unwrap_or_default());
    let (pending, used_up) = match client.take_attempts(&query, &headers).await {
        Ok(taken) => taken,
        Err(error) => return failed(error),
    };
    let mut response = match client.complete_sign_in(&query, &headers, pending).await {
        Ok((user, onward)) => {
            tracing::info!(event = "sign_in", subject = user.subject, "signed in");
            see_other(onward)
        }
        Err(error) => failed(error),
    };
    for cookie in used_up {
        cookies::append(response.headers_mut(), cookie);
    }
    response
}

fn failed(error: Error) -> Response {
    if error.status().is_server_error() {
        tracing::error!(event = "sign_in_failed", reason = %error, "a sign-in failed");
    } else {
        tracing::warn!(event = "sign_in_failed", reason = %error, "a sign-in failed");
    }
    error.into_response()
}

/// Sign out by a link
///
/// For links on this site. When another site asks, the person must confirm.
#[utoipa::path(
    get, path = "/api/auth/logout", tag = "sign-in",
    responses(
        (status = 303, description = "To the issuer's sign-out; without a session to `/signed-out`"),
        (status = 403, description = "Another site asked; the page has a button"),
        (status = 503, description = "The session store cannot be reached"),
    )
)]
async fn logout_by_link(State(client): State<Client>, headers: HeaderMap) -> Response {
    let is_foreign = headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "cross-site" || site == "same-site");
    if !is_foreign {
        return end(&client, &headers).await;
    }
    match client.visitor(&headers).await {
        Ok(Visitor::SignedIn(_)) => Error::ForeignLogout.into_response(),
        Ok(Visitor::Anonymous { .. }) => Redirect::to(SIGNED_OUT).into_response(),
        Err(error) => failed_logout(error),
    }
}

/// Sign out
///
/// Ends the session here and at the issuer.
#[utoipa::path(
    post, path = "/api/auth/logout", tag = "sign-in",
    responses(
        (status = 303, description = "To the issuer's sign-out; without a session to `/signed-out`"),
        (status = 403, description = "Another site asked"),
        (status = 503, description = "The session store cannot be reached"),
    )
)]
async fn logout(State(client): State<Client>, headers: HeaderMap) -> Response {
    end(&client, &headers).await
}

async fn end(client: &Client, headers: &HeaderMap) -> Response {
    let ended = match client.cookies().session(headers) {
        SessionCookie::Absent => return Redirect::to(SIGNED_OUT).into_response(),
        SessionCookie::Unusable => Ok((None, Vec::new())),
        SessionCookie::Names(id) => client.end_session(id, headers).await,
    };
    let (user, mut cookies) = match ended {
        Ok(ended) => ended,
        Err(error) => return failed_logout(error),
    };
    cookies.extend([client.cookies().remove_session(), client.cookies().mark_signed_out()]);
    let location = match user {
        None => SIGNED_OUT.to_owned(),
        Some(user) => {
            tracing::info!(event = "sign_out", subject = user.subject, "signed out");
            client.end_session_url().await.map_or_else(|| SIGNED_OUT.to_owned(), String::from)
        }
    };
    see_other(Onward { location, cookies })
}

fn failed_logout(error: Error) -> Response {
    tracing::error!(event = "sign_out_failed", reason = %error, "a sign-out failed");
    error.into_response()
}

fn see_other(onward: Onward) -> Response {
    let mut response = Redirect::to(&onward.location).into_response();
    for cookie in onward.cookies {
        cookies::append(response.headers_mut(), cookie);
    }
    response
}

fn asked_return_to(uri: &Uri) -> ReturnTo {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .filter(|(name, _)| name == RETURN_TO_PARAMETER)
        .last()
        .map_or_else(ReturnTo::home, |(_, value)| ReturnTo::parse(&value))
}

/// A frame, an image or a script of another page asks, and not a person who goes somewhere (Fetch Metadata).
fn is_embedded(headers: &HeaderMap) -> bool {
    let is_in_frame = headers
        .get(SEC_FETCH_DEST)
        .is_some_and(|destination| ["iframe", "frame", "embed", "object"].iter().any(|frame| destination == frame));
    is_in_frame || headers.get(SEC_FETCH_MODE).is_some_and(|mode| mode != "navigate")
}

/// Nothing on these routes happens for a request that no person made: HEAD is refused (axum would take it for GET), a
/// prefetch gets an empty answer. Every answer forbids caching and tells no other page where it came from (it may hold
/// a code).
async fn deliberate_requests_only(request: Request, next: Next) -> Response {
    let is_prefetch = PREFETCH_MARKS
        .iter()
        .filter_map(|name| request.headers().get(*name)?.to_str().ok())
        .any(|purpose| purpose.to_ascii_lowercase().contains("prefetch"));
    let methods = if request.uri().path() == LOGOUT { "GET,POST" } else { "GET" };
    let mut response = if !methods.split(',').any(|method| method == request.method()) {
        (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, methods)]).into_response()
    } else if is_prefetch {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths;
    use utoipa::Path;

    #[test]
    fn the_described_paths_are_those_of_the_route_table() {
        let described = [
            (__path_login::path(), paths::LOGIN),
            (__path_register::path(), paths::REGISTER),
            (__path_kinde_callback::path(), paths::CALLBACK),
            (__path_logout::path(), paths::LOGOUT),
            (__path_logout_by_link::path(), paths::LOGOUT),
        ];
        for (described, named) in described {
            assert_eq!(described, named);
        }
    }
}
