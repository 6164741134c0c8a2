//! The faults: their effects, their table, and the switches that turn them on.

pub(crate) mod alteration;
pub(crate) mod conditions;
pub(crate) mod delivery_fault;
pub(crate) mod disturbance;
pub(crate) mod failing_body;
pub(crate) mod fault;
pub(crate) mod fault_table;
pub(crate) mod forgery;
pub(crate) mod redirection;
pub(crate) mod right_answers;
pub(crate) mod switches;
pub(crate) mod uses;
