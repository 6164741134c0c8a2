//! Every route of the site, so that tests of all responses need no list of their own.

use kinde_leptos::api::greeting::ReadGreeting;
use kinde_leptos::api::item::ReadItem;
use kinde_leptos::auth::paths::AUTH_PREFIX;
use kinde_leptos::paths::{API_PREFIX, OPENAPI};
use kinde_leptos::server::carried_files;
use leptos::server_fn::ServerFn;
use leptos::server_fn::axum::server_fn_paths;
use serde_json::Value;

use super::{Browser, Site};

/// The server function of the greeting.
pub const GREETING_FUNCTION: &str = ReadGreeting::PATH;
/// The server function of items.
pub const ITEM_FUNCTION: &str = ReadItem::PATH;

/// The server functions that need a session and change nothing: a new one is put here, or on another list of
/// `route_protection`.
pub const READING_FUNCTIONS: &[&str] = &["/api/account", "/api/greeting", "/api/item", "/api/members"];

/// The paths of the files that the program contains.
pub fn files() -> Vec<String> {
    carried_files().iter().map(|file| file.path().to_owned()).collect()
}

/// The path of every server function in the registry, in alphabetical order.
pub fn functions() -> Vec<&'static str> {
    let mut paths: Vec<_> = server_fn_paths().map(|(path, _)| path).collect();
    paths.sort_unstable();
    assert!(paths.iter().all(|path| path.starts_with(API_PREFIX) && !path.starts_with(AUTH_PREFIX)), "{paths:?}");
    paths
}

/// The path of every route in the OpenAPI document, with `420` for an item id.
pub async fn routes(site: &Site) -> Vec<String> {
    let document: Value = Browser::new().get_json(&site.at(OPENAPI)).await.json();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() > functions().len(), "{document}");
    paths.keys().map(|path| path.replace("{item_id}", "420")).collect()
}
