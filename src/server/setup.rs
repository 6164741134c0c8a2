//! `/setup` and `/api/auth/health`: the diagnosis of the set-up, for a developer at the machine on which the site runs.
//! Another site's page cannot read it, because it is there under the site's own name only, and a site at a public
//! address has neither route.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{FromRequestParts, State};
use axum::response::Response;
use axum::{Extension, Json};
use http::header::HOST;
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderName, HeaderValue};
use tokio::sync::Mutex;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::diagnosis::{SignInFacts, diagnose};
use super::page::Wanted;
use super::problem::Problem;
use crate::api::diagnosis::Diagnosis;
use crate::api::error::ApiError;
use crate::app;
use crate::auth::is_loopback;
use crate::paths::{AUTH_HEALTH, SETUP};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Makes one diagnosis at a time for all requests, because each diagnosis sends requests to the issuer.
#[derive(Clone, Default)]
pub(super) struct Examiner(Arc<Mutex<Option<(Instant, Diagnosis)>>>);

impl Examiner {
    /// A diagnosis that began after this call. Requests that wait for their turn meanwhile share the next one.
    async fn diagnosis(&self, state: &AppState) -> Diagnosis {
        let asked = Instant::now();
        let mut last = self.0.lock().await;
        if let Some((begun, diagnosis)) = last.as_ref()
            && *begun >= asked
        {
            return diagnosis.clone();
        }
        let begun = Instant::now();
        let issuer = state.auth.examine_issuer().await;
        let sign_ins = SignInFacts {
            misses_callbacks: state.auth.misses_callbacks(),
            misses_refresh_tokens: state.auth.misses_refresh_tokens(),
        };
        let diagnosis = diagnose(state.auth.config(), &issuer, sign_ins, &state.start_facts);
        *last = Some((begun, diagnosis.clone()));
        diagnosis
    }
}

/// The routes of a site on a loopback address; none of any other.
pub(super) fn router(state: &AppState) -> OpenApiRouter {
    if !is_loopback(&state.auth.config().site_url) {
        return OpenApiRouter::new();
    }
    let routes = OpenApiRouter::new().routes(routes!(setup)).routes(routes!(auth_health));
    routes.layer(Extension(Examiner::default())).with_state(state.clone())
}

/// Set-up
///
/// How the site is set up, and what is wrong with it: a page, or JSON for `Accept: application/json`. Only on a
/// loopback address.
#[utoipa::path(
    get, path = SETUP, tag = "operations",
    responses(
        (status = 200, content((Diagnosis = "application/json"), (String = "text/html")), description = "The diagnosis"),
        (status = 404, description = "Under another name than the site's own, or requested by another site"),
    )
)]
async fn setup(_: OwnName, State(state): State<AppState>, examiner: Extension<Examiner>, wanted: Wanted) -> Response {
    wanted.respond(&examiner.diagnosis(&state).await, app::setup_page)
}

/// Health of sign-in
///
/// The same as `/setup`, always as JSON. The issuer is asked anew.
#[utoipa::path(
    get, path = AUTH_HEALTH, tag = "operations",
    responses(
        (status = 200, body = Diagnosis, description = "The diagnosis"),
        (status = 404, body = ApiError, description = "Under another name than the site's own, or requested by another site"),
    )
)]
async fn auth_health(_: OwnName, State(state): State<AppState>, examiner: Extension<Examiner>) -> Json<Diagnosis> {
    Json(examiner.diagnosis(&state).await)
}

/// A request to the site's own name, which no page of another site sent; any other is 404. So neither a name that an
/// attacker's DNS server leads here (DNS rebinding) nor a picture on another site causes a diagnosis.
struct OwnName;

impl FromRequestParts<AppState> for OwnName {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let header = || parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = parts.uri.authority().map(Authority::as_str).or_else(header).unwrap_or_default();
        let is_own = host.eq_ignore_ascii_case(state.auth.config().site_url.authority());
        let is_from_here = |site: &HeaderValue| site == "same-origin" || site == "none";
        let is_asked_for = parts.headers.get(SEC_FETCH_SITE).is_none_or(is_from_here);
        if is_own && is_asked_for { Ok(Self) } else { Err(Problem::NotFound) }
    }
}
