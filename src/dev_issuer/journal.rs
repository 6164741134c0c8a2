//! The journal: every sign-in as a timeline, with what the app verified in it.

pub(crate) mod attempts;
pub(crate) mod entry;
pub(crate) mod observation;
pub(crate) mod shown;
pub(crate) mod step;
