//! The directory of everyone who can sign in at one tenant: the seeded people, and the people who sign up later. Nobody
//! has a password: a user signs in by choosing a person.

use super::{
    changes::{ChangeError, Changes},
    person::{Organization, Person},
    seeded::seeded,
};
use crate::dev_issuer::basics::random::Random;

/// Everyone who can sign in at this tenant.
pub(crate) struct People(Vec<Person>);

impl Default for People {
    fn default() -> Self {
        Self(seeded())
    }
}

impl People {
    /// Returns a directory of these people.
    pub(crate) fn of(people: Vec<Person>) -> Self {
        Self(people)
    }

    pub(crate) fn all(&self) -> &[Person] {
        &self.0
    }

    pub(crate) fn find(&self, key: &str) -> Option<&Person> {
        self.0.iter().find(|person| person.key == key)
    }

    fn find_mut(&mut self, key: &str) -> Option<&mut Person> {
        self.0.iter_mut().find(|person| person.key == key)
    }

    /// Adds a person, whose key nobody has.
    pub(crate) fn add(&mut self, person: Person) {
        self.0.push(person);
    }

    /// Changes a person and returns the person as changed, or none if there is nobody of that key.
    ///
    /// # Errors
    ///
    /// [`ChangeError`]: the changes do not fit the person.
    pub(crate) fn change(&mut self, key: &str, changes: Changes) -> Option<Result<Person, ChangeError>> {
        let mut person = self.find(key)?.clone();
        let others = self.0.iter().filter(|other| other.key != key);
        if let Err(error) = changes.apply(&mut person, others) {
            return Some(Err(error));
        }
        self.find_mut(key)?.clone_from(&person);
        Some(Ok(person))
    }

    /// Removes the person and returns them.
    pub(crate) fn remove(&mut self, key: &str) -> Option<Person> {
        let index = self.0.iter().position(|person| person.key == key)?;
        Some(self.0.remove(index))
    }

    /// Returns the organization of that code. An organization without members is not found.
    pub(crate) fn find_organization(&self, code: &str) -> Option<&Organization> {
        self.0.iter().find_map(|person| person.organization(Some(code)))
    }

    /// Makes the person a member of the organization.
    pub(crate) fn join(&mut self, key: &str, organization: Organization) {
        let person = self.find_mut(key).filter(|person| person.organization(Some(&organization.code)).is_none());
        if let Some(person) = person {
            person.organizations.push(organization);
        }
    }

    /// Adds a person who signs up, and returns the person's key.
    pub(crate) fn create(&mut self, email: &str, names: (Option<&str>, Option<&str>), random: &Random) -> String {
        let key = format!("person-{}", random.hexadecimal(4));
        self.0.push(Person { email: email.to_owned(), ..Person::new(&key, "signed up here", names) });
        key
    }

    /// Creates an organization with this person as a member, and returns its code.
    pub(crate) fn create_organization(&mut self, person: &str, name: &str, random: &Random) -> Option<String> {
        let person = self.find_mut(person)?;
        let code = format!("org_{}", random.hexadecimal(6));
        person.organizations.push(Organization { code: code.clone(), name: name.to_owned() });
        Some(code)
    }
}
