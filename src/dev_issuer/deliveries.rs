//! What the tenant sends by itself: the events of Kinde's webhooks and, as a plain issuer, logout tokens.

pub(crate) mod changed_person;
pub(crate) mod ended_session;
pub(crate) mod event;
pub(crate) mod logout_token;
pub(crate) mod lost_access;
pub(crate) mod order;
