//! The open invitations to an organization. The tenant sends no e-mail: a test opens the link of the response.

use serde_json::{Value, json};

use super::{
    answer::{Answer, Refusal, bare, created, ok},
    call::{Call, organization},
    paging::{by_token, sort},
};
use crate::dev_issuer::basics::clock;
use crate::dev_issuer::people::{invitations::Invitation, person::artificial_digits};
use crate::dev_issuer::state::tenant::TenantState;

/// `GET /api/v1/organization/{org_code}/invites`
pub(super) async fn list(call: Call) -> Answer {
    for name in ["include_accepted", "include_revoked"] {
        if !matches!(call.query(name), None | Some("false")) {
            return Err(Refusal::field(name, "the emulated tenant keeps open invitations only"));
        }
    }
    let state = call.tenant.state();
    let code = organization(&state, call.path("org_code"))?.code;
    let own = state.invitations.all().filter(|(_, invitation)| invitation.organization.code == code);
    let mut invites: Vec<Value> = own.map(|(code, invitation)| shown(&call, &state, code, invitation)).collect();
    invites.sort_by_key(|invite| invite["code"].to_string());
    sort(&call, &[("created_on", "created_on"), ("email", "email"), ("name", "full_name")], &mut invites)?;
    let (invites, next_token) = by_token(&call, invites, "id")?;
    ok(json!({"invites": invites, "next_token": next_token}))
}

fn shown(call: &Call, state: &TenantState, code: &str, invitation: &Invitation) -> Value {
    let Invitation { email, given_name, family_name, roles, created_at, .. } = invitation;
    let names = [given_name, family_name].into_iter().flatten().map(String::as_str);
    let role = |key: &String| {
        let name = state.catalogue.roles.by_key(key).map_or(key, |role| &role.name);
        json!({"key": key, "name": name})
    };
    json!({
        "id": format!("invite_{}", artificial_digits(code, 16)),
        "code": code,
        "email": email,
        "first_name": given_name,
        "last_name": family_name,
        "full_name": names.collect::<Vec<_>>().join(" "),
        "created_on": created_at.map(clock::text),
        "is_sent": false,
        "accepted_on": null,
        "roles": roles.iter().map(role).collect::<Vec<_>>(),
        "is_revoked": false,
        "invite_link": format!("{}/team_invitation?code={code}", call.tenant.origin),
    })
}

/// `POST /api/v1/organization/{org_code}/invites`
pub(super) async fn create(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let organization = organization(&state, call.path("org_code"))?;
    let email = input.needed_text("email")?;
    if !email.contains('@') {
        return Err(input.wrong("email", "this is no e-mail address"));
    }
    let (given_name, family_name) = (input.text("first_name")?, input.text("last_name")?);
    let roles = input.texts("roles")?.unwrap_or_default();
    if !roles.iter().all(|key| state.catalogue.roles.by_key(key).is_some()) {
        return Err(input.wrong("roles", "there is no role of one of these keys"));
    }
    // No invitation is sent in either case, which `is_sent` says.
    input.switch("send_email")?;
    input.end()?;
    let created_at = Some(state.now());
    let invitation = Invitation { email, organization, given_name, family_name, roles, created_at };
    let code = state.invitations.create(invitation.clone(), &call.tenant.random);
    created(json!({"invite": shown(&call, &state, &code, &invitation)}))
}

/// `GET /api/v1/organization/{org_code}/invites/{invite_code}`
pub(super) async fn get(call: Call) -> Answer {
    let state = call.tenant.state();
    let code = call.path("invite_code");
    bare(shown(&call, &state, code, invitation(&state, &call)?))
}

fn invitation<'a>(state: &'a TenantState, call: &Call) -> Result<&'a Invitation, Refusal> {
    let found = state.invitations.find(call.path("invite_code"));
    let found = found.filter(|invitation| invitation.organization.code == call.path("org_code"));
    found.ok_or(Refusal::NotFound("invite"))
}

/// `DELETE /api/v1/organization/{org_code}/invites/{invite_code}`
pub(super) async fn delete(call: Call) -> Answer {
    let mut state = call.tenant.state();
    invitation(&state, &call)?;
    state.invitations.remove(call.path("invite_code"));
    ok(json!({}))
}
