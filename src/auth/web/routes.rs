//! The sign-in routes: their paths, and the handlers of callback and logout, with their OpenAPI description. The
//! handlers that begin a sign-in are in `begin`, that of the portal is in `portal`, those that end a user's sessions are
//! in `user_sessions`, and those of a session's time in `session_time`. They translate between requests and the calls of
//! `Client`; pages are the application's.

use std::net::IpAddr;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use http::header::{ALLOW, CACHE_CONTROL, REFERRER_POLICY};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use url::Url;

use super::backchannel_logout::{MAX_FORM_BYTES, backchannel_logout};
use super::begin::{create_org, login, register, switch_org};
use super::client_address::ClientAddress;
use super::cookies::Cookies;
use super::device::device_of;
use super::fetch_metadata::is_own_navigation;
use super::identity::{Caller, Identity, identify};
use super::portal::portal;
use super::session_time::{stay_signed_in, time_left};
use super::sign_out_return::Return;
use super::speculation::{self, is_speculative};
use super::user_sessions::{end_session, logout_everywhere};
use crate::auth::client::{Client, CookieChange, SessionCookie, SignedOut};
use crate::auth::error::Error;
use crate::auth::oidc::Callback;
#[cfg(feature = "openapi")]
use crate::auth::paths::{
    BACKCHANNEL_LOGOUT, CALLBACK, CREATE_ORG, END_SESSION, LOGIN, LOGOUT, LOGOUT_EVERYWHERE, PORTAL, Paths, REGISTER,
    SESSION, SWITCH_ORG,
};

/// The sign-in routes, at the paths of the client's settings.
pub fn router(client: Client) -> Router {
    let paths = client.config().paths.clone();
    let by_issuer = post(backchannel_logout).layer(DefaultBodyLimit::max(MAX_FORM_BYTES));
    Router::new()
        .route(&paths.login, deliberate("GET", get(login)))
        .route(&paths.register, deliberate("GET", get(register)))
        .route(&paths.create_org, deliberate("GET", get(create_org)))
        .route(&paths.switch_org, deliberate("GET", get(switch_org)))
        .route(&paths.portal, deliberate("GET", get(portal)))
        .route(&paths.callback, deliberate("GET", get(kinde_callback)))
        .route(&paths.backchannel_logout, deliberate("POST", by_issuer))
        .route(&paths.logout, deliberate("GET,POST", get(logout_by_link).post(logout)))
        .route(&paths.logout_everywhere, deliberate("POST", post(logout_everywhere)))
        .route(&paths.session, deliberate("GET,HEAD,POST", get(time_left).post(stay_signed_in)))
        .route(&paths.end_session, deliberate("POST", post(end_session)))
        .layer(from_fn_with_state(client.clone(), identify))
        .with_state(client)
}

/// The OpenAPI description of the sign-in routes at these paths. The portal, the end of a session and its time need the
/// security scheme `session`, which is the application's to describe: it names the cookie.
#[cfg(feature = "openapi")]
pub fn openapi(paths: &Paths) -> utoipa::openapi::OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(paths(
        super::begin::login,
        super::begin::register,
        super::begin::create_org,
        super::begin::switch_org,
        super::portal::portal,
        kinde_callback,
        logout_by_link,
        logout,
        super::session_time::time_left,
        super::session_time::stay_signed_in,
        super::user_sessions::logout_everywhere,
        super::user_sessions::end_session,
        super::backchannel_logout::backchannel_logout,
    ))]
    struct Described;
    let mut described = <Described as utoipa::OpenApi>::openapi();
    // The macro takes constants, so the paths in force are put in afterwards.
    let in_force = [
        (LOGIN, &paths.login),
        (REGISTER, &paths.register),
        (CREATE_ORG, &paths.create_org),
        (SWITCH_ORG, &paths.switch_org),
        (PORTAL, &paths.portal),
        (CALLBACK, &paths.callback),
        (LOGOUT, &paths.logout),
        (LOGOUT_EVERYWHERE, &paths.logout_everywhere),
        (SESSION, &paths.session),
        (END_SESSION, &paths.end_session),
        (BACKCHANNEL_LOGOUT, &paths.backchannel_logout),
    ];
    let routes = &mut described.paths.paths;
    let items = in_force.map(|(default, path)| (path.clone(), routes.remove(default).unwrap_or_default()));
    routes.extend(items);
    described
}

/// Puts [`deliberate_requests_only`] around one route, whose methods are these. The fallback is replaced because axum's
/// own would list HEAD in `Allow`.
pub(super) fn deliberate(methods: &'static str, route: MethodRouter<Client>) -> MethodRouter<Client> {
    let route = route.fallback(async || StatusCode::METHOD_NOT_ALLOWED);
    route.layer(from_fn_with_state(methods, deliberate_requests_only))
}

