//! The server: its state, every group of routes and the order of the layers, on one screen.
//! Handlers are in the modules below; ports are opened and settings read in `main`.

mod assets;
mod audience;
mod canonical_host;
mod drain;
mod functions;
mod headers;
mod health;
mod island_files;
mod limits;
mod listen;
mod openapi;
mod page;
mod pages;
mod problem;
mod problem_body;
mod problem_words;
mod rate_limit;
mod refusals;
mod request_id;
mod theme;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};
use tower_http::limit::RequestBodyLimitLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::auth::{self, ClientAddresses, TrustedProxies};

use audience::Audience;
pub use drain::Drain;
pub use island_files::IslandFiles;
pub use listen::{BindError, Listeners, raise_descriptor_limit};
use problem::Problem;
pub use rate_limit::RateLimit;
use refusals::Refusals;

/// The state that handlers and layers share. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// Sign-in and sessions.
    pub auth: auth::Client,
    /// A sentence for the top of every page; the emulated tenant's warning.
    pub notice: Option<&'static str>,
    /// The limit on sign-in requests of one address, where addresses tell clients apart
    /// ([`TrustedProxies::may_hide_clients`]); `None` is no limit.
    pub rate_limit: Option<RateLimit>,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// Whether the process is ending; the same that its [`Listeners`] serve with.
    pub drain: Drain,
    /// The islands' code; without it pages are whole and have no script.
    pub island_files: Option<IslandFiles>,
}

/// The whole application.
///
/// # Panics
/// When a group has a path that `audience` lists under another one: a mistake in the program, found by the first test
/// that starts it.
pub fn router(state: AppState) -> Router {
    let pages = pages::protected(&state.auth).merge(pages::public(&state.auth)).merge(theme::router());
    let groups = [
        (Audience::Browsers, pages.with_state(state.clone())),
        (Audience::Programs, functions::router(&state.auth).with_state(state.clone())),
        (Audience::Issuer, sign_in(&state)),
        (Audience::Operators, health::router(&state)),
    ];
    let mut all = OpenApiRouter::with_openapi(openapi::introduction());
    for (audience, group) in groups {
        let paths = &group.get_openapi().paths.paths;
        assert!(paths.keys().all(|path| Audience::of(path) == audience), "{audience:?} has a path of another audience");
        all = all.merge(group);
    }
    let (routes, document) = all.split_for_parts();
    let routes = routes
        .merge(files(&state))
        .merge(openapi::router(document, &state.auth.config().paths))
        .fallback(problem::not_found);
    layered(routes.method_not_allowed_fallback(problem::wrong_method), &state)
}

/// The files that pages load.
fn files(state: &AppState) -> Router {
    assets::router().merge(state.island_files.as_ref().map(IslandFiles::router).unwrap_or_default())
}

fn sign_in(state: &AppState) -> OpenApiRouter {
    let auth::Config { site_url, paths, .. } = state.auth.config();
    let described = OpenApiRouter::with_openapi(auth::openapi(paths));
    let routes = described.merge(OpenApiRouter::from(auth::router(state.auth.clone())));
    let Some(limit) = state.rate_limit else { return routes };
    if state.trusted_proxies.may_hide_clients(site_url) {
        // One client would use up the limit of all.
        return routes;
    }
    let limiter = rate_limit::Limiter::new(limit, state.trusted_proxies.clone(), paths.clone());
    routes.layer(from_fn_with_state(limiter, rate_limit::check))
}

/// The layers, innermost first: a request passes them from the bottom up. The refusals of a layer (400, 403, 413, 414,
/// 431, 500, 503) get their body from `problem_body` and all headers, because both stand further out. Panics are caught
/// twice: in a handler, and while a problem's page is rendered.
fn layered(routes: Router, state: &AppState) -> Router {
    let site_url = state.auth.config().site_url.clone();
    let addresses = ClientAddresses::new(&state.auth, state.trusted_proxies.clone());
    routes
        .layer(from_fn_with_state(site_url, canonical_host::redirect))
        .layer(csrf_layer(state))
        .layer(RequestBodyLimitLayer::new(limits::MAX_BODY_BYTES))
        .layer(from_fn(limits::refuse_unusable_heads))
        .layer(from_fn(limits::time_out))
        .layer(CatchPanicLayer::custom(problem::of_panic))
        .layer(from_fn_with_state((state.clone(), Refusals::logged()), problem_body::render))
        .layer(from_fn_with_state(state.auth.clone(), auth::identify))
        .layer(from_fn_with_state(addresses, auth::find_client_address))
        .layer(CatchPanicLayer::custom(problem::of_panic))
        .layer(from_fn_with_state(headers::SecurityHeaders::new(&state.auth), headers::add))
        .layer(from_fn(request_id::assign))
}

/// Refuses a request that would change something when the browser says that another site sent it (Fetch Metadata, else
/// `Origin` against `Host`). The site's own origin is named too, for proxies that rewrite `Host`. Programs send neither
/// header and pass.
fn csrf_layer(state: &AppState) -> CsrfLayer<fn(ProtectionError) -> Response> {
    let own = state.auth.config().site_url.origin().ascii_serialization();
    let layer = CsrfLayer::new().add_trusted_origin(own).expect("an http or https origin is an origin");
    layer.with_rejection_response(|_| Problem::OtherSite.into_response())
}
