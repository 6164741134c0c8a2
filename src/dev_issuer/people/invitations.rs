//! The invitations to organizations. Each is for one e-mail address and is accepted once.
//!
//! Kinde documentation, "Invite users to an organization".

use std::collections::HashMap;

use super::person::Organization;
use crate::dev_issuer::basics::{clock::Seconds, random::Random};

/// An invitation that nobody accepted yet.
#[derive(Clone, Debug)]
pub(crate) struct Invitation {
    pub(crate) email: String,
    pub(crate) organization: Organization,
    pub(crate) given_name: Option<String>,
    pub(crate) family_name: Option<String>,
    /// The keys of the roles that the new member gets.
    pub(crate) roles: Vec<String>,
    /// None for an invitation of a seed.
    pub(crate) created_at: Option<Seconds>,
}

impl Invitation {
    /// Returns an invitation without names and roles.
    pub(crate) fn new(email: String, organization: Organization, created_at: Option<Seconds>) -> Self {
        Self { email, organization, given_name: None, family_name: None, roles: Vec::new(), created_at }
    }

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

    /// Removes an invitation that was accepted or revoked, and returns it.
    pub(crate) fn remove(&mut self, code: &str) -> Option<Invitation> {
        self.0.remove(code)
    }

    /// Returns all invitations in any order, to change them.
    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut Invitation> {
        self.0.values_mut()
    }

    /// Removes the invitations for which `keep` returns false.
    pub(crate) fn retain(&mut self, keep: impl Fn(&Invitation) -> bool) {
        self.0.retain(|_, invitation| keep(invitation));
    }
}
