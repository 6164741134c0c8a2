//! The permissions of the management API. Who has one is in `members` and `role_permissions`.

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
    role::{Permission, rename},
};
use crate::dev_issuer::state::tenant::{EmulatedTenant, TenantState};

/// `GET /api/v1/permissions`
pub(super) async fn list(call: Call) -> Answer {
    let state = call.tenant.state();
    let mut permissions: Vec<Value> = state.catalogue.permissions.all().iter().map(shown).collect();
    sort(&call, &[("name", "name"), ("id", "id")], &mut permissions)?;
    let (permissions, next_token) = by_token(&call, permissions, "id")?;
    ok(json!({"permissions": permissions, "next_token": next_token}))
}

/// Returns a permission as lists show it.
pub(super) fn shown(permission: &Permission) -> Value {
    json!({
        "id": permission.id,
        "key": permission.key,
        "name": permission.name,
        "description": permission.description,
    })
}

/// `POST /api/v1/permissions`
pub(super) async fn create(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let mut new = Permission { id: call.tenant.random.uuid(), key: input.needed_text("key")?, ..Permission::default() };
    new.name = input.needed_text("name")?;
    read_rest(&state, &mut input, &mut new)?;
    input.end()?;
    state.catalogue.permissions.add(new.clone());
    tell(&call.tenant, &mut state, "permission.created", &new);
    created(json!({"permission": {"id": new.id}}))
}

/// Reads the description, and refuses a key that another permission has.
fn read_rest(state: &TenantState, input: &mut Input, permission: &mut Permission) -> Result<(), Refusal> {
    if state.catalogue.permissions.is_taken(permission) {
        return Err(input.wrong("key", "another permission has it"));
    }
    permission.description = input.text("description")?.or(permission.description.take());
    Ok(())
}

/// `PATCH /api/v1/permissions/{permission_id}`
pub(super) async fn update(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let found = state.catalogue.permissions.find(call.path("permission_id"));
    let before = found.ok_or(Refusal::Unknown("permission"))?.clone();
    let mut changed = before.clone();
    changed.name = input.text("name")?.unwrap_or(changed.name);
    changed.key = input.text("key")?.unwrap_or(changed.key);
    read_rest(&state, &mut input, &mut changed)?;
    input.end()?;
    rename(lists(&mut state), &before.key, &changed.key);
    if let Some(permission) = state.catalogue.permissions.find_mut(&changed.id) {
        *permission = changed.clone();
    }
    tell(&call.tenant, &mut state, "permission.updated", &changed);
    ok(json!({}))
}

/// `DELETE /api/v1/permissions/{permission_id}`. Nobody has the permission afterwards.
pub(super) async fn delete(call: Call) -> Answer {
    let mut state = call.tenant.state();
    let removed = state.catalogue.permissions.remove(call.path("permission_id"));
    let permission = removed.ok_or(Refusal::Unknown("permission"))?;
    lists(&mut state).for_each(|keys| keys.retain(|key| *key != permission.key));
    tell(&call.tenant, &mut state, "permission.deleted", &permission);
    ok(json!({}))
}

/// Returns every list of permission keys: of people, and of roles.
fn lists(state: &mut TenantState) -> impl Iterator<Item = &mut Vec<String>> {
    let of_people = state.people.all_mut().iter_mut().flat_map(Person::permission_lists_mut);
    of_people.chain(state.catalogue.roles.all_mut().map(|role| &mut role.permissions))
}

fn tell(tenant: &EmulatedTenant, state: &mut TenantState, event_type: &str, permission: &Permission) {
    event::send(tenant, state, Source::Api, event_type, json!({"permission": shown(permission)}));
}
