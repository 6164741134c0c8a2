//! The axum floor: requests become calls of `client`, and what it returns becomes responses.
//! The only floor that knows axum, headers and cookies as headers.

mod client_address;
mod cookies;
mod guard;
mod identity;
mod negotiation;
mod response;
mod routes;

pub use client_address::ClientAddress;
pub use guard::{CurrentSession, CurrentUser, require_login, require_login_json};
pub use identity::{Caller, Identity, identify};
pub use negotiation::Wants;
pub use routes::router;
