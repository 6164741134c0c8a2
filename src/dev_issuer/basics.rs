//! The modules that all others use: clock, random values, keys, connections, the client of requests to the app,
//! parameters, bearer tokens, senders, pages and redirects.

pub(crate) mod bearer_token;
pub(crate) mod clock;
pub(crate) mod connection;
pub(crate) mod digest;
pub(crate) mod outbound;
pub(crate) mod page;
pub(crate) mod parameters;
pub(crate) mod random;
pub(crate) mod redirect;
pub(crate) mod sender;
pub(crate) mod session_cookie;
pub(crate) mod signing;
