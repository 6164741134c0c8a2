//! The roles and permissions of a member of an organization, one by one. Whole lists are in `members`.

use serde_json::{Value, json};

use super::{
    answer::{Answer, Refusal, ok},
    call::Call,
    members::member,
    users::replace,
};
use crate::dev_issuer::people::{
    person::Person,
    rights::OrganizationRights,
    role::{Permission, Role},
};
use crate::dev_issuer::state::tenant::TenantState;

/// `GET /api/v1/organizations/{org_code}/users/{user_id}/roles`
pub(super) async fn list_roles(call: Call) -> Answer {
    let state = call.tenant.state();
    let (person, code) = member(&state, &call)?;
    let shown = |role: &Role| json!({"id": role.id, "key": role.key, "name": role.name});
    let roles: Vec<Value> = state.standing(person, &code).roles().iter().map(shown).collect();
    ok(json!({"roles": roles, "next_token": null}))
}

/// `POST /api/v1/organizations/{org_code}/users/{user_id}/roles`
pub(super) async fn add_role(call: Call) -> Answer {
    let mut input = call.input()?;
    let id = input.needed_text("role_id")?;
    let unknown = input.wrong("role_id", "there is no such role");
    input.end()?;
    change(
        &call,
        |state| Ok(state.catalogue.roles.find(&id).ok_or(unknown)?.key.clone()),
        |person, code, key| {
            add_to(person.roles_in(code).to_vec(), key).map(|roles| rights(person, code).roles = Some(roles))
        },
    )
}

/// `DELETE /api/v1/organizations/{org_code}/users/{user_id}/roles/{role_id}`
pub(super) async fn remove_role(call: Call) -> Answer {
    let find = |state: &TenantState| {
        let role = state.catalogue.roles.find(call.path("role_id")).ok_or(Refusal::Unknown("role"))?;
        Ok(role.key.clone())
    };
    change(&call, find, |person, code, key| {
        take_from(person.roles_in(code).to_vec(), key).map(|roles| rights(person, code).roles = Some(roles))
    })
}

/// `GET /api/v1/organizations/{org_code}/users/{user_id}/permissions`, those of roles included
pub(super) async fn list_permissions(call: Call) -> Answer {
    let state = call.tenant.state();
    let (person, code) = member(&state, &call)?;
    let standing = state.standing(person, &code);
    let roles = standing.roles();
    let shown = |key: &String| {
        let permission = state.catalogue.permissions.by_key(key).cloned().unwrap_or_else(|| Permission::named(key));
        let of_roles = roles.iter().filter(|role| role.permissions.contains(key));
        let mut shown = json!({
            "id": permission.id,
            "key": key,
            "name": permission.name,
            "description": permission.description,
        });
        if call.expands("roles") {
            shown["roles"] = of_roles.map(|role| json!({"id": role.id, "key": role.key})).collect();
        }
        shown
    };
    ok(json!({"permissions": standing.permissions().iter().map(shown).collect::<Vec<_>>()}))
}

/// `POST /api/v1/organizations/{org_code}/users/{user_id}/permissions`
pub(super) async fn add_permission(call: Call) -> Answer {
    let mut input = call.input()?;
    let id = input.needed_text("permission_id")?;
    let unknown = input.wrong("permission_id", "there is no such permission");
    input.end()?;
    change(
        &call,
        |state| Ok(state.catalogue.permissions.find(&id).ok_or(unknown)?.key.clone()),
        |person, code, key| {
            add_to(person.permissions_in(code).to_vec(), key).map(|keys| rights(person, code).permissions = Some(keys))
        },
    )
}

/// `DELETE /api/v1/organizations/{org_code}/users/{user_id}/permissions/{permission_id}`. It does not take away what a
/// role gives.
pub(super) async fn remove_permission(call: Call) -> Answer {
    let find = |state: &TenantState| {
        let permission = state.catalogue.permissions.find(call.path("permission_id"));
        Ok(permission.ok_or(Refusal::Unknown("permission"))?.key.clone())
    };
    change(&call, find, |person, code, key| {
        take_from(person.permissions_in(code).to_vec(), key).map(|keys| rights(person, code).permissions = Some(keys))
    })
}

/// Changes the rights of the member that the path names by one key. Nothing is sent if nothing changes.
fn change(
    call: &Call,
    key: impl FnOnce(&TenantState) -> Result<String, Refusal>,
    change: impl FnOnce(&mut Person, &str, String) -> Option<()>,
) -> Answer {
    let mut state = call.tenant.state();
    let (mut person, code) = {
        let (person, code) = member(&state, call)?;
        (person.clone(), code)
    };
    let key = key(&state)?;
    if change(&mut person, &code, key).is_some() {
        replace(&call.tenant, &mut state, &person);
    }
    ok(json!({}))
}

fn rights<'a>(person: &'a mut Person, code: &str) -> &'a mut OrganizationRights {
    person.organization_rights.entry(code.to_owned()).or_default()
}

/// Returns the list with the key, or none if it is in it already.
fn add_to(mut keys: Vec<String>, key: String) -> Option<Vec<String>> {
    if keys.contains(&key) {
        return None;
    }
    keys.push(key);
    Some(keys)
}

/// Returns the list without the key, or none if it is not in it.
fn take_from(mut keys: Vec<String>, key: String) -> Option<Vec<String>> {
    let before = keys.len();
    keys.retain(|own| *own != key);
    (keys.len() < before).then_some(keys)
}
