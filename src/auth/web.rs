//! The axum floor: turns requests into calls of `client`, and their results into responses. No other floor uses axum or
//! reads the headers of a request.

mod access_token;
mod client_address;
mod cookies;
mod guard;
mod identity;
mod negotiation;
mod response;
mod routes;
mod sign_out_return;

pub use client_address::{ClientAddress, ClientAddresses, TrustedProxies, find_client_address};
pub use guard::{CurrentSession, CurrentUser, MaybeUser, require_login, require_login_json};
pub use identity::{Caller, Identity, identify};
pub use negotiation::Wants;
#[cfg(feature = "openapi")]
pub use routes::openapi;
pub use routes::router;
