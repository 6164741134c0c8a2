//! The people who can sign in at the tenant, and the invitations to their organizations.

pub(crate) mod changes;
pub(crate) mod description;
pub(crate) mod directory;
pub(crate) mod entitlement;
pub(crate) mod invitations;
pub(crate) mod organization_name;
pub(crate) mod person;
pub(crate) mod rights;
pub(crate) mod seeded;
