//! The clients, the authorization request, the grants, the links to the portal and the errors of the requests.

pub(crate) mod api_error;
pub(crate) mod authorization_request;
pub(crate) mod grants;
pub(crate) mod machine_clients;
pub(crate) mod paths;
pub(crate) mod portal_links;
pub(crate) mod proof_key;
pub(crate) mod registered_client;
pub(crate) mod shape;
pub(crate) mod token_error;
