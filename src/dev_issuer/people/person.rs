//! A person who can sign in, with the organizations, permissions, roles, feature flags and properties that tokens
//! report, and the entitlements that only the account API reports. The list of people is in `seeded` and `directory`.
//!
//! Kinde documentation, "About ID tokens" and "About access tokens" (names may be missing, `picture` may be null, flags
//! have the types b, s, i and j).

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use super::{
    entitlement::{self, Entitlements},
    rights::OrganizationRights,
};
use crate::dev_issuer::basics::{clock::Seconds, random::hexadecimal};

/// An organization that a person belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Kinde's code, `org_` and 12 hexadecimal digits.
    pub code: String,
    /// The name that users see.
    pub name: String,
}

/// A person who can sign in at the emulated tenant.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// The short name with which the sign-in form and the switchboard select this person.
    pub key: String,
    /// The special property of this person, which the sign-in page shows.
    pub about: String,
    /// The subject, `kp_` and 32 hexadecimal digits.
    pub subject: String,
    /// The given name, if the person has one.
    pub given_name: Option<String>,
    /// The family name, if the person has one.
    pub family_name: Option<String>,
    /// The e-mail address.
    pub email: String,
    /// The user name, if the person has one.
    pub username: Option<String>,
    /// The telephone number, if the person has one.
    pub phone: Option<String>,
    /// The address of the person's picture, if there is one.
    pub picture: Option<String>,
    /// The id of the person in another system, if there is one.
    pub provided_id: Option<String>,
    /// Whether the ID token contains the names and the e-mail address. If not, only the user profile contains them.
    pub known_to_id_token: bool,
    /// The organizations. The first one is the default. Without one, a person cannot sign in.
    pub organizations: Vec<Organization>,
    /// The keys of the person's permissions, in each organization that has no list of its own.
    pub permissions: Vec<String>,
    /// The keys of the person's roles, in each organization that has no list of its own.
    pub roles: Vec<String>,
    /// The permissions and roles that differ in one organization, by the code of the organization.
    pub organization_rights: BTreeMap<String, OrganizationRights>,
    /// The feature flags in the format of the access token: `{"key":{"t":"b","v":true}}`.
    pub feature_flags: Value,
    /// What the person is entitled to, by the key of the feature. Only the account API has it.
    pub entitlements: Entitlements,
    /// Claims that replace those of the access token. The value null removes a claim.
    pub claims: Map<String, Value>,
    /// Claims that replace those of the ID token. The value null removes a claim.
    pub id_token_claims: Map<String, Value>,
    /// The properties of the person in the format of the tokens: `{"key":{"v":…}}`.
    pub user_properties: Option<Map<String, Value>>,
    /// The properties of the organization in the same format.
    pub organization_properties: Option<Map<String, Value>>,
    /// The properties of the application in the same format. Only access tokens have them.
    pub application_properties: Option<Map<String, Value>>,
    /// Whether the person may not sign in.
    pub suspended: bool,
    /// Whether a session outlives the browser: the claim `ksp` of the access token. Kinde leaves it out by default.
    pub persistent: Option<bool>,
    /// What the person did at the tenant so far.
    pub(crate) activity: Activity,
}

/// What a person did at the tenant. A seed knows nothing of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Activity {
    /// None for a person of a seed.
    pub(crate) created_at: Option<Seconds>,
    pub(crate) sign_ins: u32,
    pub(crate) last_signed_in_at: Option<Seconds>,
}

impl Person {
    /// Returns a person with the values that most people have.
    pub(crate) fn new(key: &str, about: &str, names: (Option<&str>, Option<&str>)) -> Self {
        Self {
            key: key.to_owned(),
            about: about.to_owned(),
            subject: format!("kp_{}", artificial_digits(key, 16)),
            given_name: names.0.map(str::to_owned),
            family_name: names.1.map(str::to_owned),
            email: format!("{key}@example.com"),
            known_to_id_token: true,
            organizations: vec![organization("Analytical Engines")],
            permissions: ["read:items", "read:members"].map(str::to_owned).to_vec(),
            roles: Vec::new(),
            entitlements: entitlement::items(Some(100)),
            feature_flags: json!({"theme": {"t": "s", "v": "pink"}}),
            ..Self::default()
        }
    }

