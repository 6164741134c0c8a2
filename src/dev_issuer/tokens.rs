//! The access token, the ID token, and the token response that carries them.

pub(crate) mod access_token;
pub(crate) mod id_token;
pub(crate) mod occasion;
pub(crate) mod order;
pub(crate) mod signature;
pub(crate) mod token_response;
