//! The permissions and roles of a person in one organization.
//!
//! Kinde documentation, "Assign roles and permissions to users": a user has them in an organization.

use serde::{Deserialize, Serialize};

/// What a person may do in one organization. An absent list is the person's list for all organizations.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrganizationRights {
    /// The keys of the permissions in this organization.
    pub permissions: Option<Vec<String>>,
    /// The keys of the roles in this organization.
    pub roles: Option<Vec<String>>,
}
