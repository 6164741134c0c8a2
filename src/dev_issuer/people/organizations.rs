//! The organizations of the tenant with what is known of each, also those without members. Who is a member stands with
//! each person.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::person::{Organization, Person};
use crate::dev_issuer::basics::{clock::Seconds, random::Random};

/// What is known of an organization.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganizationRecord {
    pub(crate) code: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) handle: Option<String>,
    #[serde(default)]
    pub(crate) external_id: Option<String>,
    /// The values of flags for all members, in the format of tokens.
    #[serde(default)]
    pub(crate) feature_flags: Map<String, Value>,
    /// In the format of tokens: `{"key":{"v":…}}`.
    #[serde(default)]
    pub(crate) properties: Map<String, Value>,
    /// None for an organization of a seed.
    #[serde(skip)]
    pub(crate) created_at: Option<Seconds>,
}

impl OrganizationRecord {
    /// Returns the organization as people have it.
    pub(crate) fn organization(&self) -> Organization {
        Organization { code: self.code.clone(), name: self.name.clone() }
    }
}

/// All organizations, in the order in which they were made. The first is the default.
#[derive(Clone, Debug, Default)]
pub(crate) struct Organizations(Vec<OrganizationRecord>);

impl Organizations {
    pub(crate) fn of(records: Vec<OrganizationRecord>) -> Self {
        Self(records)
    }

    pub(crate) fn all(&self) -> &[OrganizationRecord] {
        &self.0
    }

    pub(crate) fn find(&self, code: &str) -> Option<&OrganizationRecord> {
        self.0.iter().find(|record| record.code == code)
    }

    pub(crate) fn find_mut(&mut self, code: &str) -> Option<&mut OrganizationRecord> {
        self.0.iter_mut().find(|record| record.code == code)
    }

    /// Records the organizations of these people.
    pub(crate) fn learn(&mut self, people: &[Person]) {
        for Organization { code, name } in people.iter().flat_map(|person| &person.organizations) {
            if self.find(code).is_none() {
                let (code, name) = (code.clone(), name.clone());
                self.0.push(OrganizationRecord { code, name, ..OrganizationRecord::default() });
            }
        }
    }

    /// Records a new organization, and returns it with its code.
    pub(crate) fn create(&mut self, name: String, now: Seconds, random: &Random) -> &mut OrganizationRecord {
        let code = format!("org_{}", random.hexadecimal(6));
        self.0.push(OrganizationRecord { code, name, created_at: Some(now), ..OrganizationRecord::default() });
        self.0.last_mut().expect("one was added just now")
    }

    /// Removes an organization and returns it.
    pub(crate) fn remove(&mut self, code: &str) -> Option<OrganizationRecord> {
        let index = self.0.iter().position(|record| record.code == code)?;
        Some(self.0.remove(index))
    }

    /// Changes every organization.
    pub(crate) fn change_all(&mut self, change: impl FnMut(&mut OrganizationRecord)) {
        self.0.iter_mut().for_each(change);
    }

    /// Returns the organizations that do not follow from the memberships of these people.
    pub(crate) fn beyond(&self, people: &[Person]) -> Vec<OrganizationRecord> {
        let mut learned = Self::default();
        learned.learn(people);
        let is_new = |record: &&OrganizationRecord| {
            let plain = OrganizationRecord { created_at: None, ..(*record).clone() };
            learned.find(&record.code) != Some(&plain)
        };
        self.0.iter().filter(is_new).cloned().collect()
    }
}
