//! The invitations to organizations. Each is for one e-mail address and is accepted once.
//!
//! Kinde documentation, "Invite users to an organization".

use std::collections::HashMap;

use super::person::Organization;
use crate::dev_issuer::basics::random::Random;

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
#[derive(Clone, Default)]
pub(crate) struct Invitations(HashMap<String, Invitation>);

impl Invitations {
    /// Records an invitation and returns its code.
    pub(crate) fn create(&mut self, invitation: Invitation, random: &Random) -> String {
        let code = format!("inv_{}", random.hexadecimal(16));
        self.0.insert(code.clone(), invitation);
        code
    }

    /// Records an invitation of a seed, under this code or a new one.
    pub(crate) fn add(&mut self, code: Option<String>, invitation: Invitation, random: &Random) {
        match code {
            Some(code) => drop(self.0.insert(code, invitation)),
            None => drop(self.create(invitation, random)),
        }
    }

    /// Returns all invitations with their codes, in any order.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Invitation)> {
        self.0.iter().map(|(code, invitation)| (code.as_str(), invitation))
    }

    pub(crate) fn find(&self, code: &str) -> Option<&Invitation> {
        self.0.get(code)
    }

    /// Removes an invitation that was accepted.
    pub(crate) fn remove(&mut self, code: &str) {
        self.0.remove(code);
    }
}
