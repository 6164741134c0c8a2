//! The paths of the site, for routes, links and tests.
//!
//! Those of sign-in are in `auth::paths`; each server function has its own, `ServerFn::PATH`. Routes are mounted in
//! `server`.

/// The greeting.
pub const HOME: &str = "/";
/// The target of the item form.
pub const ITEMS: &str = "/items";
/// One item, as axum and OpenAPI write it.
pub const ITEM: &str = "/items/{item_id}";
/// The members of the user's organization.
pub const MEMBERS: &str = "/members";
/// Liveness of the process.
pub const HEALTH: &str = "/healthz";
/// Readiness of the process to be sent requests.
pub const READINESS: &str = "/readyz";
/// How the site is set up, and what is wrong with it: only on a developer's machine.
pub const SETUP: &str = "/setup";
/// The same as JSON.
pub const AUTH_HEALTH: &str = "/api/auth/health";
/// Metrics, at a listener of their own and nowhere else.
pub const METRICS: &str = "/metrics";
/// The API docs.
pub const DOCS: &str = "/docs";
/// The OpenAPI document.
pub const OPENAPI: &str = "/openapi.json";
/// The prefix of all server functions.
pub const API_PREFIX: &str = "/api/";
/// The target of the theme form.
pub const THEME: &str = "/theme";
/// The prefix of the files that pages load. Their names change with their content; `assets` has them.
pub const ASSETS: &str = "/assets/";
/// Where browsers look for an icon when a page, such as plain JSON, names none.
pub const FALLBACK_ICON: &str = "/favicon.ico";
/// The rules for crawlers.
pub const ROBOTS: &str = "/robots.txt";
