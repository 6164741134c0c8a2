//! Every path of the site but those of sign-in, which stand in `auth::paths`: links and routes use these names.
//! It mounts nothing; `server` does. Server functions name their own paths (`prefix` and `endpoint`).

/// The greeting.
pub const HOME: &str = "/";
/// The item form's target without JavaScript.
pub const ITEMS: &str = "/items";
/// One item, as axum and OpenAPI write it.
pub const ITEM: &str = "/items/{item_id}";
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