/// Come back from the issuer
///
/// Takes the authorization code or the error, verifies everything, begins the session.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = CALLBACK, tag = "sign-in",
    params(
        (
            "state" = String, Query, pattern = "^[A-Za-z0-9_-]{43}$",
            description = "From the authorization request: 256 random bits",
        ),
        ("code" = Option<String>, Query, description = "The authorization code"),
        ("error" = Option<String>, Query, description = "Why there is no code (RFC 6749, 4.1.2.1)"),
        ("iss" = Option<String>, Query, format = "uri", description = "The issuer (RFC 9207)"),
    ),
    responses(
        (status = 403, description = "A prefetch: nothing is verified"),
        (status = 303, description = "Signed in, or signed in already; to the page asked for"),
        (status = 400, description = "Cancelled, used already, too old, or not verified"),
        (status = 502, description = "The issuer's response cannot be used"),
        (status = 503, description = "The issuer or the session store cannot be reached"),
        (status = 504, description = "The issuer did not respond in time"),
    )
))]
async fn kinde_callback(
    State(client): State<Client>,
    address: Option<Extension<ClientAddress>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let callback = Callback::parse(uri.query().unwrap_or_default());
    let cookies = Cookies::of(&client);
    let completed = client.complete(callback, cookies.of_browser(&headers), ip_of(address), device_of(&headers)).await;
    match completed.location {
        Ok(location) => see_other(&location, &cookies, &completed.cookies),
        Err(error) => {
            let mut response = error.into_response();
            change_cookies(&mut response, &cookies, &completed.cookies);
            response
        }
    }
}

/// Sign out by a link
///
/// For links on this site, and for addresses that the user enters. Any other request must be confirmed. The issuer
/// returns the browser to it after its own sign-out.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = LOGOUT, tag = "sign-in",
    responses(
        (status = 303, description = "To the issuer's sign-out; without a session to `/signed-out`"),
        (status = 403, description = "Not from a page of this site: the page asks for confirmation; or a prefetch: nobody is signed out"),
        (status = 503, description = "The session store cannot be reached"),
    )
))]
async fn logout_by_link(
    State(client): State<Client>,
    Extension(identity): Extension<Identity>,
    address: Option<Extension<ClientAddress>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let cookies = Cookies::of(&client);
    match Return::of(uri.query().unwrap_or_default(), &cookies.of_browser(&headers)) {
        Return::OfThisBrowser => {
            return see_other(&client.config().paths.signed_out, &cookies, &[CookieChange::RemoveSignOutState]);
        }
        Return::Unstated if is_own_navigation(&headers) => return end(&client, &headers, ip_of(address)).await,
        Return::Unstated | Return::Foreign => {}
    }
    match identity.caller().await {
        Caller::Session(_) => Error::UnconfirmedSignOut.into_response(),
        Caller::Nobody | Caller::Token(_) => Redirect::to(&client.config().paths.signed_out).into_response(),
        Caller::Unknown(error) => error.into_response(),
    }
}

/// Sign out
///
/// Ends the session here and at the issuer.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = LOGOUT, tag = "sign-in",
    responses(
        (status = 303, description = "To the issuer's sign-out; without a session to `/signed-out`"),
        (status = 403, description = "Another site sent the request; or a prefetch: nobody is signed out"),
        (status = 503, description = "The session store cannot be reached"),
    )
))]
async fn logout(
    State(client): State<Client>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
) -> Response {
    end(&client, &headers, ip_of(address)).await
}

/// Signs the browser out.
pub(super) async fn end(client: &Client, headers: &HeaderMap, address: Option<IpAddr>) -> Response {
    let cookies = Cookies::of(client);
    let browser = cookies.of_browser(headers);
    if browser.session == SessionCookie::Absent && browser.pending.is_empty() {
        return Redirect::to(&client.config().paths.signed_out).into_response();
    }
    match client.sign_out(browser, address).await {
        Ok(signed_out) => to_sign_out(client, &signed_out),
        Err(error) => error.into_response(),
    }
}

/// Sends a browser whose session has ended to the issuer's sign-out, or to the page on which a sign-out ends.
pub(super) fn to_sign_out(client: &Client, signed_out: &SignedOut) -> Response {
    let location = signed_out.location.as_ref().map_or(client.config().paths.signed_out.as_str(), Url::as_str);
    see_other(location, &Cookies::of(client), &signed_out.cookies)
}

pub(super) fn ip_of(address: Option<Extension<ClientAddress>>) -> Option<IpAddr> {
    address.map(|Extension(ClientAddress(address))| address)
}

pub(super) fn see_other(location: &str, cookies: &Cookies<'_>, changes: &[CookieChange]) -> Response {
    let mut response = Redirect::to(location).into_response();
    change_cookies(&mut response, cookies, changes);
    response
}

fn change_cookies(response: &mut Response, cookies: &Cookies<'_>, changes: &[CookieChange]) {
    for change in changes {
        cookies.apply(change, response.headers_mut());
    }
}

/// Nothing on these routes happens for a request that no user made: HEAD is refused with 405 where GET changes something
/// (axum would take it for GET), and a prefetch is refused. Every response forbids caching and sends no referrer to other
/// pages (its address may hold a code).
async fn deliberate_requests_only(State(methods): State<&'static str>, request: Request, next: Next) -> Response {
    let mut response = if !methods.split(',').any(|method| method == request.method()) {
        (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, methods)]).into_response()
    } else if is_speculative(request.headers()) {
        speculation::refusal()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
