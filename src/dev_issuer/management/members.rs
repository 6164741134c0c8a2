//! The members of an organization. Single roles and permissions of a member are in `member_rights`.

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
use crate::dev_issuer::deliveries::{changed_person::follow_change, event::Source};
use crate::dev_issuer::people::{person::Person, rights::OrganizationRights};
use crate::dev_issuer::state::tenant::{EmulatedTenant, TenantState};

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
        let is_new = |person: &&Person| person.organization(Some(&organization.code)).is_none();
        let Some(mut person) = state.people.find(&user.key).filter(is_new).cloned() else { continue };
        let rights = OrganizationRights {
            permissions: Some(user.permissions.unwrap_or_default()),
            roles: Some(user.roles.unwrap_or(default_roles)),
        };
        person.join(organization.clone(), rights);
        added.push(person.subject.clone());
        replace(&call.tenant, &mut state, &person);
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
            if is_member {
                removed.push(person.subject.clone());
                take_out(&call.tenant, &mut state, &person, &organization.code);
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
    let (person, code) = {
        let (person, code) = member(&state, &call)?;
        (person.clone(), code)
    };
    take_out(&call.tenant, &mut state, &person, &code);
    ok(json!({}))
}

/// Takes a person out of an organization, with what follows from the change.
fn take_out(tenant: &EmulatedTenant, state: &mut TenantState, before: &Person, code: &str) {
    if let Some(after) = end_membership(state, &before.key, code) {
        follow_change(tenant, state, Source::Api, before, &after);
    }
}

/// Returns the member that the path names, and the code of the organization.
pub(super) fn member<'a>(state: &'a TenantState, call: &Call) -> Result<(&'a Person, String), Refusal> {
    let code = organization(state, call.path("org_code"))?.code;
    let person = person(state, call.path("user_id"))?;
    if person.organization(Some(&code)).is_none() {
        return Err(Refusal::Unknown("organization user"));
    }
    Ok((person, code))
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
