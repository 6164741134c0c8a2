//! The members of an organization, and their roles and permissions in it.

use serde_json::{Value, json};

use super::{
    answer::{Answer, Refusal, ok},
    call::{Call, organization, person},
    input::Input,
    organizations::end_membership,
    paging::{by_token, sort},
    users::replace,
};
use crate::dev_issuer::basics::clock;
use crate::dev_issuer::deliveries::event::{self, Source};
use crate::dev_issuer::people::{
    definition::{Permission, Role},
    person::Person,
    rights::OrganizationRights,
};
use crate::dev_issuer::state::tenant::TenantState;

/// `GET /api/v1/organizations/{org_code}/users`
pub(super) async fn list(call: Call) -> Answer {
    let state = call.tenant.state();
    let code = organization(&state, call.path("org_code"))?.code;
    let has_all = |wanted: Option<Vec<&str>>, own: &[String]| {
        wanted.is_none_or(|wanted| wanted.iter().all(|key| own.iter().any(|own| own == key)))
    };
    let matches = |person: &&Person| {
        person.organization(Some(&code)).is_some()
            && has_all(call.list("roles"), person.roles_in(&code))
            && has_all(call.list("permissions"), &state.standing(person, &code).permissions())
    };
    let members = state.people.all().iter().filter(matches);
    let mut members: Vec<Value> = members.map(|person| shown(person, &code)).collect();
    sort(&call, &[("name", "full_name"), ("email", "email")], &mut members)?;
    let (members, next_token) = by_token(&call, members, "id")?;
    ok(json!({"organization_users": members, "next_token": next_token}))
}

fn shown(person: &Person, code: &str) -> Value {
    json!({
        "id": person.subject,
        "email": person.email,
        "full_name": person.full_name().unwrap_or_default(),
        "first_name": person.given_name,
        "last_name": person.family_name,
        "picture": person.picture,
        "last_accessed_on": person.activity.last_signed_in_at.map(clock::text),
        "is_suspended": person.suspended,
        "roles": person.roles_in(code),
    })
}

/// A user of a request, and the rights that it names.
struct Named {
    key: String,
    roles: Option<Vec<String>>,
    permissions: Option<Vec<String>>,
    deletes: bool,
}

/// Reads the list `users`. Keys of roles and permissions must be defined.
fn read_users(state: &TenantState, input: &mut Input, may_delete: bool) -> Result<Vec<Named>, Refusal> {
    let read = |mut user: Input| {
        let id = user.needed_text("id")?;
        let person = state.people.by_subject(&id).ok_or_else(|| user.wrong("id", "there is no such user"))?;
        let roles = user.texts("roles")?;
        let is_role = |key: &String| state.catalogue.roles.by_key(key).is_some();
        if !roles.iter().flatten().all(is_role) {
            return Err(user.wrong("roles", "there is no role of one of these keys"));
        }
        let permissions = user.texts("permissions")?;
        let is_permission = |key: &String| state.catalogue.permissions.by_key(key).is_some();
        if !permissions.iter().flatten().all(is_permission) {
            return Err(user.wrong("permissions", "there is no permission of one of these keys"));
        }
        let operation = if may_delete { user.text("operation")? } else { None };
        if operation.as_deref().is_some_and(|operation| operation != "delete") {
            return Err(user.wrong("operation", "the only operation is delete"));
        }
        user.end()?;
        Ok(Named { key: person.key.clone(), roles, permissions, deletes: operation.is_some() })
    };
    input.objects("users")?.unwrap_or_default().into_iter().map(read).collect()
}

/// `POST /api/v1/organizations/{org_code}/users`
pub(super) async fn add(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let organization = organization(&state, call.path("org_code"))?;
    let users = read_users(&state, &mut input, false)?;
    input.end()?;
    let mut added = Vec::new();
    for user in users {
        let default_roles = state.catalogue.default_roles();
        let is_new = |person: &&mut Person| person.organization(Some(&organization.code)).is_none();
        let Some(person) = state.people.find_mut(&user.key).filter(is_new) else { continue };
        let rights = OrganizationRights {
            permissions: Some(user.permissions.unwrap_or_default()),
            roles: Some(user.roles.unwrap_or(default_roles)),
        };
        person.join(organization.clone(), rights);
        let person = person.clone();
        added.push(person.subject.clone());
        event::tell(&call.tenant, &mut state, Source::Api, "user.updated", &person);
    }
    ok(json!({"users_added": added}))
}

/// `PATCH /api/v1/organizations/{org_code}/users`. A list that the request names takes the place of the present one.
pub(super) async fn update(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let organization = organization(&state, call.path("org_code"))?;
    let users = read_users(&state, &mut input, true)?;
    input.end()?;
    let (mut added, mut updated, mut removed) = (Vec::new(), Vec::new(), Vec::new());
    for user in users {
        let Some(mut person) = state.people.find(&user.key).cloned() else { continue };
        let is_member = person.organization(Some(&organization.code)).is_some();
        if user.deletes {
            if let Some(person) = end_membership(&mut state, &user.key, &organization.code) {
                removed.push(person.subject.clone());
                event::tell(&call.tenant, &mut state, Source::Api, "user.updated", &person);
            }
            continue;
        }
        if !is_member {
            let none = OrganizationRights { permissions: Some(Vec::new()), roles: Some(Vec::new()) };
            person.join(organization.clone(), none);
        }
        let rights = person.organization_rights.entry(organization.code.clone()).or_default();
        rights.roles = user.roles.or(rights.roles.take());
        rights.permissions = user.permissions.or(rights.permissions.take());
        if is_member { &mut updated } else { &mut added }.push(person.subject.clone());
        replace(&call.tenant, &mut state, &person);
    }
    ok(json!({"users_added": added, "users_updated": updated, "users_removed": removed}))
}

/// `DELETE /api/v1/organizations/{org_code}/users/{user_id}`
pub(super) async fn remove(call: Call) -> Answer {
    let mut state = call.tenant.state();
    let (key, code) = {
        let (person, code) = member(&state, &call)?;
        (person.key.clone(), code)
    };
    if let Some(person) = end_membership(&mut state, &key, &code) {
        event::tell(&call.tenant, &mut state, Source::Api, "user.updated", &person);
    }
    ok(json!({}))
}

/// Returns the member that the path names, and the code of the organization.
fn member<'a>(state: &'a TenantState, call: &Call) -> Result<(&'a Person, String), Refusal> {
    let code = organization(state, call.path("org_code"))?.code;
    let person = person(state, call.path("user_id"))?;
    if person.organization(Some(&code)).is_none() {
        return Err(Refusal::Unknown("organization user"));
    }
    Ok((person, code))
}

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

/// `DELETE /api/v1/organizations/{org_code}/users/{user_id}/permissions/{permission_id}`. It does not take away what a role
/// gives.
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

/// `GET /api/v1/organizations/{org_code}/roles/{role_id}/users`
pub(super) async fn list_with_role(call: Call) -> Answer {
    let state = call.tenant.state();
    let code = organization(&state, call.path("org_code"))?.code;
    let role = state.catalogue.roles.find(call.path("role_id")).ok_or(Refusal::Unknown("role"))?;
    let has_it =
        |person: &&Person| person.organization(Some(&code)).is_some() && person.roles_in(&code).contains(&role.key);
    let users = state.people.all().iter().filter(has_it).map(|person| json!({"id": person.subject})).collect();
    let (users, next_token) = by_token(&call, users, "id")?;
    ok(json!({"users": users, "next_token": next_token}))
}
