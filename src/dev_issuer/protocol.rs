//! The client, its authorization request, its grants and the errors of its requests.

pub(crate) mod api_error;
pub(crate) mod authorization_request;
pub(crate) mod grants;
pub(crate) mod paths;
pub(crate) mod proof_key;
pub(crate) mod registered_client;
pub(crate) mod shape;
pub(crate) mod token_error;
