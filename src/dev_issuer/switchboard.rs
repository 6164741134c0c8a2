//! The switchboard under `/dev/`: its handlers, its guard, and the access tokens that a test orders.

pub(crate) mod client_controls;
pub(crate) mod condition_controls;
pub(crate) mod controls;
pub(crate) mod delivery_controls;
pub(crate) mod guard;
pub(crate) mod observation_controls;
pub(crate) mod people_controls;
pub(crate) mod seed_controls;
pub(crate) mod token_mint;
