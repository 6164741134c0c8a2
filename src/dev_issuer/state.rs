//! The state of one running tenant.

pub(crate) mod clock_move;
pub(crate) mod delivery;
pub(crate) mod delivery_step;
pub(crate) mod events;
pub(crate) mod held_responses;
pub(crate) mod outbox;
pub(crate) mod request_log;
pub(crate) mod settings;
pub(crate) mod shared_journal;
pub(crate) mod state_guard;
pub(crate) mod tenant;
pub(crate) mod webhooks;
