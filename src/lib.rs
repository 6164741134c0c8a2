//! Sign-in with Kinde for Leptos and axum: a server-rendered app and, in `auth`, the part other projects reuse.
//! This file only says which layer is built for which target.
//!
//! | who reads | begins at |
//! | --- | --- |
//! | an axum project that wants sign-in | `auth`: routes, guard, policies; `sessions`: a store for them |
//! | its tests | `test_kit`: a tenant inside the test, and people who sign in without a browser |
//! | who changes this app | `server`: routes and layers; `app`: pages; `api`: server functions; `policies` |
//! | who runs it | `guide`, `deployment`; `config` has every setting |
//! | a developer in any language | `any_language`; `dev_issuer`: the emulated tenant itself |
//!
//! A layer imports from those below it alone: the README's code map draws them.
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `ssr`, by default | the whole program; it contains the next three rows |
//! | `auth` | sign-in, sessions and guard, without Leptos and without the environment |
//! | `openapi` | the OpenAPI description of the routes of `auth` |
//! | `sqlite`, `redis`, `postgres` | a session store each |
//! | `dev-issuer` | the emulated tenant and the test kit; debug builds with `ssr` have both |
//! | `otlp` | export of traces by OpenTelemetry's protocol |
//! | `hydrate` | the browser's side: the islands, for wasm |
//! | `mimalloc`, by default | the program's memory allocator |
//! | `prepared-files` | the files of a release inside the program; for `make release` |

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
#[cfg(all(doc, feature = "ssr"))]
pub mod guide;
#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub mod islands;
#[cfg(feature = "otlp")]
pub mod otlp;
#[cfg(all(feature = "ssr", not(feature = "otlp")))]
#[path = "otlp/absent.rs"]
pub mod otlp;
#[cfg(feature = "ssr")]
pub mod policies;
#[cfg(all(doc, not(doctest), feature = "ssr"))]
pub mod recipes;
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
