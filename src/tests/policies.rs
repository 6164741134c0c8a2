//! Who may what: policies in their four places, the sources of rights, and access tokens that programs bring.
//! How rules combine is tested in `auth::policy`.

mod account_api;
mod bearer;
mod costs;
mod login;
mod marks;
mod members;
mod rules;
mod unknown_keys;

use std::time::Duration;

use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use kinde_leptos::api::error::ApiError;
use kinde_leptos::app::{Allowances, Allowed, PageContext, Theme, document};
use kinde_leptos::auth::{self, Caller, Client, Policy, Session};
use kinde_leptos::dev_issuer::Shape;
use leptos::prelude::*;
use leptos::reactive::computed::ScopedFuture;
use secrecy::ExposeSecret;
use serde_json::json;

use crate::harness::{Browser, Site, client, person};

/// The audience of the API.
const API: &str = "https://app.example/api";

/// Where a policy decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Route,
    Function,
    Bearer,
    Part,
}

const PLACES: [Place; 4] = [Place::Route, Place::Function, Place::Bearer, Place::Part];

/// A site that takes access tokens, with one policy in four places: `/route` for pages and programs, `/function` as a
/// server function responds, `/part` with a part of a page.
async fn site_with(shape: Shape, policy: Policy) -> Site {
    let adapt = |config: &mut auth::Config| *config = config.clone().with_audiences([API]).with_api_audiences([API]);
    Site::start_with_routes(shape, adapt, |client| routes(client, policy)).await
}

async fn site(policy: Policy) -> Site {
    site_with(Shape::Kinde, policy).await
}

pub fn routes(client: &Client, policy: Policy) -> Router {
    let route = Router::new().route("/route", get(async || "allowed")).route_layer(auth::require(policy.clone()));
    let route = route.route_layer(from_fn_with_state(client.clone(), auth::require_login));
    let function = Router::new()
        .route("/function", get(as_function))
        .route_layer(from_fn_with_state(client.clone(), auth::require_login_json));
    let part = Router::new()
        .route("/part", get(with_part))
        .route_layer(from_fn_with_state(client.clone(), auth::require_login));
    route.merge(function.merge(part).with_state(policy))
}

/// Decides as a server function does: with the caller from Leptos' context.
async fn as_function(State(policy): State<Policy>, caller: Caller) -> Response {
    let owner = Owner::new();
    let function = owner.with(|| {
        provide_context(caller);
        ScopedFuture::new(async move {
            let caller = use_context::<Caller>().ok_or_else(ApiError::not_authenticated)?;
            caller.check(&policy).await.map_err(ApiError::from)
        })
    });
    match function.await {
        Ok(()) => Json("allowed").into_response(),
        Err(error) => (error.status_code(), Json(error)).into_response(),
    }
}

async fn with_part(State(policy): State<Policy>, caller: Caller) -> Response {
    let allowances = Allowances::new([("part".to_owned(), caller.check(&policy).await.is_ok())]);
    let context = PageContext {
        viewer: None,
        theme: Theme::System,
        notice: None,
        session_end: None,
        address: "/part".to_owned(),
        scripts: None,
        allowances,
    };
    let page = document(&context, "Part", || view! { <Allowed policy="part">"allowed"</Allowed> }.into_any());
    (StatusCode::OK, Html(page)).into_response()
}

impl Place {
    /// The status with which the policy is decided here; a hidden part counts as 403.
    async fn status(self, site: &Site, browser: &mut Browser, token: &str) -> u16 {
        match self {
            Self::Route => browser.get(&site.at("/route")).await.status,
            Self::Function => browser.get_json(&site.at("/function")).await.status,
            Self::Bearer => get_with(site, "/route", &[("authorization", &format!("Bearer {token}"))]).await.0,
            Self::Part => {
                let page = browser.get(&site.at("/part")).await;
                if page.body.contains("allowed") { 200 } else { 403 }
            }
        }
    }
}

/// A request of a program for JSON: status, headers, body.
async fn get_with(site: &Site, path: &str, headers: &[(&str, &str)]) -> (u16, http::HeaderMap, String) {
    let request = client().get(site.at(path)).header("accept", "application/json");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.headers().clone(), response.text().await.unwrap())
}

async fn with_token(site: &Site, path: &str, token: &str) -> (u16, http::HeaderMap, String) {
    get_with(site, path, &[("authorization", &format!("Bearer {token}"))]).await
}

/// The newest session of a person.
async fn session_of(site: &Site, key: &str) -> Session {
    let mut sessions = site.auth.sessions_of(&person(key).subject).await.unwrap();
    sessions.sort_by_key(Session::started_at);
    sessions.pop().unwrap()
}

/// The access token of a person who is signed in: one that the tenant's own endpoints accept.
async fn token_of(site: &Site, key: &str) -> String {
    let session = session_of(site, key).await;
    site.auth.tokens(&session).await.unwrap().unwrap().access_token.expose_secret().to_owned()
}

/// Access tokens that live for a minute, and refresh tokens that work once.
async fn shorten_lives(site: &Site) {
    site.tenant.settings(json!({"access_token_lifetime": 60, "refresh_overlap": 0})).await;
}

/// Moves the clocks of the app and of the tenant.
pub async fn pass(site: &Site, time: Duration) {
    site.advance(time);
    site.tenant.settings(json!({"clock_offset": site.seconds_ahead()})).await;
}

/// The access tokens of a person list no rights.
async fn without_claims(site: &Site, key: &str) {
    let claims = json!({"claims": {"permissions": null, "roles": null, "feature_flags": null}});
    site.tenant.change_person(key, claims).await;
}

/// How often the tenant was asked for a list of rights.
async fn asked_for(site: &Site, resource: &str) -> usize {
    site.tenant.requests_at(&format!("/account_api/v1/{resource}")).await
}
