//! The switchboard under `/dev/`: its handlers, its guard and the access tokens made to order.

pub(crate) mod controls;
pub(crate) mod guard;
pub(crate) mod token_mint;
