//! The layers around the routes.

pub(crate) mod date_layer;
pub(crate) mod fault_layer;
pub(crate) mod host_layer;
pub(crate) mod journal_layer;
pub(crate) mod log_layer;
pub(crate) mod origin_layer;
