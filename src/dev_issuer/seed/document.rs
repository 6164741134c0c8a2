//! `Seed`: a whole seed, read with all its problems at once, and written from a tenant's state.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{
    definitions, invitations, machine_clients,
    members::{Members, member_at},
    organizations::{self, KnownOrganizations},
    person,
};
use crate::dev_issuer::basics::random::Random;
use crate::dev_issuer::people::{
    catalogue::Catalogue, description::describe, invitations::Invitations, organizations::Organizations,
    person::Person, seeded::seeded,
};
use crate::dev_issuer::protocol::machine_clients::MachineClients;
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
        let organizations = organizations::take(&mut members, &people, problems);
        let known = KnownOrganizations { people: &people, organizations: &organizations };
        let invitations = invitations::take(&mut members, &known, random, problems);
        let machines = machine_clients::take(&mut members, &known, problems);
        let catalogue = definitions::take(&mut members, problems);
        let webhooks = members.take("webhooks", problems).unwrap_or_default();
        members.end(problems);
        Self { people, settings, organizations, catalogue, invitations, machines, webhooks }
    }

    /// Returns the state of a tenant as a seed.
    pub(crate) fn of_state(state: &TenantState) -> Value {
        let people = state.people.all();
        let mut seed = json!({
            "people": people.iter().map(describe).collect::<Vec<_>>(),
            "settings": state.settings,
            "organizations": state.organizations.beyond(people),
            "invitations": invitations::written(&state.invitations),
            "machine_clients": machine_clients::written(&state.machines),
            "webhooks": state.webhooks,
        });
        definitions::write(&state.catalogue.beyond(people), &mut seed);
        seed
    }
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
