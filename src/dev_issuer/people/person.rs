//! A person who can sign in, with the organizations, permissions, roles and feature flags that tokens report.
//!
//! It leaves out who exists. Document: Kinde documentation, "About ID tokens" and "About access tokens" (names may be
//! missing, `picture` may be null, flags have the types b, s, i and j).

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::dev_issuer::basics::random::hexadecimal;

/// An organization that a person belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Kinde's code, `org_` and 12 hexadecimal digits.
    pub code: String,
    /// The name shown to people.
    pub name: String,
}

/// A person who can sign in at the emulated tenant.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// The short name by which the sign-in form and the switchboard choose this person.
    pub key: String,
    /// What is special about this person, for the sign-in page.
    pub about: String,
    /// The subject, `kp_` and 32 hexadecimal digits.
    pub subject: String,
    /// The given name, if there is one.
    pub given_name: Option<String>,
    /// The family name, if there is one.
    pub family_name: Option<String>,
    /// The e-mail address.
    pub email: String,
    /// Whether names and e-mail are in the ID token; if not, only the user profile has them.
    pub known_to_id_token: bool,
    /// At least one; the first counts when none is asked for.
    pub organizations: Vec<Organization>,
    /// The keys of the person's permissions.
    pub permissions: Vec<String>,
    /// The keys of the person's roles.
    pub roles: Vec<String>,
    /// Feature flags as the access token carries them: `{"key":{"t":"b","v":true}}`.
    pub feature_flags: Value,
}

impl Person {
    /// A person with the values that most people share.
    pub(super) fn new(key: &str, about: &str, names: (Option<&str>, Option<&str>)) -> Self {
        Self {
            key: key.to_owned(),
            about: about.to_owned(),
            subject: format!("kp_{}", artificial_digits(key, 16)),
            given_name: names.0.map(str::to_owned),
            family_name: names.1.map(str::to_owned),
            email: format!("{key}@example.com"),
            known_to_id_token: true,
            organizations: vec![organization("Analytical Engines")],
            permissions: vec!["read:items".to_owned()],
            roles: Vec::new(),
            feature_flags: json!({"theme": {"t": "s", "v": "pink"}}),
        }
    }

    /// Given and family name, those that exist.
    pub fn full_name(&self) -> Option<String> {
        let names: Vec<_> = [&self.given_name, &self.family_name].into_iter().flatten().map(String::as_str).collect();
        (!names.is_empty()).then(|| names.join(" "))
    }

    /// The codes of the person's organizations.
    pub(crate) fn organization_codes(&self) -> Vec<&str> {
        let codes = self.organizations.iter().map(|org| org.code.as_str());
        codes.collect()
    }

    /// The organization of that code, or the first if none is asked for.
    pub fn organization(&self, code: Option<&str>) -> Option<&Organization> {
        match code {
            Some(code) => self.organizations.iter().find(|org| org.code == code),
            None => self.organizations.first(),
        }
    }
}

/// The organization of that name, always with the same code.
pub(super) fn organization(name: &str) -> Organization {
    Organization { code: format!("org_{}", artificial_digits(name, 6)), name: name.to_owned() }
}

/// So many bytes in hexadecimal digits, always the same for the same name.
pub(crate) fn artificial_digits(name: &str, bytes: usize) -> String {
    hexadecimal(&digest(&SHA256, name.as_bytes()).as_ref()[..bytes])
}
