//! The permissions of a role, which everybody with the role has.

use serde_json::{Value, json};

use super::{
    answer::{Answer, Refusal, ok},
    call::Call,
    paging::{by_token, sort},
    permissions::shown,
    roles::{role, tell},
};
use crate::dev_issuer::people::role::Role;

/// `GET /api/v1/roles/{role_id}/permissions`
pub(super) async fn list(call: Call) -> Answer {
    let state = call.tenant.state();
    let own = &role(&state, &call)?.permissions;
    let permissions = own.iter().filter_map(|key| state.catalogue.permissions.by_key(key));
    let mut permissions: Vec<Value> = permissions.map(shown).collect();
    sort(&call, &[("name", "name"), ("id", "id")], &mut permissions)?;
    let (permissions, next_token) = by_token(&call, permissions, "id")?;
    ok(json!({"permissions": permissions, "next_token": next_token}))
}

/// `PATCH /api/v1/roles/{role_id}/permissions`: adds those that have no operation, and removes those that are deleted.
pub(super) async fn update(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let mut changed: Role = role(&state, &call)?.clone();
    let (mut added, mut removed) = (Vec::new(), Vec::new());
    for mut named in input.objects("permissions")?.unwrap_or_default() {
        let id = named.needed_text("id")?;
        let permission = state.catalogue.permissions.find(&id);
        let key = permission.ok_or_else(|| named.wrong("id", "there is no such permission"))?.key.clone();
        let is_there = changed.permissions.contains(&key);
        match (named.text("operation")?.as_deref(), is_there) {
            (None, false) => {
                changed.permissions.push(key);
                added.push(id);
            }
            (Some("delete"), true) => {
                changed.permissions.retain(|own| *own != key);
                removed.push(id);
            }
            (None | Some("delete"), _) => {}
            (Some(_), _) => return Err(named.wrong("operation", "the only operation is delete")),
        }
        named.end()?;
    }
    input.end()?;
    if let Some(role) = state.catalogue.roles.find_mut(&changed.id) {
        *role = changed.clone();
    }
    if !added.is_empty() || !removed.is_empty() {
        tell(&call.tenant, &mut state, "role.updated", &changed);
    }
    ok(json!({"permissions_added": added, "permissions_removed": removed}))
}

/// `DELETE /api/v1/roles/{role_id}/permissions/{permission_id}`
pub(super) async fn remove(call: Call) -> Answer {
    let mut state = call.tenant.state();
    let id = role(&state, &call)?.id.clone();
    let permission = state.catalogue.permissions.find(call.path("permission_id"));
    let key = permission.ok_or(Refusal::Unknown("permission"))?.key.clone();
    let role = state.catalogue.roles.find_mut(&id).ok_or(Refusal::Unknown("role"))?;
    if !role.permissions.contains(&key) {
        return Err(Refusal::Unknown("role permission"));
    }
    role.permissions.retain(|own| *own != key);
    let role = role.clone();
    tell(&call.tenant, &mut state, "role.updated", &role);
    ok(json!({}))
}
