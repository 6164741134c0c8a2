//! Kinde sign-in for Leptos and axum: a server-rendered app, its sign-in as a library, and an emulated Kinde tenant.
//!
//! An axum application gives [`auth`] its settings and a session store, and gets routes and a guard:
//!
//! ```no_run
//! use axum::{Router, middleware::from_fn_with_state, routing::get};
//! use kinde_leptos::auth::{self, Client, Config, CurrentUser};
//! use kinde_leptos::sessions::{self, Namespace, StoreUrl};
//!
//! async fn hello(user: CurrentUser) -> String {
//!     format!("Hello, {}", user.display_name())
//! }
//!
//! # async fn app() -> Result<Router, Box<dyn std::error::Error>> {
//! let store = StoreUrl::parse("sqlite:data/sessions.db")?;
//! let store = sessions::open(&store, &Namespace::default()).await?;
//! let site = "http://localhost:8000".parse()?;
//! let config = Config::new("https://example.kinde.com", "id", "secret", site);
//! let client = Client::new(config, store)?;
//! let app = Router::new()
//!     .route("/", get(hello))
//!     .route_layer(from_fn_with_state(client.clone(), auth::require_login))
//!     .merge(auth::router(client));
//! # Ok(app)
//! # }
//! ```
//!
//! | who reads | begins at |
//! | --- | --- |
//! | an axum project that wants sign-in | [`auth`]: routes, guard, policies; [`sessions`]: a store for them; the [recipe](recipes::plain_axum) |
//! | its tests | [`test_kit`]: a tenant inside the test, and people who sign in without a browser |
//! | who changes this app | the [recipes]; [`server`]: routes and layers; [`app`]: pages; [`api`]: server functions; [`policies`] |
//! | who runs it | the [guide], [`deployment`]; [`config`] has every setting |
//! | a developer in any language | [`any_language`]; [`dev_issuer`]: the emulated tenant itself |
//!
//! Which layer is built for which target stands in `src/lib.rs`. A layer imports from those below it alone: the
//! [code map](guide::code_map) draws them.
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `ssr`, by default | the whole program, with `auth`, `openapi`, `sqlite`, `redis` and `postgres` |
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
