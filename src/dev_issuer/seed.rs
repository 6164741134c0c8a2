//! The seed: the people, settings, invitations and clients of machines with which a tenant starts, as JSON from a file or
//! over the switchboard, and the present state in the same form. The people of a tenant without a seed are in
//! `people::seeded`.

pub(crate) mod addition;
pub(crate) mod application;
pub(crate) mod document;
pub(crate) mod file;
pub(crate) mod members;
pub(crate) mod person;
