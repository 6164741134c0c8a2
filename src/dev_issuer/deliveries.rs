//! What the tenant sends by itself: the events of Kinde's webhooks and, as a plain issuer, logout tokens.

pub(crate) mod event;
pub(crate) mod logout_token;
pub(crate) mod lost_access;
