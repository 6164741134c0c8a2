//! The modules that all others use: clock, random values, keys, connections, parameters, bearer tokens, pages and
//! redirects.

pub(crate) mod bearer_token;
pub(crate) mod clock;
pub(crate) mod connection;
pub(crate) mod page;
pub(crate) mod parameters;
pub(crate) mod random;
pub(crate) mod redirect;
pub(crate) mod signing;
