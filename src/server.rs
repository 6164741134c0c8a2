//! The server: what handlers share, every group of routes, and the layers around them, as one service, [`App`].
//!
//! A request passes, from the network inwards:
//!
//! 1. what is counted and noted of it: [`Metrics`], the log and traces ([`Observation`]), an id;
//! 2. the headers of every response, such as the content security policy and `no-store`;
//! 3. who sends it: the client's address ([`TrustedProxies`]) and the user of its session, whose record is read once at
//!    most;
//! 4. the rendering of refusals, as a page or as JSON;
//! 5. the limits on its time and its head, the redirect to the name of `SITE_URL`, and the limits on requests that wait
//!    and on its body;
//! 6. the refusal of requests that change something and come from another site (CSRF);
//! 7. its route, with the guard and the rate limit where there is one.
//!
//! | group of routes | handlers in `src/server` |
//! | --- | --- |
//! | pages, and the same as JSON | `pages.rs`, `theme.rs` |
//! | server functions of [`api`](crate::api) | `functions.rs` |
//! | sign-in, webhooks | those of [`auth`] |
//! | health, the set-up page | `health.rs`, `setup.rs` |
//! | files, the API docs | `assets.rs`, `docs.rs` |
//!
//! What all handlers share is a field of [`AppState`]. Ports are opened and settings read in the program,
//! `src/main.rs`.

mod account;
mod assets;
mod audience;
mod canonical_host;
mod cures;
mod diagnosis;
mod docs;
mod drain;
mod functions;
mod headers;
mod health;
mod island_files;
mod limits;
mod listen;
pub mod metrics;
mod observation;
mod openapi;
mod page;
mod pages;
mod problem;
mod problem_body;
mod problem_words;
mod rate_limit;
mod refusals;
mod request_id;
mod route_templates;
mod setup;
mod theme;
mod trace_headers;
mod waiting;

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tower::{Layer, Service, ServiceExt};
use tower_http::csrf::{Csrf, CsrfLayer, ProtectionError};
use tracing::{Instrument, Span};
use utoipa_axum::router::OpenApiRouter;

use crate::app::Notice;
use crate::auth::{self, ClientAddresses, TrustedProxies};
use crate::otlp;
use crate::paths::DOCS;
use crate::traces::TraceContext;

pub use assets::carried_files;
use audience::Audience;
use canonical_host::CanonicalHost;
pub use diagnosis::{SignInFacts, StartFacts, diagnose, sign_in_obstacles};
pub use drain::Drain;
use headers::SecurityHeaders;
pub use island_files::IslandFiles;
pub use listen::{BindError, Listeners, raise_descriptor_limit};
pub use metrics::Metrics;
use metrics::RequestMetrics;
use observation::Observed;
pub use observation::{ACCESS_TARGET, Observation};
use problem::Problem;
use problem_body::Refused;
pub use rate_limit::RateLimit;
use refusals::Refusals;
pub use request_id::REQUEST_TARGET;
use request_id::RequestId;
use route_templates::RouteTemplates;
pub use trace_headers::trace_headers;
use waiting::{MOST_WAITING, Waiting};

/// The application as a service: its routes, and the layers around them. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Layers>);

struct Layers {
    routes: Csrf<Router, RefuseOtherSite>,
    state: AppState,
    addresses: ClientAddresses,
    host: CanonicalHost,
    headers: SecurityHeaders,
    refusals: Refusals,
    waiting: Waiting,
    metrics: Option<RequestMetrics>,
    /// For what is counted and noted of requests; `None` when nothing is.
    templates: Option<RouteTemplates>,
}

type RefuseOtherSite = fn(ProtectionError) -> Response;

/// The state that handlers and layers share. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// Sign-in and sessions.
    pub auth: auth::Client,
    /// What stands at the top of every page: the emulated tenant's warning.
    pub notice: Option<Notice>,
    /// The limit on sign-in requests of one address, where addresses tell clients apart
    /// ([`TrustedProxies::may_hide_clients`]); `None` is no limit.
    pub rate_limit: Option<RateLimit>,
    /// The proxies whose `X-Forwarded-For` and `traceparent` are believed.
    pub trusted_proxies: TrustedProxies,
    /// Whether the process is ending; the same that its [`Listeners`] serve with.
    pub drain: Drain,
    /// What the set-up page says of the settings.
    pub start_facts: Arc<StartFacts>,
    /// What is noted of each request.
    pub observation: Observation,
    /// The islands' code; without it pages are whole and have no script.
    pub island_files: Option<IslandFiles>,
    /// What is counted of requests; without it nothing is.
    pub metrics: Option<Metrics>,
}

