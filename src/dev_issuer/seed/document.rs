//! `Seed`: a whole seed, read with all its problems at once, and written from a tenant's state.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{definitions, members::Members, person};
use crate::dev_issuer::people::{
    catalogue::Catalogue,
    description::describe,
    invitations::{Invitation, Invitations},
    organizations::{OrganizationRecord, Organizations},
    person::Person,
    seeded::seeded,
};
use crate::dev_issuer::protocol::machine_clients::{Authorization, Machine, MachineClients};
use crate::dev_issuer::state::{settings::Settings, tenant::TenantState, webhooks::Webhook};

/// Everything that a seed can set.
#[derive(Clone)]
pub(crate) struct Seed {
    pub(super) people: Vec<Person>,
    pub(super) settings: Settings,
    pub(super) organizations: Organizations,
    pub(super) catalogue: Catalogue,
    pub(super) invitations: Invitations,
    pub(super) machines: MachineClients,
    pub(super) webhooks: Vec<Webhook>,
}

/// What is wrong with a seed: a sentence for each problem, with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct SeedProblems(pub Vec<String>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedInvitation {
    code: Option<String>,
    email: String,
    org_code: String,
    given_name: Option<String>,
    family_name: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedMachine {
    name: Option<String>,
    client_id: String,
    client_secret: String,
    audience: Vec<String>,
    #[serde(default)]
    scopes: Vec<String>,
    org_code: Option<String>,
}

impl Seed {
    /// The seed of a tenant that is given none.
    pub(crate) fn built_in(settings: Settings) -> Self {
        Self {
            people: seeded(),
            settings,
            organizations: Organizations::default(),
            catalogue: Catalogue::default(),
            invitations: Invitations::default(),
            machines: MachineClients::default(),
            webhooks: Vec::new(),
        }
    }

    /// Reads a seed. A setting that it does not name has the value in `settings`.
    ///
    /// # Errors
    ///
    /// [`SeedProblems`]: everything that is wrong.
    pub(crate) fn read(text: &str, settings: &Settings) -> Result<Self, SeedProblems> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| SeedProblems(vec![format!("this is no JSON: {error}")]))?;
        let mut problems = Vec::new();
        let seed = Members::of("", value, &mut problems).map(|members| Self::of(members, settings, &mut problems));
        match seed {
            Some(seed) if problems.is_empty() => Ok(seed),
            _ => Err(SeedProblems(problems)),
        }
    }

    fn of(mut members: Members, settings: &Settings, problems: &mut Vec<String>) -> Self {
        let listed = members.take_list("people", problems);
        if listed.is_empty() {
            problems.push("people: at least one person is needed".to_owned());
        }
        let read = |(place, value): (String, Value)| person::read(&place, value, problems);
        let people: Vec<Person> = listed.into_iter().filter_map(read).collect();
        check_people(&people, problems);
        let settings = take_settings(&mut members, settings, &people, problems);
        let organizations = take_organizations(&mut members, &people, problems);
        let (invitations, machines) = take_rest(&mut members, &people, &organizations, problems);
        let catalogue = definitions::take(&mut members, problems);
        let webhooks = members.take("webhooks", problems).unwrap_or_default();
        members.end(problems);
        Self { people, settings, organizations, catalogue, invitations, machines, webhooks }
    }

    /// Returns the state of a tenant as a seed.
    pub(crate) fn of_state(state: &TenantState) -> Value {
        let invitations = state.invitations.all().map(|(code, invitation)| {
            let Invitation { email, organization, given_name, family_name, roles, .. } = invitation;
            json!({
                "code": code,
                "email": email,
                "org_code": organization.code,
                "given_name": given_name,
                "family_name": family_name,
                "roles": roles,
            })
        });
        let machines = state.machines.all().map(|(id, machine)| {
            let Machine { name, secret, authorization: Authorization { audience, scopes, org_code } } = machine;
            json!({
                "client_id": id,
                "client_secret": secret,
                "name": name,
                "audience": audience,
                "scopes": scopes,
                "org_code": org_code,
            })
        });
        let people = state.people.all();
        let mut seed = json!({
            "people": people.iter().map(describe).collect::<Vec<_>>(),
            "settings": state.settings,
            "organizations": state.organizations.beyond(people),
            "invitations": sorted(invitations),
            "machine_clients": sorted(machines),
            "webhooks": state.webhooks,
        });
        definitions::write(&state.catalogue.beyond(people), &mut seed);
        seed
    }
}