    /// Returns the given name and the family name, as far as they exist.
    pub fn full_name(&self) -> Option<String> {
        let names: Vec<_> = [&self.given_name, &self.family_name].into_iter().flatten().map(String::as_str).collect();
        (!names.is_empty()).then(|| names.join(" "))
    }

    /// Returns the codes of the person's organizations.
    pub(crate) fn organization_codes(&self) -> Vec<&str> {
        let codes = self.organizations.iter().map(|org| org.code.as_str());
        codes.collect()
    }

    /// Returns the keys of the permissions in the organization with this code.
    pub fn permissions_in(&self, org_code: &str) -> &[String] {
        let own = self.organization_rights.get(org_code).and_then(|rights| rights.permissions.as_deref());
        own.unwrap_or(&self.permissions)
    }

    /// Returns the keys of the roles in the organization with this code.
    pub fn roles_in(&self, org_code: &str) -> &[String] {
        let own = self.organization_rights.get(org_code).and_then(|rights| rights.roles.as_deref());
        own.unwrap_or(&self.roles)
    }

    /// Returns the keys of all roles that the person has anywhere.
    pub(crate) fn all_roles(&self) -> impl Iterator<Item = &String> {
        let own = self.organization_rights.values().filter_map(|rights| rights.roles.as_ref());
        own.chain([&self.roles]).flatten()
    }

    /// Returns the keys of all permissions that the person has anywhere, without those of roles.
    pub(crate) fn all_permissions(&self) -> impl Iterator<Item = &String> {
        let own = self.organization_rights.values().filter_map(|rights| rights.permissions.as_ref());
        own.chain([&self.permissions]).flatten()
    }

    /// Returns every list of role keys, to change it.
    pub(crate) fn role_lists_mut(&mut self) -> impl Iterator<Item = &mut Vec<String>> {
        let own = self.organization_rights.values_mut().filter_map(|rights| rights.roles.as_mut());
        own.chain([&mut self.roles])
    }

    /// Returns every list of permission keys, to change it.
    pub(crate) fn permission_lists_mut(&mut self) -> impl Iterator<Item = &mut Vec<String>> {
        let own = self.organization_rights.values_mut().filter_map(|rights| rights.permissions.as_mut());
        own.chain([&mut self.permissions])
    }

    /// Makes the person a member of the organization with these rights there, whatever they have elsewhere.
    pub(crate) fn join(&mut self, organization: Organization, rights: OrganizationRights) {
        self.organization_rights.insert(organization.code.clone(), rights);
        if self.organization(Some(&organization.code)).is_none() {
            self.organizations.push(organization);
        }
    }

    /// Ends the membership in an organization. Returns whether there was one.
    pub(crate) fn leave(&mut self, org_code: &str) -> bool {
        let before = self.organizations.len();
        self.organizations.retain(|organization| organization.code != org_code);
        self.organization_rights.remove(org_code);
        self.organizations.len() < before
    }

    /// Returns the organization with this code, or the first organization if `code` is absent.
    pub fn organization(&self, code: Option<&str>) -> Option<&Organization> {
        match code {
            Some(code) => self.organizations.iter().find(|org| org.code == code),
            None => self.organizations.first(),
        }
    }
}

/// Returns an organization of that name. The name determines the code.
pub(crate) fn organization(name: &str) -> Organization {
    Organization { code: format!("org_{}", artificial_digits(name, 6)), name: name.to_owned() }
}

/// Returns `bytes` bytes as hexadecimal digits. The name determines them.
pub(crate) fn artificial_digits(name: &str, bytes: usize) -> String {
    hexadecimal(&digest(&SHA256, name.as_bytes()).as_ref()[..bytes])
}
