//! An issuer that has nothing but a discovery document, for tests that need no tokens.

use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Starts an issuer. Its document has the members that `members` returns for its URL, in place of the usual ones or
/// beside them. Returns the URL. The issuer runs until the test ends.
pub async fn issuer_with_document(members: impl FnOnce(&str) -> Value) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
    });
    document.as_object_mut().unwrap().extend(members(&issuer).as_object().unwrap().clone());
    let router = Router::new().route("/.well-known/openid-configuration", get(async move || Json(document)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    issuer
}
