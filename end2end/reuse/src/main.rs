//! A page of notes for signed-in users: a small axum app that signs in by `kinde_leptos::auth`, with paths, cookies and
//! a start page of its own, that calls other APIs, on the user's behalf and as a machine, and that forgets users whom
//! Kinde has deleted.

mod machine;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::Html;
use axum::routing::get;
use kinde_leptos::auth::{
    self, AccessToken, Client, ClientAddresses, Config, CurrentUser, Paths, TrustedProxies, WebhookEvent, WebhookKind,
};
use kinde_leptos::sessions::{self, Namespace, StoreUrl};
use machine::Machine;
use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tower_http::csrf::CsrfLayer;
use url::Url;

/// All that this app stores of its users: how often each was here, by subject.
type Visits = Arc<Mutex<BTreeMap<String, u32>>>;

/// Another API, which takes the users' access tokens.
#[derive(Clone)]
struct Api {
    url: String,
    client: reqwest::Client,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let site = Url::parse(&setting("NOTES_URL")?)?;
    let store = sessions::open(&StoreUrl::parse(&setting("NOTES_STORE")?)?, &Namespace::default()).await?;
    let config =
        Config::new(setting("ISSUER")?, setting("NOTES_CLIENT_ID")?, setting("NOTES_CLIENT_SECRET")?, site.clone())
            .with_paths(Paths::below("/auth"))
            .with_cookie_prefix("notes");
    let client = Client::new(config, store)?;
    let (id, secret) = (setting("NEWS_CLIENT_ID")?, setting("NEWS_CLIENT_SECRET")?);
    let machine = Arc::new(Machine::new(&setting("ISSUER")?, id, secret, setting("NEWS_API")?)?);
    let api = Api { url: setting("NOTES_API")?, client: reqwest::Client::new() };
    let addresses = ClientAddresses::new(&client, TrustedProxies::default());
    let app = app(&client, api, machine)
        .layer(from_fn_with_state(addresses, auth::find_client_address))
        .into_make_service_with_connect_info::<SocketAddr>();
    let listener = TcpListener::bind(("127.0.0.1", site.port().ok_or("NOTES_URL has no port")?)).await?;
    println!("notes at {site}");
    axum::serve(listener, app).with_graceful_shutdown(async { drop(tokio::signal::ctrl_c().await) }).await?;
    // Sign-ins and sign-outs under way complete.
    client.finish().await;
    Ok(())
}

/// The routes, without what they need to know of the connection.
fn app(client: &Client, api: Api, machine: Arc<Machine>) -> Router {
    let visits = Visits::default();
    let forgetting = Arc::clone(&visits);
    Router::new()
        .route("/notes", get(notes).with_state(Arc::clone(&visits)))
        .route("/profile", get(profile).with_state(api))
        .route_layer(from_fn_with_state(client.clone(), auth::require_login))
        .route("/", get(start))
        .route("/news", get(news).with_state(machine))
        .route("/visits", get(count).with_state(visits))
        .merge(auth::router(client.clone()))
        .merge(auth::webhooks(client.clone(), move |event| forget(Arc::clone(&forgetting), event)))
        .layer(CsrfLayer::new())
}

async fn start() -> Html<&'static str> {
    Html(r#"<!DOCTYPE html><title>Notes</title><p><a href="/notes">Notes</a>"#)
}

async fn notes(State(visits): State<Visits>, user: CurrentUser) -> String {
    *visits.lock().await.entry(user.subject.clone()).or_default() += 1;
    format!("The notes of {}", user.display_name())
}

/// How many users were here, for everybody.
async fn count(State(visits): State<Visits>) -> String {
    visits.lock().await.len().to_string()
}

/// Forgets a user whom Kinde has deleted. Their sessions and their access have ended before this is called.
async fn forget(visits: Visits, event: WebhookEvent) -> Result<(), Infallible> {
    if let WebhookKind::UserDeleted(subject) = event.kind {
        visits.lock().await.remove(&subject);
    }
    Ok(())
}

async fn profile(State(api): State<Api>, token: AccessToken) -> Result<String, StatusCode> {
    let request = api.client.get(api.url).bearer_auth(token.secret.expose_secret());
    let response = request.send().await.and_then(|response| response.error_for_status());
    response.map_err(|_| StatusCode::BAD_GATEWAY)?.text().await.map_err(|_| StatusCode::BAD_GATEWAY)
}

/// News for everybody, which another API has only for this app.
async fn news(State(machine): State<Arc<Machine>>) -> Result<String, StatusCode> {
    machine.news().await.map_err(|_| StatusCode::BAD_GATEWAY)
}

fn setting(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("{name} is not set"))
}
