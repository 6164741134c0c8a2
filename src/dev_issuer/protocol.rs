//! The terms of OAuth that need no tenant: the client, its authorization request, its grants and its errors.

pub(crate) mod authorization_request;
pub(crate) mod client;
pub(crate) mod grants;
pub(crate) mod proof_key;
pub(crate) mod token_error;
