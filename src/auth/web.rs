//! The axum floor: turns requests into calls of `client`, and their results into responses. No other floor uses axum or
//! reads the headers of a request.

mod access_token;
mod account;
mod backchannel_logout;
mod bearer;
mod begin;
mod client_address;
mod cookies;
mod device;
mod fetch_metadata;
mod guard;
mod identity;
mod invitation;
mod issuers_request;
mod language;
mod negotiation;
mod portal;
mod require;
mod response;
mod routes;
mod session_time;
mod sign_out_return;
mod speculation;
mod user_sessions;
mod webhooks;

pub use account::Account;
pub use client_address::{ClientAddress, ClientAddresses, TrustedProxies, find_client_address};
#[cfg(any(test, fuzzing))]
pub(super) use cookies::Cookies;
pub use guard::{CurrentUser, MaybeUser, require_login, require_login_json};
pub use identity::{Caller, CurrentSession, CurrentToken, Identity, identify};
pub use invitation::follow_invitations;
pub use negotiation::Wants;
pub use require::{Require, require};
#[cfg(feature = "openapi")]
pub use routes::openapi;
pub use routes::router;
pub use speculation::refuse_speculation;
#[cfg(feature = "openapi")]
pub use webhooks::webhooks_openapi;
pub use webhooks::{MAX_WEBHOOK_BYTES, ignore_event, webhooks};
