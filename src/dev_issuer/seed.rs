//! The seed: people, organizations, definitions, settings, invitations, webhooks and clients of machines with which a
//! tenant starts, as JSON from a file or over the switchboard, and the present state in the same form. The people of a
//! tenant without a seed are in `people::seeded`.

pub(crate) mod addition;
pub(crate) mod application;
mod definitions;
pub(crate) mod document;
pub(crate) mod file;
mod invitations;
mod machine_clients;
pub(crate) mod members;
mod organizations;
pub(crate) mod person;
