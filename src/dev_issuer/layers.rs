//! The layers around the protocol endpoints.

pub(crate) mod fault_layer;
pub(crate) mod log_layer;