impl AppState {
    /// The state of a site with nothing but sign-in: no notice, no limit, nothing that is noted or counted, no islands.
    pub fn new(auth: auth::Client) -> Self {
        Self {
            auth,
            notice: None,
            rate_limit: None,
            trusted_proxies: TrustedProxies::default(),
            drain: Drain::default(),
            start_facts: Arc::default(),
            observation: Observation::default(),
            island_files: None,
            metrics: None,
        }
    }
}

impl App {
    /// The whole application.
    ///
    /// # Panics
    /// When a group has a path that `audience` lists under another one: a mistake in the program, found by the first
    /// test that starts it.
    pub fn new(state: AppState) -> Self {
        let (routes, templates) = routes(&state);
        let is_observed = state.metrics.is_some() || state.observation.is_on();
        let templates = is_observed.then(|| RouteTemplates::new(templates));
        let metrics = state.metrics.as_ref().zip(templates.as_ref());
        Self(Arc::new(Layers {
            routes: csrf_layer(&state).layer(routes),
            addresses: ClientAddresses::new(&state.auth, state.trusted_proxies.clone()),
            host: CanonicalHost::new(&state.auth.config().site_url),
            headers: SecurityHeaders::new(&state.auth),
            refusals: Refusals::logged(),
            waiting: Waiting::new(MOST_WAITING),
            metrics: metrics.map(|(metrics, templates)| RequestMetrics::new(metrics, templates)),
            templates,
            state,
        }))
    }
}

impl Service<Request> for App {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        Box::pin(Arc::clone(&self.0).respond(request).map(Ok))
    }
}

/// What every request passes, from the network inwards, as plain calls: as a layer of its own each would box and clone all
/// layers inside it for every request. The refusals of a layer (400, 403, 413, 414, 431, 500, 503) get their body from
/// `problem_body` and all headers, because both stand further out.
impl Layers {
    async fn respond(self: Arc<Self>, request: Request) -> Response {
        let route = self.templates.as_ref().and_then(|templates| templates.find(request.uri().path()));
        let under_way = self.metrics.as_ref().map(|metrics| metrics.begin(request.method(), route));
        let (id, audience) = (RequestId::random(), Audience::of(request.uri().path()));
        let trace = TraceContext::of(&request, &self.state.trusted_proxies);
        let span = id.span(&request, trace.as_ref());
        let begin = || Box::new(self.state.observation.begin(&id, &request, &span, trace.as_ref(), route));
        let observed = self.state.observation.is_on().then(begin);
        let exported = observed.as_deref().map_or_else(Span::none, Observed::span);
        if let Some(trace) = trace {
            trace.keep(&span);
        }
        let respond = async {
            // A panic here is one while the page of a problem is rendered.
            let mut response = or_bug(self.respond_with_problems(id.clone(), audience, request)).await;
            self.headers.add(audience, &mut response);
            id.finish(&mut response);
            match observed {
                Some(observed) => observed.finish(response),
                None => response,
            }
        };
        let response = otlp::within(exported, respond).instrument(span).await;
        if let Some(under_way) = under_way {
            under_way.end(response.status());
        }
        response
    }

    async fn respond_with_problems(&self, id: RequestId, audience: Audience, mut request: Request) -> Response {
        self.addresses.find(&mut request);
        auth::Identity::in_request(&self.state.auth, &mut request);
        let refused = Refused::of(id, &request);
        let response = or_bug(limits::in_time(self.respond_within_limits(audience, request))).await;
        refused.rendered(response, &self.state, &self.refusals).await
    }

