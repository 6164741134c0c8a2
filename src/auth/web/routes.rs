//! The sign-in routes: login, register, callback and logout, as axum handlers, with their OpenAPI description.
//! They translate between requests and the calls of `Client`; pages are the application's.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, get};
use axum::{Extension, Router};
use http::header::{ALLOW, CACHE_CONTROL, REFERRER_POLICY};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use url::Url;

use super::client_address::ClientAddress;
use super::cookies::Cookies;
use super::identity::{Caller, Identity, identify};
use super::sign_out_return::Return;
use crate::auth::client::{Client, CookieChange, SessionCookie};
use crate::auth::error::Error;
use crate::auth::oidc::{Callback, Screen};
#[cfg(feature = "openapi")]
use crate::auth::paths::{CALLBACK, LOGIN, LOGOUT, REGISTER};
use crate::auth::paths::{Paths, RETURN_TO_PARAMETER};
use crate::auth::session::ReturnTo;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
/// The headers by which browsers mark a request that no user has made yet.
const PREFETCH_MARKS: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// The sign-in routes, at the paths of the client's settings.
pub fn router(client: Client) -> Router {
    let paths = client.config().paths.clone();
    Router::new()
        .route(&paths.login, deliberate("GET", get(login)))
        .route(&paths.register, deliberate("GET", get(register)))
        .route(&paths.callback, deliberate("GET", get(kinde_callback)))
        .route(&paths.logout, deliberate("GET,POST", get(logout_by_link).post(logout)))
        .layer(from_fn_with_state(client.clone(), identify))
        .with_state(client)
}

/// The OpenAPI description of the sign-in routes at these paths.
#[cfg(feature = "openapi")]
pub fn openapi(paths: &Paths) -> utoipa::openapi::OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(paths(login, register, kinde_callback, logout_by_link, logout))]
    struct Described;
    let mut described = <Described as utoipa::OpenApi>::openapi();
    // The macro takes constants, so the paths in force are put in afterwards.
    let in_force =
        [(LOGIN, &paths.login), (REGISTER, &paths.register), (CALLBACK, &paths.callback), (LOGOUT, &paths.logout)];
    let routes = &mut described.paths.paths;
    let items = in_force.map(|(default, path)| (path.clone(), routes.remove(default).unwrap_or_default()));
    routes.extend(items);
    described
}

/// Puts [`deliberate_requests_only`] around one route, whose methods are these. The fallback is replaced because axum's
/// own would list HEAD in `Allow`.
fn deliberate(methods: &'static str, route: MethodRouter<Client>) -> MethodRouter<Client> {
    let route = route.fallback(async || StatusCode::METHOD_NOT_ALLOWED);
    route.layer(from_fn_with_state(methods, deliberate_requests_only))
}

/// Begin a sign-in
///
/// Redirects to the issuer. A present session stays until the new sign-in succeeds.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = LOGIN, tag = "sign-in",
    params((
        "post_login_redirect_url" = Option<String>, Query, example = "/items/420?q=x",
        description = "A path on this site to go to afterwards",
    )),
    responses(
        (status = 204, description = "A prefetch: nothing is begun"),
        (status = 303, description = "To the issuer's authorization endpoint"),
        (status = 403, description = "Inside a frame, or sent by a script"),
        (status = 503, description = "The issuer or the session store cannot be reached"),
    )
))]
async fn login(
    State(client): State<Client>,
    address: Option<Extension<ClientAddress>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    begin(&client, ip_of(address), &uri, &headers, Screen::SignIn).await
}

/// Create an account
///
/// As `login`, but the issuer shows its screen for new accounts first (`prompt=create`).
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = REGISTER, tag = "sign-in",
    params((
        "post_login_redirect_url" = Option<String>, Query, example = "/items/420?q=x",
        description = "A path on this site to go to afterwards",
    )),
    responses(
        (status = 204, description = "A prefetch: nothing is begun"),
        (status = 303, description = "To the issuer's authorization endpoint"),
        (status = 403, description = "Inside a frame, or sent by a script"),
        (status = 503, description = "The issuer or the session store cannot be reached"),
    )
))]
async fn register(
    State(client): State<Client>,
    address: Option<Extension<ClientAddress>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    begin(&client, ip_of(address), &uri, &headers, Screen::Register).await
}

