//! The users of the management API: who they are. What they may do in an organization is in `members`, their sessions are
//! in `sessions`, their flags and properties in `feature_flags` and `property_values`.

use serde_json::{Value, json};

use super::{
    answer::{Answer, Refusal, bare, ok},
    call::{Call, key_of, person},
    input::Input,
    paging::by_token,
};
use crate::dev_issuer::basics::{clock, random::random_hexadecimal};
use crate::dev_issuer::deliveries::{
    event::{self, Source},
    lost_access::{end_access, remove_person},
};
use crate::dev_issuer::people::{
    directory::People,
    entitlement::Entitlements,
    person::{Activity, Organization, Person, artificial_digits},
    rights::OrganizationRights,
};
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

/// Returns the kind and the value of everything by which a user is known.
pub(super) fn identities(person: &Person) -> Vec<(&'static str, &str)> {
    let more = [("username", &person.username), ("phone", &person.phone)];
    let more = more.into_iter().filter_map(|(kind, value)| Some((kind, value.as_deref()?)));
    [("email", person.email.as_str())].into_iter().chain(more).collect()
}

/// `GET /api/v1/users/{user_id}/identities`
pub(super) async fn list_identities(call: Call) -> Answer {
    let state = call.tenant.state();
    let person = person(&state, call.path("user_id"))?;
    let Activity { created_at, sign_ins, last_signed_in_at } = person.activity;
    let identity = |(kind, value): (&str, &str)| {
        let digits = artificial_digits(&format!("{} {kind} {value}", person.subject), 16);
        json!({
            "id": format!("identity_{digits}"),
            "type": kind,
            "name": value,
            "email": (kind == "email").then_some(value),
            "is_confirmed": true,
            "is_primary": (kind == "email").then_some(true),
            "created_on": created_at.map(clock::text),
            "last_login_on": last_signed_in_at.map(clock::text),
            "total_logins": sign_ins,
            "connection_id": null,
        })
    };
    ok(json!({"identities": identities(person).into_iter().map(identity).collect::<Vec<_>>(), "has_more": false}))
}

/// `POST /api/v1/user`
pub(super) async fn create(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let (person, kinds) = read_new(&state, &mut input)?;
    input.end()?;
    let id = person.subject.clone();
    state.people.add(person.clone());
    event::tell(&call.tenant, &mut state, Source::Api, "user.created", &person);
    let made: Vec<Value> = kinds.iter().map(|kind| json!({"type": kind, "result": {"created": true}})).collect();
    bare(json!({"id": id, "created": true, "identities": made}))
}

/// Reads a new user, who has nothing but what the request says and what everybody inherits. Returns them with the kinds of
/// their identities.
fn read_new(state: &TenantState, input: &mut Input) -> Result<(Person, Vec<String>), Refusal> {
    let key = People::new_key();
    let mut person = Person {
        subject: format!("kp_{}", random_hexadecimal(16)),
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

/// Puts a changed person in the place of the person of that key. Whoever is suspended loses access, and the app gets an
/// event.
pub(super) fn replace(tenant: &EmulatedTenant, state: &mut TenantState, changed: &Person) {
    if let Some(person) = state.people.find_mut(&changed.key) {
        *person = changed.clone();
    }
    if changed.suspended {
        end_access(tenant, state, changed);
    }
    event::tell(tenant, state, Source::Api, "user.updated", changed);
}

/// `DELETE /api/v1/user?id=`
pub(super) async fn delete(call: Call) -> Answer {
    let mut state = call.tenant.state();
    // Nothing is left of a deleted person in either case.
    if !matches!(call.query("is_delete_profile"), None | Some("true" | "false")) {
        return Err(Refusal::field("is_delete_profile", "true or false is needed"));
    }
    let key = key_of(&state, call.needed("id")?)?;
    remove_person(&call.tenant, &mut state, Source::Api, &key);
    ok(json!({}))
}

/// `POST /api/v1/users/{user_id}/refresh_claims`
pub(super) async fn refresh_claims(call: Call) -> Answer {
    let mut state = call.tenant.state();
    let key = key_of(&state, call.path("user_id"))?;
    state.grants.forget_access_tokens(|grant| grant.person == key);
    ok(json!({}))
}
