//! The roles of the management API. What a role allows is in `role_permissions`, who has it in an organization in
//! `members`.

use serde_json::{Value, json};

use super::{
    answer::{Answer, Refusal, created, ok},
    call::Call,
    input::Input,
    paging::{by_token, sort},
};
use crate::dev_issuer::deliveries::event::{self, Source};
use crate::dev_issuer::people::{
    person::Person,
    role::{Role, rename},
};
use crate::dev_issuer::state::tenant::{EmulatedTenant, TenantState};

/// `GET /api/v1/roles`
pub(super) async fn list(call: Call) -> Answer {
    let state = call.tenant.state();
    let mut roles: Vec<Value> = state.catalogue.roles.all().iter().map(shown).collect();
    sort(&call, &[("name", "name"), ("key", "key")], &mut roles)?;
    let (roles, next_token) = by_token(&call, roles, "id")?;
    ok(json!({"roles": roles, "next_token": next_token}))
}

fn shown(role: &Role) -> Value {
    json!({
        "id": role.id,
        "key": role.key,
        "name": role.name,
        "description": role.description,
        "is_default_role": role.is_default_role,
    })
}

/// Returns the role that the path names.
pub(super) fn role<'a>(state: &'a TenantState, call: &Call) -> Result<&'a Role, Refusal> {
    state.catalogue.roles.find(call.path("role_id")).ok_or(Refusal::Unknown("role"))
}

/// `GET /api/v1/roles/{role_id}`
pub(super) async fn get(call: Call) -> Answer {
    let state = call.tenant.state();
    ok(json!({"role": shown(role(&state, &call)?)}))
}

/// `POST /api/v1/roles`
pub(super) async fn create(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let mut new = Role { id: call.tenant.random.uuid(), key: input.needed_text("key")?, ..Role::default() };
    new.name = input.needed_text("name")?;
    read_rest(&state, &mut input, &mut new)?;
    input.end()?;
    state.catalogue.roles.add(new.clone());
    tell(&call.tenant, &mut state, "role.created", &new);
    created(json!({"role": {"id": new.id}}))
}

/// Reads what a role may have, and refuses a key that another role has.
fn read_rest(state: &TenantState, input: &mut Input, role: &mut Role) -> Result<(), Refusal> {
    if state.catalogue.roles.is_taken(role) {
        return Err(input.wrong("key", "another role has it"));
    }
    role.description = input.text("description")?.or(role.description.take());
    role.is_default_role = input.switch("is_default_role")?.unwrap_or(role.is_default_role);
    Ok(())
}

/// `PATCH /api/v1/roles/{role_id}`
pub(super) async fn update(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let before = role(&state, &call)?.clone();
    let mut changed = Role { name: input.needed_text("name")?, key: input.needed_text("key")?, ..before.clone() };
    read_rest(&state, &mut input, &mut changed)?;
    input.end()?;
    rename(lists(&mut state), &before.key, &changed.key);
    if let Some(role) = state.catalogue.roles.find_mut(&changed.id) {
        *role = changed.clone();
    }
    tell(&call.tenant, &mut state, "role.updated", &changed);
    created(json!({}))
}

/// `DELETE /api/v1/roles/{role_id}`. Nobody has the role afterwards.
pub(super) async fn delete(call: Call) -> Answer {
    let mut state = call.tenant.state();
    let role = state.catalogue.roles.remove(call.path("role_id")).ok_or(Refusal::Unknown("role"))?;
    lists(&mut state).for_each(|keys| keys.retain(|key| *key != role.key));
    tell(&call.tenant, &mut state, "role.deleted", &role);
    ok(json!({}))
}

/// Returns every list of role keys: of people, and of invitations.
fn lists(state: &mut TenantState) -> impl Iterator<Item = &mut Vec<String>> {
    let of_people = state.people.all_mut().iter_mut().flat_map(Person::role_lists_mut);
    of_people.chain(state.invitations.all_mut().map(|invitation| &mut invitation.roles))
}

/// Sends the event of a change of a role.
pub(super) fn tell(tenant: &EmulatedTenant, state: &mut TenantState, event_type: &str, role: &Role) {
    event::send(tenant, state, Source::Api, event_type, json!({"role": shown(role)}));
}

/// `GET /api/v1/roles/{role_id}/users`
pub(super) async fn list_users(call: Call) -> Answer {
    let state = call.tenant.state();
    let role = role(&state, &call)?;
    let user = |person: &Person| {
        let codes = person.organization_codes().into_iter().filter(|code| person.roles_in(code).contains(&role.key));
        let codes: Vec<&str> = codes.collect();
        (!codes.is_empty()).then(|| json!({"id": person.subject, "org_codes": codes}))
    };
    let users = state.people.all().iter().filter_map(user).collect();
    let (users, next_token) = by_token(&call, users, "id")?;
    ok(json!({"users": users, "next_token": next_token}))
}