    async fn respond_within_limits(&self, audience: Audience, request: Request) -> Response {
        let paths = &self.state.auth.config().paths;
        if let Some(problem) = limits::problem_of_head(&request, paths) {
            return problem.into_response();
        }
        if let Some(redirect) = self.host.redirect(&request) {
            return redirect.into_response();
        }
        let Some(_place) = self.waiting.place_for(audience, &request) else {
            return Problem::Busy.into_response();
        };
        let Ok(response) = self.routes.clone().oneshot(limits::with_limited_body(request, paths)).await;
        response
    }
}

/// Turns a panic into a 500. (As an async function it would take twice the room of what it waits for.)
fn or_bug(respond: impl Future<Output = Response>) -> impl Future<Output = Response> {
    AssertUnwindSafe(respond).catch_unwind().map(|response| response.unwrap_or_else(problem::of_panic))
}

/// All routes, and their templates.
fn routes(state: &AppState) -> (Router, Vec<String>) {
    let pages = pages::protected(&state.auth).merge(pages::public(&state.auth)).merge(theme::router());
    let limiter = limiter(state);
    let groups = [
        (Audience::Browsers, pages.with_state(state.clone())),
        (Audience::Programs, functions::router(&state.auth).with_state(state.clone())),
        (Audience::Programs, limited(webhooks(state), limiter.as_ref())),
        (Audience::Issuer, limited(sign_in(state), limiter.as_ref())),
        (Audience::Operators, health::router(state)),
        (Audience::Operators, setup::router(state)),
    ];
    let mut all = OpenApiRouter::with_openapi(openapi::introduction());
    for (audience, group) in groups {
        let paths = &group.get_openapi().paths.paths;
        assert!(paths.keys().all(|path| Audience::of(path) == audience), "{audience:?} has a path of another audience");
        all = all.merge(group);
    }
    let (routes, mut document) = all.split_for_parts();
    let mut templates: Vec<String> = document.paths.paths.keys().cloned().collect();
    openapi::complete(&mut document, &state.auth.config().paths);
    let islands = state.island_files.iter().flat_map(IslandFiles::both);
    let files: Vec<_> = assets::in_every_build().chain(islands).chain([openapi::file(&document)]).collect();
    templates.extend(files.iter().map(assets::template));
    templates.push(DOCS.to_owned());
    let routes = routes.merge(assets::router(files)).merge(docs::router(state, document)).fallback(problem::not_found);
    (routes.method_not_allowed_fallback(problem::wrong_method), templates)
}

fn sign_in(state: &AppState) -> OpenApiRouter {
    let described = OpenApiRouter::with_openapi(auth::openapi(&state.auth.config().paths));
    described.merge(OpenApiRouter::from(auth::router(state.auth.clone())))
}

/// Kinde's events. This app has no part of its own in them: it keeps nothing of a user but sessions.
fn webhooks(state: &AppState) -> OpenApiRouter {
    let described = OpenApiRouter::with_openapi(auth::webhooks_openapi(&state.auth.config().paths));
    described.merge(OpenApiRouter::from(auth::webhooks(state.auth.clone(), auth::ignore_event)))
}

/// The limit on requests of one address, where it applies.
fn limiter(state: &AppState) -> Option<rate_limit::Limiter> {
    let auth::Config { site_url, paths, .. } = state.auth.config();
    // Where addresses may be hidden, one client would use up the limit of all.
    let limit = state.rate_limit.filter(|_| !state.trusted_proxies.may_hide_clients(site_url))?;
    Some(rate_limit::Limiter::new(limit, state.trusted_proxies.clone(), paths.clone(), state.metrics.as_ref()))
}

fn limited(routes: OpenApiRouter, limiter: Option<&rate_limit::Limiter>) -> OpenApiRouter {
    match limiter {
        Some(limiter) => routes.layer(from_fn_with_state(limiter.clone(), rate_limit::check)),
        None => routes,
    }
}

/// Refuses a request that would change something when the browser says that another site sent it (Fetch Metadata, else
/// `Origin` against `Host`). The site's own origin is named too, for proxies that rewrite `Host`. Programs send neither
/// header and pass.
fn csrf_layer(state: &AppState) -> CsrfLayer<RefuseOtherSite> {
    let own = state.auth.config().site_url.origin().ascii_serialization();
    let layer = CsrfLayer::new().add_trusted_origin(own).expect("an http or https origin is an origin");
    layer.with_rejection_response(|_| Problem::OtherSite.into_response())
}
