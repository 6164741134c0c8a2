//! The people who can sign in at the tenant, their organizations, what they may have, and the invitations to them.

pub(crate) mod catalogue;
pub(crate) mod changes;
pub(crate) mod definition;
pub(crate) mod description;
pub(crate) mod directory;
pub(crate) mod entitlement;
pub(crate) mod feature_flag;
pub(crate) mod invitations;
pub(crate) mod organization_name;
pub(crate) mod organizations;
pub(crate) mod person;
pub(crate) mod property;
pub(crate) mod rights;
pub(crate) mod role;
pub(crate) mod seeded;
pub(crate) mod standing;
