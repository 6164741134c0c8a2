//! The definitions of properties, and the categories under which Kinde's pages show them. The values are in
//! `property_values`.

use serde_json::{Value, json};

use super::{
    answer::{Answer, Refusal, created, ok},
    call::Call,
    input::Input,
    paging::by_record,
};
use crate::dev_issuer::people::property::{Property, PropertyCategory, PropertyContext};
use crate::dev_issuer::state::tenant::TenantState;

const CONTEXT_RULE: &str = "this is none of usr, org and app";

/// `GET /api/v1/properties`
pub(super) async fn list(call: Call) -> Answer {
    let state = call.tenant.state();
    let context = wanted_context(&call)?;
    let properties = state.catalogue.properties.all().iter();
    let properties = properties.filter(|property| context.is_none_or(|context| property.context == context));
    let (properties, has_more) = by_record(&call, properties.map(shown).collect())?;
    ok(json!({"properties": properties, "has_more": has_more}))
}

fn wanted_context(call: &Call) -> Result<Option<PropertyContext>, Refusal> {
    match call.query("context") {
        None => Ok(None),
        Some(name) => match PropertyContext::find(name) {
            Some(context) => Ok(Some(context)),
            None => Err(Refusal::field("context", CONTEXT_RULE)),
        },
    }
}

fn shown(property: &Property) -> Value {
    json!({
        "id": property.id,
        "key": property.key,
        "name": property.name,
        "description": property.description,
        "is_private": property.is_private,
        "is_kinde_property": false,
    })
}

/// `POST /api/v1/properties`
pub(super) async fn create(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let context = read_context(&mut input)?;
    let mut property = Property::named(&input.needed_text("key")?, context);
    if state.catalogue.property(&property.key, context).is_some() {
        return Err(input.wrong("key", "another property of the context has it"));
    }
    property.is_multi_line = match input.needed_text("type")?.as_str() {
        "single_line_text" => false,
        "multi_line_text" => true,
        _ => return Err(input.wrong("type", "this is none of single_line_text and multi_line_text")),
    };
    read_rest(&state, &mut input, &mut property)?;
    input.end()?;
    let id = property.id.clone();
    state.catalogue.properties.add(property);
    created(json!({"property": {"id": id}}))
}

fn read_context(input: &mut Input) -> Result<PropertyContext, Refusal> {
    PropertyContext::find(&input.needed_text("context")?).ok_or_else(|| input.wrong("context", CONTEXT_RULE))
}

/// Reads what a later request may change.
fn read_rest(state: &TenantState, input: &mut Input, property: &mut Property) -> Result<(), Refusal> {
    property.name = input.needed_text("name")?;
    property.description = input.text("description")?.or(property.description.take());
    property.is_private =
        input.switch("is_private")?.ok_or_else(|| input.wrong("is_private", "true or false is needed"))?;
    let category = input.needed_text("category_id")?;
    let known = state.catalogue.property_categories.all().iter().find(|known| known.id == category);
    if known.is_none_or(|known| known.context != property.context) {
        return Err(input.wrong("category_id", "there is no such category of the context"));
    }
    property.category_id = Some(category);
    Ok(())
}

/// `PUT /api/v1/properties/{property_id}`
pub(super) async fn update(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let found = state.catalogue.properties.find(call.path("property_id"));
    let mut changed = found.ok_or(Refusal::Unknown("property"))?.clone();
    read_rest(&state, &mut input, &mut changed)?;
    input.end()?;
    if let Some(property) = state.catalogue.properties.find_mut(&changed.id) {
        *property = changed;
    }
    ok(json!({}))
}

/// `DELETE /api/v1/properties/{property_id}`, with all values
pub(super) async fn delete(call: Call) -> Answer {
    let mut state = call.tenant.state();
    let removed = state.catalogue.properties.remove(call.path("property_id"));
    let property = removed.ok_or(Refusal::Unknown("property"))?;
    for person in state.people.all_mut() {
        let values = match property.context {
            PropertyContext::User => &mut person.user_properties,
            PropertyContext::Organization => &mut person.organization_properties,
            PropertyContext::Application => &mut person.application_properties,
        };
        if let Some(values) = values {
            values.remove(&property.key);
        }
    }
    match property.context {
        PropertyContext::User => {}
        PropertyContext::Organization => {
            state.organizations.change_all(|record| drop(record.properties.remove(&property.key)));
        }
        PropertyContext::Application => drop(state.catalogue.application_properties.remove(&property.key)),
    }
    ok(json!({}))
}

/// `GET /api/v1/property_categories`
pub(super) async fn list_categories(call: Call) -> Answer {
    let state = call.tenant.state();
    let context = wanted_context(&call)?;
    let categories = state.catalogue.property_categories.all().iter();
    let categories = categories.filter(|category| context.is_none_or(|context| category.context == context));
    let categories = categories.map(|category| json!({"id": category.id, "name": category.name})).collect();
    let (categories, has_more) = by_record(&call, categories)?;
    ok(json!({"categories": categories, "has_more": has_more}))
}

/// `POST /api/v1/property_categories`
pub(super) async fn create_category(call: Call) -> Answer {
    let mut input = call.input()?;
    let id = format!("category_{}", call.tenant.random.hexadecimal(16));
    let (name, context) = (input.needed_text("name")?, read_context(&mut input)?);
    input.end()?;
    call.tenant.state().catalogue.property_categories.add(PropertyCategory { id: id.clone(), name, context });
    created(json!({"category": {"id": id}}))
}

/// `PUT /api/v1/property_categories/{category_id}`
pub(super) async fn update_category(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let category = state.catalogue.property_categories.find_mut(call.path("category_id"));
    let category = category.ok_or(Refusal::Unknown("category"))?;
    let name = input.needed_text("name")?;
    input.end()?;
    category.name = name;
    ok(json!({}))
}
