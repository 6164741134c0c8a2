//! The applications: the one that signs users in, and the clients of machines. Its URLs are in `callbacks`, its
//! properties in `property_values`.

use serde_json::{Value, json};

use super::{
    answer::{Answer, Refusal, ok},
    call::Call,
    callbacks::check_urls,
    paging::{by_token, sort},
};

/// `GET /api/v1/applications`
pub(super) async fn list(call: Call) -> Answer {
    let state = call.tenant.state();
    let own = json!({"id": call.tenant.client.id, "name": state.registration.name, "type": "reg"});
    let machines = state.machines.all().map(|(id, machine)| json!({"id": id, "name": machine.name, "type": "m2m"}));
    let mut machines: Vec<Value> = machines.collect();
    machines.sort_by_key(|machine| machine["id"].to_string());
    let mut applications: Vec<Value> = [own].into_iter().chain(machines).collect();
    sort(&call, &[("name", "name")], &mut applications)?;
    let (applications, next_token) = by_token(&call, applications, "id")?;
    ok(json!({"applications": applications, "next_token": next_token}))
}

/// `GET /api/v1/applications/{application_id}`
pub(super) async fn get(call: Call) -> Answer {
    let state = call.tenant.state();
    let (id, client) = (call.path("application_id"), &call.tenant.client);
    if id == client.id {
        let registration = &state.registration;
        return ok(json!({"application": {
            "id": client.id,
            "name": registration.name,
            "type": "reg",
            "client_id": client.id,
            "client_secret": client.secret,
            "login_uri": registration.login_url,
            "homepage_uri": registration.homepage_url,
            "has_cancel_button": true,
        }}));
    }
    let machine = state.machines.find(id).ok_or(Refusal::Unknown("application"))?;
    ok(json!({"application": {
        "id": id,
        "name": machine.name,
        "type": "m2m",
        "client_id": id,
        "client_secret": machine.secret,
    }}))
}

/// `PATCH /api/v1/applications/{application_id}`
pub(super) async fn update(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let id = call.path("application_id");
    let name = input.text("name")?;
    if id != call.tenant.client.id {
        let machine = state.machines.find_mut(id).ok_or(Refusal::Unknown("application"))?;
        input.end()?;
        machine.name = name.unwrap_or_else(|| machine.name.clone());
        return ok(json!({}));
    }
    let mut changed = state.registration.clone();
    changed.name = name.unwrap_or(changed.name);
    for (member, urls) in [("redirect_uris", &mut changed.callback_urls), ("logout_uris", &mut changed.logout_urls)] {
        if let Some(new) = input.texts(member)? {
            check_urls(&input, member, &new)?;
            *urls = new;
        }
    }
    for (member, url) in [("login_uri", &mut changed.login_url), ("homepage_uri", &mut changed.homepage_url)] {
        if let Some(new) = input.text(member)? {
            check_urls(&input, member, std::slice::from_ref(&new))?;
            *url = Some(new);
        }
    }
    input.end()?;
    state.registration = changed;
    ok(json!({}))
}

/// `DELETE /api/v1/applications/{application_id}`
pub(super) async fn delete(call: Call) -> Answer {
    let mut state = call.tenant.state();
    let id = call.path("application_id");
    if id == call.tenant.client.id {
        let rule = "the emulated tenant keeps the application that signs users in";
        return Err(Refusal::field("application_id", rule));
    }
    state.machines.remove(id).ok_or(Refusal::Unknown("application"))?;
    ok(json!({}))
}

/// `PATCH /api/v1/applications/{application_id}/tokens`: the settings of the same meaning
pub(super) async fn update_tokens(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    if call.path("application_id") != call.tenant.client.id {
        return Err(Refusal::Unknown("application"));
    }
    let mut changed = state.settings.clone();
    for (name, lifetime) in [
        ("access_token_lifetime", &mut changed.access_token_lifetime),
        ("refresh_token_lifetime", &mut changed.refresh_token_lifetime),
        ("id_token_lifetime", &mut changed.id_token_lifetime),
    ] {
        *lifetime = input.number(name)?.unwrap_or(*lifetime);
    }
    changed.hasura_mapping = input.switch("is_hasura_mapping_enabled")?.unwrap_or(changed.hasura_mapping);
    input.end()?;
    call.tenant.set_settings(&mut state, changed);
    ok(json!({}))
}
