//! The people who can sign in, each of another shape, and those who sign up while the tenant runs.
//!
//! It leaves passwords out: choosing a person is signing in. Document: Kinde documentation, "About ID tokens" and
//! "About access tokens" (names may be missing, `picture` may be null, flags have the types b, s, i and j).

mod seeded;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::random::{hexadecimal, random_hexadecimal};

pub(super) use seeded::seeded;

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
    fn new(key: &str, about: &str, names: (Option<&str>, Option<&str>)) -> Self {
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
    pub(super) fn organization_codes(&self) -> Vec<&str> {
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

fn organization(name: &str) -> Organization {
    Organization { code: format!("org_{}", artificial_digits(name, 6)), name: name.to_owned() }
}

/// So many bytes in hexadecimal digits, always the same for the same name.
pub(super) fn artificial_digits(name: &str, bytes: usize) -> String {
    hexadecimal(&digest(&SHA256, name.as_bytes()).as_ref()[..bytes])
}

/// Everyone who can sign in at this tenant now.
pub(super) struct People(Vec<Person>);

impl Default for People {
    fn default() -> Self {
        Self(seeded())
    }
}

impl People {
    pub(super) fn all(&self) -> &[Person] {
        &self.0
    }

    pub(super) fn find(&self, key: &str) -> Option<&Person> {
        self.0.iter().find(|person| person.key == key)
    }

    pub(super) fn has_organization(&self, code: &str) -> bool {
        self.0.iter().any(|person| person.organization(Some(code)).is_some())
    }

    /// Adds a person who signed up and returns the key.
    pub(super) fn create(&mut self, email: &str, given: Option<&str>, family: Option<&str>) -> String {
        let key = format!("person-{}", random_hexadecimal(4));
        self.0.push(Person { email: email.to_owned(), ..Person::new(&key, "signed up here", (given, family)) });
        key
    }

    /// Makes a new organization with this person in it and returns its code.
    pub(super) fn create_organization(&mut self, person: &str, name: &str) -> Option<String> {
        let person = self.0.iter_mut().find(|candidate| candidate.key == person)?;
        let code = format!("org_{}", random_hexadecimal(6));
        person.organizations.push(Organization { code: code.clone(), name: name.to_owned() });
        Some(code)
    }
}
