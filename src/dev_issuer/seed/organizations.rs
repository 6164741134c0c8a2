//! The organizations of a seed, and those that its people are in.

use serde_json::Value;

use super::{definitions, members::Members};
use crate::dev_issuer::people::{
    organizations::{OrganizationRecord, Organizations},
    person::{Organization, Person},
};

/// All organizations that a seed has.
pub(super) struct KnownOrganizations<'a> {
    pub(super) people: &'a [Person],
    pub(super) organizations: &'a Organizations,
}

impl KnownOrganizations<'_> {
    /// Returns the organization of that code.
    pub(super) fn find(&self, code: &str) -> Option<Organization> {
        let of_members = self.people.iter().find_map(|person| person.organization(Some(code))).cloned();
        of_members.or_else(|| self.organizations.find(code).map(OrganizationRecord::organization))
    }
}

/// Reads the organizations. What cannot be used is noted as a problem.
pub(super) fn take(members: &mut Members, people: &[Person], problems: &mut Vec<String>) -> Organizations {
    let mut records: Vec<OrganizationRecord> = Vec::new();
    for (place, value) in members.take_list("organizations", problems) {
        if let Some(record) = read(&place, value, people, problems) {
            if records.iter().any(|other| other.code == record.code) {
                problems.push(format!("{place}.code: {} is there before", record.code));
            }
            records.push(record);
        }
    }
    Organizations::of(records)
}

fn read(place: &str, value: Value, people: &[Person], problems: &mut Vec<String>) -> Option<OrganizationRecord> {
    let read = serde_json::from_value::<OrganizationRecord>(value);
    let record = read.map_err(|error| problems.push(format!("{place}: {error}"))).ok()?;
    let of_members = people.iter().find_map(|person| person.organization(Some(&record.code)));
    if of_members.is_some_and(|organization| organization.name != record.name) {
        problems.push(format!("{place}.name: {} has another name with a person", record.code));
    }
    definitions::check_flag_values(&format!("{place}.feature_flags"), &record.feature_flags, problems);
    definitions::check_properties(&format!("{place}.properties"), &record.properties, problems);
    Some(record)
}
