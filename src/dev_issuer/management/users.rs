//! The users of the management API: who they are. New ones are in `new_user`, what they may do in an organization is in
//! `members` and `member_rights`, their flags and properties are in `feature_flags` and `property_values`.

use serde_json::{Value, json};

use super::{
    answer::{Answer, Refusal, bare, ok},
    call::{Call, key_of, person},
    identities::identities,
    paging::by_token,
};
use crate::dev_issuer::basics::clock;
use crate::dev_issuer::deliveries::{
    changed_person::{self, follow_change},
    event::Source,
};
use crate::dev_issuer::people::person::{Activity, Person};
use crate::dev_issuer::state::tenant::{EmulatedTenant, TenantState};

/// `GET /api/v1/users`
pub(super) async fn list(call: Call) -> Answer {
    let state = call.tenant.state();
    let active_since = match call.query("active_since") {
        Some(text) => {
            let time = clock::of_text(text);
            Some(time.ok_or_else(|| Refusal::field("active_since", "a time such as 2026-01-31T12:00:00Z is needed"))?)
        }
        None => None,
    };
    let has_organization = match call.query("has_organization") {
        None => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(_) => return Err(Refusal::field("has_organization", "true or false is needed")),
    };
    let is_among = |name: &str, value: Option<&str>| match call.list(name) {
        Some(wanted) => value.is_some_and(|value| wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(value))),
        None => true,
    };
    let matches = |person: &&Person| {
        is_among("user_id", Some(&person.subject))
            && is_among("email", Some(&person.email))
            && is_among("username", person.username.as_deref())
            && is_among("phone", person.phone.as_deref())
            && active_since.is_none_or(|since| person.activity.last_signed_in_at.is_some_and(|at| at >= since))
            && has_organization.is_none_or(|has| person.organizations.is_empty() != has)
    };
    let users = state.people.all().iter().filter(matches);
    let users = users.map(|person| shown("email", person, &call)).collect();
    let (users, next_token) = by_token(&call, users, "id")?;
    ok(json!({"users": users, "next_token": next_token}))
}

/// `GET /api/v1/user?id=`
pub(super) async fn get(call: Call) -> Answer {
    let state = call.tenant.state();
    bare(shown("preferred_email", person(&state, call.needed("id")?)?, &call))
}

/// Returns a user. Lists and single records call the e-mail address differently.
pub(super) fn shown(email: &str, person: &Person, call: &Call) -> Value {
    let mut user = profile(email, person);
    if call.expands("organizations") {
        user["organizations"] = json!(person.organization_codes());
    }
    if call.expands("identities") {
        let identity = |(kind, value): (&str, &str)| json!({"type": kind, "identity": value});
        user["identities"] = identities(person).into_iter().map(identity).collect();
    }
    user
}

/// Returns what is known of a user without the parts that a request expands.
fn profile(email: &str, person: &Person) -> Value {
    let Activity { created_at, sign_ins, last_signed_in_at } = person.activity;
    json!({
        "id": person.subject,
        "provided_id": person.provided_id,
        email: person.email,
        "phone": person.phone,
        "username": person.username,
        "first_name": person.given_name,
        "last_name": person.family_name,
        "full_name": person.full_name(),
        "is_suspended": person.suspended,
        "picture": person.picture,
        "total_sign_ins": sign_ins,
        "failed_sign_ins": 0,
        "last_signed_in": last_signed_in_at.map(clock::text),
        "created_on": created_at.map(clock::text),
    })
}

/// `PATCH /api/v1/user?id=`
pub(super) async fn update(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let mut changed = person(&state, call.needed("id")?)?.clone();
    for (name, target) in [
        ("given_name", &mut changed.given_name),
        ("family_name", &mut changed.family_name),
        ("picture", &mut changed.picture),
        ("provided_id", &mut changed.provided_id),
    ] {
        if let Some(text) = input.text(name)? {
            *target = Some(text);
        }
    }
    if let Some(is_suspended) = input.switch("is_suspended")? {
        changed.suspended = is_suspended;
    }
    if input.switch("is_password_reset_requested")? == Some(true) {
        return Err(input.wrong("is_password_reset_requested", "the emulated tenant has no passwords"));
    }
    input.end()?;
    replace(&call.tenant, &mut state, &changed);
    bare(json!({
        "id": changed.subject,
        "given_name": changed.given_name,
        "family_name": changed.family_name,
        "email": changed.email,
        "is_suspended": changed.suspended,
        "is_password_reset_requested": false,
        "picture": changed.picture,
    }))
}

/// Puts a changed person in the place of the person of that key, with what follows from the change.
pub(super) fn replace(tenant: &EmulatedTenant, state: &mut TenantState, changed: &Person) {
    if let Some(person) = state.people.find_mut(&changed.key) {
        let before = std::mem::replace(person, changed.clone());
        follow_change(tenant, state, Source::Api, &before, changed);
    }
}

/// `DELETE /api/v1/user?id=`
pub(super) async fn delete(call: Call) -> Answer {
    let mut state = call.tenant.state();
    // Nothing is left of a deleted person in either case.
    if !matches!(call.query("is_delete_profile"), None | Some("true" | "false")) {
        return Err(Refusal::field("is_delete_profile", "true or false is needed"));
    }
    let key = key_of(&state, call.needed("id")?)?;
    changed_person::delete(&call.tenant, &mut state, Source::Api, &key);
    ok(json!({}))
}

/// `POST /api/v1/users/{user_id}/refresh_claims`
pub(super) async fn refresh_claims(call: Call) -> Answer {
    let mut state = call.tenant.state();
    let key = key_of(&state, call.path("user_id"))?;
    state.grants.forget_access_tokens(|grant| grant.person == key);
    ok(json!({}))
}
