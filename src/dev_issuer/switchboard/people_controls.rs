//! The handlers of the switchboard for people and invitations. The documentation of `dev_issuer` lists them.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::guard::error_response;
use crate::dev_issuer::deliveries::{event, logout_token};
use crate::dev_issuer::people::{changes::Changes, invitations::Invitation, person::Person};
use crate::dev_issuer::protocol::shape::Shape;
use crate::dev_issuer::state::tenant::{EmulatedTenant, SharedTenant, TenantState};

/// `GET /dev/people`
pub(crate) async fn list_people(State(tenant): State<SharedTenant>) -> Json<Value> {
    Json(tenant.state().people.all().iter().map(shown).collect())
}

/// `PATCH /dev/people/{key}`
pub(crate) async fn change_person(
    State(tenant): State<SharedTenant>,
    Path(key): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    let changes: Changes = match read(body) {
        Ok(changes) => changes,
        Err(error) => return error_response(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let mut state = tenant.state();
    let causes_an_event = changes.cause_an_event();
    let Some(person) = state.people.find_mut(&key) else { return no_such_person() };
    if let Err(error) = changes.apply(person) {
        return error_response(StatusCode::BAD_REQUEST, &error.to_string());
    }
    let person = person.clone();
    if person.suspended {
        end_access(&tenant, &mut state, &person);
    }
    if causes_an_event {
        event::tell(&tenant, &mut state, "user.updated", &person);
    }
    Json(shown(&person)).into_response()
}

/// `DELETE /dev/people/{key}`
pub(crate) async fn delete_person(State(tenant): State<SharedTenant>, Path(key): Path<String>) -> Response {
    let mut state = tenant.state();
    let Some(person) = state.people.remove(&key) else { return no_such_person() };
    state.settings.auto_sign_in = state.settings.auto_sign_in.take().filter(|automatic| *automatic != key);
    end_access(&tenant, &mut state, &person);
    event::tell(&tenant, &mut state, "user.deleted", &person);
    StatusCode::NO_CONTENT.into_response()
}

fn no_such_person() -> Response {
    error_response(StatusCode::NOT_FOUND, "There is no such person; GET /dev/people lists them")
}

/// Ends what the person has at the tenant. A plain issuer says so with a logout token, Kinde with the event of the
/// change.
fn end_access(tenant: &EmulatedTenant, state: &mut TenantState, person: &Person) {
    state.end_access_of(&person.key);
    logout_token::tell(tenant, state, &person.subject, None);
}

/// Reads an object. Its type alone would also accept a list, because serde reads a struct from a list of its members.
fn read<T: DeserializeOwned>(body: Value) -> Result<T, serde_json::Error> {
    let members: Map<String, Value> = serde_json::from_value(body)?;
    serde_json::from_value(Value::Object(members))
}

fn shown(person: &Person) -> Value {
    json!({
        "person": person.key,
        "about": person.about,
        "sub": person.subject,
        "name": person.full_name(),
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email,
        "org_codes": person.organization_codes(),
        "permissions": person.permissions,
        "roles": person.roles,
        "organization_rights": person.organization_rights,
        "feature_flags": person.feature_flags,
        "entitlements": person.entitlements,
        "claims": person.claims,
        "id_token_claims": person.id_token_claims,
        "user_properties": person.user_properties,
        "organization_properties": person.organization_properties,
        "application_properties": person.application_properties,
        "persistent": person.persistent,
        "is_suspended": person.suspended,
    })
}

/// The body of `POST /dev/invitations`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    email: String,
    org_code: String,
}

/// `POST /dev/invitations`
pub(crate) async fn invite(State(tenant): State<SharedTenant>, Json(body): Json<Value>) -> Response {
    let Order { email, org_code } = match read(body) {
        Ok(order) => order,
        Err(error) => return error_response(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    if tenant.shape == Shape::Plain {
        return error_response(StatusCode::BAD_REQUEST, "A plain issuer has no invitations");
    }
    let mut state = tenant.state();
    let Some(organization) = state.people.find_organization(&org_code).cloned() else {
        return error_response(StatusCode::BAD_REQUEST, "There is no such organization; GET /dev/people lists them");
    };
    let code = state.invitations.create(Invitation { email, organization });
    let invite_link = format!("{}/team_invitation?code={code}", tenant.origin);
    Json(json!({"code": code, "invite_link": invite_link})).into_response()
}
