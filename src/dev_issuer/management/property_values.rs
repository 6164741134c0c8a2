//! The values of properties: of a user, of an organization, and of the application that signs users in.

use serde_json::{Map, Value, json};

use super::{
    answer::{Answer, Refusal, ok},
    call::{Call, key_of, organization, person},
};
use crate::dev_issuer::people::property::PropertyContext;
use crate::dev_issuer::state::tenant::TenantState;

/// Properties in the format of tokens.
type Values = Map<String, Value>;

/// `GET /api/v1/users/{user_id}/properties`
pub(super) async fn list_of_user(call: Call) -> Answer {
    let state = call.tenant.state();
    let nothing = Values::new();
    let values = person(&state, call.path("user_id"))?.user_properties.as_ref().unwrap_or(&nothing);
    list(&state, PropertyContext::User, values)
}

/// `GET /api/v1/organizations/{org_code}/properties`
pub(super) async fn list_of_organization(call: Call) -> Answer {
    let state = call.tenant.state();
    let record = state.organizations.find(call.path("org_code")).ok_or(Refusal::Unknown("organization"))?;
    list(&state, PropertyContext::Organization, &record.properties)
}

/// `GET /api/v1/applications/{application_id}/properties`
pub(super) async fn list_of_application(call: Call) -> Answer {
    let state = call.tenant.state();
    only_the_application(&call)?;
    list(&state, PropertyContext::Application, &state.catalogue.application_properties)
}

/// The client of a machine has no properties.
fn only_the_application(call: &Call) -> Result<(), Refusal> {
    if call.path("application_id") == call.tenant.client.id { Ok(()) } else { Err(Refusal::Unknown("application")) }
}

fn list(state: &TenantState, context: PropertyContext, values: &Values) -> Answer {
    let shown = |(key, value): (&String, &Value)| {
        let property = state.catalogue.property(key, context)?;
        Some(json!({
            "id": property.id,
            "name": property.name,
            "description": property.description,
            "key": key,
            "value": value["v"],
        }))
    };
    ok(json!({"properties": values.iter().filter_map(shown).collect::<Vec<_>>(), "next_token": null}))
}

/// `PUT /api/v1/users/{user_id}/properties/{property_key}?value=`
pub(super) async fn set_for_user(call: Call) -> Answer {
    let values = one_from_query(&call, PropertyContext::User)?;
    change_user(&call, values)
}

/// `PATCH /api/v1/users/{user_id}/properties`
pub(super) async fn set_all_for_user(call: Call) -> Answer {
    let values = all_from_body(&call, PropertyContext::User)?;
    change_user(&call, values)
}

fn change_user(call: &Call, values: Values) -> Answer {
    let mut state = call.tenant.state();
    let key = key_of(&state, call.path("user_id"))?;
    if let Some(person) = state.people.find_mut(&key) {
        person.user_properties.get_or_insert_default().extend(values);
    }
    ok(json!({}))
}

/// `PUT /api/v1/organizations/{org_code}/properties/{property_key}?value=`
pub(super) async fn set_for_organization(call: Call) -> Answer {
    let values = one_from_query(&call, PropertyContext::Organization)?;
    change_organization(&call, values)
}

/// `PATCH /api/v1/organizations/{org_code}/properties`
pub(super) async fn set_all_for_organization(call: Call) -> Answer {
    let values = all_from_body(&call, PropertyContext::Organization)?;
    change_organization(&call, values)
}

fn change_organization(call: &Call, values: Values) -> Answer {
    let mut state = call.tenant.state();
    let code = organization(&state, call.path("org_code"))?.code;
    if let Some(record) = state.organizations.find_mut(&code) {
        record.properties.extend(values);
    }
    ok(json!({}))
}

/// `PUT /api/v1/applications/{application_id}/properties/{property_key}`
pub(super) async fn set_for_application(call: Call) -> Answer {
    only_the_application(&call)?;
    let mut input = call.input()?;
    let value = input.value("value").filter(|value| value.is_string() || value.is_boolean());
    let value = value.ok_or_else(|| input.wrong("value", "a text or a truth value is needed"))?;
    input.end()?;
    let mut state = call.tenant.state();
    let key = defined(&state, PropertyContext::Application, call.path("property_key"))?;
    state.catalogue.application_properties.insert(key, json!({"v": value}));
    ok(json!({}))
}

/// Returns the key, if there is a property of it.
fn defined(state: &TenantState, context: PropertyContext, key: &str) -> Result<String, Refusal> {
    match state.catalogue.property(key, context) {
        Some(property) => Ok(property.key.clone()),
        None => Err(Refusal::field(key, format!("there is no property of this key in the context {}", context.name()))),
    }
}

fn one_from_query(call: &Call, context: PropertyContext) -> Result<Values, Refusal> {
    let key = defined(&call.tenant.state(), context, call.path("property_key"))?;
    Ok(Values::from_iter([(key, json!({"v": call.needed("value")?}))]))
}

fn all_from_body(call: &Call, context: PropertyContext) -> Result<Values, Refusal> {
    let mut input = call.input()?;
    let Some(properties) = input.members("properties")? else {
        return Err(input.wrong("properties", "an object is needed"));
    };
    input.end()?;
    let state = call.tenant.state();
    let read = |(key, value): (String, Value)| {
        let key = defined(&state, context, &key)?;
        if value.is_null() || value.is_array() || value.is_object() {
            return Err(Refusal::field(format!("properties.{key}"), "a text, a number or a truth value is needed"));
        }
        Ok((key, json!({"v": value})))
    };
    properties.into_iter().map(read).collect()
}
