//! The invitations to organizations. Each is for one e-mail address and is accepted once.
//!
//! Kinde documentation, "Invite users to an organization".

use std::collections::HashMap;

use super::person::Organization;
use crate::dev_issuer::basics::random::random_hexadecimal;

/// An invitation that nobody accepted yet.
#[derive(Clone, Debug)]
pub(crate) struct Invitation {
    pub(crate) email: String,
    pub(crate) organization: Organization,
}

impl Invitation {
    /// Returns whether the invitation is for this e-mail address.
    pub(crate) fn is_for(&self, email: &str) -> bool {
        self.email.eq_ignore_ascii_case(email)
    }
}

/// The open invitations, by code.
#[derive(Default)]
pub(crate) struct Invitations(HashMap<String, Invitation>);

impl Invitations {
    /// Records an invitation and returns its code.
    pub(crate) fn create(&mut self, invitation: Invitation) -> String {
        let code = format!("inv_{}", random_hexadecimal(16));
        self.0.insert(code.clone(), invitation);
        code
    }

    pub(crate) fn find(&self, code: &str) -> Option<&Invitation> {
        self.0.get(code)
    }

    /// Removes an invitation that was accepted.
    pub(crate) fn remove(&mut self, code: &str) {
        self.0.remove(code);
    }
}
