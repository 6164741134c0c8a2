//! Sign-in with Kinde for Leptos and axum: a server-rendered app and, in `auth`, the part other projects reuse.
//! This file only says which layer is built for which target.

pub mod paths;

#[cfg(all(doc, feature = "ssr"))]
pub mod accessibility;
#[cfg(all(doc, feature = "ssr"))]
pub mod any_language;
#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub mod api;
#[cfg(feature = "ssr")]
pub mod app;
#[cfg(feature = "ssr")]
pub mod assets;
#[cfg(feature = "auth")]
pub mod auth;
#[cfg(feature = "ssr")]
pub mod config;
#[cfg(all(doc, feature = "ssr"))]
pub mod deployment;
#[cfg(any(feature = "dev-issuer", all(feature = "ssr", debug_assertions)))]
pub mod dev_issuer;
#[cfg(all(feature = "ssr", any(debug_assertions, feature = "dev-issuer")))]
pub mod emulation;
#[cfg(all(feature = "ssr", not(any(debug_assertions, feature = "dev-issuer"))))]
#[path = "emulation/absent.rs"]
pub mod emulation;
#[cfg(all(feature = "ssr", any(test, fuzzing)))]
pub mod fuzzing;
#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub mod islands;
#[cfg(feature = "otlp")]
pub mod otlp;
#[cfg(all(feature = "ssr", not(feature = "otlp")))]
#[path = "otlp/absent.rs"]
pub mod otlp;
#[cfg(feature = "ssr")]
pub mod policies;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(any(feature = "sqlite", feature = "redis", feature = "postgres"))]
pub mod sessions;
#[cfg(any(feature = "dev-issuer", all(feature = "ssr", debug_assertions)))]
pub mod test_kit;
#[cfg(feature = "ssr")]
pub mod traces;

/// The start in the browser: prepares what islands need. The page's script then wakes each island by its name.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
    islands::mark_document();
}
