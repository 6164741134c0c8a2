//! Sign-in with Kinde, or any OpenID Connect issuer, for an axum application: the reusable part of this project.
//! It knows nothing of Leptos, of this app's pages, or of the environment: settings and a session store go in, routes
//! and a guard come out.
//!
//! Authorization code flow with PKCE S256, `state` and `nonce` for every attempt, ID tokens verified in full, sessions
//! on the server under an id that is new at every sign-in (OIDC Core 1.0, RFC 6749, RFC 7636, RFC 9207, RFC 9700).
//!
//! ```
//! use std::sync::Arc;
//!
//! use axum::{Router, middleware::from_fn_with_state, routing::get};
//! use kinde_leptos::auth::{self, Client, Config, CurrentUser, Store};
//!
//! async fn hello(user: CurrentUser) -> String {
//!     format!("Hello, {}", user.user().display_name())
//! }
//!
//! fn app(config: Config, store: Arc<dyn Store>) -> Result<Router, Box<dyn std::error::Error>> {
//!     let client = Client::new(config, store)?;
//!     Ok(Router::new()
//!         .route("/", get(hello))
//!         .route_layer(from_fn_with_state(client.clone(), auth::require_login))
//!         .merge(Router::from(auth::router(client))))
//! }
//! ```
//!
//! An [`Error`] is a response with a plain sentence, and a response extension from which an application can draw its
//! own page. Requests that change something need a CSRF layer in front (this app uses tower-http's).

mod authorization;
mod breaker;
mod cached;
mod callback_query;
mod callback_watch;
mod claims;
mod client;
mod config;
mod cookies;
mod error;
mod guard;
mod issuer;
mod negotiation;
mod outbound;
mod prompt_store;
mod random;
mod return_to;
mod routes;
mod sealing;
mod session;
mod store;
mod token;
mod user;

pub use breaker::Reachability;
pub use claims::{CLOCK_TOLERANCE_SECONDS, ClaimsError};
pub use client::{Client, Clock};
pub use config::{Config, DEFAULT_SCOPE, SessionLifetime};
pub use error::{Declined, Error};
pub use guard::{CurrentUser, require_login, require_login_json};
pub use negotiation::Wants;
pub use outbound::{OutboundError, is_loopback};
pub use return_to::{MAX_RETURN_TO_BYTES, ReturnTo};
pub use routes::router;
pub use sealing::{SealingKeyError, SealingKeys};
pub use session::{PENDING_LIFETIME, SignedIn};
pub use store::{ChangeObserver, Id, Record, Store};
pub use token::TokenSet;
pub use user::User;
