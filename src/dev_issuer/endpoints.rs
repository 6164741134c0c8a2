//! The protocol endpoints, one file for each, and client authentication.

pub(crate) mod account_api;
pub(crate) mod authorization;
pub(crate) mod client_authentication;
pub(crate) mod discovery;
pub(crate) mod introspection;
pub(crate) mod logout;
mod paging;
pub(crate) mod portal;
pub(crate) mod revocation;
pub(crate) mod team_invitation;
pub(crate) mod token;
pub(crate) mod user_profile;
