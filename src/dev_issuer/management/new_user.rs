//! A new user of the management API, who can sign in at once.

use serde_json::{Value, json};

use super::{
    answer::{Answer, Refusal, bare},
    call::Call,
    identities::identities,
    input::Input,
};
use crate::dev_issuer::basics::random::Random;
use crate::dev_issuer::deliveries::event::{self, Source};
use crate::dev_issuer::people::{
    directory::People,
    entitlement::Entitlements,
    person::{Activity, Organization, Person},
    rights::OrganizationRights,
};
use crate::dev_issuer::state::tenant::TenantState;

/// `POST /api/v1/user`
pub(super) async fn create(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let (person, kinds) = read_new(&state, &mut input, &call.tenant.random)?;
    input.end()?;
    let id = person.subject.clone();
    state.people.add(person.clone());
    event::tell(&call.tenant, &mut state, Source::Api, "user.created", &person);
    let made: Vec<Value> = kinds.iter().map(|kind| json!({"type": kind, "result": {"created": true}})).collect();
    bare(json!({"id": id, "created": true, "identities": made}))
}

/// Reads a new user, who has nothing but what the request says and what everybody inherits. Returns them with the kinds
/// of their identities.
fn read_new(state: &TenantState, input: &mut Input, random: &Random) -> Result<(Person, Vec<String>), Refusal> {
    let key = People::new_key(random);
    let mut person = Person {
        subject: format!("kp_{}", random.hexadecimal(16)),
        email: String::new(),
        provided_id: input.text("provided_id")?,
        organizations: Vec::new(),
        permissions: Vec::new(),
        feature_flags: json!({}),
        entitlements: Entitlements::new(),
        activity: Activity { created_at: Some(state.now()), ..Activity::default() },
        ..Person::new(&key, "made by a program", (None, None))
    };
    if let Some(mut profile) = input.object("profile")? {
        person.given_name = profile.text("given_name")?;
        person.family_name = profile.text("family_name")?;
        person.picture = profile.text("picture")?;
        profile.end()?;
    }
    let kinds = read_identities(state, input, &mut person)?;
    if let Some(organization) = first_organization(state, input)? {
        let roles = Some(state.catalogue.default_roles());
        person.join(organization, OrganizationRights { permissions: Some(Vec::new()), roles });
    }
    Ok((person, kinds))
}

/// Returns the organization of a new user: the one of the request, or else the default one.
fn first_organization(state: &TenantState, input: &mut Input) -> Result<Option<Organization>, Refusal> {
    match input.text("organization_code")? {
        Some(code) => match state.find_organization(&code) {
            Some(organization) => Ok(Some(organization)),
            None => Err(input.wrong("organization_code", "there is no such organization")),
        },
        None => Ok(state.organizations.all().first().map(|record| record.organization())),
    }
}

/// Reads the identities, of which one is an e-mail address.
fn read_identities(state: &TenantState, input: &mut Input, person: &mut Person) -> Result<Vec<String>, Refusal> {
    let mut kinds = Vec::new();
    for mut identity in input.objects("identities")?.unwrap_or_default() {
        let kind = identity.needed_text("type")?;
        if identity.switch("is_verified")? == Some(false) {
            return Err(identity.wrong("is_verified", "the identities of the emulated tenant are verified"));
        }
        let Some(mut details) = identity.object("details")? else {
            return Err(identity.wrong("details", "an object is needed"));
        };
        let value = details.needed_text(&kind)?;
        let is_taken = state.people.all().iter().any(|other| {
            identities(other).into_iter().any(|(own, known)| own == kind && known.eq_ignore_ascii_case(&value))
        });
        if is_taken {
            return Err(details.wrong(&kind, "somebody has this already"));
        }
        match kind.as_str() {
            "email" if !value.contains('@') => return Err(details.wrong("email", "this is no e-mail address")),
            "email" => person.email = value,
            "username" => person.username = Some(value),
            "phone" => {
                // Numbers are kept as they are written.
                details.text("phone_country_id")?;
                person.phone = Some(value);
            }
            _ => return Err(identity.wrong("type", "this is none of email, username and phone")),
        }
        details.end()?;
        identity.end()?;
        kinds.push(kind);
    }
    if person.email.is_empty() {
        return Err(input.wrong("identities", "the people of the emulated tenant have an e-mail address"));
    }
    Ok(kinds)
}