async fn begin(client: &Client, address: Option<IpAddr>, uri: &Uri, headers: &HeaderMap, screen: Screen) -> Response {
    if is_embedded(headers) {
        return Error::Framed.into_response();
    }
    let cookies = Cookies::of(client);
    let return_to = return_to(uri, &client.config().paths);
    match client.begin_sign_in(&cookies.of_browser(headers), screen, return_to, address).await {
        Ok(begun) => see_other(&begun.location, &cookies, &begun.cookies),
        Err(error) => error.into_response(),
    }
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
        (status = 204, description = "A prefetch: nothing is verified"),
        (status = 303, description = "Signed in; to the page asked for"),
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
    let completed = client.complete(callback, cookies.of_browser(&headers), ip_of(address)).await;
    match completed.outcome {
        Ok(signed_in) => see_other(signed_in.return_to.as_str(), &cookies, &completed.cookies),
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
        (status = 204, description = "A prefetch: nobody is signed out"),
        (status = 303, description = "To the issuer's sign-out; without a session to `/signed-out`"),
        (status = 403, description = "Not from a page of this site: the page asks for confirmation"),
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
        Caller::Nobody => Redirect::to(&client.config().paths.signed_out).into_response(),
        Caller::Unknown(error) => error.into_response(),
    }
}

/// Sign out
///
/// Ends the session here and at the issuer.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = LOGOUT, tag = "sign-in",
    responses(
        (status = 204, description = "A prefetch: nobody is signed out"),
        (status = 303, description = "To the issuer's sign-out; without a session to `/signed-out`"),
        (status = 403, description = "Another site sent the request"),
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

async fn end(client: &Client, headers: &HeaderMap, address: Option<IpAddr>) -> Response {
    let cookies = Cookies::of(client);
    let browser = cookies.of_browser(headers);
    if browser.session == SessionCookie::Absent && browser.pending.is_empty() {
        return Redirect::to(&client.config().paths.signed_out).into_response();
    }
    match client.sign_out(browser, address).await {
        Ok(signed_out) => {
            let location = signed_out.location.as_ref().map_or(client.config().paths.signed_out.as_str(), Url::as_str);
            see_other(location, &cookies, &signed_out.cookies)
        }
        Err(error) => error.into_response(),
    }
}

fn ip_of(address: Option<Extension<ClientAddress>>) -> Option<IpAddr> {
    address.map(|Extension(ClientAddress(address))| address)
}

fn see_other(location: &str, cookies: &Cookies<'_>, changes: &[CookieChange]) -> Response {
    let mut response = Redirect::to(location).into_response();
    change_cookies(&mut response, cookies, changes);
    response
}

fn change_cookies(response: &mut Response, cookies: &Cookies<'_>, changes: &[CookieChange]) {
    for change in changes {
        cookies.apply(change, response.headers_mut());
    }
}

fn return_to(uri: &Uri, paths: &Paths) -> ReturnTo {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .filter(|(name, _)| name == RETURN_TO_PARAMETER)
        .last()
        .map_or_else(ReturnTo::home, |(_, value)| ReturnTo::parse(&value, paths))
}

/// Whether the browser says that the user went here from a page of this site, or entered the address (Fetch Metadata).
/// A request without these headers may come from anywhere.
fn is_own_navigation(headers: &HeaderMap) -> bool {
    let is_ours = headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "same-origin" || site == "none");
    let is_navigation = headers.get(SEC_FETCH_MODE).is_some_and(|mode| mode == "navigate");
    is_ours && is_navigation && !is_embedded(headers)
}

/// Whether the browser says that a frame, an image or a script of a page sent the request, and not a user who goes
/// somewhere (Fetch Metadata).
fn is_embedded(headers: &HeaderMap) -> bool {
    let is_in_frame = headers
        .get(SEC_FETCH_DEST)
        .is_some_and(|destination| ["iframe", "frame", "embed", "object"].iter().any(|frame| destination == frame));
    is_in_frame || headers.get(SEC_FETCH_MODE).is_some_and(|mode| mode != "navigate")
}

/// Nothing on these routes happens for a request that no user made: HEAD is refused with 405 (axum would take it for GET), and a
/// prefetch gets an empty response. Every response forbids caching and sends no referrer to other pages (its address may
/// hold a code).
async fn deliberate_requests_only(State(methods): State<&'static str>, request: Request, next: Next) -> Response {
    let is_prefetch = PREFETCH_MARKS
        .iter()
        .filter_map(|name| request.headers().get(*name)?.to_str().ok())
        .any(|purpose| purpose.to_ascii_lowercase().contains("prefetch"));
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
