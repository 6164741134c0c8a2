//! The people who can sign in at the tenant.

pub(crate) mod directory;
pub(crate) mod person;
pub(crate) mod seeded;
