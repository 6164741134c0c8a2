//! The faults: what each one does, their table, and which of them are on.

pub(crate) mod alteration;
pub(crate) mod disturbance;
pub(crate) mod failing_body;
pub(crate) mod fault;
pub(crate) mod fault_table;
pub(crate) mod forgery;
pub(crate) mod redirection;
pub(crate) mod switches;
