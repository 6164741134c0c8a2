//! `Seed`: a whole seed, read with all its problems at once, and written from a tenant's state.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::members::{Members, member_at};
use super::person;
use crate::dev_issuer::basics::random::Random;
use crate::dev_issuer::people::{
    description::describe,
    invitations::{Invitation, Invitations},
    person::Person,
    seeded::seeded,
};
use crate::dev_issuer::protocol::machine_clients::{Authorization, MachineClients};
use crate::dev_issuer::state::{settings::Settings, tenant::TenantState};

/// Everything that a seed can set.
#[derive(Clone)]
pub(crate) struct Seed {
    pub(super) people: Vec<Person>,
    pub(super) settings: Settings,
    pub(super) invitations: Invitations,
    pub(super) machines: MachineClients,
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
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedMachine {
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
        Self { people: seeded(), settings, invitations: Invitations::default(), machines: MachineClients::default() }
    }

    /// Reads a seed. A setting that it does not name has the value in `settings`.
    ///
    /// # Errors
    ///
    /// [`SeedProblems`]: everything that is wrong.
    pub(crate) fn read(text: &str, settings: &Settings, random: &Random) -> Result<Self, SeedProblems> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| SeedProblems(vec![format!("this is no JSON: {error}")]))?;
        let mut problems = Vec::new();
        let seed =
            Members::of("", value, &mut problems).map(|members| Self::of(members, settings, random, &mut problems));
        match seed {
            Some(seed) if problems.is_empty() => Ok(seed),
            _ => Err(SeedProblems(problems)),
        }
    }

    fn of(mut members: Members, settings: &Settings, random: &Random, problems: &mut Vec<String>) -> Self {
        if !members.has("people") {
            problems.push("people: a list is needed, which may be empty".to_owned());
        }
        let listed = members.take_list("people", problems);
        let read = |(place, value): (String, Value)| person::read(&place, value, problems);
        let people: Vec<Person> = listed.into_iter().filter_map(read).collect();
        check_people(&people.iter().collect::<Vec<_>>(), |index| format!("people[{index}]"), problems);
        let settings = take_settings(&mut members, settings, &people, problems);
        let (invitations, machines) = take_rest(&mut members, &people, random, problems);
        members.end(problems);
        Self { people, settings, invitations, machines }
    }

    /// Returns the state of a tenant as a seed.
    pub(crate) fn of_state(state: &TenantState) -> Value {
        let invitations = state.invitations.all().map(|(code, invitation)| {
            json!({"code": code, "email": invitation.email, "org_code": invitation.organization.code})
        });
        let machines = state.machines.all().map(|(id, secret, may)| {
            let Authorization { audience, scopes, org_code } = may;
            json!({"client_id": id, "client_secret": secret, "audience": audience, "scopes": scopes, "org_code": org_code})
        });
        json!({
            "people": state.people.all().iter().map(describe).collect::<Vec<_>>(),
            "settings": state.settings,
            "invitations": sorted(invitations),
            "machine_clients": sorted(machines),
        })
    }
}

/// In an order that is the same every time.
fn sorted(values: impl Iterator<Item = Value>) -> Vec<Value> {
    let by_text: BTreeMap<String, Value> = values.map(|value| (value.to_string(), value)).collect();
    by_text.into_values().collect()
}

/// Notes what only one person may have and two of these have. `place` says where a person stands.
pub(super) fn check_people(people: &[&Person], place: impl Fn(usize) -> String, problems: &mut Vec<String>) {
    let mut places: HashMap<(&str, &str), usize> = HashMap::new();
    let mut names: HashMap<&str, &str> = HashMap::new();
    for (index, person) in people.iter().enumerate() {
        for (member, value) in [("person", &person.key), ("sub", &person.subject)] {
            if let Some(first) = places.insert((member, value), index) {
                problems.push(format!("{}: {} has {value:?} too", member_at(&place(index), member), place(first)));
            }
        }
        for organization in &person.organizations {
            let (code, name) = (organization.code.as_str(), organization.name.as_str());
            if names.insert(code, name).is_some_and(|before| before != name) {
                let member = member_at(&place(index), "organizations");
                problems.push(format!("{member}: {code} has another name elsewhere"));
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

fn take_rest(
    members: &mut Members,
    people: &[Person],
    random: &Random,
    problems: &mut Vec<String>,
) -> (Invitations, MachineClients) {
    let organization = |code: &str| people.iter().find_map(|person| person.organization(Some(code))).cloned();
    let (mut invitations, mut machines) = (Invitations::default(), MachineClients::default());
    for (place, value) in members.take_list("invitations", problems) {
        match serde_json::from_value::<SeedInvitation>(value) {
            Ok(SeedInvitation { code, email, org_code }) => match organization(&org_code) {
                Some(organization) => invitations.add(code, Invitation { email, organization }, random),
                None => problems.push(format!("{place}.org_code: nobody is in the organization {org_code}")),
            },
            Err(error) => problems.push(format!("{place}: {error}")),
        }
    }
    for (place, value) in members.take_list("machine_clients", problems) {
        match serde_json::from_value::<SeedMachine>(value) {
            Ok(machine) => {
                let SeedMachine { client_id, client_secret, audience, scopes, org_code } = machine;
                if let Some(code) = org_code.as_ref().filter(|code| organization(code).is_none()) {
                    problems.push(format!("{place}.org_code: nobody is in the organization {code}"));
                }
                machines.add(client_id, client_secret, Authorization { audience, scopes, org_code });
            }
            Err(error) => problems.push(format!("{place}: {error}")),
        }
    }
    (invitations, machines)
}
