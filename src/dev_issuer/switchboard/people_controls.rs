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
use crate::dev_issuer::deliveries::changed_person;
use crate::dev_issuer::people::{changes::Changes, description::describe, invitations::Invitation, person::Person};
use crate::dev_issuer::protocol::shape::Shape;
use crate::dev_issuer::state::tenant::SharedTenant;

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
    match changed_person::change(&tenant, &mut tenant.state(), &key, changes) {
        None => no_such_person(),
        Some(Ok(person)) => Json(shown(&person)).into_response(),
        Some(Err(error)) => error_response(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

/// `DELETE /dev/people/{key}`
pub(crate) async fn delete_person(State(tenant): State<SharedTenant>, Path(key): Path<String>) -> Response {
    match changed_person::delete(&tenant, &mut tenant.state(), &key) {
        None => no_such_person(),
        Some(_) => StatusCode::NO_CONTENT.into_response(),
    }
}

fn no_such_person() -> Response {
    error_response(StatusCode::NOT_FOUND, "There is no such person; GET /dev/people lists them")
}

/// Reads an object. Its type alone would also accept a list, because serde reads a struct from a list of its members.
fn read<T: DeserializeOwned>(body: Value) -> Result<T, serde_json::Error> {
    let members: Map<String, Value> = serde_json::from_value(body)?;
    serde_json::from_value(Value::Object(members))
}

/// Everything of a seed, with the name and the codes that follow from it.
fn shown(person: &Person) -> Value {
    let mut shown = describe(person);
    shown["name"] = json!(person.full_name());
    shown["org_codes"] = json!(person.organization_codes());
    shown
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
    let code = state.invitations.create(Invitation { email, organization }, &tenant.random);
    let invite_link = format!("{}/team_invitation?code={code}", tenant.origin);
    Json(json!({"code": code, "invite_link": invite_link})).into_response()
}
