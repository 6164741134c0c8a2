//! The policies of this application: what a caller must be or have for each thing that not everybody may do.
//!
//! What a policy can say is in [`auth::Policy`](crate::auth::Policy); routes, server functions and parts of pages name
//! the policies here.

use std::sync::LazyLock;

use crate::auth::Policy;

/// The name of [`INVITE_MEMBERS`], by which a part of a page asks for it.
pub const INVITE: &str = "invite members";

/// To see the members of the organization signed in to.
pub static READ_MEMBERS: LazyLock<Policy> = LazyLock::new(|| {
    Policy::all([Policy::permission("read:members"), Policy::any_organization()]).named("read members")
});

/// To invite members, by one of Kinde's own permissions.
pub static INVITE_MEMBERS: LazyLock<Policy> = LazyLock::new(|| Policy::permission("org:write:members").named(INVITE));
