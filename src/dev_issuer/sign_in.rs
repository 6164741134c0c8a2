//! The sign-in page, the decision of the user, the acceptance of invitations, and the redirect to the callback.

pub(crate) mod callback;
pub(crate) mod decision;
pub(crate) mod invitation;
pub(crate) mod page;