/// In an order that is the same every time.
fn sorted(values: impl Iterator<Item = Value>) -> Vec<Value> {
    let by_text: BTreeMap<String, Value> = values.map(|value| (value.to_string(), value)).collect();
    by_text.into_values().collect()
}

fn check_people(people: &[Person], problems: &mut Vec<String>) {
    let mut places: HashMap<(&str, &str), usize> = HashMap::new();
    let mut names: HashMap<&str, &str> = HashMap::new();
    for (index, person) in people.iter().enumerate() {
        for (member, value) in [("person", &person.key), ("sub", &person.subject)] {
            if let Some(first) = places.insert((member, value), index) {
                problems.push(format!("people[{index}].{member}: people[{first}] has {value:?} too"));
            }
        }
        for organization in &person.organizations {
            let (code, name) = (organization.code.as_str(), organization.name.as_str());
            if names.insert(code, name).is_some_and(|before| before != name) {
                problems.push(format!("people[{index}].organizations: {code} has another name elsewhere"));
            }
        }
    }
}

fn take_settings(
    members: &mut Members,
    settings: &Settings,
    people: &[Person],
    problems: &mut Vec<String>,
) -> Settings {
    let changes: Map<String, Value> = members.take("settings", problems).unwrap_or_default();
    let mut changed = settings.clone();
    // One by one, so that each that is wrong is named.
    for (name, value) in changes {
        match changed.with(Map::from_iter([(name.clone(), value)])) {
            Ok(settings) => changed = settings,
            Err(error) => problems.push(members.problem("settings", &format!("{name}: {error}"))),
        }
    }
    if changed.auto_sign_in.as_ref().is_some_and(|key| !people.iter().any(|person| person.key == *key)) {
        problems.push(members.problem("settings", "auto_sign_in: there is no such person"));
    }
    changed
}

fn take_organizations(members: &mut Members, people: &[Person], problems: &mut Vec<String>) -> Organizations {
    let mut records: Vec<OrganizationRecord> = Vec::new();
    for (place, value) in members.take_list("organizations", problems) {
        match serde_json::from_value::<OrganizationRecord>(value) {
            Ok(record) => {
                if records.iter().any(|other| other.code == record.code) {
                    problems.push(format!("{place}.code: {} is there before", record.code));
                }
                let of_members = people.iter().find_map(|person| person.organization(Some(&record.code)));
                if of_members.is_some_and(|organization| organization.name != record.name) {
                    problems.push(format!("{place}.name: {} has another name with a person", record.code));
                }
                definitions::check_flag_values(&format!("{place}.feature_flags"), &record.feature_flags, problems);
                definitions::check_properties(&format!("{place}.properties"), &record.properties, problems);
                records.push(record);
            }
            Err(error) => problems.push(format!("{place}: {error}")),
        }
    }
    Organizations::of(records)
}

fn take_rest(
    members: &mut Members,
    people: &[Person],
    organizations: &Organizations,
    problems: &mut Vec<String>,
) -> (Invitations, MachineClients) {
    let organization = |code: &str| {
        let of_members = people.iter().find_map(|person| person.organization(Some(code))).cloned();
        of_members.or_else(|| organizations.find(code).map(OrganizationRecord::organization))
    };
    let (mut invitations, mut machines) = (Invitations::default(), MachineClients::default());
    for (place, value) in members.take_list("invitations", problems) {
        match serde_json::from_value::<SeedInvitation>(value) {
            Ok(SeedInvitation { code, email, org_code, given_name, family_name, roles }) => {
                match organization(&org_code) {
                    Some(organization) => {
                        let created_at = None;
                        let invitation = Invitation { email, organization, given_name, family_name, roles, created_at };
                        invitations.add(code, invitation);
                    }
                    None => problems.push(format!("{place}.org_code: there is no organization {org_code}")),
                }
            }
            Err(error) => problems.push(format!("{place}: {error}")),
        }
    }
    for (place, value) in members.take_list("machine_clients", problems) {
        match serde_json::from_value::<SeedMachine>(value) {
            Ok(machine) => {
                let SeedMachine { name, client_id, client_secret, audience, scopes, org_code } = machine;
                if let Some(code) = org_code.as_ref().filter(|code| organization(code).is_none()) {
                    problems.push(format!("{place}.org_code: there is no organization {code}"));
                }
                let authorization = Authorization { audience, scopes, org_code };
                let name = name.unwrap_or_else(|| client_id.clone());
                machines.add(client_id, Machine { name, secret: client_secret, authorization });
            }
            Err(error) => problems.push(format!("{place}: {error}")),
        }
    }
    (invitations, machines)
}
