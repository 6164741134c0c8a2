//! The server: its state, every route and the order of the layers, on one screen.
//! It opens no port and reads no setting; `main` does. What a route does stands in the modules below.

mod assets;
mod browser_side;
mod canonical_host;
mod client_address;
mod drain;
mod functions;
mod headers;
mod health;
mod limits;
mod listen;
mod openapi;
mod pages;
mod problem;
mod rate_limit;
mod render;
mod request_id;
mod theme;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::auth;

pub use browser_side::BrowserSide;
use client_address::ClientAddresses;
pub use client_address::TrustedProxies;
pub use drain::Drain;
pub use listen::{BindError, Listeners};
pub use rate_limit::RateLimit;

/// What every handler may need. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// Sign-in and sessions.
    pub auth: auth::Client,
    /// A sentence for the top of every page; the emulated tenant's warning.
    pub notice: Option<&'static str>,
    /// The limit on sign-in requests of one address; none is no limit.
    pub rate_limit: Option<RateLimit>,
    /// Whose word on a client's address is believed.
    pub trusted_proxies: TrustedProxies,
    /// Whether the process is ending; the same that its [`Listeners`] serve with.
    pub drain: Drain,
    /// The islands' code; without it pages are whole and have no script.
    pub browser_side: Option<BrowserSide>,
}

/// The whole application.
///
/// # Panics
/// When Leptos draws a page that has no route here: a mistake in the program, found by the first test that starts it.
pub fn router(state: AppState) -> Router {
    let (routes, mut document) = routes(&state).split_for_parts();
    let (health, described) = health::router(&state).split_for_parts();
    document.merge(described);
    // Listing the pages also sets up Leptos' executor, without which nothing can be drawn.
    for page in leptos_axum::generate_route_list(App) {
        assert!(document.paths.paths.contains_key(page.path()), "{} has a page but no route", page.path());
    }
    let files = assets::router().merge(state.browser_side.as_ref().map(BrowserSide::router).unwrap_or_default());
    let routes = routes.merge(openapi::router(document)).merge(files);
    // Whoever watches a process knows it by another name than its visitors do.
    let redirected = from_fn_with_state(state.auth.config().site_url.clone(), canonical_host::redirect);
    layered(health.merge(routes.layer(redirected)), &state)
}

/// Every route that the OpenAPI document describes.
fn routes(state: &AppState) -> OpenApiRouter {
    OpenApiRouter::with_openapi(openapi::introduction())
        .merge(pages::protected(&state.auth))
        .merge(functions::router(&state.auth))
        .merge(pages::public())
        .merge(theme::router())
        .with_state(state.clone())
        .merge(sign_in(state))
}

fn sign_in(state: &AppState) -> OpenApiRouter {
    let routes = auth::router(state.auth.clone());
    let Some(limit) = state.rate_limit else { return routes };
    let limiter = rate_limit::Limiter::new(limit, state.trusted_proxies.clone());
    routes.layer(from_fn_with_state(limiter, rate_limit::check))
}

/// The layers, innermost first: a request passes them from the bottom up. What a layer answers by itself (400, 403,
/// 413, 414, 500, 503) is drawn by `problem` and gets all headers, because both stand further out. Panics are caught twice:
/// in a handler, and while drawing.
fn layered(routes: Router, state: &AppState) -> Router {
    routes
        .layer(csrf_layer(state))
        .layer(RequestBodyLimitLayer::new(limits::MAX_BODY_BYTES))
        .layer(from_fn(limits::refuse_unusable_urls))
        .layer(TimeoutLayer::with_status_code(limits::TIMEOUT_STATUS, limits::TIMEOUT))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(state.clone(), problem::draw))
        .layer(from_fn_with_state(state.auth.clone(), auth::identify))
        .layer(from_fn_with_state(ClientAddresses::of(state), client_address::note))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(headers::SecurityHeaders::new(&state.auth), headers::add))
        .layer(from_fn(request_id::assign))
}

/// Refuses what changes something when a browser says that another site asks (Fetch Metadata, else `Origin` against
/// `Host`). The site's own origin is named too, for proxies that rewrite `Host`. Programs send neither header and pass.
fn csrf_layer(state: &AppState) -> CsrfLayer {
    let own = state.auth.config().site_url.origin().ascii_serialization();
    CsrfLayer::new().add_trusted_origin(own).expect("an http or https origin is an origin")
}
