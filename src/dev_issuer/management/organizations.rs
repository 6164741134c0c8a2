//! The organizations of the management API. Their members are in `members`, their invitations in `invitations`.

use serde_json::{Value, json};

use super::{
    answer::{Answer, Refusal, bare, ok},
    call::Call,
    input::Input,
    paging::{by_token, sort},
};
use crate::dev_issuer::basics::clock;
use crate::dev_issuer::deliveries::event::{self, Source};
use crate::dev_issuer::people::{organizations::OrganizationRecord, person::Person};
use crate::dev_issuer::state::tenant::{EmulatedTenant, TenantState};

/// `GET /api/v1/organizations`
pub(super) async fn list(call: Call) -> Answer {
    let state = call.tenant.state();
    let mut organizations: Vec<Value> =
        state.organizations.all().iter().map(|record| in_list(&state, record)).collect();
    sort(&call, &[("name", "name")], &mut organizations)?;
    let (organizations, next_token) = by_token(&call, organizations, "code")?;
    ok(json!({"organizations": organizations, "next_token": next_token}))
}

fn in_list(state: &TenantState, record: &OrganizationRecord) -> Value {
    json!({
        "code": record.code,
        "name": record.name,
        "handle": record.handle,
        "is_default": is_default(state, &record.code),
        "external_id": record.external_id,
        "is_auto_membership_enabled": false,
    })
}

fn is_default(state: &TenantState, code: &str) -> bool {
    state.organizations.all().first().is_some_and(|first| first.code == code)
}

/// `GET /api/v1/organization?code=`
pub(super) async fn get(call: Call) -> Answer {
    let state = call.tenant.state();
    let record = record(&state, call.needed("code")?)?;
    let mut organization = in_list(&state, record);
    organization["created_on"] = json!(record.created_at.map(clock::text));
    organization["is_suspended"] = false.into();
    bare(organization)
}

fn record<'a>(state: &'a TenantState, code: &str) -> Result<&'a OrganizationRecord, Refusal> {
    state.organizations.find(code).ok_or(Refusal::Unknown("organization"))
}

/// `POST /api/v1/organization`
pub(super) async fn create(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let name = input.needed_text("name")?;
    let (handle, external_id) = read_ids(&state, None, &mut input)?;
    input.end()?;
    let now = state.now();
    let record = state.organizations.create(name, now, &call.tenant.random);
    (record.handle, record.external_id) = (handle, external_id);
    let record = record.clone();
    tell(&call.tenant, &mut state, "organization.created", &record);
    ok(json!({"organization": {"code": record.code}}))
}

/// Reads the handle, which no other organization has, and the id in another system.
fn read_ids(
    state: &TenantState,
    own: Option<&str>,
    input: &mut Input,
) -> Result<(Option<String>, Option<String>), Refusal> {
    let handle = input.text("handle")?;
    let others = state.organizations.all().iter().filter(|record| Some(record.code.as_str()) != own);
    let mut taken = others.filter_map(|record| record.handle.as_ref());
    if handle.as_ref().is_some_and(|handle| taken.any(|taken| taken == handle)) {
        return Err(input.wrong("handle", "another organization has it"));
    }
    Ok((handle, input.text("external_id")?))
}

/// `PATCH /api/v1/organization/{org_code}`
pub(super) async fn update(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let mut changed = record(&state, call.path("org_code"))?.clone();
    if let Some(name) = input.text("name")? {
        changed.name = name;
    }
    let (handle, external_id) = read_ids(&state, Some(&changed.code), &mut input)?;
    changed.handle = handle.or(changed.handle);
    changed.external_id = external_id.or(changed.external_id);
    input.end()?;
    rename(&mut state, &changed.code, &changed.name);
    if let Some(record) = state.organizations.find_mut(&changed.code) {
        *record = changed.clone();
    }
    tell(&call.tenant, &mut state, "organization.updated", &changed);
    ok(json!({}))
}

/// Renames the organization with its members and invitations, who hold its name.
fn rename(state: &mut TenantState, code: &str, name: &str) {
    let memberships = state.people.all_mut().iter_mut().flat_map(|person| &mut person.organizations);
    for organization in memberships.filter(|organization| organization.code == code) {
        name.clone_into(&mut organization.name);
    }
    let invitations = state.invitations.all_mut().map(|invitation| &mut invitation.organization);
    for organization in invitations.filter(|organization| organization.code == code) {
        name.clone_into(&mut organization.name);
    }
}

/// `DELETE /api/v1/organization/{org_code}`
pub(super) async fn delete(call: Call) -> Answer {
    let mut state = call.tenant.state();
    let code = call.path("org_code");
    let record = state.organizations.remove(code).ok_or(Refusal::NotFound("organization"))?;
    let members: Vec<String> = state
        .people
        .all()
        .iter()
        .filter(|person| person.organization(Some(code)).is_some())
        .map(|person| person.key.clone())
        .collect();
    state.invitations.retain(|invitation| invitation.organization.code != code);
    for key in members {
        end_membership(&mut state, &key, code);
    }
    tell(&call.tenant, &mut state, "organization.deleted", &record);
    ok(json!({}))
}

/// Takes a person out of an organization, with the refresh tokens of sign-ins to it. Returns the person, if they were a
/// member.
pub(super) fn end_membership(state: &mut TenantState, key: &str, code: &str) -> Option<Person> {
    let person = state.people.find_mut(key)?;
    if !person.leave(code) {
        return None;
    }
    let person = person.clone();
    state.grants.end_refresh(|grant| grant.person == key && grant.org_code == code);
    Some(person)
}

/// `DELETE /api/v1/organization/{org_code}/handle`
pub(super) async fn delete_handle(call: Call) -> Answer {
    let mut state = call.tenant.state();
    let record = state.organizations.find_mut(call.path("org_code")).ok_or(Refusal::Unknown("organization"))?;
    record.handle = None;
    let record = record.clone();
    tell(&call.tenant, &mut state, "organization.updated", &record);
    ok(json!({}))
}

fn tell(tenant: &EmulatedTenant, state: &mut TenantState, event_type: &str, record: &OrganizationRecord) {
    let organization = json!({
        "code": record.code,
        "name": record.name,
        "handle": record.handle,
        "external_id": record.external_id,
    });
    event::send(tenant, state, Source::Api, event_type, json!({"organization": organization}));
}
