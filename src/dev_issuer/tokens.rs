//! The claims of the tokens, and the response that carries the tokens.

pub(crate) mod access_token;
pub(crate) mod id_token;
pub(crate) mod token_response;
