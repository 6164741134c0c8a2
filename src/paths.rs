//! Every path of the site, once: pages, sign-in routes and documents link and mount by these names.
//! It mounts nothing; `server` does. Server functions name their own paths (`prefix` and `endpoint`).

/// The greeting.
pub const HOME: &str = "/";
/// The item form's target without JavaScript.
pub const ITEMS: &str = "/items";
/// One item, as axum and OpenAPI write it.
pub const ITEM: &str = "/items/{item_id}";
/// Where people land after sign-out.
pub const SIGNED_OUT: &str = "/signed-out";
/// Whether the process lives.
pub const HEALTH: &str = "/healthz";
/// Whether requests should be sent to the process.
pub const READINESS: &str = "/readyz";
/// Swagger UI.
pub const DOCS: &str = "/docs";
/// The OpenAPI document.
pub const OPENAPI: &str = "/openapi.json";
/// What all server functions begin with.
pub const API_PREFIX: &str = "/api/";
/// What all sign-in routes begin with.
pub const AUTH_PREFIX: &str = "/api/auth/";
/// Begins a sign-in.
pub const LOGIN: &str = "/api/auth/login";
/// Begins a sign-in at the issuer's screen for new accounts.
pub const REGISTER: &str = "/api/auth/register";
/// Where the issuer sends the browser back to; the name is Kinde's.
pub const CALLBACK: &str = "/api/auth/kinde_callback";
/// Ends the session.
pub const LOGOUT: &str = "/api/auth/logout";
/// The parameter of [`LOGIN`] and [`REGISTER`] that says where to go afterwards; the name is Kinde's.
pub const RETURN_TO_PARAMETER: &str = "post_login_redirect_url";
/// Where the theme switch sends its form.
pub const THEME: &str = "/theme";
/// The browser side's loader.
pub const BROWSER_SCRIPT: &str = "/pkg/kinde-leptos.js";
/// The browser side itself.
pub const BROWSER_WASM: &str = "/pkg/kinde-leptos.wasm";
/// The style sheet.
pub const STYLE_SHEET: &str = "/pkg/kinde-leptos.css";
/// The icon.
pub const ICON: &str = "/favicon.svg";
/// Where browsers look for an icon when a page, such as plain JSON, names none.
pub const FALLBACK_ICON: &str = "/favicon.ico";
/// What robots may visit.
pub const ROBOTS: &str = "/robots.txt";

/// Whether a path belongs to a server function, which always speaks JSON.
pub fn is_server_function(path: &str) -> bool {
    path.starts_with(API_PREFIX) && !path.starts_with(AUTH_PREFIX)
}
