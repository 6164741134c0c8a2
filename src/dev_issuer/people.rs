//! The people who can sign in.

pub(crate) mod directory;
pub(crate) mod person;
pub(crate) mod seeded;
