//! A page of notes for signed-in users: a small axum app that signs in by `kinde_leptos::auth`, with paths, cookies and
//! a start page of its own.

use std::error::Error;
use std::net::SocketAddr;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::Html;
use axum::routing::get;
use kinde_leptos::auth::{self, Client, ClientAddresses, Config, CurrentUser, Paths, TrustedProxies};
use kinde_leptos::sessions::{self, Namespace, StoreUrl};
use tokio::net::TcpListener;
use tower_http::csrf::CsrfLayer;
use url::Url;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let site = Url::parse(&setting("NOTES_URL")?)?;
    let store = sessions::open(&StoreUrl::parse(&setting("NOTES_STORE")?)?, &Namespace::default()).await?;
    let config = Config::new(setting("ISSUER")?, setting("NOTES_CLIENT_ID")?, setting("NOTES_CLIENT_SECRET")?, site.clone())
        .with_paths(Paths::below("/auth"))
        .with_cookie_prefix("notes");
    let client = Client::new(config, store)?;
    let addresses = ClientAddresses::new(&client, TrustedProxies::default());
    let app = Router::new()
        .route("/notes", get(notes))
        .route_layer(from_fn_with_state(client.clone(), auth::require_login))
        .route("/", get(start))
        .merge(auth::router(client.clone()))
        .layer(CsrfLayer::new())
        .layer(from_fn_with_state(addresses, auth::find_client_address))
        .into_make_service_with_connect_info::<SocketAddr>();
    let listener = TcpListener::bind(("127.0.0.1", site.port().ok_or("NOTES_URL has no port")?)).await?;
    println!("notes at {site}");
    axum::serve(listener, app).with_graceful_shutdown(async { drop(tokio::signal::ctrl_c().await) }).await?;
    // Sign-ins and sign-outs under way complete.
    client.finish().await;
    Ok(())
}

async fn start() -> Html<&'static str> {
    Html(r#"<!DOCTYPE html><title>Notes</title><p><a href="/notes">Notes</a>"#)
}

async fn notes(user: CurrentUser) -> String {
    format!("The notes of {}", user.display_name())
}

fn setting(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("{name} is not set"))
}
