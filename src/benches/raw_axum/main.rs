//! The least that an axum program does for a request: a page that is a constant, and a small JSON. It prints its address.

use axum::response::Html;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

const PAGE: &str = "<!DOCTYPE html><html lang=\"en\"><title>Page</title><h1>Hello, Ada Lovelace</h1></html>";

#[derive(Serialize)]
struct Greeting {
    info: &'static str,
    user_info: &'static str,
}

async fn greeting() -> Json<Greeting> {
    Json(Greeting { info: "Route protected with Kinde", user_info: "Ada Lovelace" })
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let routes = Router::new().route("/page", get(async || Html(PAGE))).route("/json", get(greeting));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, routes).await
}
