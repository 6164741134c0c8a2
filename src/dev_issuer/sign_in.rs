//! The sign-in page, the decision of the user, and the redirect to the callback.

pub(crate) mod callback;
pub(crate) mod decision;
pub(crate) mod page;
