//! The tenant's state in a file, which outlives the process.

pub(crate) mod document;
pub(crate) mod file;
pub(crate) mod keeper;
